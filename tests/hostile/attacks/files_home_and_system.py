"""Property: keys, caches and accounts of the machine are out of reach."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries
import os

def answer(clue):
    def at(path, how):
        def look(): return how(path)
        look.__name__ = path
        return look
    read = lambda path: open(path, "rb").read(20)
    return tries(*[at(p, read) for p in ("/etc/passwd", "/etc/hostname", "/proc/version", "/etc/shadow")],
                 *[at(p, os.listdir) for p in ("/root", "/home", "/etc", "/tmp", "/var", "/", "/dev/shm", "/run")])

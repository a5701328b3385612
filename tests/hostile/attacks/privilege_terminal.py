"""Property: there is no terminal to type into, and descriptors cannot be turned into signals."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries
import fcntl, os, struct

def terminal(): return os.open("/dev/tty", os.O_RDWR)
def pointer(): return os.open("/dev/ptmx", os.O_RDWR)
def typed():
    for descriptor in range(5):
        try: fcntl.ioctl(descriptor, 0x5412, b"x"); return True
        except OSError: pass
def answer(clue): return tries(terminal, pointer, typed)

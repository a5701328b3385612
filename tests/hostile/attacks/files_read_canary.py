"""Property: course files, references and hidden inputs cannot be read, by whatever call or path."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import syscall, tries
import mmap, os, pathlib

def answer(clue):
    path = clue["canary"]
    def opened(): return open(path).read()
    def low(): return os.read(os.open(path, os.O_RDONLY), 99)
    def raw(): return os.read(syscall(257, 56, -100, path.encode() + b"\0", 0, 0), 99)
    def openat2(): return os.read(syscall(437, 437, -100, path.encode() + b"\0", bytes(24), 24), 99)
    def relative(): return open(os.path.relpath(path)).read()
    def through_self(): return open("/proc/self/root" + path).read()
    def through_cwd(): return open("/proc/self/cwd/" + os.path.relpath(path)).read()
    def listed(): return os.listdir(clue["course"])
    def globbed(): return list(pathlib.Path(clue["course"]).rglob("*"))
    def sent():
        target = os.open(os.environ["TMPDIR"] + "/copy", os.O_CREAT | os.O_RDWR)
        return os.sendfile(target, os.open(path, os.O_RDONLY), 0, 99)
    def executed(): exec(compile(pathlib.Path(path).read_bytes(), path, "exec")); return True
    return tries(opened, low, raw, openat2, relative, through_self, through_cwd, listed, globbed, sent, executed)

"""Property: modes, owners, times and attributes of files cannot be changed, where Landlock does not look."""
HOLDS_FROM = 2
UNSAFE_BELOW = 2
LAYER = "seccomp"
from kit import tries
import os

def answer(clue):
    path = clue["precious"]
    def mode(): os.chmod(path, 0o777); return True
    def owner(): os.chown(path, os.getuid(), os.getgid()); return True
    def times(): os.utime(path, (0, 0)); return True
    def attribute(): os.setxattr(path, "user.seen", b"x"); return True
    def folder(): os.chmod(clue["outside"], 0); return True
    return tries(mode, owner, times, attribute, folder)

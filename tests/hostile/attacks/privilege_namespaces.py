"""Property: no namespaces, mounts or other roots, which would give capabilities over files."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import libc, syscall, tries
import os

def user(): return libc.unshare(0x10000000) == 0
def mounts(): return libc.unshare(0x20000) == 0
def mounted(): return libc.mount(b"none", os.environ["TMPDIR"].encode(), b"tmpfs", 0, None) == 0
def tree(): return syscall(428, 428, -100, b"/\0", 1)
def rooted(): os.chroot(os.environ["TMPDIR"]); return True
def clone(): return syscall(56, 220, 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0)
def answer(clue): return tries(user, mounts, mounted, tree, rooted, clone)

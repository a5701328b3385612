"""Property: nor by tgkill, sigqueue, a pidfd, or a descriptor's owner."""
HOLDS_FROM = 2
UNSAFE_BELOW = 2
LAYER = "seccomp"
from kit import syscall, tries
import fcntl, os, signal

def answer(clue):
    target = clue["parent"]
    def thread(): syscall(234, 131, target, target, signal.SIGURG); return True
    def lone(): syscall(200, 130, target, signal.SIGURG); return True
    def queued():
        import struct
        return syscall(129, 138, target, signal.SIGURG, struct.pack("=128x")) == 0
    def by_pidfd(): return os.pidfd_open(os.getppid())
    def owner():
        read, write = os.pipe()
        fcntl.fcntl(read, fcntl.F_SETOWN, os.getppid())
        return True
    return tries(thread, lone, queued, by_pidfd, owner)

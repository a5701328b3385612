"""Property: memory that no limit counts cannot be had: memfd, SysV and POSIX shared memory, secret memory."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import os

def memfd(): return os.memfd_create("x")
def sysv(): return syscall(29, 194, 0x6B65, 1 << 20, 0o1600)
def queue(): return syscall(68, 186, 0x6B65, 0o1600)
def semaphores(): return syscall(64, 190, 0x6B65, 1, 0o1600)
def posix_queue(): return syscall(240, 180, b"left\0", 0o102, 0o600, 0)
def secret(): return syscall(447, 447, 0)
def answer(clue): return tries(memfd, sysv, queue, semaphores, posix_queue, secret)

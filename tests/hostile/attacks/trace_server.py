"""Property: neither the server nor the grader can be traced or read."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import libc, syscall, tries
import ctypes, os

class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]

def answer(clue):
    targets = [os.getppid(), clue["parent"]]
    local = ctypes.create_string_buffer(64)
    def attach(): return [p for p in targets if libc.ptrace(16, p, 0, 0) == 0]
    def me(): return libc.ptrace(0, 0, 0, 0) == 0
    def vm_read():
        mine, theirs = Vector(ctypes.addressof(local), 8), Vector(0x400000, 8)
        syscall(310, 270, targets[0], ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
        return True
    def getfd(): return syscall(438, 438, syscall(434, 434, targets[0], 0), 0, 0)
    return tries(attach, me, vm_read, getfd)

"""Property: opening by file handle or watching by inotify goes around nothing."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import ctypes, struct

def answer(clue):
    def handle():
        buffer = ctypes.create_string_buffer(struct.pack("=Ii128x", 128, 0))
        mount = ctypes.c_int()
        syscall(303, 264, -100, clue["canary"].encode() + b"\0", buffer, ctypes.byref(mount), 0)
        return True
    def watched():
        return syscall(254, 27, syscall(294, 26, 0), clue["course"].encode() + b"\0", 0xFFF)
    def fanotify(): return syscall(300, 262, 0, 0)
    return tries(handle, watched, fanotify)

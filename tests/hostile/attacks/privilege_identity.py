"""Property: root without its capabilities stays so; nobody becomes somebody else."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import libc, syscall, tries
import ctypes, os, struct

def root(): os.setresuid(0, 0, 0); return True
def groups(): os.setgroups([0]); return True
def capabilities():
    both = 0xFFFFFFFF
    return syscall(126, 91, struct.pack("=Ii", 0x20080522, 0), struct.pack("=6I", both, both, 0, both, both, 0)) == 0
def host(): return libc.sethostname(b"evil", 4) == 0
def clock():
    import time
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    return True
def answer(clue): return tries(root, groups, capabilities, host, clock)

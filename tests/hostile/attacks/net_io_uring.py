"""Property: io_uring, which would do all of this behind seccomp's back, does not exist."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import ctypes

def ring(): return syscall(425, 425, 4, ctypes.create_string_buffer(120))
def answer(clue): return tries(ring)

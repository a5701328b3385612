"""Property: a grader that is run by root has children without root's powers."""
HOLDS_FROM = 2
LAYER = "capabilities"
from kit import syscall, tries
import ctypes, struct

def powers():
    data = ctypes.create_string_buffer(24)
    syscall(125, 90, struct.pack("=Ii", 0x20080522, 0), data)
    return struct.unpack("=6I", data.raw)[0] & ~0b100
def answer(clue): return tries(powers)

"""Property: a segmentation fault is this child's own."""
import ctypes

def answer(clue): return ctypes.string_at(8)

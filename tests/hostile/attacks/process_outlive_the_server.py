"""Property: the child cannot take back that it dies with its server."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import libc, tries

def cleared(): return libc.prctl(1, 0, 0, 0, 0) == 0
def traced(): return libc.prctl(0x59616D61, -1, 0, 0, 0) == 0
def reaper(): return libc.prctl(36, 1, 0, 0, 0) == 0
def answer(clue): return tries(cleared, traced, reaper)

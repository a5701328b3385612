"""Property: closing every descriptor is a crash, not a pass."""
import os

def answer(clue):
    os.closerange(0, 4096)
    return 0.0

"""Property: sys.exit(0) is a crash, not a pass."""
import sys

def answer(clue): sys.exit(0)

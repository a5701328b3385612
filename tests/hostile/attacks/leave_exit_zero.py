"""Property: os._exit(0) is a crash, not a pass."""
import os

def answer(clue): os._exit(0)

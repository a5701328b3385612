"""Property: open files are limited."""
HOLDS_FROM = 2
from kit import tries
import os

def many(): return len([os.pipe() for _ in range(5000)]) == 5000
def answer(clue): return tries(many)

"""Property: replacing the process by another program is refused."""
HOLDS_FROM = 2
from kit import tries
import os, sys

def replaced(): os.execv("/bin/echo", ["echo", "BREACH exec"])
def python(): os.execv(sys.executable, [sys.executable, "-c", "print('BREACH exec')"])
def answer(clue): return tries(replaced, python)

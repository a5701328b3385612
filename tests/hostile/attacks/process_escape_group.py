"""Property: leaving the process group or session, by which the child is killed, is refused."""
HOLDS_FROM = 2
from kit import tries
import os

def session(): os.setsid(); return True
def group(): os.setpgid(0, os.getppid()); return True
def own(): os.setpgid(0, 0); return True
def answer(clue): return tries(session, group, own)

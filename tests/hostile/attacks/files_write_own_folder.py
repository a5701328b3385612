"""Property: the handed-in folder itself is read-only."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries
import os

def result(): return open("results.json", "w").write('{"score": 10}')
def module(): return open(__file__, "a").write("#")
def planted(): return open("conftest.py", "w").write("#")
def gone(): os.remove(__file__); return True
def answer(clue): return tries(result, module, planted, gone)

"""Property: Python and its packages cannot be changed for those who come after."""
HOLDS_FROM = 2
UNSAFE_BELOW = 2
LAYER = "landlock"
from kit import tries
import json, os, site, numpy

def over(): return open(json.__file__, "a").write("#")
def pth(): return open(os.path.dirname(numpy.__path__[0]) + "/evil.pth", "w").write("import os")
def custom(): return open(os.path.dirname(os.__file__) + "/sitecustomize.py", "w").write("#")
def answer(clue): return tries(over, pth, custom)

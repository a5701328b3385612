"""Property: a regular expression that explodes, holding the interpreter's lock, ends at its wall limit."""
LIMITS = {"wall": 0.5}
import re

def answer(clue): return bool(re.match(r"(a+)+$", "a" * 60 + "b"))

"""Property: one call into C that takes a year ends at its CPU limit."""
LIMITS = {"wall": 5, "cpu": 0.5}

def answer(clue): return sum(range(10 ** 15))

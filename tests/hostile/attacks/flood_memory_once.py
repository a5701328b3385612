"""Property: one request for a terabyte fails, and is called by its name."""
LIMITS = {"wall": 10, "memory": 2 ** 27}

def answer(clue): return len(bytearray(1 << 40))

"""Property: touching memory without bound ends at the limit."""
LIMITS = {"wall": 10, "memory": 2 ** 27}

def answer(clue):
    kept = []
    while True: kept.append(b"x" * (1 << 24))

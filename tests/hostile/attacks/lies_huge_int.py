"""Property: an integer of a hundred thousand digits is named, not printed."""

def answer(clue): return 10 ** 100_000

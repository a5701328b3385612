"""Property: an infinite answer is not within any tolerance."""

def answer(clue): return float("inf")

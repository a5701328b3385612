"""Property: NaN and infinity match nothing."""

def answer(clue): return float("nan")

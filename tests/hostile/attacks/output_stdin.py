"""Property: waiting for input does not wait."""

def answer(clue): return input() + open(0).read()

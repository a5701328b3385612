"""Property: output without end is drained, cut and costs its time limit only."""
LIMITS = {"wall": 1}
import os

def answer(clue):
    while True: os.write(1, b"spam " * 10000)

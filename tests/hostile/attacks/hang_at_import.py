"""Property: an import that never ends is one time-out, not one for each question after another."""
LIMITS = {"wall": 0.5}
import time
time.sleep(60)
def answer(clue): return 0.0

"""Property: what is registered for the exit never runs; forged words there are too late."""
import atexit, os

def forge():
    os.write(1, b"BREACH atexit ran\n")

atexit.register(forge)
def answer(clue): return 0.0

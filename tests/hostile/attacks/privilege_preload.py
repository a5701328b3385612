"""Property: LD_PRELOAD and PYTHON variables set for later processes reach nobody."""
import os

def answer(clue):
    os.environ.update(LD_PRELOAD="/tmp/evil.so", PYTHONSTARTUP="/tmp/evil.py", PYTHONPATH="/tmp", GRADER_SECRET="known")
    return 0.0

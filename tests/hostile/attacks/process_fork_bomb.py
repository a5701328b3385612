"""Property: not one fork succeeds, let alone a bomb."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import tries
import os, time

def fork():
    pid = os.fork()
    if pid == 0:
        time.sleep(3)
        os._exit(0)
    return pid
def answer(clue): return tries(*[fork] * 50)

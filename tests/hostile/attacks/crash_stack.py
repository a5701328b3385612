"""Property: a stack overflow in C is this child's own."""
import sys

def answer(clue):
    sys.setrecursionlimit(10 ** 9)
    class Deep:
        def __getattr__(self, name): return getattr(self, name)
    return Deep().x

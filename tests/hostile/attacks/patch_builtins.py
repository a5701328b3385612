"""Property: broken builtins break this child only."""
import builtins

def answer(clue):
    builtins.isinstance = lambda *a: True
    builtins.issubclass = lambda *a: True
    builtins.type = lambda *a: float
    builtins.len = lambda *a: 0
    builtins.abs = lambda *a: 0.0
    return 0.0

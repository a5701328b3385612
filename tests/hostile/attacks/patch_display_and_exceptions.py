"""Property: hooks for display, exceptions, tracing and audit have nothing to hook."""
import sys

def answer(clue):
    sys.displayhook = sys.excepthook = sys.unraisablehook = lambda *a: print("PASSED")
    sys.settrace(lambda *a: None)
    sys.setprofile(lambda *a: None)
    sys.addaudithook(lambda *a: None)
    raise AssertionError("correct")

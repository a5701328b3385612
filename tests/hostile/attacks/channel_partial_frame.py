"""Property: a frame that never ends costs its limit of time and no more."""
LIMITS = {"wall": 0.5}
import os, struct, time

def answer(clue):
    os.write(4, struct.pack(">Q", 1000) + b"half")
    os.write(1, b"")
    time.sleep(60)

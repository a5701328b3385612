"""Property: the weights on disk can be read and not changed."""
HOLDS_FROM = 2
UNSAFE_BELOW = 2
LAYER = "landlock"
from kit import tries
import os

def answer(clue):
    weights = clue["model"] + "/model.safetensors"
    def over(): return open(weights, "r+b").write(b"\0" * 8)
    def beside(): return open(clue["model"] + "/pytorch_model.bin", "w").write("x")
    def swapped(): os.rename(weights, weights + ".old"); return True
    def cut(): return os.open(weights, os.O_WRONLY | os.O_TRUNC)
    return tries(over, beside, swapped, cut)

"""Property: a link in the handed-in folder that leads out of it leads nowhere."""
HOLDS_FROM = 2
LAYER = "landlock"
LINK_TO_CANARY = "notes.txt"
from kit import tries

def read(): return open("notes.txt").read()
def answer(clue): return tries(read)

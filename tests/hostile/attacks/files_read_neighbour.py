"""Property: another student's folder is as closed as the course's."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries
import os, sys

def answer(clue):
    def listed(): return os.listdir(clue["neighbour"])
    def read(): return open(clue["neighbour"] + "/ch01_overview.py").read()
    def imported():
        sys.path.insert(0, clue["neighbour"])
        import only_the_neighbour_has_this
        return only_the_neighbour_has_this.TEXT
    return tries(listed, read, imported)

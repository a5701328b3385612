"""Property: nothing that is returned is unpickled: __reduce__ never runs in the grader."""
import os, pickle

class Bomb:
    def __init__(self, path): self.path = path
    def __reduce__(self): return (os.mkdir, (self.path,))

def answer(clue):
    bomb = Bomb(clue["outside"] + "/unpickled")
    return [bomb, pickle.dumps(bomb), pickle.dumps(bomb).decode("latin1")]

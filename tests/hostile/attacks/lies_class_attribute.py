"""Property: an object that claims another __class__ is not taken for it."""

class Liar:
    __class__ = float
    def __eq__(self, other): return True

def answer(clue): return Liar()

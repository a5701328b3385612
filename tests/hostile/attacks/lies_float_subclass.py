"""Property: a float subclass is the number it holds, whatever its methods say."""

class Liar(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __float__(self): return 1.0
    def __repr__(self): return "correct"
    def is_integer(self): return True
    __hash__ = float.__hash__

def answer(clue): return Liar(-3.5)

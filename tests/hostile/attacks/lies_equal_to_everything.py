"""Property: an object that equals everything is not compared by its own methods; it does not even cross the wire."""

class Everything:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__
    def __le__(self, other): return True
    __lt__ = __ge__ = __gt__ = __le__
    def __float__(self): return 0.0
    def __abs__(self): return 0.0
    def __hash__(self): return 0

def answer(clue): return Everything()

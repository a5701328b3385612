"""Property: __array__ and friends of a foreign object are never called."""

class Liar:
    dtype = "float32"
    shape = ()
    def __array__(self, *a, **k): open(self.path, "w").write("called"); return 1.0
    def __float__(self): return 1.0
    def __index__(self): return 1
    def __iter__(self): return iter([1.0])
    def __len__(self): return 1

def answer(clue):
    liar = Liar()
    liar.path = clue["outside"] + "/called"
    return liar

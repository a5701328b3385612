"""Property: dictionaries that look like the wire's placeholders are escaped."""

def answer(clue):
    return [{"$tensor": 0, "dtype": "float32"}, {"$float": "nan"}, {"$opaque": "x"}, {"$dict": [["a", 1]]}]

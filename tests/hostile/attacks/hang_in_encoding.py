"""Property: an answer whose conversion never ends is on the student's clock."""
LIMITS = {"wall": 0.5}

class Meta(type):
    def __subclasscheck__(cls, other):
        while True: pass
    def __getattribute__(cls, name):
        while True: pass
class Odd(metaclass=Meta): pass
def endless():
    while True: yield 1
class Slow(dict):
    def __len__(self):
        while True: pass
class Unprintable(Exception):
    def __str__(self):
        while True: pass

def answer(clue): raise Unprintable

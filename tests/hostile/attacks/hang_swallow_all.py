"""Property: a loop that swallows every exception ends at its wall limit."""
LIMITS = {"wall": 0.5}

def answer(clue):
    while True:
        try:
            while True: pass
        except BaseException: pass

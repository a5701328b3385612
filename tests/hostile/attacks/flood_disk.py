"""Property: the scratch folder holds so much and no more."""
HOLDS_FROM = 2
LIMITS = {"wall": 10}
import os

def answer(clue):
    size = 0
    for number in range(10_000):
        with open(f"{os.environ['TMPDIR']}/{number}", "wb") as stream: stream.write(b"x" * (4 << 20))
        size += 4 << 20
        if size > 2 << 30: return "BREACH 2 GiB on disk"

"""Property: shared anonymous memory counts too."""
LIMITS = {"wall": 10, "memory": 2 ** 27}
import mmap

def answer(clue):
    kept = []
    while True:
        area = mmap.mmap(-1, 1 << 25)
        area.write(b"x" * (1 << 25))
        kept.append(area)
        if len(kept) > 64: return "BREACH 2 GiB"

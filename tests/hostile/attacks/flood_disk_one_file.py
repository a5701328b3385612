"""Property: one file cannot grow beyond its limit, written, truncated or allocated."""
HOLDS_FROM = 2
from kit import tries
import os

def answer(clue):
    path = os.environ["TMPDIR"] + "/large"
    def written():
        with open(path, "wb") as stream:
            for _ in range(64): stream.write(b"x" * (1 << 20))
        return os.path.getsize(path) > 60 << 20
    def sparse(): os.truncate(path, 1 << 40); return True
    def allocated(): os.posix_fallocate(os.open(path, os.O_RDWR), 0, 1 << 30); return True
    return tries(written, sparse, allocated)

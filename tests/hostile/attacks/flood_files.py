"""Property: files and folders without number, or nested without end, are stopped and leave nothing behind."""
HOLDS_FROM = 2
LIMITS = {"wall": 10}
import os

def answer(clue):
    os.chdir(os.environ["TMPDIR"])
    for number in range(200_000):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
        for i in range(10): open(str(i), "w").close()
    return "BREACH two million files"

"""Property: a link made in the scratch folder, hard or soft, leads nowhere either."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries
import os

def answer(clue):
    scratch = os.environ["TMPDIR"]
    def soft():
        os.symlink(clue["canary"], scratch + "/soft")
        return open(scratch + "/soft").read()
    def hard():
        os.link(clue["canary"], scratch + "/hard")
        return open(scratch + "/hard").read()
    def moved(): os.rename(clue["canary"], scratch + "/moved"); return True
    return tries(soft, hard, moved)

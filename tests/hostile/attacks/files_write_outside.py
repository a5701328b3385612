"""Property: nothing can be written, made, renamed or truncated outside of the scratch folder."""
HOLDS_FROM = 2
UNSAFE_BELOW = 2
LAYER = "landlock"
from kit import tries
import os, socket

def answer(clue):
    out = clue["outside"]
    def made(): return open(out + "/new", "w").write("x")
    def appended(): return open(clue["precious"], "a").write("x")
    def cut(): os.truncate(clue["precious"], 0); return True
    def opened_cut(): return os.open(clue["precious"], os.O_WRONLY | os.O_TRUNC)
    def folder(): os.mkdir(out + "/folder"); return True
    def removed(): os.remove(clue["precious"]); return True
    def renamed(): os.rename(clue["precious"], out + "/other"); return True
    def fifo(): os.mkfifo(out + "/fifo"); return True
    def device(): os.mknod(out + "/device", 0o20666, 0x103); return True
    def shared(): return open("/dev/shm/left", "w").write("x")
    def temporary(): return open("/tmp/left-by-an-attack", "w").write("x")
    return tries(made, appended, cut, opened_cut, folder, removed, renamed, fifo, device, shared, temporary)

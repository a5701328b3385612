"""Property: /proc gives away nobody: no environment, memory, maps, descriptors or command lines."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries
import os

def answer(clue):
    people = [os.getppid(), clue["parent"], 1]
    def listing(): return [d for d in os.listdir("/proc") if d.isdigit() and int(d) != os.getpid()]
    def reader(what):
        def read(): return any(open(f"/proc/{pid}/{what}", "rb").read(64) for pid in people)
        read.__name__ = what
        return read
    def memory(): return os.open(f"/proc/{people[0]}/mem", os.O_RDWR)
    def descriptors(): return os.listdir(f"/proc/{people[0]}/fd")
    def root(): return os.listdir(f"/proc/{people[0]}/root" + clue["course"])
    return tries(listing, *map(reader, ("environ", "cmdline", "maps", "status")), memory, descriptors, root)

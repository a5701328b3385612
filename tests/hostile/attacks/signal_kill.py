"""Property: no signal reaches the grader, the server, or everyone."""
HOLDS_FROM = 2
UNSAFE_BELOW = 2
from kit import tries
import os, signal

def answer(clue):
    def grader(): os.kill(clue["parent"], signal.SIGURG); return True
    def server(): os.kill(os.getppid(), signal.SIGKILL); return True
    def group(): os.killpg(os.getpgid(os.getppid()), signal.SIGKILL); return True
    def everyone(): os.kill(-1, signal.SIGKILL); return True
    return tries(grader, server, group, everyone)

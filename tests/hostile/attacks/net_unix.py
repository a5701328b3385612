"""Property: nor over unix sockets with a path or an abstract name, which Landlock covers in part only."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import tries
import socket

def answer(clue):
    def unix(address):
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
        return s.send(b"hello")
    def path(): return unix(clue["socket"])
    def abstract(): return unix("\0" + clue["abstract"])
    def pair(): return socket.socketpair()[0].fileno()
    return tries(path, abstract, pair)

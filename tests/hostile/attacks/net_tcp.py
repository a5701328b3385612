"""Property: no listener is reached over TCP, and none can be opened."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import tries
import socket

def answer(clue):
    def connected(): return socket.create_connection(("127.0.0.1", clue["port"]), timeout=1).send(b"hello")
    def listening(): return socket.create_server(("127.0.0.1", 0)).getsockname()
    def six(): return socket.socket(socket.AF_INET6, socket.SOCK_STREAM).fileno()
    return tries(connected, listening, six)

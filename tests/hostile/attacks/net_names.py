"""Property: looking up a host name ends in an error, at once."""
HOLDS_FROM = 2
LIMITS = {"wall": 5}
from kit import tries
import socket, urllib.request

def lookup(): return socket.getaddrinfo("example.com", 80)
def web(): return urllib.request.urlopen("http://127.0.0.1:1/", timeout=1).read()
def answer(clue): return tries(lookup, web)

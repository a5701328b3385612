"""Property: nor over UDP, ICMP, netlink or packets."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import tries
import socket

def answer(clue):
    def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", clue["udp"]))
    def ping(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1).fileno()
    def netlink(): return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).fileno()
    def packet(): return socket.socket(socket.AF_PACKET, socket.SOCK_RAW).fileno()
    def vsock(): return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).fileno()
    def kernel(): return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).fileno()
    return tries(udp, ping, netlink, packet, vsock, kernel)

"""Property: bpf, perf, keys, modules, kernel logs and page fault handlers are closed."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import ctypes

def bpf(): return syscall(321, 280, 0, ctypes.create_string_buffer(128), 128) + 1
def perf(): return syscall(298, 241, ctypes.create_string_buffer(b"\1\0\0\0\x70\0\0\0", 128), 0, -1, -1, 0) + 1
def keys(): return syscall(248, 217, b"user\0", b"left\0", b"x", 1, -2)
def fault(): return syscall(323, 282, 1) + 1
def log(): return syscall(103, 116, 10, 0, 0) + 1
def answer(clue): return tries(bpf, perf, keys, fault, log)

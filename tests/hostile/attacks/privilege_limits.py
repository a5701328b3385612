"""Property: limits cannot be raised again."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import resource, struct

INFINITE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
def memory(): resource.setrlimit(resource.RLIMIT_AS, INFINITE); return True
def files(): resource.setrlimit(resource.RLIMIT_FSIZE, INFINITE); return True
def soft(): resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2); return True
def raw(): return syscall(302, 261, 0, 9, struct.pack("=QQ", 1 << 40, 1 << 40), 0) == 0
def nice(): import os; os.setpriority(0, 0, -5); return True
def answer(clue): return tries(memory, files, soft, raw, nice)

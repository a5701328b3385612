"""Property: a later, laxer Landlock domain or seccomp filter takes nothing back."""
HOLDS_FROM = 2
from kit import libc, syscall, tries
import ctypes, os, struct

def answer(clue):
    def landlock():
        ruleset = syscall(444, 444, struct.pack("=Q", 1 << 2), 8, 0)
        parent = os.open("/usr/lib", os.O_PATH)
        try: parent = os.open(clue["course"], os.O_PATH)
        except OSError: pass
        syscall(445, 445, ruleset, 1, struct.pack("=Qi", 1 << 2, parent), 0)
        syscall(446, 446, ruleset, 0)
        return open(clue["canary"]).read()
    def lax():
        program = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000))
        header = struct.pack("@HP", 1, ctypes.addressof(program))
        syscall(317, 277, 1, 0, header)
        return os.fork() or os._exit(0)
    return tries(landlock, lax)

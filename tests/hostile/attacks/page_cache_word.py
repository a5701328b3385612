"""Property: which pages of a file are in memory cannot be asked or changed, so no word is left there for a later child."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import mmap, os, torch

def answer(clue):
    file = os.open(torch.__file__, os.O_RDONLY)
    def dropped(): os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED); return True
    def asked(): return os.preadv(file, [bytearray(1)], 0, os.RWF_NOWAIT)
    def ahead(): syscall(187, 213, file, 0, 4096); return True
    def resident():
        page = mmap.mmap(-1, 4096)
        import ctypes
        at = ctypes.addressof(ctypes.c_char.from_buffer(page)); seen = (ctypes.c_char * 1)()
        syscall(27, 232, at, 4096, ctypes.addressof(seen)); return True
    return tries(dropped, asked, ahead, resident)

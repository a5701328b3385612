"""What the attacks share; copied into each attacker's folder. An attack that gets through says BREACH."""

import ctypes
import errno
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine(), 0)


def tries(*attempts):
    """Run attempts until one gives something; what stopped the others is told by exception type."""
    notes = []
    for attempt in attempts:
        try:
            result = attempt()
        except Exception as error:  # noqa: BLE001 - whatever stops it is what we ask for
            notes.append(type(error).__name__)
            continue
        if result:
            return f"BREACH {attempt.__name__}: {result!r}"[:500]
        notes.append("nothing")
    return "stopped: " + ", ".join(notes)


def syscall(x86_64, aarch64, *arguments):
    """A raw system call; OSError when it fails."""
    number = (x86_64, aarch64)[_COLUMN]
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def absent(error):
    """Whether an error says that the kernel itself lacks something."""
    return error.errno == errno.ENOSYS

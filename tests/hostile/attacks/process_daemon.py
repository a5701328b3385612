"""Property: no process outlives its job: not by fork, double fork, setsid, posix_spawn or vfork."""
HOLDS_FROM = 2
LAYER = "seccomp"
from kit import syscall, tries
import os, subprocess, time

def daemon():
    pid = os.fork()
    if pid: return pid
    os.setsid()
    if os.fork(): os._exit(0)
    time.sleep(5)
    os._exit(0)
def spawned(): return os.posix_spawn("/bin/sleep", ["sleep", "5"], {})
def popen(): return subprocess.Popen(["/bin/sh", "-c", "sleep 5 &"], start_new_session=True).pid
def system(): return os.system("true") == 0
def raw_clone(): return syscall(56, 220, 17, 0, 0, 0, 0) or os._exit(0)
def raw_clone3():
    import struct
    data = struct.pack("=8Q", 0, 0, 0, 0, 17, 0, 0, 0)
    return syscall(435, 435, data, 64) or os._exit(0)
def answer(clue): return tries(daemon, spawned, popen, system, raw_clone, raw_clone3)

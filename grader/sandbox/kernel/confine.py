"""Confinement of one forked child by the kernel, without privileges: rlimits, Landlock, seccomp, by ctypes.

Covered, for the process that calls `confine` and every thread it starts:
- files: reading outside the given folders, writing outside the scratch folder, chmod, chown, utime, xattrs, devices;
- processes: fork, exec, signals to others, ptrace, reading others' memory, process groups and sessions;
- network and other channels: sockets of every family, io_uring, memfd, SysV and POSIX message queues and shared memory;
- resources: address space, CPU seconds, size of one file, open files, core dumps, locked memory;
- privilege: no new ones, capabilities of root dropped, namespaces, mounts, keys, bpf, perf, module loading, clocks.

Not covered here: the sum of files and the number of threads (the parent looks every tick and kills), wall time and
resident memory (the parent), `stat` and `readlink` (that a path exists, its size and time can be learnt), side channels
such as timing, load and cache, and bugs of the kernel itself. On kernels whose Landlock is older than ABI 3 `truncate`
is refused altogether; below ABI 6 abstract sockets and signals are refused by seccomp alone, which they are anyway.

Formats: linux/landlock.h, linux/seccomp.h, linux/filter.h, linux/capability.h; numbers in `syscalls`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

from grader.sandbox.kernel import syscalls

LAYERS = frozenset({"rlimits", "landlock", "seccomp", "capabilities"})
"""What `confine` puts around a child; a test takes them away one at a time."""

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_ARCHITECTURES = {"x86_64": (0, 0xC000003E, 317, 126), "aarch64": (1, 0xC00000B7, 277, 91)}
"""machine: column in `syscalls`, AUDIT_ARCH, numbers of the system calls seccomp and capset."""

OPEN_FILES = 128
"""Descriptors a child may have open."""


class Unavailable(OSError):  # noqa: N818 - reads better where it is caught
    """The kernel does not offer a layer."""


def known_machine() -> bool:
    """Return whether this is Linux on an architecture whose system call numbers are known here."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES


def _syscall(number: int, *arguments: object) -> int:
    assert _libc is not None  # noqa: S101 - callers have asked known_machine
    result = int(
        _libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    )
    if result < 0:
        code = ctypes.get_errno()
        raise Unavailable(code, f"system call {number}: {os.strerror(code)}")
    return result


def _prctl(option: int, value: int) -> None:
    assert _libc is not None  # noqa: S101 - as above
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise Unavailable(ctypes.get_errno(), f"prctl {option}")


def become_subreaper() -> None:
    """Adopt orphans among this process's descendants, so that it can find and kill them."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent dies; leave at once if it already has."""
    _prctl(_PR_SET_PDEATHSIG, 9)
    if os.getppid() != parent:
        os._exit(1)


_MADV_COLLAPSE, _HUGE = 25, 1 << 21


def collapse_memory() -> None:
    """Put this process's own memory on huge pages: a fork then copies hundreds of page table entries, not tens of
    thousands. Linux 6.1; without it everything works, each fork takes longer.
    """
    assert _libc is not None  # noqa: S101 - as above
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        place, rights, _, _, _, *name = line.split(maxsplit=5)
        first, last = (int(word, 16) for word in place.split("-"))
        if rights == "rw-p" and (not name or name[0] == "[heap]") and last - first >= _HUGE:
            _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _MADV_COLLAPSE)


def prepare() -> None:
    """Compute what `confine` needs, ahead of time and in the process that will call it."""
    _packed(os.getpid())


def confine(
    *,
    readable: Sequence[Rule],
    scratch: str | None,
    address_space: int,
    cpu: int,
    file_size: int,
    layers: Collection[str],
    network: bool = False,
    closed: Collection[str] = (),
) -> None:
    """Put the calling process under all layers, for good; it should have one thread.

    Args:
        readable: what may be read, opened by `rules`.
        scratch: the folder that may be written to; None where there is nothing to write.
        address_space: bytes of address space the process may ever have (RLIMIT_AS, hard; the soft limit too).
        cpu: CPU seconds it may use in all (RLIMIT_CPU).
        file_size: bytes in one file (RLIMIT_FSIZE).
        layers: which of `LAYERS` to use.
        network: leave TCP to Landlock's callers; seccomp still refuses every socket.
        closed: files, links resolved, that stay unreadable by Landlock within the readable folders.

    Raises:
        Unavailable: the kernel does not offer a layer.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if "rlimits" in layers:
        _limit(address_space, cpu, file_size)
    if "landlock" in layers:
        allowed = [*readable, *(rules([scratch], _SCRATCH) if scratch else ())]
        _landlock(allowed, network=network, closed=closed)
    if "capabilities" in layers and os.geteuid() == 0:
        _drop_capabilities()
    if "seccomp" in layers:
        _seccomp()


def _limit(address_space: int, cpu: int, file_size: int) -> None:
    for name, value in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(name)
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (limit, limit))


# Landlock -----------------------------------------------------------------------------------------------------------

Rule = tuple[int, int]
"""An open path (O_PATH) and the rights beneath it."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_DIR = 1 << 3
_READ = (1 << 2) | _READ_DIR  # READ_FILE, READ_DIR
_WRITE_FILE, _TRUNCATE, _TRUNCATE_ABI = 1 << 1, 1 << 14, 3
_SCRATCH = _READ | _WRITE_FILE | _TRUNCATE | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8) | (1 << 13)
"""Read, write, remove and make files and folders, move them inside the folder."""
_ON_FILES = _WRITE_FILE | (1 << 2) | _TRUNCATE
READ_WRITE = _READ | _WRITE_FILE
"""For /dev/null."""
_FS_BY_ABI = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_NET_ABI, _SCOPE_ABI = 4, 6


@cache
def landlock_abi() -> int:
    """Return the version of Landlock's ABI; 0 where the kernel has none or it is switched off."""
    try:
        return _syscall(_CREATE_RULESET, None, 0, 1)
    except Unavailable:
        return 0


def rules(paths: Iterable[str], rights: int = _READ) -> list[Rule]:
    """Open paths for `confine`; those that do not exist here are left out."""
    opened: list[Rule] = []
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        opened.append((descriptor, rights if Path(path).is_dir() else rights & _ON_FILES))
    return opened


def _landlock(allowed: Sequence[Rule], *, network: bool, closed: Collection[str]) -> None:
    abi = landlock_abi()
    if not abi:
        raise Unavailable(errno.ENOSYS, "this kernel has no Landlock")
    handled = sum(rights for since, rights in _FS_BY_ABI if abi >= since)
    tcp = 3 if abi >= _NET_ABI and not network else 0
    attributes = struct.pack("=QQQ", handled, tcp, 3 if abi >= _SCOPE_ABI else 0)
    size = 24 if abi >= _SCOPE_ABI else 16 if abi >= _NET_ABI else 8
    ruleset = _syscall(_CREATE_RULESET, attributes, size, 0)

    def allow(descriptor: int, rights: int) -> None:
        _syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights & handled, descriptor), 0)

    above = {str(folder) for file in closed for folder in Path(file).parents}
    for descriptor, rights in allowed:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink()) if closed else ""
        if path in above:
            _allow_around(path, rights, above | {*closed}, allow)
        elif not closed or path not in closed:
            allow(descriptor, rights)
    _syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow_around(folder: str, rights: int, avoided: Collection[str], allow: Callable[[int, int], None]) -> None:
    """Allow what is in a folder by its entries, but for closed files: Landlock cannot take back what a folder allows.

    Listing is allowed as a whole. An entry is opened only for its rule, since there may be more than `OPEN_FILES`.
    """
    for path, given in [(folder, rights & _READ_DIR), *((e.path, rights) for e in os.scandir(folder))]:
        if path in avoided and path != folder:
            if Path(path).is_dir():
                _allow_around(path, rights, avoided, allow)
            continue
        if Path(path).is_symlink():  # a rule would be for its target, which the folder's own rule does not allow
            continue
        for descriptor, possible in rules([path], given):
            allow(descriptor, possible)
            os.close(descriptor)


# Capabilities -------------------------------------------------------------------------------------------------------

_CAPABILITY_VERSION = 0x20080522
_DAC_READ_SEARCH = 1 << 2  # so that root can still read a student's folder that belongs to someone else


def _drop_capabilities() -> None:
    number = _ARCHITECTURES[platform.machine()][3]
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    _syscall(number, header, struct.pack("=6I", _DAC_READ_SEARCH, _DAC_READ_SEARCH, 0, 0, 0, 0))


# seccomp ------------------------------------------------------------------------------------------------------------

_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # BPF_LD|W|ABS, JMP|JEQ, JGT, JSET, RET
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_CLONE_THREAD = 0x00010000
_SET_MODE_FILTER, _SPEC_ALLOW = 1, 4

_FCNTL_REFUSED = (8, 10, 15, 1024, 1026, 1031)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIO(N)CLEX
_PRCTL_ALLOWED = (3, 15, 16, 0x53564D41)  # PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_SET_VMA

UNSENDABLE = frozenset({1, 2, 3, 9, 15, 19, 20, 21, 22})  # HUP, INT, QUIT, KILL, TERM, STOP, TSTP, TTIN, TTOU
"""Signals that a confined process cannot even send itself: whoever is ended or stopped by one was so from outside."""

Instruction = tuple[int, int, int, int]


def _argument(index: int, *, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, 16 + 8 * index + (4 if high else 0))


def _fail(code: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | code)


_GRANT: Instruction = (_RETURN, 0, 0, _ALLOW)


def _one_of(index: int, values: Iterable[int], *, then: Instruction, otherwise: Instruction) -> list[Instruction]:
    """Judge by the low half of an argument."""
    block = [_argument(index)]
    for value in values:
        block += [(_EQUAL, 0, 1, value), then]
    return [*block, otherwise]


def _to_itself(pid: int, number: int, refused: Instruction) -> list[Instruction]:
    """Grant signals to the process itself, but for those in `UNSENDABLE`; `number` is the argument that says which."""
    block = [_argument(0), (_EQUAL, 1, 0, pid), refused, _argument(number)]
    for unsendable in sorted(UNSENDABLE):
        block += [(_EQUAL, 0, 1, unsendable), refused]
    return [*block, _GRANT]


def program(machine: str, pid: int) -> list[Instruction]:
    """Return the filter for a machine and the process `pid`: it refuses what `syscalls` lists."""
    column, architecture, _, _ = _ARCHITECTURES[machine]
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_ABOVE, 0, 1, syscalls.NEWEST),  # the x32 numbers are above too
        _fail(errno.ENOSYS),
    ]

    def judge(name: str, block: list[Instruction], group: dict[str, tuple[int | None, int | None]]) -> None:
        number = group[name][column]
        if number is not None:
            lines.extend([(_EQUAL, 0, len(block), number), *block])

    for group in syscalls.REFUSED:
        for name in group:
            judge(name, [_fail(errno.EPERM)], group)
    for name in syscalls.ABSENT:
        judge(name, [_fail(errno.ENOSYS)], syscalls.ABSENT)
    if landlock_abi() < _TRUNCATE_ABI:
        for name in syscalls.TRUNCATING:
            judge(name, [_fail(errno.EPERM)], syscalls.TRUNCATING)
    refused, kind = _fail(errno.EPERM), syscalls.JUDGED
    judge("clone", [_argument(0), (_ANY_BIT, 0, 1, _CLONE_THREAD), _GRANT, _fail(errno.EAGAIN)], kind)
    judge("kill", _to_itself(pid, 1, refused), kind)
    judge("tgkill", _to_itself(pid, 2, refused), kind)
    null = [_argument(2), (_EQUAL, 0, 3, 0), _argument(2, high=True), (_EQUAL, 0, 1, 0), _GRANT, refused]
    judge("prlimit64", null, kind)
    judge("fcntl", _one_of(1, _FCNTL_REFUSED, then=refused, otherwise=_GRANT), kind)
    judge("ioctl", _one_of(1, _IOCTL_ALLOWED, then=_GRANT, otherwise=_fail(errno.ENOTTY)), kind)
    judge("prctl", _one_of(0, _PRCTL_ALLOWED, then=_GRANT, otherwise=refused), kind)
    return [*lines, _GRANT]


@cache
def _packed(pid: int) -> tuple[int, bytes]:
    lines = program(platform.machine(), pid)
    return len(lines), b"".join(struct.pack("=HBBI", *line) for line in lines)


def _seccomp() -> None:
    length, body = _packed(os.getpid())
    packed = ctypes.create_string_buffer(body)
    header = struct.pack("@HP", length, ctypes.addressof(packed))
    _syscall(_ARCHITECTURES[platform.machine()][2], _SET_MODE_FILTER, _SPEC_ALLOW, header)

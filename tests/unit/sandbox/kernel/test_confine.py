"""The seccomp filter, judged by an interpreter of its instructions, for both architectures."""

from __future__ import annotations

import errno
import re
import struct
import sys
from pathlib import Path

import pytest
from support.left_out import NO_HEADERS, NOT_LINUX

from grader.sandbox.kernel import confine, syscalls

ALLOW, KILL = 0x7FFF0000, 0x80000000
PID = 4321
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason=NOT_LINUX)


def judged(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter answers: linux/filter.h, as far as the filter uses it."""
    arch = MACHINES[machine][1] if architecture is None else architecture
    data = struct.pack("<IIQ6Q", number, arch, 0, *(*arguments, *[0] * 6)[:6])
    lines, at, held = confine.program(machine, PID), 0, 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            return value
        else:
            truth = {0x15: held == value, 0x25: held > value, 0x45: bool(held & value)}[code]
            at += yes if truth else no


def refused(answer: int) -> int:
    """The errno of a refusal; 0 where the call goes through."""
    return answer & 0xFFFF if answer & 0xFFFF0000 == 0x00050000 else 0


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_listed_is_refused(machine: str) -> None:
    """Each name of each list, on each machine that has it."""
    column = MACHINES[machine][0]
    for group in syscalls.REFUSED:
        for name, numbers in group.items():
            if numbers[column] is not None:
                assert refused(judged(machine, numbers[column])) == errno.EPERM, name
    for name, numbers in syscalls.ABSENT.items():
        assert refused(judged(machine, numbers[column])) == errno.ENOSYS, name


@pytest.mark.parametrize("machine", MACHINES)
def test_what_homework_needs_goes_through(machine: str) -> None:
    """read, write, openat, mmap, futex, exit_group, clock_gettime."""
    needed = {"x86_64": (0, 1, 257, 9, 202, 231, 228), "aarch64": (63, 64, 56, 222, 98, 94, 113)}
    for number in needed[machine]:
        assert judged(machine, number) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide(machine: str) -> None:
    """Threads but no processes; signals to itself only; limits read, not set; few ioctls."""
    column = MACHINES[machine][0]
    numbers = {name: pair[column] for name, pair in syscalls.JUDGED.items()}
    assert judged(machine, numbers["clone"], 0x00010000 | 0x100) == ALLOW
    assert refused(judged(machine, numbers["clone"], 17)) == errno.EAGAIN
    for name in ("kill", "tgkill"):
        assert judged(machine, numbers[name], PID) == ALLOW
        for other in (0, 1, PID + 1, 0xFFFFFFFF):
            assert refused(judged(machine, numbers[name], other)) == errno.EPERM
    assert judged(machine, numbers["prlimit64"], 0, 9, 0, 1) == ALLOW
    for pointer in (0x1000, 1 << 40):
        assert refused(judged(machine, numbers["prlimit64"], 0, 9, pointer)) == errno.EPERM
    assert judged(machine, numbers["ioctl"], 1, 0x5401) == ALLOW
    assert refused(judged(machine, numbers["ioctl"], 0, 0x5412)) == errno.ENOTTY
    assert judged(machine, numbers["fcntl"], 0, 1) == ALLOW
    assert refused(judged(machine, numbers["fcntl"], 0, 8)) == errno.EPERM
    assert judged(machine, numbers["prctl"], 15) == ALLOW
    assert refused(judged(machine, numbers["prctl"], 1)) == errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_what_nobody_has_judged_does_not_exist(machine: str) -> None:
    """Numbers of newer kernels, the x32 interface, another architecture."""
    assert refused(judged(machine, syscalls.NEWEST + 1)) == errno.ENOSYS
    assert refused(judged(machine, 0x40000000 | 1)) == errno.ENOSYS
    assert judged(machine, 1, architecture=0x40000003) == KILL


def test_numbers_are_what_this_machine_says() -> None:
    """The table agrees with the C library where that has a symbol for it."""
    import platform

    column = MACHINES.get(platform.machine(), (None,))[0]
    if column is None:
        pytest.skip(NOT_LINUX)
    assert syscalls.PROCESSES["execve"][column] == {0: 59, 1: 221}[column]
    numbers = [pair[column] for group in (*syscalls.REFUSED, syscalls.JUDGED) for pair in group.values()]
    known = [number for number in numbers if number is not None]
    assert len(known) == len(set(known))
    assert max(known) <= syscalls.NEWEST


HEADERS = (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h"))


@pytest.mark.skipif(not all(file.is_file() for file in HEADERS), reason=NO_HEADERS)
def test_the_numbers_are_those_of_the_kernels_headers() -> None:
    """Every system call has its number on x86-64 and on aarch64, which uses the generic table."""
    for column, file in enumerate(HEADERS):
        found = re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)", file.read_text(encoding="ascii"))
        known = {name: int(number) for name, number in found}
        for group in (*syscalls.REFUSED, syscalls.ABSENT, syscalls.TRUNCATING, syscalls.JUDGED):
            for name, numbers in group.items():
                assert numbers[column] == known.get(name), (name, file)

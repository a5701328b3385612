"""The reader: tasks run over a student's bytes in a confined child, and whatever goes wrong there is data."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import psutil
import pytest
from support.left_out import need_level

from grader.errors import SandboxError
from grader.language.speak import speak
from grader.nouns.question import Limits
from grader.sandbox.kernel.scratch import Room
from grader.sandbox.parent import reader
from grader.sandbox.parent.reader import Read, Reader, Unread

SHORT = Limits(wall=20, cpu=1, memory=2**27, answer=2**20)


@pytest.fixture(scope="module", params=[2, 1])
def any_reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A reader with a fork-server, and one with a fresh process for each task."""
    need_level(request.param)
    with Reader(level=request.param, preload=()) as opened:
        yield opened


@pytest.fixture(scope="module")
def forking() -> Iterator[Reader]:
    """A reader with a fork-server."""
    need_level(2)
    with Reader(preload=()) as opened:
        yield opened


def why(result: Read | Unread) -> str:
    assert isinstance(result, Unread), result
    return speak(result.reason, "en")


def test_a_task_returns_its_value(any_reader: Reader, tmp_path: Path) -> None:
    """By name or as the function itself; files of the folders it is given are read, one folder is written to."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "file").write_text("text")
    source, target = str(tmp_path / "in" / "file"), str(tmp_path / "out" / "file")
    assert any_reader.read("operator:add", [1], ["二"]) == Read([1, "二"])
    assert any_reader.read(os.listdir, str(tmp_path / "in"), readable=[tmp_path / "in"]) == Read(["file"])
    copied = any_reader.read(
        "shutil:copyfile", source, target, readable=[tmp_path / "in" / "file"], writable=tmp_path / "out"
    )
    assert copied == Read(target)
    assert Path(target).read_text() == "text"


STOPPED = {
    "hangs": ("time:sleep", (30,), SHORT.model_copy(update={"wall": 0.3}), "within 0.3 seconds"),
    "computes for ever": ("re:match", ("(a+)+$", "a" * 60 + "b"), SHORT, "within 1 seconds"),
    "takes memory at once": ("operator:mul", (" ", 2**31), SHORT, "128 MiB of memory"),
    "takes memory slowly": ("ast:parse", ("import " + "a." * 100_000 + "a",), SHORT, "128 MiB of memory"),
    "leaves": ("os:_exit", (0,), SHORT, "crashed"),
    "leaves politely": ("sys:exit", (), SHORT, "SystemExit"),
    "is killed": ("os:abort", (), SHORT, "crashed"),
    "raises": ("json:loads", ("{",), SHORT, "JSONDecodeError"),
    "recurses": ("ast:literal_eval", ("[" * 10_000,), SHORT, "SyntaxError|MemoryError|RecursionError|MiB"),
    "returns too much": ("operator:mul", (" ", 2**21), SHORT, "garbled"),
    "returns what is too deep": ("json:loads", ("[" * 500 + "]" * 500,), SHORT, "garbled"),
    "is not there": ("os:no_such_function", (), SHORT, "AttributeError"),
}


@pytest.mark.parametrize("name", STOPPED)
def test_what_stops_a_task_is_data(any_reader: Reader, name: str) -> None:
    """Time, memory, exceptions, crashes and results without bound give a reason; the task after it is not touched."""
    task, arguments, limits, expected = STOPPED[name]
    began = time.monotonic()
    assert re.search(expected, why(any_reader.read(task, *arguments, limits=limits)))
    assert time.monotonic() - began < 20
    assert any_reader.read("operator:add", 1, 2) == Read(3)


def test_a_refusal_of_the_task_is_the_reason(any_reader: Reader) -> None:
    """A staff error that a task raises comes back with its own message, in both languages."""
    refused = any_reader.read("grader.sandbox.kernel.scratch:make", "/nowhere")
    assert why(refused).startswith("no scratch folder can be made in /nowhere")
    assert isinstance(refused, Unread)
    assert "/nowhere" in speak(refused.reason, "zh")


CONFINED = {
    "a file elsewhere": ("builtins:open", ("/etc/passwd",), "PermissionError"),
    "a folder elsewhere": ("os:listdir", ("/",), "PermissionError"),
    "the home folder": ("os:listdir", (str(Path.home()),), "PermissionError|FileNotFoundError"),
    "a file of its own": ("os:mkdir", ("/tmp/left-by-a-task",), "PermissionError"),
    "a socket": ("socket:socket", (), "PermissionError"),
    "a new process": ("os:fork", (), "BlockingIOError"),
    "a program": ("os:execv", (sys.executable, [sys.executable, "-V"]), "PermissionError"),
    "a signal to its parent": ("os:kill", (os.getpid(), signal.SIGTERM), "PermissionError|ProcessLookupError"),
}


@pytest.mark.parametrize("name", CONFINED)
def test_a_task_reaches_nothing_else(forking: Reader, name: str) -> None:
    """Other files, the network, other processes are refused by the kernel."""
    task, arguments, expected = CONFINED[name]
    assert re.search(expected, why(forking.read(task, *arguments)))
    assert not Path("/tmp/left-by-a-task").exists()


def test_a_task_writes_into_its_folder_only_and_so_much(forking: Reader, tmp_path: Path) -> None:
    """What is readable is not writable; a folder that fills up ends the task."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "large").write_bytes(bytes(2**21))
    given = {"readable": [tmp_path / "in"], "writable": tmp_path / "out"}
    assert "PermissionError" in why(forking.read("os:mkdir", str(tmp_path / "in" / "x"), **given))
    copy = ("shutil:copyfile", str(tmp_path / "in" / "large"), str(tmp_path / "out" / "large"))
    assert isinstance(forking.read(*copy, room=Room(size=2**20), **given), Unread)
    assert isinstance(forking.read(*copy, room=Room(size=2**22), **given), Read)


def test_no_task_sees_what_another_left(forking: Reader) -> None:
    """Each has a process of its own."""
    assert forking.read("os:putenv", "LEFT", "by a task") == Read(None)
    assert isinstance(forking.read("builtins:setattr", 1, "x", 2), Unread)
    pids = {forking.read("os:getpid").value for _ in range(5)}
    assert len(pids) == 5


def test_a_server_that_is_killed_is_replaced(forking: Reader) -> None:
    """The task that was lost with it runs again."""
    assert forking.read("operator:add", 1, 2) == Read(3)
    server = forking._server
    assert server is not None
    threading.Timer(0.2, os.kill, (server.pid, signal.SIGKILL)).start()
    assert forking.read("time:sleep", 0.5) == Read(None)
    assert forking._server is not server


def test_a_task_that_starts_anew_finds_its_folder_empty(forking: Reader, tmp_path: Path) -> None:
    """What the lost attempt had written does not stand in the way of the next."""
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    for number in range(200):
        (tmp_path / "tree" / "deep" / f"{number}").write_bytes(bytes(2**16))
    assert forking.read("operator:add", 1, 2) == Read(3)
    server = forking._server
    assert server is not None

    def kill() -> None:
        while not any((tmp_path / "out").iterdir()):
            time.sleep(0.001)
        os.kill(server.pid, signal.SIGKILL)

    threading.Thread(target=kill).start()
    copied = forking.read(
        "shutil:move",
        str(tmp_path / "tree"),
        str(tmp_path / "out" / "tree"),
        readable=[tmp_path / "tree"],
        writable=tmp_path / "out",
    )
    assert isinstance(copied, Unread)  # `move` cannot remove what it has copied
    assert len(list((tmp_path / "out" / "tree" / "deep").iterdir())) == 200


def test_tasks_run_side_by_side(forking: Reader) -> None:
    """From several threads, each with its own answer."""
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: forking.read("operator:mul", i, i), range(64)))
    assert results == [Read(i * i) for i in range(64)]


def test_everything_ends_with_the_reader() -> None:
    """No process is left, and a closed reader refuses."""
    before = set(psutil.Process().children(recursive=True))
    with Reader(preload=()) as opened:
        assert opened.read("operator:add", 1, 2) == Read(3)
    until = time.monotonic() + 10
    while set(psutil.Process().children(recursive=True)) - before and time.monotonic() < until:
        time.sleep(0.05)
    assert not set(psutil.Process().children(recursive=True)) - before
    with pytest.raises(SandboxError):
        opened.read("operator:add", 1, 2)


def test_the_readers_server_ends_with_its_process() -> None:
    """Also that of a process that was killed: the server notices that its socket is closed."""
    code = (
        "import os, signal; from grader.sandbox.parent import reader; "
        "print(reader.read('os:getppid').value, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    server = int(done.stdout)
    until = time.monotonic() + 10
    while psutil.pid_exists(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(server)


def test_what_is_preloaded_can_be_imported() -> None:
    """The names are not checked by any import."""
    for name in reader.PRELOAD:
        import_module(name)

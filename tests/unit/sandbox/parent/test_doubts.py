"""The machine's faults are not the student's: a busy processor, a pause, a kill from outside, a full disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from support.busy import again_and_again, freeze, load
from support.left_out import NO_NAMESPACE, need_level

from grader.errors import SandboxError
from grader.nouns.job import Job
from grader.nouns.outcome import Crashed, Raised, Returned, TimedOut
from grader.sandbox.parent import session
from grader.sandbox.parent.doubts import Turns
from grader.sandbox.parent.forkserver import ForkServer

MakeJob = Callable[..., Job]
SECOND = """
import time
def f():
    end = time.process_time() + {cpu}
    while time.process_time() < end: pass
    return 7
"""
SLEEP = "import time\ndef f():\n    time.sleep(30)\n"
SPIN = "def f():\n    while True: pass\n"


@pytest.fixture(scope="module", autouse=True)
def _level_two() -> None:
    need_level(2)


@pytest.fixture
def server() -> Iterator[ForkServer]:
    """A server of this test's own, without torch and with nothing forked ahead of the test."""
    with ForkServer({}, preload=()) as sandbox:
        yield sandbox


def test_a_busy_machine_times_nobody_out(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """One second of computing is within a limit of 1.5 though it takes several; code that hangs or sleeps is stopped.

    The words are the same as on an idle machine.
    """
    sources = {"honest": SECOND.format(cpu=1.0), "spins": SPIN, "sleeps": SLEEP}
    jobs = {name: make_job(tmp_path / name, source, "f", wall=1.5) for name, source in sources.items()}
    idle = {name: server.run(job)[0] for name, job in jobs.items()}
    with load(3 * (os.cpu_count() or 1)), ThreadPoolExecutor(3) as pool:
        busy = dict(zip(jobs, (outcomes[0] for outcomes in pool.map(server.run, jobs.values())), strict=True))
    plain = {"usage", "charge"}
    assert busy["honest"].usage.wall > 2.0, "the machine was not busy"
    assert {n: o.model_dump(exclude=plain) for n, o in busy.items()} == {
        n: o.model_dump(exclude=plain) for n, o in idle.items()
    }
    assert [type(outcome) for outcome in idle.values()] == [Returned, TimedOut, TimedOut]
    assert busy["sleeps"].usage.wall < 10


def test_threads_that_wait_for_a_processor_are_not_late(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """The main thread sleeps until a thread of its own is done: what that one waits for counts too."""
    source = (
        f"import threading\n{SECOND.format(cpu=1.0)}\ndef g():\n    t = threading.Thread(target=f)\n    t.start()\n"
    )
    job = make_job(tmp_path / "work", source + "    t.join()\n    return 8\n", "g", wall=1.5)
    with load(3 * (os.cpu_count() or 1)):
        (outcome,) = server.run(job)
    assert outcome.value == 8
    assert outcome.usage.wall > 2.0, "the machine was not busy"


def test_a_machine_that_gives_no_processor_is_at_fault(
    server: ForkServer, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code that is kept waiting too long is asked again alone, and then it is an error of the sandbox.

    Only how long too long is, is shorter here, or the test would take minutes.
    """
    honest = make_job(tmp_path / "honest", SECOND.format(cpu=1.0), "f", wall=1.5)
    sleeps = make_job(tmp_path / "sleeps", SLEEP, "f", wall=1.5)
    with load(8 * (os.cpu_count() or 1)), monkeypatch.context() as patch:
        patch.setattr(session, "_LONGEST_WAIT", 2)
        patch.setattr(session, "_SHORTEST_WAIT", 0)
        with pytest.raises(SandboxError, match="processor"):
            server.run(honest)
        assert isinstance(server.run(sleeps)[0], TimedOut)
    assert server.run(honest)[0].value == 7


SCRIPT = """
import sys
from pathlib import Path
from grader.nouns.job import Call, Job
from grader.nouns.question import Limits
from grader.sandbox.parent.forkserver import ForkServer
with ForkServer({{}}, preload=()) as sandbox:
    call = Call(question="q", case="c", function="f", limits=Limits(wall=1))
    job = Job(folder=Path({folder!r}), module="ch01_overview.py", calls=(call,))
    sandbox.run(Job(folder=Path({quick!r}), module="ch01_overview.py", calls=(call,)))
    print("up", flush=True)
    print(sandbox.run(job)[0].kind, flush=True)
"""


@pytest.mark.parametrize(("source", "kind"), [(SECOND.format(cpu=0.6), "returned"), (SLEEP, "timed_out")])
def test_a_pause_of_the_machine_is_nobodys_time(make_job: MakeJob, tmp_path: Path, source: str, kind: str) -> None:
    """Everything is stopped for longer than the limit and goes on; code that sleeps is timed out all the same."""
    make_job(tmp_path / "quick", "def f(): return 1\n", "f")
    make_job(tmp_path / "work", source, "f")
    script = SCRIPT.format(folder=str(tmp_path / "work"), quick=str(tmp_path / "quick"))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == "up\n"
        time.sleep(0.3)
        freeze(psutil.Process(grader.pid), 3.0)
        assert grader.stdout.readline() == f"{kind}\n"


TELLING = "import os, tempfile, time\nopen(tempfile.gettempdir() + '/pid', 'w').write(str(os.getpid()))\n"
"""Source that leaves the number of its process where the grader finds it."""


def _running(server: ForkServer) -> int | None:
    """The process that runs a job now."""
    with contextlib.suppress(OSError, ValueError):  # a folder goes while it is looked through
        for file in Path(server._server.home).rglob("pid"):
            return int(file.read_text())
    return None


@contextlib.contextmanager
def killed(server: ForkServer, *numbers: int) -> Iterator[list[int]]:
    """Workers are sent these signals, one each, a moment after they begin; gives those that were."""
    victims: list[int] = []

    def kill() -> None:
        victim = _running(server)
        if victim is not None and victim not in victims and len(victims) < len(numbers):
            time.sleep(0.1)
            os.kill(victim, numbers[len(victims)])
            victims.append(victim)

    with again_and_again(kill, 0.02):
        yield victims


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_killed_once_from_outside_is_asked_again(
    server: ForkServer, make_job: MakeJob, tmp_path: Path, number: signal.Signals
) -> None:
    """The job starts anew, so that what its calls leave behind for each other is as ever."""
    source = f"{TELLING}n = 0\ndef f():\n    global n\n    n += 1\n    time.sleep(0.2)\n    return n\n"
    job = make_job(tmp_path / "work", source, "f", "f", "f")
    with killed(server, number) as victims:
        values = [outcome.value for outcome in server.run(job)]
    assert len(victims) == 1
    assert values == [1, 2, 3]


KILLS = {"alternating": (signal.SIGKILL, signal.SIGTERM) * 2, "alike": (signal.SIGKILL,) * 4}


@pytest.mark.parametrize("numbers", KILLS.values(), ids=KILLS)
def test_killed_again_and_again_is_the_machines_fault(
    server: ForkServer, make_job: MakeJob, tmp_path: Path, numbers: tuple[signal.Signals, ...]
) -> None:
    """An error of the sandbox and no outcome, also where each death is like the one before."""
    job = make_job(tmp_path / "work", f"{TELLING}def f():\n    time.sleep(5)\n", "f", wall=20)
    with killed(server, *numbers) as victims, pytest.raises(SandboxError, match="killed"):
        server.run(job)
    assert len(victims) == len(numbers)


WAYS = {
    "USR1": ("os.kill(os.getpid(), signal.SIGUSR1)", signal.SIGUSR1),
    "a timer": ("signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(1)", signal.SIGALRM),
    "abort": ("os.abort()", signal.SIGABRT),
}


@pytest.mark.parametrize("way", WAYS)
def test_code_that_kills_itself_has_crashed(server: ForkServer, make_job: MakeJob, tmp_path: Path, way: str) -> None:
    """It does so again when it is asked again; the calls before it keep their values."""
    statement, number = WAYS[way]
    source = f"import os, signal, time\ndef g(): return 1\ndef f(): {statement}\n"
    first, second = server.run(make_job(tmp_path / "work", source, "g", "f"))
    assert first.value == 1
    assert isinstance(second, Crashed)
    assert second.signal == number


ITSELF = {
    "os.kill": "os.kill(os.getpid(), {})",
    "raise_signal": "signal.raise_signal({})",
    "its thread": "signal.pthread_kill(threading.get_ident(), {})",
    "its group": "os.killpg(0, {})",
    "tgkill": "1 / (1 + ctypes.CDLL(None).tgkill(os.getpid(), os.getpid(), {}))",
    "a timer": """
 timer, event = ctypes.c_void_p(), (ctypes.c_int * 16)(0, 0, {}, 0)
 1 / (1 + ctypes.CDLL(None).timer_create(1, event, ctypes.byref(timer)))
 ctypes.CDLL(None).timer_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 0, 10**7), None)
 time.sleep(1)
""",
}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGINT])
@pytest.mark.parametrize("way", ITSELF)
def test_what_ends_a_process_from_outside_it_cannot_send_itself(
    server: ForkServer, make_job: MakeJob, tmp_path: Path, way: str, number: signal.Signals
) -> None:
    """So a death by such a signal is never the student's own; the attempt fails at once and is the student's."""
    source = f"import ctypes, os, signal, sys, threading, time\ndef f():\n {ITSELF[way].format(int(number))}\n"
    (outcome,) = server.run(make_job(tmp_path / "work", source, "f"))
    assert isinstance(outcome, Raised), outcome


def test_code_that_stops_has_timed_out(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """Whoever stops a worker from outside does so once; code that does nothing is late."""
    source = "import signal\ndef f(): signal.pause()\n"
    (outcome,) = server.run(make_job(tmp_path / "work", source, "f", wall=0.5))
    assert isinstance(outcome, TimedOut)
    honest = make_job(tmp_path / "honest", f"{TELLING}def f():\n    time.sleep(0.3)\n    return 4\n", "f", wall=0.8)
    with killed(server, signal.SIGSTOP) as victims:
        assert server.run(honest)[0].value == 4
    assert len(victims) == 1


def test_a_server_that_dies_while_idle_or_starting_is_no_end(
    server: ForkServer, make_job: MakeJob, tmp_path: Path
) -> None:
    """Killed between jobs, and again while its successor loads: the next jobs run as ever."""
    job = make_job(tmp_path / "work", "def f(): return 1\n", "f")
    assert server.run(job)[0].value == 1
    first = server._server
    os.kill(first.pid, signal.SIGKILL)
    successors: list[int] = []

    def kill_successor() -> None:
        if server._server.pid != first.pid and not successors:
            successors.append(server._server.pid)
            os.kill(server._server.pid, signal.SIGKILL)

    with again_and_again(kill_successor, 0.01):
        assert server.run(job)[0].value == 1
    assert successors
    assert [server.run(job)[0].value for _ in range(3)] == [1, 1, 1]


def test_alone_is_alone() -> None:
    """Jobs beside each other end before one runs alone, and begin again after it; nobody waits for ever."""
    turns, inside, most = Turns(), [0], [0]
    lock = threading.Lock()

    def run(number: int) -> bool:
        with turns.alone() if number % 5 == 0 else turns.beside():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                others = inside[0] - 1
            time.sleep(0.01)
            with lock:
                was_alone = others == 0 and inside[0] == 1
                inside[0] -= 1
        return was_alone

    with ThreadPoolExecutor(8) as pool:
        alone = list(pool.map(run, range(40)))
    assert all(alone[::5])
    assert most[0] > 1


FULL = """
mount -t tmpfs -o {options} tmpfs "$TMPDIR" && exec "$@"
"""
ON_A_DISK = """
import sys
from pathlib import Path
from grader.errors import SandboxError
from grader.nouns.job import Call, Job
from grader.sandbox.parent.forkserver import ForkServer
with ForkServer({}, preload=()) as sandbox:
    for function in ("honest", "writes", "makes", "raises"):
        call = Call(question="q", case="c", function=function)
        try:
            (outcome,) = sandbox.run(Job(folder=Path(sys.argv[1]), module="ch01_overview.py", calls=(call,)))
            print(function, outcome.kind)
        except SandboxError as error:
            print(function, "not graded:", error)
"""
WRITES = """
import os, tempfile
def honest(): return 1
def raises(): raise OSError("no")
def writes():
    with tempfile.NamedTemporaryFile() as file: return file.write(b"x" * (20 << 20))
def makes():
    with tempfile.TemporaryDirectory() as folder:
        for i in range(500): open(f"{folder}/{i}", "w").close()
    return 1
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason=NO_NAMESPACE)
@pytest.mark.parametrize(
    ("options", "ungraded"),
    [("size=300m", set()), ("size=8m", {"writes"}), ("size=300m,nr_inodes=200", {"makes"})],
)
def test_a_full_disk_is_the_machines_fault(make_job: MakeJob, tmp_path: Path, options: str, ungraded: set[str]) -> None:
    """Room that a worker is promised and the disk does not have is said; faults that have to do with no disk stay."""
    job = make_job(tmp_path / "work", WRITES, "honest")
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["unshare", "--mount", "sh", "-c", FULL.format(options=options), "sh", sys.executable, "-c", ON_A_DISK]
    done = subprocess.run(
        [*words, str(job.folder)], env={**os.environ, "TMPDIR": str(disk)}, capture_output=True, text=True, check=False
    )
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert {name for name, told in lines.items() if "inodes" in told} == ungraded, done
    assert lines["honest"] == "returned"
    assert lines["raises"] == "raised"

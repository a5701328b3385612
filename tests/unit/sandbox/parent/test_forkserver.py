"""The fork-server survives what happens to it: killed children, its own death, interrupts, many jobs, a full disk."""

from __future__ import annotations

import contextlib
import os
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
from support.left_out import need_level

from grader.errors import SandboxError
from grader.nouns.job import Job
from grader.sandbox import wire
from grader.sandbox.open import open_sandbox
from grader.sandbox.parent.forkserver import ForkServer

MakeJob = Callable[..., Job]


@pytest.fixture(scope="module", autouse=True)
def _level_two() -> None:
    need_level(2)


@pytest.fixture
def server() -> Iterator[ForkServer]:
    """A server of this test's own, without torch."""
    with ForkServer({}, preload=()) as sandbox:
        yield sandbox


def descendants() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "grader.sandbox" in " ".join(process.cmdline()):
                found.append(process)
    return found


def test_a_server_that_is_killed_is_replaced_and_the_job_retried(
    server: ForkServer, make_job: MakeJob, tmp_path: Path
) -> None:
    """The job gets its right answer from the next server."""
    job = make_job(tmp_path / "work", "import time\ndef f():\n    time.sleep(0.4)\n    return 1\n", "f")
    assert server.run(job)[0].value == 1
    first = server._server.pid
    threading.Timer(0.2, os.kill, (first, signal.SIGKILL)).start()
    (outcome,) = server.run(job)
    assert outcome.value == 1
    assert server._server.pid != first


def test_a_job_that_loses_every_server_is_the_machines_fault(
    server: ForkServer, make_job: MakeJob, tmp_path: Path
) -> None:
    """It is an error of the sandbox, never a crash of the student's; and the next job runs as ever."""
    hanging = make_job(tmp_path / "work", "import time\ndef f():\n    time.sleep(20)\n", "f", wall=30)
    done = threading.Event()

    def kill_servers() -> None:
        killed = set()
        while not done.wait(0.5):
            current = server._server
            if current._ready and current.pid not in killed:
                time.sleep(0.5)  # the job is under way
                killed.add(current.pid)
                os.kill(current.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_servers)
    killer.start()
    try:
        with pytest.raises(SandboxError, match="again and again"):
            server.run(hanging)
    finally:
        done.set()
        killer.join()
    assert server.run(make_job(tmp_path / "next", "def f(): return 2\n", "f"))[0].value == 2


def test_jobs_run_side_by_side(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """Sleeping jobs overlap, and each gets its own answer."""
    source = "import time\ndef f():\n    time.sleep(1)\n    return {}\n"
    jobs = [make_job(tmp_path / str(i), source.format(i), "f") for i in range(6)]
    server.run(jobs[0])
    began = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        values = [outcomes[0].value for outcomes in pool.map(server.run, jobs)]
    assert values == list(range(6))
    assert time.monotonic() - began < 5


def test_many_jobs_leave_nothing(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """Descriptors, threads and processes do not pile up."""
    job = make_job(tmp_path / "work", "def f(): return 1\n", "f")
    this = psutil.Process()
    for _ in range(30):
        server.run(job)
    before = (this.num_fds(), this.num_threads())
    for _ in range(60):
        server.run(job)
    assert this.num_fds() <= before[0] + 40
    assert this.num_threads() <= before[1]
    children = psutil.Process(server._server.pid).children()
    assert len(children) <= 12


def test_closing_ends_what_runs(make_job: MakeJob, tmp_path: Path) -> None:
    """A job in another thread ends with an error of the sandbox, and no process is left."""
    server = ForkServer({}, preload=())
    job = make_job(tmp_path / "work", "def f():\n    while True: pass\n", "f", wall=60)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.run, job)
        time.sleep(0.8)
        server.close()
        with pytest.raises(SandboxError, match="closed"):
            running.result(timeout=20)
    with pytest.raises(SandboxError, match="closed"):
        server.run(job)
    assert server._server.pid not in {p.pid for p in descendants()}


SCRIPT = """
import sys
from pathlib import Path
from grader.nouns.job import Call, Job
from grader.nouns.question import Limits
from grader.sandbox.parent.forkserver import ForkServer
with ForkServer({{}}, preload=()) as sandbox:
    call = Call(question="q", case="c", function="f", limits=Limits(wall=60))
    sandbox.run(Job(folder=Path({folder!r}), module="ch01_overview.py", calls=(call,)))
"""


def busy_workers(grader: int) -> list[psutil.Process]:
    """The grader's server and its children, once one of them computes."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        workers = psutil.Process(grader).children(recursive=True)
        if len(workers) >= 2 and any(p.cpu_times().user > 0.3 for p in workers[1:]):
            return workers
        time.sleep(0.05)
    raise AssertionError("no worker came up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_grader_takes_everything_along(
    number: signal.Signals, make_job: MakeJob, tmp_path: Path
) -> None:
    """Ctrl-C, and even kill -9 of the grader: no worker and no file lives on."""
    make_job(tmp_path / "work", "def f():\n    while True: pass\n", "f")
    home = tmp_path / "tmp"
    home.mkdir()
    grader = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(folder=str(tmp_path / "work"))],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(home)},
        # A suite that runs in the background of a shell has Ctrl-C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        workers = busy_workers(grader.pid)
        grader.send_signal(number)
        grader.wait(10)
    finally:
        grader.kill()
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []
    assert list(home.iterdir()) == []


def test_no_room_for_a_scratch_folder_is_said(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """A full disk is an error of the machine that says what to do, not a student's fault."""
    job = make_job(tmp_path / "work", "def f(): return 1\n", "f")
    server.run(job)
    before, server._server.home = server._server.home, "/proc"
    with pytest.raises(SandboxError, match="TMPDIR"):
        server.run(job)
    server._server.home = before
    assert server.run(job)[0].value == 1


def test_the_same_job_gives_the_same_bytes(server: ForkServer, make_job: MakeJob, tmp_path: Path) -> None:
    """Random numbers, order of sets, addresses left out: two runs, and two servers, agree."""
    source = "import random\ndef f():\n    return [random.random(), list({'b', 'a', 'c'}), hash('x')]\n"
    job = make_job(tmp_path / "work", source, "f")
    with ForkServer({}, preload=()) as other:
        values = [wire.encode(each.run(job)[0].value) for each in (server, server, other)]
    assert len(set(values)) == 1


def test_a_server_that_cannot_load_says_why() -> None:
    """Its own words are in the error."""
    with (
        ForkServer({}, preload=("no_such_module_anywhere",)) as server,
        pytest.raises(SandboxError, match="no_such_mod"),
    ):
        server._server.wait_ready()


def test_asking_for_a_level() -> None:
    """The level asked for is the level got; one that does not exist is refused."""
    with open_sandbox({}, level=1) as sandbox:
        assert (sandbox.isolation.level, sandbox.isolation.backend) == (1, "one-shot process")
    with pytest.raises(SandboxError, match="level 9"):
        open_sandbox({}, level=9)

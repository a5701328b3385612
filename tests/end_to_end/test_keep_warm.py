"""A self-check leaves its fork-server loaded for the next one, which then answers without loading anything."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from support import warm_servers
from support.command_line import CommandLine
from support.left_out import need_level

from grader.nouns.job import Call, Job
from grader.sandbox.parent import warm
from grader.sandbox.parent.forkserver import ForkServer

RIGHT = "import math\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n"


@pytest.fixture(scope="module", autouse=True)
def _level_two() -> None:
    need_level(2)  # there is a fork-server from there on


@pytest.fixture
def run_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of this test's own in which servers wait; all of them are ended afterwards."""
    folder = tmp_path_factory.mktemp("run")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder / "grader"
    warm_servers.end(folder)


Check = Callable[[int], dict[str, object]]


@pytest.fixture
def check(grader: CommandLine, toy: Path) -> Check:
    """The report of `grader check` in a process of its own, which leaves its server for so many seconds."""

    def run(seconds: int) -> dict[str, object]:
        course = ("--course", toy / "assignments")
        done = grader.process("check", toy / "work", *course, "--json", "--keep-warm", seconds)
        assert done.returncode == 1, done.stderr
        return dict(json.loads(done.stdout))

    return run


def wait_for(count: int, folder: Path) -> set[psutil.Process]:
    """The servers that wait in a folder, once there are so many."""
    deadline = time.monotonic() + 20
    while len(found := warm_servers.servers(folder)) != count and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_the_next_check_takes_over_what_the_first_loaded(check: Check, toy: Path, run_folder: Path) -> None:
    """The same server serves the second check, which finds the changed file; `--keep-warm 0` ends it."""
    (toy / "work").mkdir()
    (toy / "work" / "toy.py").write_text("def log_sum(numbers):\n    return 0.0\n", encoding="utf-8")
    wrong = check(60)
    first = wait_for(1, run_folder)
    assert len(first) == 1
    (toy / "work" / "toy.py").write_text(RIGHT, encoding="utf-8")
    right = check(60)
    assert wait_for(1, run_folder) == first
    assert (right["score"], wrong["score"]) == (10, 0)
    check(0)
    assert wait_for(0, run_folder) == set()


def test_a_server_ends_when_nobody_comes(check: Check, toy: Path, run_folder: Path) -> None:
    """After the seconds that were asked for, nothing is left but the name of its socket."""
    (toy / "work").mkdir()
    (toy / "work" / "toy.py").write_text(RIGHT, encoding="utf-8")
    check(2)
    assert wait_for(0, run_folder) == set()
    check(0)  # the dead socket is no obstacle


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A call that takes longer than anybody waits, and one that is quick."""
    (tmp_path / "work.py").write_text(
        "import time\ndef slow(): time.sleep(60)\ndef quick(): return 7\n", encoding="utf-8"
    )
    return Job(folder=tmp_path, module="work.py", calls=(Call(question="q", case="c", function="quick"),))


def test_a_killed_check_leaves_a_clean_server(job: Job, run_folder: Path) -> None:
    """`kill -9` in the middle of a call: the server kills the child, empties its folder and serves the next."""
    slow = job.model_copy(update={"calls": (Call(question="q", case="c", function="slow"),)})
    pid = os.fork()
    if pid == 0:  # a grader that is killed
        ForkServer({}, preload=(), keep_warm=60).run(slow)
        os._exit(0)
    (server,) = wait_for(1, run_folder)
    deadline = time.monotonic() + 20
    while not server.children() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with ForkServer({}, preload=(), keep_warm=0) as sandbox:
        (outcome,) = sandbox.run(job)
        assert sandbox._server.pid == 0, "taken over, not started"
        assert outcome.value == 7
        assert len(list(Path(sandbox._server.home).iterdir())) <= 1, "what the killed one wrote is gone"
    assert wait_for(0, run_folder) == set()


def test_two_checks_at_once_do_not_wait_for_each_other(job: Job, run_folder: Path) -> None:
    """A server in use is left alone: the second command starts one that ends with it."""
    with ForkServer({}, preload=(), keep_warm=60) as one, ForkServer({}, preload=(), keep_warm=60) as other:
        assert one.run(job)[0].value == other.run(job)[0].value == 7
        assert one._server.pid != other._server.pid


def test_few_servers_wait_at_the_same_time(job: Job, run_folder: Path) -> None:
    """Servers with other holdings push the oldest out: memory does not fill with them."""
    for words in (("json",), ("csv",), ("html",)):
        with ForkServer({}, preload=words, keep_warm=60) as sandbox:
            assert sandbox.run(job)[0].value == 7
    assert len(wait_for(warm.MOST, run_folder)) == warm.MOST
    with ForkServer({}, preload=("html",), keep_warm=0) as sandbox:
        assert sandbox.run(job)[0].value == 7
        assert sandbox._server.pid == 0, "the newest is still there"


def test_another_version_is_never_found(run_folder: Path) -> None:
    """Other models, set-up or level: another name."""
    names = [
        warm.address(held)
        for held in ([{"preload": []}, False, {"m": "1"}], [{"preload": []}, False, {"m": "2"}], [{}, True, {}])
    ]
    assert len(set(names)) == 3
    assert None not in names
    assert warm.address([{}, True, {}]) == names[2]


def test_a_folder_that_others_can_enter_is_not_used(run_folder: Path) -> None:
    """No server is left where somebody else could talk to it; checking goes on without."""
    run_folder.mkdir(mode=0o755)
    run_folder.chmod(0o755)
    assert warm.address([]) is None

"""Who a cluster has to be trusted with what: TLS, hostile workers, other code, and a scheduler that goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.left_out import NO_DASK

from grader.errors import SandboxError
from grader.execute import dask
from grader.nouns.question import Case, Question
from grader.nouns.scheduler import Scheduler

distributed = pytest.importorskip("distributed", reason=NO_DASK)
pytestmark = pytest.mark.filterwarnings("ignore")

RIGHT = "def f():\n    return 1\n"
SLOW = "import time\ndef f():\n    time.sleep(30)\n    return 1\n"


def asked() -> list[tuple[Question, tuple[Case, ...]]]:
    """One question without inputs."""
    question = Question.model_validate(
        {
            "id": "f",
            "title": {"zh": "f", "en": "f"},
            "points": 1,
            "call": "f()",
            "cases": {"public": [{}]},
            "returns": {"type": "integer"},
            "compare": {"exact": {}},
            "limits": {"wall": 60},
        }
    )
    return [(question, (Case(id="public-1", inputs={}, hidden=False),))]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "m.py").write_text(RIGHT, encoding="utf-8")
    return folder


class Cluster:
    """A scheduler and workers as commands, each a process that can be killed."""

    def __init__(self, folder: Path, *tls: str) -> None:
        self.folder, self.tls = folder, tls
        self.processes: list[subprocess.Popen[bytes]] = []
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.file), "--no-dashboard")
        until = time.monotonic() + 60
        while not self.file.is_file() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.3)

    @property
    def address(self) -> str:
        import json

        return str(json.loads(self.file.read_text(encoding="utf-8"))["address"])

    def worker(self, *options: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        words = ("worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard", *options)
        return self._start(*words, environment=environment)

    def _start(self, what: str, *options: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, *options, *self.tls]
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
        )
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path):
    running = Cluster(tmp_path)
    yield running
    running.close()


def trusted(address: str) -> Scheduler:
    return Scheduler(address=address, trust_network=True)


def test_a_plain_address_is_refused_unless_the_network_is_trusted(cluster: Cluster) -> None:
    """Anybody on a network without TLS could give marks: staff says in so many words that nobody else is there."""
    with pytest.raises(SandboxError, match="--trust-network"):
        dask.start(Scheduler(address=cluster.address), {})


def test_a_cluster_with_certificates(tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS with client certificates from Dask's own configuration; without them the address is refused."""
    key, cert = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=cluster",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key,
            "-out",
            cert,
        ],
        check=True,
        capture_output=True,
    )
    files = ("--tls-ca-file", cert, "--tls-cert", cert, "--tls-key", key)
    running = Cluster(tmp_path, *files, "--protocol", "tls")
    running.tls = files
    try:
        assert running.address.startswith("tls://")
        running.worker()
        with pytest.raises(SandboxError, match=r"distributed\.comm\.tls"):
            dask.start(Scheduler(address=running.address), {})
        import dask.config as settings

        with settings.set(
            {
                "distributed.comm.tls.ca-file": cert,
                "distributed.comm.tls.client.cert": cert,
                "distributed.comm.tls.client.key": key,
            }
        ):
            executor = dask.start(Scheduler(address=running.address), {})
            try:
                assert executor.run(work, "m.py", asked())["f"][0].kind == "returned"
            finally:
                executor.close()
    finally:
        running.close()


HOSTILE = """
import os, pathlib
import grader.execute.dask_worker as worker

class Payload:
    def __reduce__(self):
        return (exec, ("import os, pathlib\\n"
                       "for name in ('{canary}', '{readable}'):\\n"
                       "    try: pathlib.Path(name).open('a').write('x' + pathlib.Path('{readable}').read_text())\\n"
                       "    except OSError: pass\\n"
                       "try: os.kill({driver}, 9)\\n"
                       "except OSError: pass\\n",))

def work(*_):
    return Payload()

worker.work = work
"""


def test_a_hostile_worker_runs_nothing_on_the_staffs_machine(cluster: Cluster, work: Path, tmp_path: Path) -> None:
    """What a worker has unpickled by Dask's client writes no file, reads none of staff's and kills nobody."""
    canary, readable = tmp_path / "written", tmp_path / "key.txt"
    readable.write_text("the key", encoding="utf-8")
    planted = tmp_path / "planted"
    planted.mkdir()
    code = HOSTILE.format(canary=canary, readable=readable, driver=os.getpid())
    (planted / "sitecustomize.py").write_text(code, encoding="utf-8")
    cluster.worker(environment={"PYTHONPATH": str(planted)})
    executor = dask.start(trusted(cluster.address), {})
    try:
        with pytest.raises(SandboxError):
            executor.run(work, "m.py", asked())
    finally:
        executor.close()
    assert not canary.exists()
    assert readable.read_text(encoding="utf-8") == "the key"


def test_an_honest_worker_beside_it(cluster: Cluster, work: Path) -> None:
    """The control: the same cluster without the payload gives the outcome."""
    cluster.worker()
    executor = dask.start(trusted(cluster.address), {})
    try:
        assert executor.run(work, "m.py", asked())["f"][0].kind == "returned"
    finally:
        executor.close()


def test_a_worker_with_other_code_refuses(cluster: Cluster, work: Path, tmp_path: Path) -> None:
    """The grader or a library that differs is named; no mark depends on which worker was free."""
    planted = tmp_path / "planted"
    planted.mkdir()
    code = "import grader.store.digest as d\nd.library_versions = lambda: {'torch': '1.0'}\n"
    (planted / "sitecustomize.py").write_text(code, encoding="utf-8")
    cluster.worker(environment={"PYTHONPATH": str(planted)})
    executor = dask.start(trusted(cluster.address), {})
    try:
        with pytest.raises(SandboxError, match=r"torch 1\.0"):
            executor.run(work, "m.py", asked())
    finally:
        executor.close()


def test_no_workers_is_said(cluster: Cluster) -> None:
    """A cluster without workers ends with a sentence after a stated patience."""
    with pytest.raises(SandboxError, match="no workers"):
        dask.start(trusted(cluster.address), {})


def test_a_scheduler_that_is_killed_ends_the_wait(cluster: Cluster, work: Path) -> None:
    """The driver gets an error in bounded time, and does not wait for ever."""
    (work / "m.py").write_text(SLOW, encoding="utf-8")
    cluster.worker()
    executor = dask.start(trusted(cluster.address), {})
    threading.Timer(2.0, cluster.scheduler.send_signal, (signal.SIGKILL,)).start()
    start = time.monotonic()
    try:
        with pytest.raises(SandboxError):
            executor.run(work, "m.py", asked())
    finally:
        executor.close()
    assert time.monotonic() - start < 90

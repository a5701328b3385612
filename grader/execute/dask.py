"""Student code runs on the workers of a Dask cluster; each worker owns its own sandbox.

A task carries a submission's files, the calls with one student's inputs, and the names of the models; raw outcomes
come back. Keys, measures, rubrics and other students' inputs stay on this machine. A model that a worker does not have
is sent to it once.

Dask's own protocol is pickle: whoever speaks to a scheduler lets it run code. So this process does not speak to it. A
process of its own does (`dask_client`), confined to reading Python and the models and writing a scratch folder, with
no key, ledger or secret in it. What it says is read here as bounded data (`wire`). Workers run `dask_worker`; one whose
code differs from this machine's refuses, so that no mark depends on which worker was free.
"""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import tarfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any

import numpy as np

from grader.errors import SandboxError
from grader.execute.allowance import Allowance
from grader.files import CACHES, INSTALLED, files_in
from grader.nouns.binding import Binding
from grader.nouns.outcome import Work
from grader.nouns.question import Asked, Case, Cases, Question
from grader.nouns.report import Isolation
from grader.nouns.scheduler import Scheduler
from grader.nouns.text import Message, say
from grader.nouns.value import Tensor
from grader.sandbox import wire
from grader.sandbox.kernel import environment, readable, scratch
from grader.store.digest import code_versions
from grader.store.evidence import decode

FOUND, LACKS, REFUSED = b"=", b"?", b"!"
"""What a worker's answer begins with: outcomes, names of models it lacks, or why it cannot."""
_LARGEST = 2**28
"""Bytes of one answer."""
_TLS = {"ca": "ca-file", "cert": "client.cert", "key": "client.key"}


class Dask:
    """Runs on the workers of one scheduler."""

    def __init__(self, client: _Client, bindings: Mapping[str, Binding], level: int | None, needed: int) -> None:
        self._client = client
        self._bindings = {name: binding.model_dump_json() for name, binding in bindings.items()}
        self._needs = json.dumps({"level": level, "needed": needed, "code": code_versions()})
        self._isolation: Isolation | None = None

    @property
    def slots(self) -> int:
        """As many as the workers have threads now."""
        return max(1, int(self._client.ask({"op": "slots"})))

    @property
    def isolation(self) -> Isolation:
        """The lowest that any worker reached; measured once."""
        if self._isolation is None:
            reached = self._client.ask({"op": "isolation", "models": self._bindings, "needs": self._needs})
            levels = [Isolation.model_validate_json(_taken(bytes(answer.array))) for answer in reached]
            self._isolation = min(levels, key=lambda isolation: isolation.level)
        return self._isolation

    def run(self, folder: Path, module: str, asked: Asked, allowance: Allowance | None = None) -> Work:
        """Run one module on whichever worker is free; see `Executor.run`."""
        if allowance and allowance.is_spent:
            return {question.id: (allowance.used_up,) * len(cases) for question, cases in asked}
        left = allowance.left.model_dump() if allowance else None
        task: dict[str, Any] = {
            "op": "run",
            "files": Tensor("uint8", np.frombuffer(_tar(folder), np.uint8)),
            "module": module,
            "questions": json.dumps({"asked": [_stripped(q, cases) for q, cases in asked], "budget": left}),
            "models": self._bindings,
            "needs": self._needs,
        }
        found = decode(_taken(bytes(self._client.ask(task).array))).outcomes
        outcomes = iter(allowance.charge(found) if allowance else found)
        try:
            return {question.id: tuple(next(outcomes) for _ in cases) for question, cases in asked}
        except (StopIteration, RuntimeError) as error:
            raise SandboxError(say("a worker gave too few outcomes")) from error

    def close(self) -> None:
        """Leave the cluster; its workers go on."""
        self._client.close()


def start(scheduler: Scheduler, bindings: Mapping[str, Binding], *, level: int | None = None, needed: int = 1) -> Dask:
    """Start an executor on a cluster.

    Args:
        scheduler: whose workers run the submissions.
        bindings: the models; a worker uses a folder of the same path and fingerprint, else gets the files.
        level: use this lower isolation level.
        needed: workers below this isolation level refuse to run anything.

    Raises:
        SandboxError: the address asks for trust that was not given, nobody answers, there are no workers, or the
            `cluster` extra is not installed.
    """
    folders = {str(f.resolve()) for b in bindings.values() for f in (b.directory, b.config) if f is not None}
    return Dask(_Client(scheduler.address, _certificates(scheduler), sorted(folders)), bindings, level, needed)


def _certificates(scheduler: Scheduler) -> dict[str, str]:
    """The files that TLS needs, from Dask's own configuration; none where staff trusts the network.

    Raises:
        SandboxError: anybody on the network could give marks, and nobody said that this is fine.
    """
    try:
        import dask.config
    except ImportError as error:
        raise SandboxError(say("a cluster needs the extra: pip install '.[cluster]'")) from error
    if not scheduler.address.startswith("tls://"):
        if scheduler.trust_network:
            return {}
        raise SandboxError(
            say(
                "{address}: without TLS anybody on the network can take part in the cluster. Use a tls:// address with "
                "client certificates (see the handbook), or say --trust-network if nobody else can reach it",
                address=scheduler.address,
            )
        )
    found = {name: str(dask.config.get(f"distributed.comm.tls.{key}", None) or "") for name, key in _TLS.items()}
    if absent := [f"distributed.comm.tls.{_TLS[name]}" for name, file in found.items() if not Path(file).is_file()]:
        raise SandboxError(
            say(
                "{address}: Dask's configuration names no file for {keys} (see the handbook)",
                address=scheduler.address,
                keys=", ".join(absent),
            )
        )
    return {name: str(Path(file).resolve()) for name, file in found.items()}


class _Client:
    """The process that speaks Dask, as this process sees it: questions out, bounded answers in."""

    def __init__(self, address: str, certificates: Mapping[str, str], folders: Sequence[str]) -> None:
        self._scratch = scratch.make()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._process = subprocess.Popen(
            environment.command("grader.execute.dask_client"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment.scrubbed(self._scratch),
            cwd=self._scratch,
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout  # noqa: PT018, S101 - they were asked for
        ready: Future[Any] = Future()
        self._waiting[0] = ready
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        setup = {
            "address": address,
            "certificates": dict(certificates),
            "readable": readable.everywhere([*folders, *certificates.values()]),
            "scratch": self._scratch,
        }
        try:
            self._send(setup)
            _unwrapped(ready.result())
        except BaseException:
            self.close()
            raise

    def ask(self, request: dict[str, Any]) -> Any:
        """Ask one thing and wait for the answer.

        Raises:
            SandboxError: the cluster cannot answer; the message gives its reason.
        """
        future: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = future
        if self._process.poll() is not None:
            self._give_up()
        self._send({**request, "id": number})
        return _unwrapped(future.result())

    def _send(self, request: dict[str, Any]) -> None:
        body = wire.frame(wire.encode(request))
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        with self._lock:
            try:
                self._process.stdin.write(body)
                self._process.stdin.flush()
            except (OSError, ValueError) as error:
                raise SandboxError(say("the process that speaks to the cluster has ended")) from error

    def _listen(self, stream: IO[bytes]) -> None:
        """Hand each answer to whoever waits for it; whatever is not an answer ends the process."""
        try:
            while (size := wire.frame_size(stream.read(wire.HEAD_SIZE))) is not None and size <= _LARGEST:
                answer: Any = wire.decode(stream.read(size))
                with self._lock:
                    future = self._waiting.pop(answer["id"])
                future.set_result(answer)
        except (OSError, ValueError, TypeError, KeyError, wire.WireError):
            pass
        self._process.kill()
        self._give_up()

    def _give_up(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_result({"error": "ended"})

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was not sent any more
                    continue
        scratch.remove(self._scratch)


def _unwrapped(answer: Any) -> Any:
    """The answer in what the client process said.

    Raises:
        SandboxError: it said that the cluster cannot; only the kind of fault is believed, with its text as a value.
    """
    if "error" not in answer:
        return answer.get("answer")
    about = str(answer.get("about", ""))[:500]
    match answer["error"]:
        case "unreachable":
            problem = say("no Dask scheduler answers at {address}", address=about)
        case "no workers":
            problem = say("the Dask scheduler has no workers; start some and try again")
        case "lost":
            problem = say("the Dask scheduler does not answer any more; what was finished is kept")
        case "killed":
            problem = say("the workers that ran it died, one after another: {error}", error=about)
        case "confined":
            problem = say("the process that speaks to the cluster cannot be confined here: {error}", error=about)
        case "ended":
            problem = say("the process that speaks to the cluster has ended")
        case _:
            problem = say("the cluster did not answer: {error}", error=about)
    raise SandboxError(problem)


def _taken(answer: bytes) -> bytes:
    """What follows the mark in a worker's answer.

    Raises:
        SandboxError: the worker cannot run student code; the message gives its reason.
    """
    if answer[:1] == FOUND:
        return answer[1:]
    try:
        problem = Message.model_validate_json(answer[1:])
    except ValueError:
        problem = say("it gave no reason")
    raise SandboxError(say("a worker cannot run student code: {problem}", problem=problem))


def _stripped(question: Question, cases: Sequence[Case]) -> tuple[Any, Any]:
    """A question with nothing that a worker does not need: no comparison, rubric, options, pool or measure."""
    bare: dict[str, Any] = {"compare": {}, "rubric": (), "choose": {}, "cases": Cases(), "returns": {}, "measure": None}
    return question.model_copy(update=bare).model_dump(mode="json"), [case.model_dump(mode="json") for case in cases]


def _tar(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for file in files_in(folder, but=CACHES | INSTALLED):
            if not file.is_symlink():
                archive.add(file, arcname=str(file.relative_to(folder)), recursive=False)
    return buffer.getvalue()

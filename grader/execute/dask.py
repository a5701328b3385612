"""Student code runs on the workers of a Dask cluster; each worker owns its own sandbox.

A task carries a submission's files, the calls with one student's inputs, and the names of the models; raw outcomes
come back. Keys, measures, rubrics and other students' inputs stay with the driver. What comes back is read as data
(`wire`), never unpickled into objects. A model that a worker does not have is sent to it once.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from grader.course.models import fingerprint
from grader.errors import SandboxError
from grader.execute.allowance import Allowance
from grader.files import CACHES, INSTALLED, files_in
from grader.nouns.binding import Binding
from grader.nouns.evidence import Evidence
from grader.nouns.outcome import Work
from grader.nouns.question import Asked, Budget, Case, Cases, Question
from grader.nouns.report import Isolation
from grader.nouns.text import Message, say
from grader.store.evidence import decode, encode

_RETRIES = 3
_CONNECT = "10s"


class Dask:
    """Runs on the workers of one scheduler."""

    def __init__(self, address: str, bindings: Mapping[str, Binding], level: int | None, needed: int) -> None:
        try:
            import distributed
        except ImportError as error:
            raise SandboxError(say("a cluster needs the extra: pip install '.[cluster]'")) from error
        try:
            client: Any = distributed.Client
            self._client = client(address, timeout=_CONNECT, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise SandboxError(
                say("no Dask scheduler answers at {address}: {error}", address=address, error=str(error))
            ) from error
        self._bindings = {name: binding.model_dump_json() for name, binding in bindings.items()}
        self._directories = dict(bindings)
        self._about = json.dumps({"level": level, "needed": needed})
        self._isolation: Isolation | None = None

    @property
    def slots(self) -> int:
        """As many as the workers have threads now."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return max(1, sum(int(worker["nthreads"]) for worker in workers))

    @property
    def isolation(self) -> Isolation:
        """The lowest that any worker reached; measured once."""
        if self._isolation is None:
            reached = self._client.run(_isolation, self._sent(set()), self._about)
            if not reached:
                raise SandboxError(say("the Dask scheduler has no workers; start some and try again"))
            levels = [Isolation.model_validate_json(text) for text in reached.values()]
            self._isolation = min(levels, key=lambda isolation: isolation.level)
        return self._isolation

    def run(self, folder: Path, module: str, asked: Asked, allowance: Allowance | None = None) -> Work:
        """Raw outcomes of one module from whichever worker is free; see `Executor.run`."""
        if allowance and allowance.is_spent:
            return {question.id: (allowance.used_up,) * len(cases) for question, cases in asked}
        left = allowance.left.model_dump() if allowance else None
        questions = json.dumps({"asked": [_stripped(question, cases) for question, cases in asked], "budget": left})
        files = _tar(folder)
        answer = self._ask(files, module, questions, set())
        if answer[:1] == _LACKS:
            answer = self._ask(files, module, questions, set(json.loads(answer[1:])))
        if answer[:1] != _FOUND:
            problem = Message.model_validate_json(answer[1:])
            raise SandboxError(say("a worker cannot run student code: {problem}", problem=problem))
        found = decode(answer[1:]).outcomes
        outcomes = iter(allowance.charge(found) if allowance else found)
        return {question.id: tuple(next(outcomes) for _ in cases) for question, cases in asked}

    def _ask(self, files: bytes, module: str, questions: str, with_models: set[str]) -> bytes:
        import distributed

        future = self._client.submit(
            _work, files, module, questions, self._sent(with_models), self._about, pure=False, retries=_RETRIES
        )
        try:
            return bytes(future.result())
        except distributed.KilledWorker as error:
            message = say("the workers that ran it died, one after another: {error}", error=str(error))
            raise SandboxError(message) from error
        except (OSError, TimeoutError, distributed.CancelledError) as error:
            raise SandboxError(say("the cluster did not answer: {error}", error=str(error))) from error

    def _sent(self, with_models: set[str]) -> dict[str, tuple[str, bytes]]:
        """Bindings as text, with the files of the models a worker asked for."""
        return {
            name: (text, _model_files(self._directories[name]) if name in with_models else b"")
            for name, text in self._bindings.items()
        }

    def close(self) -> None:
        """Leave the cluster; its workers go on."""
        self._client.close()


def start(address: str, bindings: Mapping[str, Binding], *, level: int | None = None, needed: int = 1) -> Dask:
    """An executor on a cluster.

    Args:
        address: of the scheduler, for example `tcp://host:8786`.
        bindings: the models; a worker uses a folder of the same path and fingerprint, else gets the files.
        level: use this lower isolation level.
        needed: workers below this isolation level refuse to run anything.

    Raises:
        SandboxError: nobody answers, or the `cluster` extra is not installed.
    """
    return Dask(address, bindings, level, needed)


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


def _model_files(binding: Binding) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for part in ("directory", "config"):
            folder = getattr(binding, part)
            if folder is not None:
                archive.add(folder, arcname=part, recursive=True)
    return buffer.getvalue()


# On the worker

_FOUND, _LACKS, _REFUSED = b"=", b"?", b"!"


def _work(files: bytes, module: str, questions: str, models: dict[str, tuple[str, bytes]], about: str) -> bytes:
    """One submission's questions on this worker: outcomes, the names of models it lacks, or why it cannot."""
    from grader.execute.calls import run_questions

    sent = json.loads(questions)
    allowance = Allowance(Budget.model_validate(sent["budget"])) if sent["budget"] else None
    try:
        lacking, bound = _bound(models)
        if lacking:
            return _LACKS + json.dumps(lacking).encode()
        sandbox = _sandbox(bound, about)
        asked = [
            (Question.model_validate(question), tuple(Case.model_validate(case) for case in cases))
            for question, cases in sent["asked"]
        ]
        with tempfile.TemporaryDirectory(prefix="grader-submission-", ignore_cleanup_errors=True) as scratch:
            with tarfile.open(fileobj=io.BytesIO(files)) as archive:
                archive.extractall(scratch, filter="data")
            work = run_questions(sandbox, Path(scratch), module, asked, allowance)
    except SandboxError as error:
        return _REFUSED + bytes(error.problem.model_dump_json(), "utf-8")
    outcomes = tuple(outcome for question, _ in asked for outcome in work[question.id])
    return _FOUND + encode(Evidence(outcomes=outcomes))


def _isolation(models: dict[str, tuple[str, bytes]], about: str) -> str:
    """What this worker reaches."""
    _, bound = _bound(models)
    isolation: Isolation = _sandbox(bound, about).isolation
    return isolation.model_dump_json()


def _bound(models: dict[str, tuple[str, bytes]]) -> tuple[list[str], str]:
    """The names of the models that are not on this worker, and the bindings of all, as text."""
    lacking = []
    bound = {}
    for name, (text, files) in models.items():
        binding = Binding.model_validate_json(text)
        here = _here(text) or (_installed(text, files) if files else None)
        if here is None:
            lacking.append(name)
        bound[name] = (here or binding).model_dump(mode="json")
    return lacking, json.dumps(bound, sort_keys=True)


_INSTALLED: dict[str, Binding] = {}


def _here(text: str) -> Binding | None:
    if text in _INSTALLED:
        return _INSTALLED[text]
    binding = Binding.model_validate_json(text)
    folders = [folder for folder in (binding.directory, binding.config) if folder is not None]
    if all(folder.is_dir() for folder in folders) and fingerprint(folders) == binding.fingerprint:
        _INSTALLED[text] = binding
        return binding
    return None


def _installed(text: str, files: bytes) -> Binding:
    """A model unpacked from the driver's files, for as long as this worker lives."""
    binding = Binding.model_validate_json(text)
    place = Path(tempfile.mkdtemp(prefix="grader-model-"))
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(place, filter="data")
    parts: dict[str, Any] = {
        part: place / part if getattr(binding, part) is not None else None for part in ("directory", "config")
    }
    _INSTALLED[text] = binding.model_copy(update=parts)
    return _INSTALLED[text]


@cache
def _sandbox(bound: str, about: str) -> Any:
    """This worker's sandbox for a set of models; kept warm, ended with the worker."""
    import atexit

    from grader.sandbox.open import open_sandbox

    bindings = {name: Binding.model_validate(binding) for name, binding in json.loads(bound).items()}
    needs = json.loads(about)
    sandbox = open_sandbox(bindings, level=needs["level"])
    needed = needs["needed"]
    if sandbox.isolation.level < needed:
        sandbox.close()
        level = sandbox.isolation.level
        raise SandboxError(
            say("this worker reaches isolation level {level}, and {needed} is needed", level=level, needed=needed)
        )
    atexit.register(sandbox.close)
    return sandbox

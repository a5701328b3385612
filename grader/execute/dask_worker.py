"""What runs on a worker of a Dask cluster: one submission's questions, in the worker's own sandbox.

Dask finds these functions by name, so a worker needs the grader installed. An answer is bytes, never an object.
"""

from __future__ import annotations

import atexit
import io
import json
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from grader.course.models import fingerprint
from grader.errors import SandboxError
from grader.execute.allowance import Allowance
from grader.execute.calls import run_questions
from grader.execute.dask import FOUND, LACKS, REFUSED
from grader.nouns.binding import Binding
from grader.nouns.evidence import Evidence
from grader.nouns.question import Budget, Case, Question
from grader.nouns.text import say
from grader.sandbox.open import open_sandbox
from grader.store.digest import code_versions
from grader.store.evidence import encode

Models = dict[str, tuple[str, bytes]]
"""Logical name to a binding as text, and the model's files where this worker asked for them."""


def work(files: bytes, module: str, questions: str, models: Models, needs: str) -> bytes:
    """Run one submission's questions; return outcomes, the names of missing models, or why it cannot run."""
    sent = json.loads(questions)
    allowance = Allowance(Budget.model_validate(sent["budget"])) if sent["budget"] else None
    try:
        _check_code(needs)
        lacking, bound = _bound(models)
        if lacking:
            return LACKS + json.dumps(lacking).encode()
        sandbox = _sandbox(bound, needs)
        asked = [
            (Question.model_validate(question), tuple(Case.model_validate(case) for case in cases))
            for question, cases in sent["asked"]
        ]
        with tempfile.TemporaryDirectory(prefix="grader-submission-", ignore_cleanup_errors=True) as folder:
            with tarfile.open(fileobj=io.BytesIO(files)) as archive:
                archive.extractall(folder, filter="data")
            outcomes = run_questions(sandbox, Path(folder), module, asked, allowance)
    except SandboxError as error:
        return REFUSED + bytes(error.problem.model_dump_json(), "utf-8")
    return FOUND + encode(Evidence(outcomes=tuple(o for question, _ in asked for o in outcomes[question.id])))


def isolation(models: Models, needs: str) -> bytes:
    """Return the isolation that this worker reaches, or why it cannot run student code."""
    try:
        _check_code(needs)
        _, bound = _bound(models)
        return FOUND + bytes(_sandbox(bound, needs).isolation.model_dump_json(), "utf-8")
    except SandboxError as error:
        return REFUSED + bytes(error.problem.model_dump_json(), "utf-8")


def _check_code(needs: str) -> None:
    """Refuse to compute with other code than the machine that compares.

    Raises:
        SandboxError: the grader or a library differs; it is named.
    """
    theirs: dict[str, str] = json.loads(needs)["code"]
    ours = code_versions()
    if other := [f"{name} {ours.get(name)} ≠ {theirs.get(name)}" for name in theirs if ours.get(name) != theirs[name]]:
        raise SandboxError(
            say(
                "this worker has other code than the machine that compares: {differences}. Install the same on both",
                differences=", ".join(other),
            )
        )


def _bound(models: Models) -> tuple[list[str], str]:
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
def _sandbox(bound: str, needs: str) -> Any:
    """This worker's sandbox for a set of models; kept warm, ended with the worker."""
    bindings = {name: Binding.model_validate(binding) for name, binding in json.loads(bound).items()}
    asked = json.loads(needs)
    sandbox = open_sandbox(bindings, level=asked["level"])
    level, needed = sandbox.isolation.level, asked["needed"]
    if level < needed:
        sandbox.close()
        raise SandboxError(
            say("this worker reaches isolation level {level}, and {needed} is needed", level=level, needed=needed)
        )
    atexit.register(sandbox.close)
    return sandbox

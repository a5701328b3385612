"""A sandbox without a process: the same seam as the real ones, for tests of what stands above it."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from grader.nouns.job import Call, Job
from grader.nouns.outcome import Missing, Outcome, Raised, Returned
from grader.nouns.report import Isolation
from grader.sandbox import wire


class InMemory:
    """Imports a job's module and calls its functions here: for trusted code only, without models and limits.

    A job starts from a fresh import, so that state is shared by its calls and by nothing else, as in a child.

    Attributes:
        isolation: level 0, which nothing but a test may reach.
        jobs: what was run, in order.
    """

    def __init__(self) -> None:
        self.isolation = Isolation(level=0, backend="in memory")
        self.jobs: list[Job] = []
        self._lock = threading.Lock()  # modules, the search path and standard output belong to the whole process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held."""

    def run(self, job: Job) -> tuple[Outcome, ...]:
        """One outcome a call; a fault of the import is that of every call."""
        with self._lock:
            self.jobs.append(job)
            return self._run(job)

    def called(self, module: str) -> list[str]:
        """Questions that were asked of modules with this file name, a word a job in which they were: "a+b"."""
        return ["+".join(dict.fromkeys(c.question for c in job.calls)) for job in self.jobs if job.module == module]

    def _run(self, job: Job) -> tuple[Outcome, ...]:
        path = job.folder / job.module
        if not path.is_file():
            return (Missing(what="module", name=job.module),) * len(job.calls)
        module = types.ModuleType(path.stem)
        with _own_modules(path):
            # Compiled anew each time, since a test may write the same file twice within the clock's grain.
            code = path.read_text(encoding="utf-8")
            broken = _attempt("import", path.parent, lambda: exec(compile(code, str(path), "exec"), vars(module)))
            if isinstance(broken, Raised):
                return (broken,) * len(job.calls)
            return tuple(_outcome(module, call, path.parent) for call in job.calls)


def _outcome(module: types.ModuleType, call: Call, folder: Path) -> Outcome:
    if call.answer is not None:
        answers = vars(module).get("ANSWERS", {})
        if call.answer not in answers:
            return Missing(what="answer", name=call.answer)
        return Returned(value=answers[call.answer])
    function = vars(module).get(call.function or "")
    if not callable(function):
        return Missing(what="function", name=call.function or "")
    return _attempt("call", folder, lambda: function(*call.arguments))


def _attempt(during: Any, folder: Path, action: Callable[[], object]) -> Outcome:
    """What an action returns, as it would come off the wire, or the exception that came out of it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            value = action()
        except Exception as error:  # noqa: BLE001 - whatever a submission raises is an outcome
            own = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).parent == folder]
            return Raised(
                during=during,
                type=type(error).__name__,
                message=str(error),
                file=Path(own[-1].filename).name if own else None,
                line=own[-1].lineno if own else None,
                output=printed.getvalue(),
            )
    return Returned(value=wire.decode(wire.encode(value)), output=printed.getvalue())


@contextlib.contextmanager
def _own_modules(path: Path) -> Iterator[None]:
    """Files beside a module can be imported; what was imported is forgotten afterwards."""
    modules, search = dict(sys.modules), list(sys.path)
    sys.path.insert(0, str(path.parent))
    try:
        yield
    finally:
        sys.path[:] = search
        for name in set(sys.modules) - set(modules):
            if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == path.parent:
                del sys.modules[name]

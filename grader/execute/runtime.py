"""What a course's code runs with: its models bound, a sandbox that starts when needed, an executor on top."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from typing import Self, TypedDict, Unpack

from grader import __version__
from grader.course.models import bind
from grader.execute import Executor, dask, local
from grader.execute.measures import Measures
from grader.nouns.binding import Binding, ModelChoice
from grader.nouns.course import Course
from grader.nouns.report import BoundModel, Environment
from grader.nouns.scheduler import Scheduler
from grader.sandbox.lazy import Lazy
from grader.sandbox.open import open_sandbox
from grader.sandbox.required_level import confined
from grader.sandbox.seam import Sandbox

_version = cache(version)  # finds, reads and parses a file each time


class Runtime:
    """Use it as a context manager; what was started ends with it.

    Attributes:
        bindings: logical model name to model.
        sandbox: runs the reference and measures on this machine; starts when something has to run.
        executor: runs submissions, here or on a cluster.
        measures: measures what came back, on this machine.
    """

    def __init__(self, bindings: dict[str, Binding], sandbox: Sandbox, executor: Executor) -> None:
        self.bindings = bindings
        self.sandbox = sandbox
        self.executor = executor
        self.measures = Measures(sandbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.executor.close()
        self.sandbox.close()

    @property
    def environment(self) -> Environment:
        """What work is run and judged with."""
        return Environment(
            grader=__version__,
            python=platform.python_version(),
            torch=_version("torch"),
            transformers=_version("transformers"),
            platform=platform.platform(),
            models=tuple(
                BoundModel(name=b.name, source=b.source, fingerprint=b.fingerprint) for b in self.bindings.values()
            ),
        )


class RuntimeOptions(TypedDict, total=False):
    """How something is run.

    Attributes:
        level: the isolation level to use; the highest this machine reaches when None.
        needed: refuse to run anything at a lower isolation level; 1 when left out.
        scheduler: whose workers run the submissions; this machine when None.
        keep_warm: for a self-check, as for `open_sandbox`.
    """

    level: int | None
    needed: int
    scheduler: Scheduler | None
    keep_warm: int | None


def open_runtime(
    course: Course, models: Iterable[str], choice: ModelChoice, **options: Unpack[RuntimeOptions]
) -> Runtime:
    """Bind models and prepare to run; nothing is started yet.

    Args:
        course: whose models they are.
        models: the logical names that are needed.
        choice: which models stand behind them.
        options: how it is run.

    Raises:
        ModelError: a model cannot be bound.
        SandboxError: no scheduler answers at the address.
    """
    level, needed, scheduler = options.get("level"), options.get("needed", 1), options.get("scheduler")
    keep_warm = options.get("keep_warm")
    bindings = bind(course, models, choice)
    sandbox = Lazy(lambda: confined(open_sandbox(bindings, level=level, keep_warm=keep_warm), needed))
    executor: Executor = (
        local.start(sandbox) if scheduler is None else dask.start(scheduler, bindings, level=level, needed=needed)
    )
    return Runtime(bindings, sandbox, executor)

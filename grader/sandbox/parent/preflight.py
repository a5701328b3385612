"""What a job needs, checked before any worker is started: its folder, and the models its calls are given."""

from __future__ import annotations

from collections.abc import Mapping

from grader.errors import SandboxError
from grader.nouns.binding import Binding
from grader.nouns.job import Given, Job
from grader.nouns.text import say
from grader.sandbox.kernel.environment import binding_parts, plain_binding


def needed_parts(job: Job, bindings: Mapping[str, Binding]) -> list[tuple[str, str]]:
    """Return the parts of models that the calls are given, each once.

    Raises:
        SandboxError: a name that is not bound, or a part its binding does not have.
    """
    needed: list[tuple[str, str]] = list(
        dict.fromkeys((a.model, a.part) for call in job.calls for a in call.arguments if isinstance(a, Given))
    )
    for name, part in needed:
        if name not in bindings:
            known = ", ".join(sorted(bindings)) or say("none")
            raise SandboxError(say("no model is bound to {name!r}; bound are: {known}", name=name, known=known))
        if part not in binding_parts(plain_binding(bindings[name])):
            raise SandboxError(say("{name!r} is bound to a configuration only: it has no {part}", name=name, part=part))
    return needed


def resolved(job: Job) -> Job:
    """Return the job with its folder as an absolute path without links.

    Raises:
        SandboxError: there is no such folder.
    """
    folder = job.folder.resolve()
    if not folder.is_dir():
        raise SandboxError(say("{folder} is not a folder, so nothing in it can be run", folder=str(job.folder)))
    return job.model_copy(update={"folder": folder})

"""What became of one call: a tagged union, so that a student's fault is data.

Returned | Raised | TimedOut | OutOfMemory | Crashed | Garbled | Missing
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from grader.nouns.base import Noun


class Usage(Noun):
    """What a call used, as the kernel says; zeros where it cannot tell.

    Attributes:
        wall, cpu: seconds.
        memory: bytes, the peak of the child above what it started with.
    """

    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0


class Charge(Noun):
    """What a call takes from its submission's budget; the first call of a child also bears the import.

    Attributes:
        wall: seconds, without those in which the machine kept the child from running.
        cpu: seconds.
        kept: bytes of the answer and of what was printed.
    """

    wall: float = 0.0
    cpu: float = 0.0
    kept: int = 0


class _Outcome(Noun):
    output: str = Field(default="", description="what was printed, cut at the limit; never trusted, escaped when shown")
    output_cut: bool = False
    usage: Usage = Usage()
    charge: Charge = Charge()


class Returned(_Outcome):
    """The function returned a value that could be sent.

    `figures` is what the question's measure found in it, where the question has one.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    kind: Literal["returned"] = "returned"
    value: Any = None
    figures: dict[str, Any] | None = None


class Raised(_Outcome):
    """An exception came out of the student's code.

    Attributes:
        during: `import` of the module, or the `call`.
        traceback: the student's own frames only.
        file, line: the innermost frame in the student's folder, relative to it.
    """

    kind: Literal["raised"] = "raised"
    during: Literal["import", "call"]
    type: str
    message: str
    traceback: str = ""
    file: str | None = None
    line: int | None = None


class TimedOut(_Outcome):
    """The wall or CPU limit was reached, or the `budget` of all calls of the chapter; `limit` in seconds.

    The machine's faults never come as one: a call that was kept from running is no outcome (`SandboxError`).
    """

    kind: Literal["timed_out"] = "timed_out"
    resource: Literal["wall", "cpu", "budget"] = "wall"
    limit: float


class OutOfMemory(_Outcome):
    """The memory limit was reached; `limit` in bytes."""

    kind: Literal["out_of_memory"] = "out_of_memory"
    limit: int


class Crashed(_Outcome):
    """The process ended without an answer: killed by a signal, or by its own exit (`sys.exit`, `os._exit`)."""

    kind: Literal["crashed"] = "crashed"
    signal: int | None = None
    exit_code: int | None = None


class Garbled(_Outcome):
    """Something came back that is not one well-formed answer within its size limit."""

    kind: Literal["garbled"] = "garbled"
    reason: str


class Missing(_Outcome):
    """There was nothing to call.

    `what`: the module file, the function, the `ANSWERS` key, or a function that takes other parameters.
    """

    kind: Literal["missing"] = "missing"
    what: Literal["module", "function", "answer", "signature"]
    name: str
    found: str = ""


Outcome = Annotated[
    Returned | Raised | TimedOut | OutOfMemory | Crashed | Garbled | Missing, Field(discriminator="kind")
]


Work = dict[str, tuple[Outcome, ...]]
"""Question id to one outcome a case, in the order of the cases."""

"""What can go wrong on the staff's side. A student's mistake is never an exception: it is an `Outcome`.

    GraderError
    ├── SpecError         a course, chapter or question file is not valid (file, line, field)
    ├── ModelError        a logical model name cannot be bound to a usable directory
    ├── BrokenReference   the reference itself failed where it must give the truth
    ├── SandboxError      this machine cannot run student code as asked
    ├── IntakeError       a submission cannot be taken in (path, entry)
    ├── ExportError       a template to be filled in does not fit (file, column)
    └── LedgerError       the record of a run cannot be read or written

Every message says what to do next, in Chinese and in English. The command line turns each into exit code 2.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.nouns.text import Message


class GraderError(Exception):
    """The base of all errors that staff must fix.

    `str()` gives it in English; `grader.language.speak.told` gives it in any language.

    Args:
        problem: what is wrong and what to do next.

    Attributes:
        where: file, line and field in front of the problem, the same in every language.
    """

    where = ""

    def __init__(self, problem: Message) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        """The problem in English."""
        return f"{self.where}{self.problem}"


class SpecError(GraderError):
    """A specification file is not valid.

    Args:
        problem: what is wrong and what to write instead.
        file: the specification file.
        line: 1-based line in it, where known.
        field: dotted path of the field, for example `questions.2.compare.close.rtol`.
    """

    def __init__(self, problem: Message, *, file: Path, line: int | None = None, field: str = "") -> None:
        super().__init__(problem)
        self.file = file
        self.line = line
        self.field = field
        self.where = f"{file}:{line}: " if line else f"{file}: "
        if field:
            self.where += f"{field}: "


class ModelError(GraderError):
    """A logical model name cannot be bound to a usable model directory."""


class BrokenReference(GraderError):  # noqa: N818 - the design's noun: the reference is broken, not "an error"
    """The reference solution failed, so there is no truth to compare with."""


class SandboxError(GraderError):
    """Student code cannot be run on this machine as asked."""


class IntakeError(GraderError):
    """A submission cannot be taken in; the message names the path or archive entry."""


class LedgerError(GraderError):
    """The record of a grading run cannot be read or written."""


class ExportError(GraderError):
    """A report cannot be written in some format: the message names the template and its column."""

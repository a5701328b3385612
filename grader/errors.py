"""What can go wrong on the staff's side. A student's mistake is never an exception: it is an `Outcome`.

    GraderError
    ├── SpecError         a course, chapter or question file is not valid (file, line, field)
    ├── ModelError        a logical model name cannot be bound to a usable directory
    ├── BrokenReference   the reference itself failed where it must give the truth
    ├── SandboxError      this machine cannot run student code as asked
    ├── IntakeError       a submission cannot be taken in (path, entry)
    ├── ExportError       a template to be filled in does not fit (file, column)
    └── LedgerError       the record of a run cannot be read or written

Every message says what to do next. The command line turns each into exit code 2.
"""

from __future__ import annotations

from pathlib import Path


class GraderError(Exception):
    """Root of all errors that are the staff's to mend.

    What a student can run into too is raised with a `grader.nouns.text.Message` instead of a string; the command line
    says it in their language.
    """

    def __str__(self) -> str:
        """The problem in English."""
        problem = self.args[0] if self.args else ""
        text, values = getattr(problem, "text", None), getattr(problem, "values", None)
        return text.format_map(values) if isinstance(text, str) and isinstance(values, dict) else super().__str__()


class SpecError(GraderError):
    """A specification file is not valid.

    Args:
        problem: what is wrong and what to write instead.
        file: the specification file.
        line: 1-based line in it, where known.
        field: dotted path of the field, for example `questions.2.compare.close.rtol`.
    """

    def __init__(self, problem: str, *, file: Path, line: int | None = None, field: str = "") -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.field = field
        where = f"{file}:{line}" if line else str(file)
        super().__init__(f"{where}: {field + ': ' if field else ''}{problem}")


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

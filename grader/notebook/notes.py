"""Remarks about a notebook: what was left out, which cells failed, what is defined twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from grader.notebook.cells import REPORT
from grader.notebook.magics import Plain
from grader.nouns.outcome import Outcome, Returned
from grader.nouns.question import Cases, Question, Signature
from grader.nouns.text import Message, Text, say

_MOST = 8
_LONGEST = 200
_HIGHEST = 10**9  # cells and lines of a notebook

CELLS = Question(
    id=REPORT,
    title=Text(zh="单元格", en="Cells"),
    points=1,
    call=Signature(name=REPORT, parameters=()),
    cases=Cases(public=({},)),
)
"""Asked before a notebook's questions: what became of its cells. What comes back is shown, never believed."""


def left_out(notebook: str, cells: Sequence[tuple[int, Plain]]) -> tuple[Message, ...]:
    """Return remarks on the parts of a notebook that are not Python and do not run."""
    found = [
        say(
            "{notebook}, cell {cell}: the whole cell is for `%%{magic}`, not Python, and was left out",
            notebook=notebook,
            cell=number,
            magic=plain.language[:40],
        )
        for number, plain in cells
        if plain.language
    ]
    replaced = [number for number, plain in cells if plain.left_out and not plain.language]
    if replaced:
        numbers = _numbers(replaced)
        found.append(
            say("{notebook}: shell lines and magics were left out (cells {cells})", notebook=notebook, cells=numbers)
        )
    return tuple(found[:_MOST])


def of_run(notebook: str, outcomes: Sequence[Outcome]) -> tuple[Message, ...]:
    """Return remarks on what the child reported about the cells; none where it did not get that far."""
    value = outcomes[0].value if outcomes and isinstance(outcomes[0], Returned) else None
    return tuple(_all(notebook, value))[:_MOST] if isinstance(value, dict) else ()


def _all(notebook: str, report: dict[str, Any]) -> Iterator[Message]:
    for error in _dicts(report.get("errors")):
        what = ": ".join(part for part in (_word(error.get("type")), _word(error.get("message"))) if part)
        yield say(
            "{notebook}, cell {cell}, line {line} failed and was passed over: {error}",
            notebook=notebook,
            cell=_number(error.get("cell")),
            line=_number(error.get("line")),
            error=what,
        )
    for entry in _dicts(report.get("replaced")):
        yield say(
            "{notebook}: a later cell uses the name `{name}` for a value; the function of cell {cell} is graded",
            notebook=notebook,
            name=_word(entry.get("name")),
            cell=_number(entry.get("cell")),
        )
    for entry in _dicts(report.get("redefined")):
        numbers = entry.get("cells")
        yield say(
            "{notebook}: `{name}` is defined in cells {cells}; the last one counts",
            notebook=notebook,
            name=_word(entry.get("name")),
            cells=_numbers(numbers if isinstance(numbers, list) else []),
        )


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _word(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and abs(value) <= _HIGHEST else 0


def _numbers(values: Sequence[object]) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values[:_LONGEST] if _number(value)))

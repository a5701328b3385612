"""Which person of a graded class a word means: the same words everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import GraderError
from grader.nouns.intake import fold
from grader.nouns.report import Report
from grader.nouns.text import say


def person(word: str, reports: Sequence[Report]) -> Report:
    """Return the report of the person that a word means.

    Args:
        word: a number, a name, a login or a report's id; case and width of letters do not matter.
        reports: one for each person. Who has this number is meant before who has this name.

    Raises:
        GraderError: nobody is called so, or several are; the message lists them.
    """
    key = fold(word)
    for names in (_numbers, _names):
        found = [report for report in reports if key and key in {fold(name) for name in names(report)}]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(f"{report.student} ({report.name or report.submission})" for report in found)
            raise GraderError(say("{word}: several people are called so: {people}; give the number",
                                  word=word, people=several))  # fmt: skip
    near = [report.student for report in reports if key and (key in fold(report.student) or key in fold(report.name))]
    if near:
        raise GraderError(say("{word}: nobody is called so; perhaps {people}?", word=word, people=", ".join(near[:5])))
    raise GraderError(say("{word}: nobody of that number, name, login or report id has been graded here", word=word))


def _numbers(report: Report) -> tuple[str, ...]:
    return (report.student,)


def _names(report: Report) -> tuple[str, ...]:
    return (report.name, report.account, report.submission)

"""Faults that staff should look at after a run: the student's by all that is known, but of the kind machines cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.nouns.course import Chapter
from grader.nouns.graded import Graded
from grader.nouns.question import Question
from grader.nouns.text import Message, say
from grader.nouns.verdict import Verdict

_SENT = frozenset({"SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"})
_LITTLE = 0.5  # of the CPU time that a call may use


def worth_a_look(chapters: Sequence[Chapter], graded: Iterable[Graded]) -> tuple[tuple[str, Message], ...]:
    """Questions whose code was killed by a signal, or timed out with little computing: submission id and what was seen.

    Each was seen twice where it was in doubt. A student's own `os.kill` or `sleep` looks the same.
    """
    return tuple(
        (one.submission.id, seen)
        for one in graded
        for chapter in chapters
        for question in chapter.questions
        if (verdict := one.verdicts.get(chapter.id, {}).get(question.id)) is not None
        if (seen := _seen(f"{chapter.id}/{question.id}", question, verdict)) is not None
    )


def _seen(place: str, question: Question, verdict: Verdict) -> Message | None:
    limit = question.limits.cpu or question.limits.wall
    for case in verdict.cases:
        number = str(case.message.values.get("signal", "")) if case.message else ""
        if case.status == "crashed" and number in _SENT:
            return say("{place}, case {case}: killed ({signal})", place=place, case=case.id, signal=number)
        if case.status == "timeout" and case.usage.wall > 0 and case.usage.cpu < _LITTLE * limit:
            return say(
                "{place}, case {case}: timed out after {cpu} of {limit} seconds of computing",
                place=place,
                case=case.id,
                cpu=f"{case.usage.cpu:.1f}",
                limit=f"{limit:g}",
            )
    return None

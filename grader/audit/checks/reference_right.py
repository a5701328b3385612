"""The reference earns full marks, and the untouched template none."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers.key import SOLUTION
from grader.audit.findings import Finding
from grader.audit.subject import Subject
from grader.nouns.outcome import Outcome
from grader.nouns.text import say

CHECK = "reference_right"
ORDER = 2
HEADROOM = 5
"""A limit must be at least this many times what the reference needs, so that slower honest work still passes."""


def check(subject: Subject) -> Iterator[Finding]:
    """Run the reference as a submission and the template as a submission; compare use with limits."""
    outcomes = subject.run(subject.reference, SOLUTION)
    yield _full_marks(subject, outcomes)
    yield from _limits(subject, outcomes)
    yield _template(subject)


def _full_marks(subject: Subject, outcomes: tuple[Outcome, ...]) -> Finding:
    verdict = subject.verdict_on(outcomes)
    if verdict.status == "needs_review":
        ok = len(verdict.touched) == len(subject.question.rubric)
        good, bad = (
            say("the reference's text touches every point of the rubric"),
            say("the rubric misses the reference's text"),
        )
        return subject.finding(CHECK, good if ok else bad, ok=ok)
    failing = [case.id for case in verdict.cases if case.share < 1]
    if failing:
        text = say(
            "the reference itself is not right on {cases}: {problem}",
            cases=", ".join(failing[:5]),
            problem=verdict.message,
        )
        return subject.finding(CHECK, text, ok=False)
    return subject.finding(CHECK, say("the reference is right on {count} cases", count=len(verdict.cases)), ok=True)


def _limits(subject: Subject, outcomes: tuple[Outcome, ...]) -> Iterator[Finding]:
    if subject.question.call is None:
        return
    limits = subject.question.limits
    used = {
        "wall": (max(_seconds(o) for o in outcomes), limits.wall),
        "memory": (max(o.usage.memory for o in outcomes), limits.memory),
    }
    for name, (need, limit) in used.items():
        if need * HEADROOM > limit:
            text = say(
                "limits.{name} is {limit:g}, less than {headroom} times the {need:g} the reference needs; raise it",
                name=name,
                limit=limit,
                headroom=HEADROOM,
                need=need,
            )
            yield subject.finding("limits", text, ok=False)
    slowest, wall = used["wall"]
    text = say("slowest case {seconds:.2f} s of {limit:g} s", seconds=slowest, limit=wall)
    yield subject.finding("limits", text, ok=True)


def _seconds(outcome: Outcome) -> float:
    """What a call needs: its CPU time (of one thread), which a busy machine does not stretch as it does wall time."""
    return outcome.usage.cpu or outcome.usage.wall


def _template(subject: Subject) -> Finding:
    folder = subject.course.template_folder
    if not (folder / subject.chapter.module).is_file():
        text = say("there is no {file} among the templates", file=subject.chapter.module)
        return subject.finding("template", text, ok=False)
    public = tuple(case for case in subject.cases if not case.hidden) or subject.cases[:1]
    verdict = subject.verdict_on(subject.run(folder, subject.chapter.module, public), public)
    if verdict.share > 0 or verdict.status != "missing":
        text = say(
            "the untouched template earns {share:.0%} and is called {status}, not missing",
            share=verdict.share,
            status=verdict.status,
        )
        return subject.finding("template", text, ok=False)
    return subject.finding("template", say("the untouched template earns nothing"), ok=True)

"""What a student may see of a report: every format that is for students goes through `visible`.

A hidden case ran on an input that the student does not know, and whatever the student's code gave there may be that
input: a value, an exception, printed text, a file name, the time it took. So of a hidden case these are shown, and
nothing else: that there was one, its status, its share in whole percent, and a fixed sentence for the status. Of a
question with hidden cases come the named misconception and the course's explanation of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.language.speak import speak
from grader.nouns.report import ChapterScore, QuestionScore, Report
from grader.nouns.text import Language, Message, say
from grader.nouns.verdict import CaseVerdict
from grader.render.statuses import GUESSED, HIDDEN_SENTENCES


def visible(report: Report) -> Report:
    """The report as its student may see it: a new one, of allowed fields only. The same again for what it gives."""
    return Report(
        submission=report.submission,
        student=report.student,
        name=report.name,
        members=report.members,
        team=report.team,
        account=report.account,
        submitted=report.submitted,
        late=report.late,
        days_late=report.days_late,
        attempt=report.attempt,
        excused=report.excused,
        score=report.score,
        max_score=report.max_score,
        isolation=report.isolation,
        environment=report.environment,
        chapters=tuple(_chapter(chapter) for chapter in report.chapters),
        notes=report.notes,
    )


def _chapter(chapter: ChapterScore) -> ChapterScore:
    return ChapterScore(
        id=chapter.id,
        title=chapter.title,
        score=chapter.score,
        max_score=chapter.max_score,
        questions=tuple(_question(question) for question in chapter.questions),
        before_late=chapter.before_late,
        days_late=chapter.days_late,
        decided=chapter.decided,
        notes=chapter.notes,
    )


def _question(question: QuestionScore) -> QuestionScore:
    return QuestionScore(
        id=question.id,
        title=question.title,
        score=question.score,
        max_score=question.max_score,
        status=question.status,
        advanced=question.advanced,
        message=_message(question),
        from_source=question.from_source,
        file=question.file,
        line=question.line,
        diagnosis=question.diagnosis,
        misconception=question.misconception,
        cases=tuple(_cases(question)),
    )


def _cases(question: QuestionScore) -> Iterator[CaseVerdict]:
    """Public cases whole; hidden ones by their place, since an id is a line of the pool."""
    number = 0
    for case in question.cases:
        number += case.hidden
        yield _hidden(case, number) if case.hidden else _public(case)


def _public(case: CaseVerdict) -> CaseVerdict:
    return CaseVerdict(
        id=case.id,
        hidden=False,
        status=case.status,
        share=case.share,
        message=case.message,
        inputs=case.inputs,
        output=case.output,
        traceback=case.traceback,
        file=case.file,
        line=case.line,
        usage=case.usage,
    )


def _hidden(case: CaseVerdict, number: int) -> CaseVerdict:
    # A share in more places could be made to spell an input.
    share = case.share if case.share >= 1 else min(round(case.share, 2), 0.99)
    words = None if case.status == "correct" else HIDDEN_SENTENCES[case.status]
    return CaseVerdict(id=f"hidden-{number}", hidden=True, status=case.status, share=share, message=words)


def _message(question: QuestionScore) -> Message | None:
    """What is said of the question: counts, the first public case that fails, a fixed sentence where there is none."""
    hidden = [case for case in question.cases if case.hidden]
    if question.message is None or question.from_source or not hidden:
        return question.message
    failing = [case for case in question.cases if not case.hidden and case.share < 1]
    if question.status == "wrong" and any(case.status == "partial" for case in hidden):
        return GUESSED
    if question.status != "partial":
        alike = (case.message for case in failing if case.status == question.status)
        return next(alike, None) or HIDDEN_SENTENCES[question.status]
    passed, total = sum(case.share >= 1 for case in hidden), len(hidden)
    if failing and failing[0].message:
        return say(
            "{passed} of {total} hidden cases are right; {case}: {problem}",
            passed=passed,
            total=total,
            case=failing[0].id,
            problem=failing[0].message,
        )
    return say("{passed} of {total} hidden cases are right", passed=passed, total=total)


def reasons(question: QuestionScore, language: Language) -> Iterator[str]:
    """Return the message and the diagnosis of a question as separate texts."""
    for message in (question.message, question.diagnosis):
        if message is not None:
            yield speak(message, language)


def location(at: CaseVerdict | QuestionScore) -> str:
    """Return `file:line` in the student's work; empty where unknown."""
    return f"{at.file}:{at.line}" if at.file and at.line else (at.file or "")


def place(question: QuestionScore) -> str:
    """Where the question went wrong: in the first failing case that says so, else where it is answered."""
    failing = (location(case) for case in question.cases if case.share < 1)
    return next(filter(None, failing), location(question))

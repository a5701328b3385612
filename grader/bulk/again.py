"""Which stored outcomes a person wants run anew: `STUDENT` or `STUDENT/QUESTION`."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import GraderError
from grader.nouns.course import Chapter
from grader.nouns.submission import Submission
from grader.nouns.text import say


def asked_again(
    words: Sequence[str], submissions: Sequence[Submission], chapters: Sequence[Chapter]
) -> list[tuple[str, str, str]]:
    """Return what some words name: ids of submission, chapter and question.

    Args:
        words: each a student, by number, name, account or report id; then, after a slash, a question's id, which may
            have its chapter's in front: `2023001/mean`, `2023001/warmup/mean`.
        submissions: the run's.
        chapters: the run's.

    Raises:
        GraderError: a word names nobody, several people, or no question.
    """
    asked = []
    for word in words:
        student, _, place = word.partition("/")
        found = [s for s in submissions if student in {s.id, s.student, s.name, s.account, s.team, *s.members} - {""}]
        people = sorted({s.owner for s in found})
        if len(people) != 1:
            raise GraderError(
                say("--again {word}: several people are meant: {people}", word=word, people=", ".join(people))
                if people
                else say("--again {word}: nobody of that name or number is in this run", word=word)
            )
        chosen = [
            (chapter.id, question.id)
            for chapter in chapters
            for question in chapter.questions
            if place in {"", chapter.id, question.id, f"{chapter.id}/{question.id}"}
        ]
        if not chosen:
            raise GraderError(say("--again {word}: there is no such question here", word=word))
        asked += [(submission.id, *place) for submission in found for place in chosen]
    return asked

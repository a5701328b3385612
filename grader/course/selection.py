"""The selection of questions, and of the cases of each, that a student is graded on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.course.draw import PUBLIC_SECRET, cases_for, course_secret, fingerprint
from grader.nouns.course import Chapter
from grader.nouns.question import Asked, Question
from grader.nouns.text import Message, say


class Selection:
    """The questions and cases of one grading.

    Args:
        chapters: all that may be asked.
        questions: ids of the only questions that are asked; all when None.
        hidden: ask hidden cases too, drawn for each student with the course's secret.
    """

    def __init__(self, chapters: Sequence[Chapter], questions: Iterable[str] | None, *, hidden: bool) -> None:
        self.chapters, self.hidden = tuple(chapters), hidden
        self.ids = None if questions is None else frozenset(questions)
        self._secret = course_secret()

    def questions(self, chapter: Chapter) -> tuple[Question, ...]:
        """Return the questions of a chapter that are asked."""
        return tuple(q for q in chapter.questions if self.ids is None or q.id in self.ids)

    def asked(self, chapter: Chapter, student: str) -> Asked:
        """Return the questions of a chapter with the cases that one student gets."""
        return [(q, cases_for(q, student, self._secret, hidden=self.hidden)) for q in self.questions(chapter)]

    @property
    def models(self) -> set[str]:
        """The logical names of the models that are given to functions."""
        return {name for c in self.chapters for q in self.questions(c) for name in q.given.values()}

    @property
    def secret_is_public(self) -> bool:
        """Whether there are hidden cases that are drawn with the public default secret."""
        return self._has_hidden(self.chapters) and self._secret == PUBLIC_SECRET

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the secret that hidden cases are drawn with; empty where there are none."""
        return fingerprint(self._secret) if self._has_hidden(self.chapters) else ""

    def notes(self, chapters: Sequence[Chapter]) -> Iterator[Message]:
        """What a report of some chapters says about how cases were chosen."""
        if self._has_hidden(chapters):
            yield say(
                "where a question has hidden cases, they alone give its points; a public case that fails costs some"
            )
        if self.hidden and self._secret == PUBLIC_SECRET:
            yield say("hidden cases were drawn with the public default secret; set GRADER_SECRET")

    def _has_hidden(self, chapters: Sequence[Chapter]) -> bool:
        return self.hidden and any(q.cases.hidden for chapter in chapters for q in self.questions(chapter))

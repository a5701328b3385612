"""What answers are compared with, looked up once: the reference's values and those of the misconceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.answers.frozen import is_frozen
from grader.answers.key import answer_key
from grader.answers.misconceptions import misconception_values, misconceptions_of
from grader.course.draw import all_cases
from grader.nouns.answer_key import AnswerKey
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.misconception import Misconception, Values
from grader.nouns.question import Question
from grader.nouns.value import Value
from grader.sandbox.seam import Sandbox


class Truth:
    """The truth of a course's chapters; one cache for grading, audit and release.

    Args:
        course: the course.
        bindings: the models that the reference runs on.
        sandbox: where the reference runs.
        hidden: look up misconceptions on hidden cases too: a class shares the values of the whole pool, a self-check
            waits for those of the public cases only.
        questions: ids of the only questions that are looked up; all when None.
        store: folder for values that are kept; the user's cache when None.
    """

    def __init__(
        self,
        course: Course,
        bindings: Mapping[str, Binding],
        sandbox: Sandbox,
        *,
        hidden: bool = True,
        questions: Iterable[str] | None = None,
        store: Path | None = None,
    ) -> None:
        self._course, self._bindings, self._sandbox = course, bindings, sandbox
        self._hidden, self._store = hidden, store
        self._questions = None if questions is None else frozenset(questions)
        self._keys: dict[str, AnswerKey] = {}
        self._wrong: dict[tuple[str, str], tuple[tuple[Misconception, ...], Values]] = {}

    def key(self, chapter: Chapter) -> AnswerKey:
        """The chapter's answer key.

        Raises:
            BrokenReference: the reference failed.
        """
        if chapter.id not in self._keys:
            self._keys[chapter.id] = self._computed(chapter, self._store)
        return self._keys[chapter.id]

    def fresh_key(self, chapter: Chapter, store: Path) -> AnswerKey:
        """The chapter's key computed into an empty store, whatever is kept elsewhere."""
        return self._computed(chapter, store)

    def _computed(self, chapter: Chapter, store: Path | None) -> AnswerKey:
        return answer_key(self._course, chapter, self._bindings, self._sandbox, questions=self._questions, store=store)

    def known(self, chapter: Chapter, question: Question) -> Mapping[str, Value] | None:
        """Case id to the true value.

        Empty where a measure or a person judges; None where only the course itself can (a student kit).
        """
        known = self.key(chapter).get(question.id)
        return known if known is not None or is_frozen(self._course, chapter) else {}

    def wrong(self, chapter: Chapter, question: Question) -> tuple[tuple[Misconception, ...], Values]:
        """The question's misconceptions and the values they give."""
        place = (chapter.id, question.id)
        if place not in self._wrong:
            found = misconceptions_of(self._course, chapter, question)
            cases = [case for case in all_cases(question) if self._hidden or not case.hidden]
            values = (
                misconception_values(
                    self._course, chapter, question, cases, self._bindings, self._sandbox, store=self._store
                )
                if found
                else {}
            )
            self._wrong[place] = (found, values)
        return self._wrong[place]

"""Decides what a run can recall from a ledger, and what has to be run or judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grader.files import folder_digest
from grader.nouns.answer_key import AnswerKey
from grader.nouns.binding import Binding
from grader.nouns.course import Chapter, Course
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.question import Asked, Case, Cases, Question
from grader.nouns.submission import Submission
from grader.sandbox import wire
from grader.store.digest import digest, grader_digest, library_versions, question_digest
from grader.store.ledger import Ledger, WorkEntry


class Record:
    """One run's access to a ledger.

    A work key covers all that decides what running a question gives: the question's run part, the drawn cases, the
    submission's files, the models, the libraries and the measure. A verdict key covers that, and all that decides how
    the work is judged: the whole question, the key's values, the misconceptions and the grader's own source. So a
    changed question is run again, a changed tolerance is only judged again, and everything else is recalled.

    Attributes:
        used: `(submission id, chapter id)` to question id to the keys of its work and verdict in this run.
    """

    def __init__(self, ledger: Ledger, run_number: int, course: Course, bindings: Mapping[str, Binding]) -> None:
        self.ledger = ledger
        self.run_number = run_number
        self._course = course
        self._bindings = bindings
        self._files: dict[str, str] = {}
        self._folders: dict[Path, str] = {}
        self._judging: dict[tuple[str, str], str] = {}
        self._running: dict[tuple[str, str], str] = {}
        self._again: set[tuple[str, str, str]] = set()
        self.used: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}

    def judged(
        self,
        chapter: Chapter,
        submission: Submission,
        asked: Asked,
        answers: AnswerKey,
        *,
        judge: Callable[[Question, Sequence[Case], Evidence], Judged],
        run: Callable[[Asked], dict[str, tuple[Evidence, Judged]]] | None,
    ) -> dict[str, Judged]:
        """Return question id to verdict: recalled, judged from recalled work, or run and judged.

        Args:
            chapter: the chapter.
            submission: whose work it is.
            asked: the chapter's questions with the cases of this student.
            answers: the chapter's answer key.
            judge: returns the verdict on recalled work.
            run: runs questions and judges them; None leaves out what is not in the ledger.
        """
        work_keys = self.work_keys(chapter, submission, asked)
        if run is not None:
            work_keys |= {q: self.ledger.renewed(work_keys[q]) for q in self._asked_again(submission, chapter, asked)}
        verdict_keys = self.verdict_keys(chapter, asked, work_keys, answers)
        judged = self.verdicts(verdict_keys)
        left = [(q, cases) for q, cases in asked if q.id not in judged]
        known = self.recall({q.id: work_keys[q.id] for q, _ in left}) if left else {}
        if run is not None and (spoiled := {q: k for q, k in work_keys.items() if self.ledger.is_spoiled(k)}):
            work_keys |= {q: self.ledger.renewed(k) for q, k in spoiled.items()}
            verdict_keys = self.verdict_keys(chapter, asked, work_keys, answers)
        spoiled = {q: k for q, k in verdict_keys.items() if self.ledger.is_spoiled(k)}
        verdict_keys |= {q: self.ledger.renewed(k) for q, k in spoiled.items()}
        self.used[submission.id, chapter.id] = {q: (work, verdict_keys[q]) for q, work in work_keys.items()}
        new = {q.id: judge(q, cases, known[q.id]) for q, cases in left if q.id in known}
        to_run = [(q, cases) for q, cases in left if q.id not in known]
        if to_run and run is not None:
            fresh = run(to_run)
            self.keep(chapter, submission, work_keys, {name: evidence for name, (evidence, _) in fresh.items()})
            new |= {name: one for name, (_, one) in fresh.items()}
        if new:
            self.keep_verdicts(verdict_keys, work_keys, new)
        judged |= new
        return {q.id: judged[q.id] for q, _ in asked if q.id in judged}

    def know(self, submission: Submission, files: str) -> None:
        """Set the content hash of a submission's files, where the files are no longer there."""
        self._files[submission.id] = files

    def files(self, submission: Submission) -> str:
        """Return the content hash of a submission's files."""
        if submission.id not in self._files:
            self._files[submission.id] = submission.files or folder_digest(submission.folder)
        return self._files[submission.id]

    def work_keys(self, chapter: Chapter, submission: Submission, asked: Asked) -> dict[str, str]:
        """Return question id to the key of its work."""
        module = submission.modules.get(chapter.id, "")
        files = self.files(submission) if module else ""
        keys = {q.id: digest(self._run_part(chapter, q), _drawn(cases), files, module) for q, cases in asked}
        return {q: self.ledger.current(key) for q, key in keys.items()}

    def verdict_keys(
        self, chapter: Chapter, asked: Asked, work_keys: Mapping[str, str], answers: AnswerKey
    ) -> dict[str, str]:
        """Return question id to the key of its verdict."""
        keys = {q.id: digest(work_keys[q.id], self._judge_part(chapter, q, answers)) for q, _ in asked}
        return {q: self.ledger.current(key) for q, key in keys.items()}

    def again(self, submission: str, chapter: str, question: str) -> None:
        """Have a question of a submission run anew, though its work be in the ledger."""
        self._again.add((submission, chapter, question))

    def _asked_again(self, submission: Submission, chapter: Chapter, asked: Asked) -> list[str]:
        """Return the ids of questions to run anew; they are not asked for twice."""
        wanted = [q.id for q, _ in asked if (submission.id, chapter.id, q.id) in self._again]
        self._again -= {(submission.id, chapter.id, question) for question in wanted}
        return wanted

    def recall(self, work_keys: Mapping[str, str]) -> dict[str, Evidence]:
        """Return question id to evidence, for those questions that the ledger has."""
        found = self.ledger.recall(list(work_keys.values()))
        return {question: found[key] for question, key in work_keys.items() if key in found}

    def keep(
        self, chapter: Chapter, submission: Submission, work_keys: Mapping[str, str], fresh: Mapping[str, Evidence]
    ) -> None:
        """Record what was run."""
        self.ledger.keep_work(
            self.run_number,
            [WorkEntry(work_keys[name], submission.id, chapter.id, name, e) for name, e in fresh.items()],
        )

    def verdicts(self, verdict_keys: Mapping[str, str]) -> dict[str, Judged]:
        """Return question id to verdict, for those questions that the ledger has."""
        found = self.ledger.verdicts(list(verdict_keys.values()))
        return {question: found[key] for question, key in verdict_keys.items() if key in found}

    def keep_verdicts(
        self, verdict_keys: Mapping[str, str], work_keys: Mapping[str, str], fresh: Mapping[str, Judged]
    ) -> None:
        """Record what was judged."""
        rows = [(verdict_keys[name], work_keys[name], judged) for name, judged in fresh.items()]
        self.ledger.keep_verdicts(self.run_number, rows)

    def _run_part(self, chapter: Chapter, question: Question) -> str:
        if (chapter.id, question.id) not in self._running:
            used = {name: self._bindings[name].fingerprint for name in question.given.values()}
            measures = self._folder(chapter) if question.measure else ""
            plain = question.model_copy(update={"cases": Cases()})
            self._running[chapter.id, question.id] = digest(
                question_digest(plain),
                chapter.budget.model_dump(),
                question.rubric != (),
                used,
                measures,
                library_versions(),
            )
        return self._running[chapter.id, question.id]

    def _judge_part(self, chapter: Chapter, question: Question, answers: AnswerKey) -> str:
        if (chapter.id, question.id) not in self._judging:
            truth = hashlib.sha256(wire.encode(dict(answers.get(question.id, {})))).hexdigest()
            whole = question.model_copy(update={"cases": Cases()}).model_dump(mode="json")
            self._judging[chapter.id, question.id] = digest(whole, truth, self._folder(chapter), grader_digest())
        return self._judging[chapter.id, question.id]

    def _folder(self, chapter: Chapter) -> str:
        folder = self._course.reference_folder(chapter)
        if folder not in self._folders:
            self._folders[folder] = folder_digest(folder) if folder.is_dir() else ""
        return self._folders[folder]


def _drawn(cases: Sequence[Case]) -> list[object]:
    return [(case.id, case.inputs) for case in cases]

"""Reading and checking `course.yaml` and `assignment.yaml`, before any student code runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.course.located_yaml import LocatedYaml, in_words
from grader.errors import SpecError
from grader.marking import compare, returns
from grader.nouns.course import Chapter, Course
from grader.nouns.question import Cases, Pool, Question
from grader.nouns.submission import Submission
from grader.nouns.text import Message, say

PARTS = ("model", "tokenizer", "config")


def load_course(root: Path) -> Course:
    """Read the course in a folder.

    Raises:
        SpecError: the file is absent or not valid; names file, line and field.
    """
    file = root / "course.yaml"
    if not file.is_file():
        raise SpecError(say("there is no such file; name the folder of a course with --course DIR"), file=file)
    document = LocatedYaml(file)
    course = document.validate(Course)
    for place, chapter in enumerate(course.chapters):
        if course.chapters.index(chapter) != place:
            raise document.error(say("chapter {chapter!r} is listed twice", chapter=chapter), "chapters", place)
        if not (root / chapter / "assignment.yaml").is_file():
            problem = say("there is no {chapter}/assignment.yaml beside course.yaml", chapter=chapter)
            raise document.error(problem, "chapters", place)
    for chapter in course.policy.weights:
        if chapter not in course.chapters:
            problem = say("{chapter!r} is not a chapter of this course", chapter=chapter)
            raise document.error(problem, "policy", "weights", chapter)
    return course.model_copy(update={"root": root.resolve()})


def load_chapters(course: Course) -> tuple[Chapter, ...]:
    """Read and check all chapters of a course, in order."""
    return tuple(load_chapter(course, chapter) for chapter in course.chapters)


def load_chapter(course: Course, chapter_id: str) -> Chapter:
    """Read one chapter with its pools, and check it against itself and its course.

    Raises:
        SpecError: with file, line and field.
    """
    if chapter_id not in course.chapters:
        known = ", ".join(course.chapters)
        raise SpecError(
            say(
                "{chapter!r} is not a chapter of this course; its chapters are {known}", chapter=chapter_id, known=known
            ),
            file=course.root,
        )
    folder = course.root / chapter_id
    document = LocatedYaml(folder / "assignment.yaml")
    chapter = document.validate(Chapter)
    if chapter.id != chapter_id:
        raise document.error(say("must be {chapter!r}, the name of its folder", chapter=chapter_id), "id")
    seen: set[str] = set()
    questions = []
    for place, question in enumerate(chapter.questions):
        if question.id in seen:
            raise document.error(say("the id {id!r} is used twice", id=question.id), "questions", place, "id")
        seen.add(question.id)
        questions.append(_QuestionCheck(document, course, folder, place).checked(question))
    return chapter.model_copy(update={"questions": tuple(questions), "folder": folder})


def select_chapters(chapters: Sequence[Chapter], prefixes: Sequence[str]) -> tuple[Chapter, ...]:
    """Return the chapters whose ids start with one of the prefixes, for example `ch01`; all when none is given."""
    return tuple(c for c in chapters if not prefixes or any(c.id.startswith(prefix) for prefix in prefixes))


def own_chapters(chapters: Sequence[Chapter], submission: Submission) -> tuple[Chapter, ...]:
    """Return the chapters that a submission has work for."""
    return tuple(chapter for chapter in chapters if chapter.id in submission.modules)


class _QuestionCheck:
    """The checks of one question that need more than the question: its course, its folder, the plugins."""

    def __init__(self, document: LocatedYaml, course: Course, folder: Path, place: int) -> None:
        self.document = document
        self.course = course
        self.folder = folder
        self.at = ("questions", place)

    def error(self, problem: Message, *path: str | int) -> SpecError:
        return self.document.error(problem, *self.at, *path)

    def checked(self, question: Question) -> Question:
        self._check_source(question)
        self._check_given(question)
        self._check_comparison(question)
        self._check_returns(question)
        for place, name in enumerate(question.forbid):
            if not name.isidentifier():
                problem = say("{name!r} is not a name that Python code can use", name=name)
                raise self.error(problem, "forbid", place)
        cases = self._read_cases(question)
        return question.model_copy(update={"cases": cases})

    def _check_source(self, question: Question) -> None:
        if (question.call is None) == (question.answer is None):
            raise self.error(say("exactly one of `call` and `answer` says where the student's work is"))
        if question.answer is not None:
            for field in ("given", "measure", "forbid"):
                if getattr(question, field):
                    raise self.error(say("`{field}` goes with `call`, not with `answer`", field=field), field)
            if question.cases.public or question.cases.hidden:
                raise self.error(say("an `answer` takes no cases"), "cases")

    def _check_given(self, question: Question) -> None:
        parameters = question.call.parameters if question.call else ()
        for parameter, name in question.given.items():
            if parameter not in parameters:
                problem = say("the function {function} has no such parameter", function=str(question.call))
                raise self.error(problem, "given", parameter)
            if unfit := self._unfit(parameter.rsplit("_", 1)[-1], name):
                raise self.error(unfit, "given", parameter)

    def _unfit(self, part: str, name: str) -> Message | None:
        """Why a part of a model cannot be given."""
        if part not in PARTS:
            return say("the last word must be one of {words}: it says what is given", words=", ".join(PARTS))
        source = self.course.models.get(name)
        if source is None:
            known = ", ".join(self.course.models) or say("none")
            return say("no model {name!r} in course.yaml; there are: {known}", name=name, known=known)
        if part == "config" and source.config is None:
            return say("course.yaml gives no `config` for {name!r}", name=name)
        if part != "config" and source.kind == "config":
            return say("{name!r} is a configuration without weights", name=name)
        return None

    def _check_comparison(self, question: Question) -> None:
        if question.rubric:
            if question.compare or question.choose or question.measure or question.answer is None:
                raise self.error(say("a rubric stands alone with `answer`: a person has the last word"), "rubric")
            return
        if len(question.compare) != 1:
            names = ", ".join(compare.names())
            problem = say("name one comparison with its parameters; there are: {names}", names=names)
            raise self.error(problem, "compare")
        name, parameters = question.comparison
        try:
            compare.check_parameters(name, parameters)
        except ValidationError as error:
            raise self.document.located(error, *self.at, "compare", name) from error
        except (LookupError, ValueError) as error:
            raise self.error(in_words(error), "compare", name) from error
        if compare.is_of_options(name) and not question.choose:
            raise self.error(say("the comparison {name} needs options: list them under `choose`", name=name), "compare")
        if question.choose and not compare.is_of_options(name):
            of_options = ", ".join(one for one in compare.names() if compare.is_of_options(one))
            raise self.error(
                say("`choose` (the options) goes with these comparisons: {names}", names=of_options), "compare"
            )

    def _check_returns(self, question: Question) -> None:
        try:
            returns.check_schema(question.returns)
        except ValueError as error:
            raise self.error(in_words(error), "returns") from error

    def _read_cases(self, question: Question) -> Cases:
        public = tuple(
            self._with_files(inputs, "cases", "public", place) for place, inputs in enumerate(question.cases.public)
        )
        for place, inputs in enumerate(public):
            self._check_case(question, inputs, "cases", "public", place)
        hidden = question.cases.hidden
        if hidden is not None:
            pool = self._read_pool(question, hidden)
            if hidden.draw is not None and hidden.draw > len(pool):
                problem = say("cannot draw {draw} from a pool of {count}", draw=hidden.draw, count=len(pool))
                raise self.error(problem, "cases", "hidden", "draw")
            hidden = hidden.model_copy(update={"pool": pool})
        if not public and hidden is None:
            if question.inputs:
                names = ", ".join(question.inputs)
                problem = say("{function} takes {names}: give it cases", function=str(question.call), names=names)
                raise self.error(problem, "cases")
            public = ({},)
        return Cases(public=public, hidden=hidden)

    def _read_pool(self, question: Question, hidden: Pool) -> tuple[dict[str, Any], ...]:
        if not isinstance(hidden.pool, str):
            for place, inputs in enumerate(hidden.pool):
                self._check_case(question, inputs, "cases", "hidden", "pool", place)
            return hidden.pool
        file = self.folder / hidden.pool
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            problem = say("{file} cannot be read: {error}", file=hidden.pool, error=error.strerror)
            raise self.error(problem, "cases", "hidden", "pool") from error
        pool = [self._pool_line(question, file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if not pool:
            raise self.error(say("{file} holds no inputs", file=hidden.pool), "cases", "hidden", "pool")
        return tuple(pool)

    def _pool_line(self, question: Question, file: Path, number: int, line: str) -> dict[str, Any]:
        if file.suffix == ".txt":
            if len(question.inputs) != 1:
                raise SpecError(say("a .txt pool gives one input a case; use .jsonl here"), file=file, line=number)
            return {question.inputs[0]: line}
        try:
            inputs = json.loads(line)
        except ValueError as error:
            raise SpecError(say("is not JSON: {error}", error=str(error)), file=file, line=number) from error
        if problem := _case_problem(question, inputs):
            raise SpecError(problem, file=file, line=number)
        return dict(inputs)

    def _with_files(self, inputs: dict[str, Any], *path: str | int) -> dict[str, Any]:
        """The case with each value `{file: data/poems.txt}` replaced by the text of that file beside the spec."""
        filled = dict(inputs)
        for name, value in inputs.items():
            if isinstance(value, dict) and value.keys() == {"file"}:
                file = self.folder / str(value["file"])
                try:
                    filled[name] = file.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    problem = say("{file} cannot be read as text: {error}", file=str(value["file"]), error=str(error))
                    raise self.error(problem, *path, name, "file") from error
        return filled

    def _check_case(self, question: Question, inputs: dict[str, Any], *path: str | int) -> None:
        if problem := _case_problem(question, inputs):
            raise self.error(problem, *path)


def _case_problem(question: Question, inputs: object) -> Message | None:
    if not isinstance(inputs, dict):
        return say("a case is a mapping of parameter to value")
    function = str(question.call)
    if unknown := [str(name) for name in inputs if name not in question.inputs]:
        return say("{function} does not take {names} from a case", function=function, names=", ".join(unknown))
    if absent := [name for name in question.inputs if name not in inputs]:
        return say("{function} also needs {names}", function=function, names=", ".join(absent))
    return None

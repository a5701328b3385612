"""Reading and checking `course.yaml` and `assignment.yaml`, before any student code runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader import compare, returns
from grader.errors import SpecError
from grader.nouns.course import Chapter, Course
from grader.nouns.question import Cases, Pool, Question
from grader.spec.located_yaml import LocatedYaml

PARTS = ("model", "tokenizer", "config")


def load_course(root: Path) -> Course:
    """The course in a folder.

    Raises:
        SpecError: the file is absent or not valid; names file, line and field.
    """
    file = root / "course.yaml"
    if not file.is_file():
        raise SpecError("there is no such file; name the folder of a course with --course DIR", file=file)
    document = LocatedYaml(file)
    course = document.validate(Course)
    for place, chapter in enumerate(course.chapters):
        if course.chapters.index(chapter) != place:
            raise document.error(f"chapter {chapter!r} is listed twice", "chapters", place)
        if not (root / chapter / "assignment.yaml").is_file():
            raise document.error(f"there is no {chapter}/assignment.yaml beside course.yaml", "chapters", place)
    for chapter in course.policy.weights:
        if chapter not in course.chapters:
            raise document.error(f"{chapter!r} is not a chapter of this course", "policy", "weights", chapter)
    return course.model_copy(update={"root": root.resolve()})


def load_chapters(course: Course) -> tuple[Chapter, ...]:
    """All chapters of a course, in order, each checked."""
    return tuple(load_chapter(course, chapter) for chapter in course.chapters)


def load_chapter(course: Course, chapter_id: str) -> Chapter:
    """One chapter, checked against itself and its course; pools are read in.

    Raises:
        SpecError: with file, line and field.
    """
    if chapter_id not in course.chapters:
        known = ", ".join(course.chapters)
        raise SpecError(f"{chapter_id!r} is not a chapter of this course; its chapters are {known}", file=course.root)
    folder = course.root / chapter_id
    document = LocatedYaml(folder / "assignment.yaml")
    chapter = document.validate(Chapter)
    if chapter.id != chapter_id:
        raise document.error(f"must be {chapter_id!r}, the name of its folder", "id")
    seen: set[str] = set()
    questions = []
    for place, question in enumerate(chapter.questions):
        if question.id in seen:
            raise document.error(f"the id {question.id!r} is used twice", "questions", place, "id")
        seen.add(question.id)
        questions.append(_QuestionCheck(document, course, folder, place).checked(question))
    return chapter.model_copy(update={"questions": tuple(questions), "folder": folder})


class _QuestionCheck:
    """The checks of one question that need more than the question: its course, its folder, the plugins."""

    def __init__(self, document: LocatedYaml, course: Course, folder: Path, place: int) -> None:
        self.document = document
        self.course = course
        self.folder = folder
        self.at = ("questions", place)

    def error(self, problem: str, *path: str | int) -> SpecError:
        return self.document.error(problem, *self.at, *path)

    def checked(self, question: Question) -> Question:
        self._check_source(question)
        self._check_given(question)
        self._check_comparison(question)
        self._check_returns(question)
        for place, name in enumerate(question.forbid):
            if not name.isidentifier():
                raise self.error(f"{name!r} is not a name that Python code can use", "forbid", place)
        cases = self._read_cases(question)
        return question.model_copy(update={"cases": cases})

    def _check_source(self, question: Question) -> None:
        if (question.call is None) == (question.answer is None):
            raise self.error("exactly one of `call` and `answer` says where the student's work is")
        if question.answer is not None:
            for field in ("given", "measure", "forbid"):
                if getattr(question, field):
                    raise self.error(f"`{field}` goes with `call`, not with `answer`", field)
            if question.cases.public or question.cases.hidden:
                raise self.error("an `answer` takes no cases", "cases")

    def _check_given(self, question: Question) -> None:
        parameters = question.call.parameters if question.call else ()
        for parameter, name in question.given.items():
            if parameter not in parameters:
                raise self.error(f"the function {question.call} has no such parameter", "given", parameter)
            part = parameter.rsplit("_", 1)[-1]
            if part not in PARTS:
                words = ", ".join(PARTS)
                raise self.error(f"the last word must be one of {words}: it says what is given", "given", parameter)
            source = self.course.models.get(name)
            if source is None:
                known = ", ".join(self.course.models) or "none"
                raise self.error(f"no model {name!r} in course.yaml; there are: {known}", "given", parameter)
            if part == "config" and source.config is None:
                raise self.error(f"course.yaml gives no `config` for {name!r}", "given", parameter)
            if part != "config" and source.kind == "config":
                raise self.error(f"{name!r} is a configuration without weights", "given", parameter)

    def _check_comparison(self, question: Question) -> None:
        if question.rubric:
            if question.compare or question.choose or question.measure or question.answer is None:
                raise self.error("a rubric stands alone with `answer`: a person has the last word", "rubric")
            return
        if len(question.compare) != 1:
            names = ", ".join(compare.names())
            raise self.error(f"name one comparison with its parameters; there are: {names}", "compare")
        name, parameters = question.comparison
        try:
            compare.check_parameters(name, parameters)
        except LookupError as error:
            raise self.error(str(error.args[0]), "compare", name) from error
        except ValidationError as error:
            raise self.document.located(error, *self.at, "compare", name) from error
        except ValueError as error:
            raise self.error(str(error), "compare", name) from error
        if (name == "choice") != bool(question.choose):
            raise self.error("`choose` (the options) and the comparison `choice` go together", "compare")

    def _check_returns(self, question: Question) -> None:
        try:
            returns.check_schema(question.returns)
        except ValueError as error:
            raise self.error(str(error), "returns") from error

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
                raise self.error(f"cannot draw {hidden.draw} from a pool of {len(pool)}", "cases", "hidden", "draw")
            hidden = hidden.model_copy(update={"pool": pool})
        if not public and hidden is None:
            if question.inputs:
                raise self.error(f"{question.call} takes {', '.join(question.inputs)}: give it cases", "cases")
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
            raise self.error(f"{hidden.pool} cannot be read: {error.strerror}", "cases", "hidden", "pool") from error
        pool = [self._pool_line(question, file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if not pool:
            raise self.error(f"{hidden.pool} holds no inputs", "cases", "hidden", "pool")
        return tuple(pool)

    def _pool_line(self, question: Question, file: Path, number: int, line: str) -> dict[str, Any]:
        if file.suffix == ".txt":
            if len(question.inputs) != 1:
                raise SpecError("a .txt pool gives one input a case; use .jsonl here", file=file, line=number)
            return {question.inputs[0]: line}
        try:
            inputs = json.loads(line)
        except ValueError as error:
            raise SpecError(f"is not JSON: {error}", file=file, line=number) from error
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
                    raise self.error(f"{value['file']} cannot be read as text: {error}", *path, name, "file") from error
        return filled

    def _check_case(self, question: Question, inputs: dict[str, Any], *path: str | int) -> None:
        if problem := _case_problem(question, inputs):
            raise self.error(problem, *path)


def _case_problem(question: Question, inputs: object) -> str | None:
    if not isinstance(inputs, dict):
        return "a case is a mapping of parameter to value"
    if unknown := [name for name in inputs if name not in question.inputs]:
        return f"{question.call} does not take {', '.join(unknown)} from a case"
    if absent := [name for name in question.inputs if name not in inputs]:
        return f"{question.call} also needs {', '.join(absent)}"
    return None

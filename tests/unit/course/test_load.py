"""Specification errors: each names file, line and field, before any student code runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import CommandLine

from grader.course.load import load_chapter, load_chapters, load_course
from grader.errors import SpecError

COURSE = """\
id: small
title: {zh: 小课, en: A small course}
chapters: [ch01]
models:
  real: {kind: causal_lm, mini: ../m}
  sizes: {kind: config, config: ../c}
"""

CHAPTER = """\
id: ch01
title: {zh: 一, en: One}
questions:
- id: first
  title: {zh: 题, en: First}
  points: 10
  call: f(model, text)
  given: {model: real}
  cases:
    public: [{text: a}]
    hidden: {pool: inputs.txt, draw: 2}
  returns: {type: number}
  compare: {close: {rtol: 1.0e-4, atol: 1.0e-3}}
- id: second
  title: {zh: 题, en: Second}
  points: 10
  answer: second
  choose: {A: {zh: 甲, en: a}, B: {zh: 乙, en: b}}
  compare: {choice: {}}
"""


def course_at(tmp_path: Path, chapter: str = CHAPTER, course: str = COURSE) -> Path:
    root = tmp_path / "assignments"
    (root / "ch01").mkdir(parents=True)
    (root / "course.yaml").write_text(course, encoding="utf-8")
    (root / "ch01" / "assignment.yaml").write_text(chapter, encoding="utf-8")
    (root / "ch01" / "inputs.txt").write_text("one\ntwo\n\nthree\n", encoding="utf-8")
    return root


def test_a_valid_course_is_read_with_its_pools(tmp_path: Path) -> None:
    """The control beside the errors: the unchanged files load, blank pool lines are passed over."""
    (chapter,) = load_chapters(load_course(course_at(tmp_path)))
    hidden = chapter.questions[0].cases.hidden
    assert hidden is not None
    assert hidden.pool == ({"text": "one"}, {"text": "two"}, {"text": "three"})
    assert chapter.points == 20


def test_the_course_of_this_repository_loads(assignments: Path) -> None:
    """Every shipped specification is valid."""
    course = load_course(assignments)
    assert [chapter.id for chapter in load_chapters(course)] == list(course.chapters)


ERRORS = {
    "unknown key": ("  points: 10\n  call", "  pionts: 10\n  points: 10\n  call", 6, "pionts", "not known here"),
    "bad comparison parameter": ("rtol: 1.0e-4", "rtol: tight", 13, "close.rtol", "number"),
    "unknown comparison parameter": ("rtol: 1.0e-4", "relative: 1", 13, "close.relative", "not known here"),
    "unknown comparison": ("close:", "closish:", 13, "compare.closish", "there are bars, choice, close"),
    "two comparisons": ("compare: {close", "compare: {exact: {}, close", 13, "compare", "one comparison"),
    "case that does not fit": ("{text: a}", "{words: a}", 10, "public.0", "does not take words"),
    "case that lacks an input": ("[{text: a}]", "[{}]", 10, "public.0", "also needs text"),
    "duplicate id": ("id: second\n  title", "id: first\n  title", 14, "questions.1.id", "twice"),
    "missing title": ("  title: {zh: 题, en: First}\n", "", 4, "title", "required"),
    "one language": ("{zh: 题, en: First}", "{en: First}", 5, "title.zh", "required"),
    "unknown model": ("model: real}", "model: unreal}", 8, "given.model", "unreal"),
    "unknown parameter": ("{model: real}", "{network: real}", 8, "given.network", "no such parameter"),
    "model without weights": ("model: real}", "model: sizes}", 8, "given.model", "without weights"),
    "bad signature": ("f(model, text)", "f(model", 7, "call", "for example"),
    "negative points": ("points: 10\n  call", "points: -1\n  call", 6, "points", "greater than 0"),
    "absent pool": ("inputs.txt", "absent.txt", 11, "pool", "absent.txt"),
    "too large a draw": ("draw: 2", "draw: 9", 11, "draw", "pool of 3"),
    "two sources of work": ("  answer: second", "  answer: second\n  call: g()", 14, "questions.1", "exactly one"),
    "bad JSON Schema": ("{type: number}", "{type: nummer}", 12, "returns", "nummer"),
    "choice without options": ("  choose: {A: {zh: 甲, en: a}, B: {zh: 乙, en: b}}\n", "", 18, "compare", "choose"),
    "bad size": ("  returns: {type", "  limits: {memory: 1 GB}\n  returns: {type", 12, "limits.memory", "GiB"),
    "id of another folder": ("id: ch01\n", "id: ch02\n", 1, "id", "ch01"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_names_file_line_and_field(tmp_path: Path, name: str) -> None:
    """A change of the valid file that breaks it is reported at its place, in words that say what to do."""
    old, new, line, field, words = ERRORS[name]
    assert old in CHAPTER
    course = load_course(course_at(tmp_path, CHAPTER.replace(old, new, 1)))
    with pytest.raises(SpecError) as caught:
        load_chapter(course, "ch01")
    assert caught.value.file.name == "assignment.yaml"
    assert (caught.value.line, True) == (line, caught.value.field.endswith(field)), str(caught.value)
    assert words in str(caught.value)


def test_the_command_ends_with_2_and_runs_nothing(grader: CommandLine, tmp_path: Path) -> None:
    """`grader check` on a broken spec: one line on stderr, exit code 2, and the student's module is never imported."""
    course = course_at(tmp_path, CHAPTER.replace("points: 10", "points: ten", 1))
    work = tmp_path / "work"
    work.mkdir()
    (work / "ch01.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    done = grader("check", work, "--course", course)
    assert done.returncode == 2
    assert "assignment.yaml:6: questions.0.points" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_folder_without_a_course_says_what_to_do(tmp_path: Path) -> None:
    """A wrong --course is an error with a hint."""
    with pytest.raises(SpecError, match="--course DIR"):
        load_course(tmp_path)


def test_an_input_may_be_the_text_of_a_file(tmp_path: Path) -> None:
    """`{file: …}` in a case is read in from beside the spec, and an absent file is an error with its field."""
    from_file = CHAPTER.replace("public: [{text: a}]", "public: [{text: {file: inputs.txt}}]")
    (chapter,) = load_chapters(load_course(course_at(tmp_path / "there", from_file)))
    assert chapter.questions[0].cases.public == ({"text": "one\ntwo\n\nthree\n"},)
    absent = from_file.replace("{file: inputs.txt}", "{file: absent.txt}")
    with pytest.raises(SpecError, match=r"absent\.txt cannot be read") as error:
        load_chapters(load_course(course_at(tmp_path / "absent", absent)))
    assert error.value.field == "questions.0.cases.public.0.text.file"

"""A plug-in of any kind is one new file: dropped in, it works, and is named wherever its kind is listed."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from support.command_line import CommandLine

from grader import plugins
from grader.audit import checks
from grader.course.schema import schema_of
from grader.errors import GraderError
from grader.execute.runtime import Runtime
from grader.intake import sources
from grader.marking import compare
from grader.render import formats

ROOT = Path(__file__).parent.parent.parent
commands = importlib.import_module("grader.cli.commands")  # `grader.cli.commands` is also a function's name

COMPARISON = '''\
"""Texts by the letters that have to be changed."""

from __future__ import annotations

from itertools import zip_longest

from grader.errors import BrokenReference
from grader.nouns.text import say
from grader.nouns.verdict import Comparison

DIAGNOSABLE = True


def compare(expected, got, *, most: int = 0) -> Comparison:
    """Whether only a few letters have to be changed.

    Args:
        expected: the reference's text.
        got: anything.
        most: letters that
            may differ.
    """
    if type(expected) is not str:
        raise BrokenReference(say("`letters` needs a text from the reference"))
    if type(got) is not str:
        return Comparison(share=0.0, message=say("a text was expected"))
    over = changed(expected, got) - most
    if over <= 0:
        return Comparison(share=1.0)
    return Comparison(share=0.0, message=say("{count} letters too many are to be changed", count=over))


def distance(expected, got, *, most: int = 0) -> float:
    """Letters to change, in units of those that may be."""
    return changed(expected, got) / max(most, 1)


def changed(expected, got):
    return sum(one != other for one, other in zip_longest(expected, got))
'''

FORMAT = '''\
"""One line a submission."""

SUFFIX = ".lines"


def render(reports, *, course, language):
    """Who got how much."""
    return "".join(f"{report.submission}={report.score:g}\\n" for report in reports)
'''

SOURCE = '''\
"""A course site that calls every file STUDENT--CHAPTER.py."""

from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children


def fits(path, chapters):
    """Whether every file is called so."""
    return path.is_dir() and bool(children(path)) and all("--" in child.name for child in children(path))


def take(path, chapters, roster, *, work):
    """A submission a file."""
    named = [(file, *file.name.split("--", 1)) for file in children(path)]
    hand_ins = [HandIn(file.name, student, ((name, file),)) for file, student, name in named]
    return collect(hand_ins, chapters, roster, work=work)
'''

CHECK = '''\
"""Titles are short."""

from grader.nouns.text import say


def check(subject):
    """Every title fits into a table."""
    title = subject.question.title.en
    yield subject.finding("short_title", say("the title {title} is looked at", title=title), ok=title != "Why")
'''

SLOW_CHECK = CHECK.replace("short_title", "dawdling") + "\n\nSLOW = True\n"

COMMAND = '''\
"""Counts."""

import click

from grader.cli import options


@click.command("count")
@options.course_option
def command(course_folder):
    """Count the chapters of a course."""
    from grader.course.load import load_course

    click.echo(f"{len(load_course(course_folder).chapters)} chapters")
'''

DROPPED = {
    "marking/compare/letters.py": COMPARISON,
    "render/formats/lines.py": FORMAT,
    "intake/sources/dashes.py": SOURCE,
    "audit/checks/short_title.py": CHECK,
    "audit/checks/dawdling.py": SLOW_CHECK,
    "cli/commands/count.py": COMMAND,
}

QUESTION = """\
- id: greeting
  title: {zh: 问候, en: Greeting}
  points: 10
  call: greeting(name)
  cases: {public: [{name: Li}], hidden: {pool: [{name: Ada}, {name: Bo}], draw: 2}}
  returns: {type: string}
  compare: {letters: {most: 2}}
"""


@dataclass(frozen=True)
class Extended:
    """A copy of the package with one more plug-in of each kind, and a course that uses the comparison."""

    place: Path

    @property
    def course(self) -> Path:
        return self.place / "course" / "assignments"

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a command of the copy, in English."""
        environment = os.environ | {"PYTHONPATH": str(self.place), "LANGUAGE": "en"}
        return CommandLine().process(*words, cwd=self.place, env=environment)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    place = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "grader", place / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in DROPPED.items():
        assert not (place / "grader" / name).exists()
        (place / "grader" / name).write_text(text, encoding="utf-8")
    course = place / "course"
    shutil.copytree(ROOT / "tests/courses/toy", course)
    for name, text in {
        "assignments/toy/assignment.yaml": QUESTION,
        "assignments/toy/handout.zh.md": "\n## 问候 {#greeting}\n",
        "assignments/toy/handout.en.md": "\n## Greeting {#greeting}\n",
        "reference/toy/solution.py": 'def greeting(name):\n    return f"Hello, {name}!"\n',
        "reference/toy/misconceptions.py": (
            'def greeting__rude(name):\n    """zh: 不礼貌。\n    en: Too short.\n    """\n    return name\n'
        ),
        "submissions_template/toy.py": "def greeting(name):\n    raise NotImplementedError\n",
    }.items():
        with (course / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{text}" if name.endswith(".py") else text)
    return Extended(place)


def test_a_comparison_and_a_format_grade_and_report_a_class(extended: Extended) -> None:
    """The comparison decides marks with the specification's parameter; the format writes them, to a file too."""
    submissions = extended.place / "class"
    for student, text in {"near": "Hullo, {name}?", "far": "Good day, {name}"}.items():
        (submissions / student).mkdir(parents=True)
        (submissions / student / "toy.py").write_text(f'def greeting(name):\n    return f"{text}"\n', encoding="utf-8")
    out = extended.place / "results"
    words = ("--out", out, "--course", extended.course, "--allow-level", 1, "--public-secret")
    graded = extended.run("grade", submissions, *words)
    assert graded.returncode == 0, graded.stderr
    reported = extended.run("report", out, "--format", "lines", "--course", extended.course)
    assert reported.stdout.splitlines() == ["far=0", "near=10"], reported.stderr
    assert "letters too many" in extended.run("report", out, "--format", "json", "--course", extended.course).stdout
    refused = extended.run("report", out, "--format", "lins", "--course", extended.course)
    assert refused.returncode == 2
    assert "lines" in refused.stderr


def test_parameters_of_a_comparison_are_checked_with_their_line(extended: Extended, tmp_path: Path) -> None:
    """What its function does not declare is refused where it is written, before anything runs."""
    course = tmp_path / "course"
    shutil.copytree(extended.place / "course", course)
    file = course / "assignments/toy/assignment.yaml"
    line = next(n for n, text in enumerate(file.read_text("utf-8").splitlines(), 1) if "letters" in text)
    for wrong in ("{mots: 2}", "{most: few}"):
        file.write_text(file.read_text("utf-8").replace("{most: 2}", wrong), "utf-8")
        done = extended.run("audit", "--course", course / "assignments")
        assert done.returncode == 2
        assert f"assignment.yaml:{line}: questions.2.compare.letters.{wrong[1:5]}" in done.stderr
        file.write_text(file.read_text("utf-8").replace(wrong, "{most: 2}"), "utf-8")


def test_a_comparison_is_completed_by_an_editor(extended: Extended) -> None:
    """`grader schema assignment` knows its name, parameters, defaults and words; also inside of another comparison."""
    done = extended.run("schema", "assignment")
    schema = json.loads(done.stdout)
    one = schema["$defs"]["comparison"]
    assert one["properties"]["letters"]["description"] == "Whether only a few letters have to be changed."
    most = schema["$defs"]["comparison.letters"]["properties"]["most"]
    assert (most["type"], most["default"], most["description"]) == ("integer", 0, "letters that may differ.")
    chapter = yaml.safe_load((extended.course / "toy/assignment.yaml").read_text("utf-8"))
    assert problems(schema, chapter) == []
    chapter["questions"][2]["compare"] = {"fields": {"a": {"letters": {"most": 1}}}}
    assert problems(schema, chapter) == []
    chapter["questions"][2]["compare"] = {"fields": {"a": {"letters": {"mots": 1}}}}
    assert problems(schema, chapter) != []


def test_a_source_takes_in_a_class(extended: Extended) -> None:
    """By its name, by its shape alone, and in the help."""
    download = extended.place / "download"
    download.mkdir()
    for student in ("ada", "bo"):
        (download / f"{student}--toy.py").write_text("x = 1\n", encoding="utf-8")
    for words in (("--from", "dashes"), ()):
        shown = extended.run("grade", download, "--dry-run", "--course", extended.course, *words)
        assert shown.returncode == 0, shown.stderr
        rows = [line.split()[:3] for line in shown.stdout.splitlines()[1:]]
        assert rows == [["taken", "ada", "toy.py"], ["taken", "bo", "toy.py"]]
    refused = extended.run("grade", download, "--dry-run", "--course", extended.course, "--from", "dots")
    assert refused.returncode == 2
    assert "dashes" in refused.stderr


def test_a_check_appears_in_the_audit_and_a_slow_one_not_in_the_short_audit(extended: Extended) -> None:
    """Their findings make questions weak; the audit asks the comparison how far values are and whether they tell."""
    for words, slow in (((), {"dawdling"}), (("--short",), set())):
        done = extended.run("audit", "--course", extended.course, "--format", "json", *words)
        assert done.returncode == 1, done.stderr
        found = json.loads(done.stdout)
        weak = {(finding["question"], finding["check"]) for finding in found["findings"] if not finding["ok"]}
        assert {check for question, check in weak if question == "why"} == {"short_title"} | slow
        assert {check for question, check in weak if question == "greeting"} == {"misconceptions_lose"}
        distances = {c["case"]: c["misconceptions"] for c in found["calibrations"] if c["question"] == "greeting"}
        assert distances["public-1"] == {"rude": len("Hello, Li!") / 2}
    assert "short_title" in extended.run("audit", "--course", extended.course, "--short").stdout


def test_a_command_runs_and_is_in_the_help(extended: Extended) -> None:
    """With the first line of its docstring."""
    helped = extended.run("--help")
    lines = [" ".join(line.split()) for line in helped.stdout.splitlines()]
    assert "count Count the chapters of a course." in lines
    assert extended.run("count", "--course", extended.course).stdout == "1 chapters\n"


@pytest.mark.parametrize(
    ("command", "named"),
    [("grade", ["dashes", "folder"]), ("report", ["lines", "csv"]), ("audit", ["dawdling", "mutation"])],
)
def test_help_names_what_is_there(extended: Extended, command: str, named: list[str]) -> None:
    """Lists in help are made from the files, in every language."""
    for language in ("en", "zh"):
        helped = extended.run(command, "--help", "--lang", language).stdout
        assert all(name in helped for name in named), helped


def problems(schema: dict[str, Any], document: object) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("file", sorted(ROOT.glob("assignments/*/assignment.yaml")), ids=lambda file: file.parent.name)
def test_every_shipped_specification_fits_the_schema(file: Path) -> None:
    """An editor that goes by the schema marks nothing in a file that the loader takes."""
    schema = schema_of("assignment")
    chapter = yaml.safe_load(file.read_text("utf-8"))
    assert problems(schema, chapter) == []
    compared = next(question for question in chapter["questions"] if question.get("compare"))
    compared["compare"] = {"clos": {}}
    assert len(problems(schema, chapter)) == 1


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType, str, str], None]:
    """Drops a file into a folder that a plug-in package also looks into."""

    def drop(package: ModuleType, name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])

    return drop


@pytest.mark.parametrize(
    ("package", "use", "lacks"),
    [
        (compare, compare.comparison, "compare"),
        (formats, formats.suffix, "render, SUFFIX"),
        (sources, sources.source, "fits, take"),
        (checks, checks.check, "check"),
        (commands, lambda name: plugins.load(commands, name, "command"), "command"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_file_that_is_no_plug_in_yet_is_named_with_what_it_lacks(
    dropped: Callable[[ModuleType, str, str], None], package: ModuleType, use: Callable[[str], object], lacks: str
) -> None:
    """A clear sentence, for every kind, that says where the interface is told."""
    name = f"empty_{package.__name__.rpartition('.')[2]}"
    dropped(package, name, "")
    with pytest.raises(GraderError, match=rf"{name}\.py does not define {lacks}; the docstring of {package.__name__} "):
        use(name)


def test_a_constant_of_another_type_is_refused(dropped: Callable[[ModuleType, str, str], None]) -> None:
    """A word where True or False belongs would count as true."""
    dropped(compare, "wordy", 'DIAGNOSABLE = "no"\ndef compare(expected, got): ...\n')
    with pytest.raises(GraderError, match=r"wordy\.py: DIAGNOSABLE is 'no'; write a value like False"):
        compare.is_diagnosable("wordy")


def test_an_error_inside_a_plug_in_is_not_taken_for_its_absence(
    dropped: Callable[[ModuleType, str, str], None],
) -> None:
    """`LookupError` while it is imported comes out as it is, and not as 'there is no such source'."""
    dropped(sources, "stumbling", "{}['x']\n")
    with pytest.raises(KeyError):
        sources.source("stumbling")


def test_what_a_check_may_not_yield_is_refused(
    toy: Path, dropped: Callable[[ModuleType, str, str], None], light: Callable[[], Runtime]
) -> None:
    """A text in place of a finding would be lost without a word."""
    from grader.audit.story import audit
    from grader.course.load import load_chapters, load_course
    from grader.nouns.binding import ModelChoice
    from grader.pipeline import Grading

    dropped(checks, "chatty", "def check(subject):\n    yield 'weak'\n")
    course = load_course(toy / "assignments")
    with (
        Grading(course, load_chapters(course), ModelChoice(), store=toy / "keys", runtime=light()) as grading,
        pytest.raises(TypeError, match="'weak'"),
    ):
        audit(grading, short=True)


def test_each_kind_tells_its_interface() -> None:
    """The docstring of a plug-in package names all that a module has to define, and what it may say of itself."""
    told = {
        compare: ("compare(", "distance(", "DIAGNOSABLE", "OF_OPTIONS", "Nested"),
        formats: ("render(", "SUFFIX", "PER_SUBMISSION", "FOR_STAFF"),
        sources: ("fits(", "take(", "FITS_EVERYTHING"),
        checks: ("check(", "SLOW", "ORDER"),
        commands: ("command",),
    }
    for package, words in told.items():
        assert [word for word in words if word not in (package.__doc__ or "")] == []


def test_every_plug_in_loads() -> None:
    """Control: the files that are there define what their kind asks for."""
    assert all(compare.comparison(name) for name in compare.names())
    assert all(formats.suffix(name) for name in formats.names())
    assert all(sources.source(name) for name in sources.names())
    assert all(checks.check(name) for name in checks.names())
    assert [checks.is_slow(name) for name in checks.names()] == sorted(checks.is_slow(name) for name in checks.names())

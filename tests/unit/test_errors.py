"""Whatever stops a command says so in the language asked for: errors, refusals, help."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from support.command_line import CommandLine

import grader
from grader import errors
from grader.cli import commands
from grader.cli.helptext import spoken
from grader.course.load import load_chapter, load_course
from grader.course.models import parse_choice
from grader.intake.own_folder import own_work
from grader.language.speak import told
from grader.nouns.report import Isolation
from grader.nouns.text import say
from grader.render.formats import render
from grader.sandbox.required_level import require_level
from grader.store.ledger import FILE, Ledger

PACKAGE = Path(grader.__file__).parent
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.GraderError)}
NOT_SAID_HERE = {
    ("grader/course/located_yaml.py", "problem"),  # `error` points at a field with a message that it is given
    ("grader/course/load.py", "problem"),  # `_case_problem` says it
    ("grader/execute/dask.py", "problem"),  # each kind of fault has its own
    ("grader/intake/confined.py", "answer.reason"),  # the reader's
    ("grader/intake/listing.py", "left_out[0]"),  # what unpacking left out, and why
    ("grader/sandbox/parent/doubts.py", "_ACCUSED[one.doubt]"),  # a table of messages
    ("grader/sandbox/parent/doubts.py", "_ACCUSED['killed']"),  # as above
}
"""Messages that come from elsewhere: mypy holds that they are messages."""


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Every making of a `GraderError` in the package, with its file."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield file.relative_to(PACKAGE.parent).as_posix(), node


def is_said(node: ast.expr, names: set[str]) -> bool:
    """Whether an expression is a call of `say`, a choice between two, or a name that such a call was given."""
    match node:
        case ast.Call(func=ast.Name(id="say")):
            return True
        case ast.IfExp(body=one, orelse=other):
            return is_said(one, names) and is_said(other, names)
        case ast.Name(id=name):
            return name in names
    return False


def said_names(file: str) -> set[str]:
    """Names in a file that are only ever given what `say` returns, and are no parameter."""
    given: dict[str, list[bool]] = {}
    for node in ast.walk(ast.parse((PACKAGE.parent / file).read_text("utf-8"))):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                given.setdefault(name, []).append(is_said(value, set()))
            case ast.arg(arg=name):
                given.setdefault(name, []).append(False)
    return {name for name, every in given.items() if all(every)}


def test_every_error_is_raised_with_a_message() -> None:
    """A plain string would be English in every language."""
    plain = [
        f"{file}:{call.lineno}: {ast.unparse(call)}"
        for file, call in raised()
        if not is_said(call.args[0], said_names(file)) and (file, ast.unparse(call.args[0])) not in NOT_SAID_HERE
    ]
    assert plain == []
    assert {(file, ast.unparse(call.args[0])) for file, call in raised()} >= NOT_SAID_HERE
    assert {call.func.id for _, call in raised() if isinstance(call.func, ast.Name)} == KINDS


def missing_field(toy: Path) -> None:
    file = toy / "assignments/toy/assignment.yaml"
    file.write_text(file.read_text("utf-8").replace("  points: 10\n", "").replace("call:", "cal:"), "utf-8")
    load_chapter(load_course(toy / "assignments"), "toy")


def wrong_pattern(toy: Path) -> None:
    file = toy / "assignments/toy/assignment.yaml"
    file.write_text(file.read_text("utf-8").replace('["stable|稳定"]', '["("]'), "utf-8")
    load_chapter(load_course(toy / "assignments"), "toy")


def no_comparison(toy: Path) -> None:
    file = toy / "assignments/toy/assignment.yaml"
    file.write_text(file.read_text("utf-8").replace("compare: {close:", "compare: {clos:"), "utf-8")
    load_chapter(load_course(toy / "assignments"), "toy")


def no_key(toy: Path) -> None:
    from grader.marking.outcomes import judge_outcomes
    from grader.nouns.outcome import Returned, Usage
    from grader.nouns.question import Case

    question = load_chapter(load_course(toy / "assignments"), "toy").questions[0]
    case = Case(id="public-1", inputs={"numbers": [1.0]}, hidden=False)
    judge_outcomes(question, {}, [case], [Returned(value=1.0, usage=Usage(wall=0, cpu=0, memory=0))])


def no_run(toy: Path) -> None:
    with Ledger(toy / FILE) as ledger:
        ledger.last_scored()


STOPPED = {
    "spec": (
        missing_field,
        errors.SpecError,
        "assignment.yaml:4: questions.0.points: 必须有这个键（另有 1 处）",
        "assignment.yaml:4: questions.0.points: this key is required (and 1 more)",
    ),
    "validator": (
        wrong_pattern,
        errors.SpecError,
        "questions.1.rubric.0.mentions: “(”不是正则表达式：",
        "questions.1.rubric.0.mentions: '(' is not a regular expression: ",
    ),
    "comparison": (
        no_comparison,
        errors.SpecError,
        "questions.0.compare.clos: 没有比较方式“clos”；有这些：bars, choice",
        "questions.0.compare.clos: there is no comparison 'clos'; there are bars, choice",
    ),
    "model": (
        lambda _: parse_choice(["maxi"]),
        errors.ModelError,
        "--models maxi：请写 mini, full 或 NAME=DIR",
        "--models maxi: write mini, full or NAME=DIR",
    ),
    "reference": (
        no_key,
        errors.BrokenReference,
        "log_sum：答案里没有例子 public-1 的值",
        "log_sum: the key has no value for case public-1",
    ),
    "sandbox": (
        lambda _: require_level(Isolation(level=1, backend="one-shot process"), None),
        errors.SandboxError,
        "这台机器只达到隔离级别 1，批改别人的代码需要 2",
        "this machine reaches isolation level 1, and grading other people's code needs 2",
    ),
    "intake": (
        lambda toy: own_work(toy, {"toy": "other.py"}),
        errors.IntakeError,
        "这里没有这些文件中的任何一个：other.py",
        "none of these files is here: other.py",
    ),
    "ledger": (no_run, errors.LedgerError, f"{FILE}：这里还没有批改过", f"{FILE}: nothing has been graded here yet"),
    "export": (
        lambda toy: render("word", [], course=load_course(toy / "assignments"), language="zh"),
        errors.ExportError,
        "没有格式“word”；有这些：canvas",
        "there is no format 'word'; there are: canvas",
    ),
}


@pytest.mark.parametrize("name", STOPPED)
def test_an_error_of_each_kind_is_said_in_both_languages(toy: Path, name: str) -> None:
    """File, line and field stand in front of it in both; `str` of it is the English one."""
    stop, kind, chinese, english = STOPPED[name]
    with pytest.raises(kind) as caught:
        stop(toy)
    assert chinese in told(caught.value, "zh")
    assert english in told(caught.value, "en")
    assert str(caught.value) == told(caught.value, "en")


def test_an_error_in_an_error_is_said_in_one_language() -> None:
    """The entry of an archive in an archive is refused in the language of the whole."""
    inner = errors.IntakeError(say("{name}: a symbolic link", name="a.py"))
    outer = errors.IntakeError(say("{name} → {problem}", name="hw.zip", problem=inner.problem))
    assert told(outer, "zh") == "hw.zip → a.py：是符号链接"
    assert str(outer) == "hw.zip → a.py: a symbolic link"


In = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def under(grader: CommandLine) -> In:
    """Runs a command under a locale, in a process of its own: click keeps the help it has once made."""
    hidden = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "COLUMNS"}
    own = {name: value for name, value in os.environ.items() if name not in hidden}
    return lambda locale, *words: grader.process(*words, env={**own, "LANG": locale, "PYTHONUTF8": "1"})


def is_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


def helps(command: click.Command) -> list[str]:
    return [option.opts[-1] for option in command.params if isinstance(option, click.Option) and option.help]


def width(line: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def test_help_is_chinese_for_every_option(under: In) -> None:
    """In a Chinese locale, click's own words included, and no line is wider than a terminal of 80 columns."""
    found = under("zh_CN.UTF-8", "check", "--help").stdout
    assert found.startswith("用法: ")
    assert "用公开的例子检查自己的作业。" in found
    assert "Options" not in found
    starts = [f"-{text}" for text in found.split("\n  -")[1:]]
    for option in (*helps(commands()["check"]), "--help"):
        (own,) = (text for text in starts if option in text.split("  ")[0])
        assert is_chinese(own), own
    assert max(map(width, found.splitlines())) <= 80


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help_in_both_languages(name: str) -> None:
    """The command and each option; what is said in one language does not change what is said in another."""
    source = commands()[name]
    chinese = spoken(source, "zh")
    assert is_chinese(chinese.help or "")
    assert not is_chinese(source.help or "")
    for one, other in zip(source.params, chinese.params, strict=True):
        if isinstance(one, click.Option) and isinstance(other, click.Option):
            assert is_chinese(other.help or ""), other.opts
            assert not is_chinese(one.help or ""), one.opts


def test_the_list_of_commands_is_chinese(under: In) -> None:
    """Every command's line, and what the program is for."""
    found = under("zh_CN.UTF-8", "--help").stdout
    head, _, listed = found.partition("命令:\n")
    assert "批改大语言模型课程的作业。" in head
    for name, command in commands().items():
        assert command.hidden or any(
            line.split()[0] == name and is_chinese(line) for line in listed.splitlines() if line
        ), name
    assert max(map(width, found.splitlines())) <= 80


@pytest.mark.parametrize("words", [("--lang", "zh", "--help"), ("--help", "--lang=zh")])
def test_help_follows_the_option(under: In, words: tuple[str, ...]) -> None:
    """Wherever `--lang` stands, it wins over the locale; without it an English locale has English help."""
    found = under("en_US.UTF-8", "check", *words).stdout
    assert "用公开的例子检查自己的作业。" in found
    assert not is_chinese(under("en_US.UTF-8", "check", "--help").stdout)


@pytest.mark.parametrize(
    ("words", "chinese"),
    [
        (("check", "--course", "nowhere"), "grader: nowhere/course.yaml: 没有这个文件；"),
        (("check", "nothing.py"), "错误："),
        (("release",), "错误：请写明要生成什么："),
        (("override", ".", "a", "b", "--reason", "c"), "错误：请给出分数"),
    ],
)
def test_a_refusal_follows_the_option(under: In, words: tuple[str, ...], chinese: str) -> None:
    """Staff errors, click's own and those of a command, each with exit code 2."""
    done = under("en_US.UTF-8", *words, "--lang", "zh")
    assert done.returncode == 2
    assert chinese in done.stderr

"""What is fuzzed: each target takes bytes, and may only raise what the function under it declares."""

from __future__ import annotations

import base64
import io
import json
import lzma
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fuzz.inputs import mutated
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.course.load import load_chapter, load_course
from grader.errors import GraderError, IntakeError
from grader.files import is_junk
from grader.intake.filling import fill, to_wire
from grader.intake.gather import gather
from grader.intake.roster import read_roster
from grader.language.speak import speak
from grader.notebook.convert import converted
from grader.notebook.read import UnreadableError
from grader.nouns.evidence import Evidence
from grader.nouns.outcome import Raised, Returned
from grader.nouns.text import LONGEST, Message, printable, say
from grader.nouns.value import Tensor
from grader.sandbox import wire
from grader.store import evidence

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests/courses/toy"
MODULE = b"ANSWERS = {}\n"
CHAPTERS = {"ch01_overview": "ch01_overview.py"}

Declared = tuple[type[Exception], ...]


@dataclass(frozen=True)
class Target:
    """Something that reads what others wrote.

    Attributes:
        run: reads an input, with an empty folder of its own; asserts what has to hold of what it gave.
        declared: what it may raise.
        samples: inputs to start from; each is tried as it is.
        words: what means something in such an input.
        structured: inputs that are put together, and not changed from samples.
        children: whether it starts processes, which then have limits of their own.
    """

    run: Callable[[bytes, Path], object]
    declared: Declared
    samples: Sequence[bytes]
    words: Sequence[bytes] = ()
    structured: st.SearchStrategy[bytes] | None = None
    children: bool = False

    def inputs(self) -> st.SearchStrategy[bytes]:
        """All inputs."""
        changed = mutated(self.samples, self.words)
        return st.one_of(changed, self.structured) if self.structured is not None else changed


def _names(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir())


# Specifications


def _spec(body: bytes, folder: Path) -> None:
    """A course of one chapter; the first line says which of its two files the rest is."""
    kind, _, text = body.partition(b"\n")
    course = folder / "assignments"
    shutil.copytree(TOY / "assignments", course)
    chapter = next(course.glob("*/assignment.yaml"))
    (chapter if kind == b"assignment" else course / "course.yaml").write_bytes(text)
    loaded = load_course(course)
    for name in loaded.chapters:
        load_chapter(loaded, name)


def _laughs() -> bytes:
    lists = [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *lists]).encode()


_SPECS = (
    *(b"assignment\n" + file.read_bytes() for file in sorted((ROOT / "assignments").glob("*/assignment.yaml"))),
    *(b"assignment\n" + file.read_bytes() for file in sorted(TOY.glob("assignments/*/assignment.yaml"))),
    b"course\n" + (ROOT / "assignments/course.yaml").read_bytes(),
    b"course\n" + (TOY / "assignments/course.yaml").read_bytes(),
    *(
        kind + b"\n" + text
        for kind in (b"assignment", b"course")
        for text in (
            b"id: \x01", b"id: 2001-99-99", b"id: !!python/object:os.system {}",
            b"id: !!python/object/apply:os.system [false]", b"&a [*a]", b"id: &a {b: *a}", b"[" * 3000, _laughs(),
        )
    ),
)  # fmt: skip
_YAML = (
    b"&a ", b"*a", b"!!python/object:os.system ", b"!!int ", b"!!timestamp ", b"!!set ", b"<<: ", b"? ", b"- ", b"| ",
    b"> ", b"%YAML 1.1\n", b"---\n", b"...\n", b"\n  ", b"id: ", b"title: ", b"questions: ", b"call: ", b"compare: ",
    b"close: ", b"returns: ", b"cases: ", b"public: ", b"hidden: ", b"pool: ", b"file: ", b"draw: ", b"limits: ",
    b"wall: ", b"memory: 1GiB", b"rubric: ", b"mentions: ", b"(a+)+$", b"policy: ", b"deadlines: ", b"zone: ",
    b"{type: array, items: ", b"$ref: '#'", b"pattern: ", b"forbid: ", b"given: ", b"null", b"true", b".inf", b"0x",
)  # fmt: skip


# Hand-ins


def _archive(body: bytes, folder: Path) -> None:
    """One archive as a hand-in; the first line is its name's suffix."""
    suffix, _, packed = body.partition(b"\n")
    at = folder / f"work{suffix.decode('latin-1').translate({ord('/'): '_', 0: '_'})[:20]}"
    at.write_bytes(packed)
    into = folder / "into" / "it"
    into.mkdir(parents=True)
    fill([(to_wire(Path(at.name)), to_wire(at))], to_wire(into), "UTC")
    assert _names(folder) == sorted(["into", at.name]), "something was written outside"
    assert _names(folder / "into") == ["it"], "something was written outside"


def _zip(names: Sequence[str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), MODULE, method)
    return buffer.getvalue()


def _tar(names: Sequence[str], mode: str = "", format: int = tarfile.PAX_FORMAT) -> bytes:  # noqa: A002 - as tarfile has it
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{mode}", format=format) as archive:  # type: ignore[call-overload]
        for name in names:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(MODULE), 1.7e9
            archive.addfile(info, io.BytesIO(MODULE))
    return buffer.getvalue()


_NAMES = ("ch01_overview.py", "作业/ch01_overview.py", "a" * 120 + "/data.txt")
_ARCHIVES = (
    b".zip\n" + _zip(_NAMES),
    b".zip\n" + _zip(_NAMES, zipfile.ZIP_LZMA),
    b".zip\n" + _zip(["../ch01_overview.py", "/etc/passwd", "C:\\x", "a\\..\\b"]),
    b".tar\n" + _tar(_NAMES),
    b".tar\n" + _tar(_NAMES, format=tarfile.GNU_FORMAT),
    b".tar.gz\n" + _tar(_NAMES, "gz"),
    b".tar.xz\n" + lzma.compress(_tar(_NAMES), preset=0),
    b".tar.bz2\n" + _tar(_NAMES, "bz2"),
)
_PACKED = (
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"\xff\xff\xff\xff", b"ustar\x0000",
    b"././@LongLink", b"30 mtime=1750245932.9513\n", b"19 size=99999999999\n", b"16 mtime=infinity\n", b".zip\n",
    b".tar\n", b".tar.gz\n", b"GNU.sparse.map=0,1", b"GNU.sparse.major=1\n",
)  # fmt: skip


def _intake(body: bytes, folder: Path) -> None:
    """A folder of hand-ins: a JSON list of `[path as Latin-1, content in base64]`, or `[path, null]` for a folder."""
    try:
        tree = json.loads(body)
        files = [(os.fsencode(path.encode("latin-1")), content) for path, content in tree]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return
    arrived, work = folder / "arrived", folder / "work"
    arrived.mkdir()
    for name, content in files:
        _put(arrived, name, content)
    heard = sum(1 for child in _names(arrived) if not is_junk(child) and not child.startswith("~$"))
    intake = gather([arrived], CHAPTERS, work=work)
    assert not heard or intake.submissions or intake.problems, "nothing is said of what was handed in"
    assert set(_names(folder)) <= {"arrived", "work"}, "something was written outside"
    for problem in intake.problems:
        json.loads(problem.model_dump_json())
        said = speak(problem.message, "zh")
        assert printable(said) == said


def _put(arrived: Path, name: bytes, content: str | None) -> None:
    """Write a file or folder where the system can have one of that name."""
    parts = [part for part in name.split(b"/") if part not in {b"", b".", b".."}]
    place = arrived.joinpath(*map(os.fsdecode, parts))
    try:
        (place if content is None else place.parent).mkdir(parents=True, exist_ok=True)
        if content is not None and parts:
            place.write_bytes(base64.b64decode(content, validate=False))
    except (OSError, ValueError, TypeError):
        return


def _tree(files: dict[bytes, bytes | None]) -> bytes:
    return json.dumps(
        [[n.decode("latin-1"), None if b is None else base64.b64encode(b).decode()] for n, b in files.items()]
    ).encode()


_HOSTILE = (
    b"downloads", b"hand-ins", b"1", b"20230001", "20230001_张三".encode(), "张三".encode("gbk"), b"ch01_overview.py",
    b"ch01_overview.ipynb", b"work.zip", b"work.tar.gz", b".git", b"HEAD", b"submission_metadata.yml",
    b"Zhang San_123_assignsubmission_file_", b"zhangsan_123_456_ch01_overview.py", b"a\x1b[2Jb", b"\xff\xfe", b"-rf",
    b"con.py", b"a" * 250, b"__MACOSX", b"=cmd()", b"{a:>2000000000}", b"{b.x}", b"a\nb", b"a\rb", b"\xe2\x80\xae",
    b"export-info.xml", b"x.rar", b"submission_1", b"20230001-2024-99-99 99.99.99.zip", b"9" * 200,
)  # fmt: skip
_BODIES = (MODULE, b"", b"\0", _ARCHIVES[0][5:], _ARCHIVES[5][8:], b"ref: refs/heads/main\n", b":submission_1: 7\n",
           b"{}", b"submission_1:\n  :submitters:\n  - :name: *a\n", b"[" * 100)  # fmt: skip
_path = st.lists(st.one_of(st.sampled_from(_HOSTILE), st.binary(min_size=1, max_size=12)), min_size=1, max_size=3)
_TREES = st.dictionaries(_path.map(b"/".join), st.sampled_from([None, *_BODIES]), min_size=1, max_size=5).map(_tree)


# Notebooks


def _notebook(body: bytes, folder: Path) -> None:
    file = folder / "ch01_overview.ipynb"
    file.write_bytes(body)
    made = converted(file, _QUESTIONS, ["q"])
    made.source.encode()
    assert made.text.count("\n") >= len(made.lines) - 1 or not made.lines


_course = load_course(TOY / "assignments")
_QUESTIONS = load_chapter(_course, _course.chapters[0]).questions
_NOTEBOOKS = tuple(
    file.read_bytes()[: 2**15] if number % 2 else file.read_bytes()
    for number, file in enumerate(sorted((ROOT / "submissions_template").glob("*.ipynb")))
)
_JUPYTER = (
    b'"cell_type": "code"', b'"source": ["%%bash\\n", "!ls\\n"]', b'"source": "x = !ls"', b'"source": {"a": 1}',
    b'"nbformat": 3', b'"nbformat": "4"', b'"nbformat_minor": 1e9', b'"worksheets": []', b'"cells": [null, 1]',
    b"%%time\\n", b"%matplotlib inline\\n", b"a = %b = %c\\n", b"?x\\n", b"x??\\n", b"\\\\\\n", b"\\ud800", b"\\u0000",
    b"# Q1\\n", b"import a.a.a\\n", b"'''", b"((((", b"\\f", b"\\r",
)  # fmt: skip


# Rosters


def _roster(body: bytes, folder: Path) -> None:
    file = folder / "roster.csv"
    file.write_bytes(body)
    roster = read_roster(file)
    assert all(student.id for student in roster.students)
    roster.model_dump_json()


_TABLES = (
    "学号,姓名,邮箱,小组\n20230001,张三,z@example.org,1\n20230002,李四,l@example.org,2\n".encode(),
    "学号,姓名\r\n20230001,张三\r\n".encode("gb18030"),
    "student id,name,moodle\n20230001,San,Participant 901\n".encode("utf-16"),
    b"Student,ID,SIS User ID,SIS Login ID,Section\nSan,7,20230001,san,A\n",
    "编号,学号,最后修改（提交）\n参与者901,20230001,2024年1月1日 下午 3:05\n".encode(),
    b"id,name\r1,a\r2,b\r",
    b"id,name\n1,a\r2,b\n",
    b'id,name\n1,"a\nb"\n',
)
_CELLS = (b"\n1,", b'"', b'""', b",,,,", "学号".encode(), b"id", b"name", b"participant 9", b"\r", b"\r\n", b"=1+1",
          "2024年99月99日 25:61".encode(), "２０２３".encode(), b";", b"x" * 140_000)  # fmt: skip


# Messages


def _message(body: bytes, folder: Path) -> None:
    """A message as a report carries it, said in both languages and read again."""
    del folder
    message = Message.model_validate_json(body)
    for language in ("zh", "en"):
        said = speak(message, "zh" if language == "zh" else "en")
        assert len(said) <= LONGEST
        assert printable(said) == said
    again = Message.model_validate_json(message.model_dump_json())
    assert speak(again, "zh") == speak(message, "zh")
    str(message)


_TEMPLATES = (
    say("{name} could not be taken in, because {reason}", name="a", reason=say("is empty")),
    say("{count} of {b!r} {c:.2f} {d:.1%}", count=3, b="x", c=1.5, d=0.25),
    say("{{literal}} {a:>2000000000} {b.__class__} {c[0]}", a="1", b="2", c="3"),
    say("", a="1"),
)
_SAID = (b"{a}", b"{a!r}", b"{a:.9f}", b"{a:g}", b"{a:.2e}", b"{0}", b"{}", b"{{", b"}}", b'"values": {"a": ', b"1e400",
         b"NaN", b"true", b"null", b'{"zh": "x", "en": "y"}', b'{"text": "{a}", "values": {"a": 1e308}}', b"\\u202e",
         b"\\u0000", b"\\ud800")  # fmt: skip
_value = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("9" * 5000)),
    lambda inner: st.fixed_dictionaries({"text": st.text(max_size=20), "values": st.dictionaries(st.just("a"), inner)}),
    max_leaves=4,
)
_field = st.sampled_from(
    ["{a}", "{b!r}", "{a:.2f}", "{a:g}", "{c:.0%}", "{a:.9e}", "{b.x}", "{a:>99}", "{{", "}}", "中"]
)
_MESSAGES = st.builds(
    lambda text, values: json.dumps({"text": text, "values": values}).encode(),
    st.one_of(st.text(max_size=40), st.lists(_field, max_size=8).map("".join)),
    st.dictionaries(st.sampled_from("abc"), _value, max_size=3),
)


# The wire


def _wire(body: bytes, folder: Path) -> None:
    """A body as a child's answer, as what the grader wrote, and as evidence; what is read can be written again."""
    del folder
    wire.frame_size(body)
    refused: list[Exception] = []
    try:
        value = wire.decode(body)
        again = wire.encode(value)
        assert wire.encode(wire.decode(again)) == again
    except wire.WireError as error:
        refused.append(error)
    try:
        wire.decode(body, bounds=wire.OWN)
        evidence.encode(evidence.decode(body))
    except wire.WireError as error:
        refused.append(error)


_VALUES: tuple[Any, ...] = (
    None, 1.5, {"a": [1, 2, float("nan")], "$b": "x"}, [[[[]]]], {"t": Tensor("bfloat16", np.ones((2, 3), np.float32))},
    {"t": Tensor("int64", np.zeros((0, 4), np.int64)), "u": Tensor("bool", np.ones(3, np.bool_))}, 2**4000,
)  # fmt: skip
_FRAMES = (
    *(wire.encode(value) for value in _VALUES),
    evidence.encode(Evidence(outcomes=(Returned(value=[1.5]), Raised(during="call", type="E", message="m")), file="a")),
    evidence.encode(Evidence(broken=say("{a} is empty", a="b"))),
)
_FRAMED = (b'{"$tensor":0,"dtype":"float32"}', b'{"$float":"nan"}', b'{"$opaque":"x"}', b'{"$dict":[]}', b'{"$dict":[[',
           b"\0\0\0\0", b"\0\0\0\x02[]", b'"dtype":"F32"', b'"shape":[0,1000000000]', b'"data_offsets":[0,8]',
           b"__metadata__", b'"kind":"returned"', b'"outcomes":[]', b'"evidence":null', b"\xff" * 8, b"-0", b"1e999",
           b"null")  # fmt: skip


def _bodied(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


_KEYS = ("$dict", "$float", "$opaque", "$tensor", "dtype", "evidence", "outcomes", "outcome", "kind", "value",
         "figures", "a", "\ud800")  # fmt: skip
_JSONS = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=9)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    ),
)  # fmt: skip


TARGETS = {
    "spec": Target(_spec, (GraderError,), _SPECS, _YAML),
    "archive": Target(_archive, (IntakeError,), _ARCHIVES, _PACKED),
    "intake": Target(_intake, (IntakeError,), [_tree({n: MODULE}) for n in _HOSTILE], (), _TREES, children=True),
    "notebook": Target(_notebook, (UnreadableError,), _NOTEBOOKS, _JUPYTER),
    "roster": Target(_roster, (IntakeError,), _TABLES, _CELLS),
    "messages": Target(
        _message, (ValidationError,), [m.model_dump_json().encode() for m in _TEMPLATES], _SAID, _MESSAGES
    ),
    "wire": Target(_wire, (), _FRAMES, _FRAMED, _JSONS.map(lambda tree: _bodied(json.dumps(tree).encode()))),
}

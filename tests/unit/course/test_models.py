"""Binding model names: what works, and what is refused with a hint before torch is imported."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from support.command_line import CommandLine

from grader.course.models import bind, fingerprint, parse_choice
from grader.errors import ModelError
from grader.nouns.course import Course

COURSE = Course.model_validate(
    {
        "id": "c",
        "title": {"zh": "课", "en": "c"},
        "chapters": ["ch01"],
        "models": {
            "real": {"kind": "causal_lm", "mini": "mini", "full": "somebody/absent-model"},
            "bare": {"kind": "causal_lm"},
            "sizes": {"kind": "config", "config": "published"},
        },
    }
)


def safetensors_header(rows: int) -> bytes:
    entry = {"model.embed_tokens.weight": {"dtype": "F32", "shape": [rows, 4], "data_offsets": [0, rows * 16]}}
    header = json.dumps(entry).encode()
    return struct.pack("<Q", len(header)) + header


def directory(path: Path, *, rows: int = 10, highest: int = 9) -> Path:
    path.mkdir(parents=True)
    (path / "config.json").write_text("{}")
    vocabulary = {"model": {"vocab": {"a": 0, "b": highest}}, "added_tokens": [{"id": 1, "content": "<s>"}]}
    (path / "tokenizer.json").write_text(json.dumps(vocabulary))
    (path / "model.safetensors").write_bytes(safetensors_header(rows))
    return path


@pytest.fixture
def course(tmp_path: Path) -> Course:
    directory(tmp_path / "mini")
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "config.json").write_text("{}")
    return COURSE.model_copy(update={"root": tmp_path})


def test_profiles_and_single_bindings_combine() -> None:
    """`--models full --models NAME=DIR` keeps both; anything else is refused."""
    choice = parse_choice(["full", "real=/some/where"])
    assert choice.profile == "full"
    assert choice.directories == {"real": Path("/some/where")}
    with pytest.raises(ModelError, match="NAME=DIR"):
        parse_choice(["tiny"])


def test_the_mini_profile_binds_what_the_course_ships(course: Course) -> None:
    """Directory, source and fingerprint are known; a configuration has no weights."""
    bindings = bind(course, ["real", "sizes"], parse_choice([]))
    assert bindings["real"].source == "mini"
    assert bindings["real"].directory == course.root / "mini"
    assert bindings["sizes"].directory is None
    assert bindings["sizes"].source == "config"


def test_a_directory_of_ones_own_is_named_in_the_source(course: Course, tmp_path: Path) -> None:
    """`NAME=DIR` shows the folder as the source, with the fingerprint of its files."""
    own = directory(tmp_path / "own", rows=20)
    binding = bind(course, ["real"], parse_choice([f"real={own}"]))["real"]
    assert binding.source == str(own)
    assert binding.fingerprint != bind(course, ["real"], parse_choice([]))["real"].fingerprint


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda d: (d / "config.json").unlink(), "config.json"),
        (lambda d: (d / "tokenizer.json").unlink(), "tokenizer.json"),
        (lambda d: (d / "model.safetensors").unlink(), "safetensors"),
        (lambda d: (d / "model.safetensors").write_bytes(b"short"), "fetch it again"),
        (lambda d: (d / "tokenizer.json").write_text("{"), "not JSON"),
        (lambda d: (d / "model.safetensors").write_bytes(safetensors_header(5)), "do not belong together"),
    ],
)
def test_an_unusable_directory_is_refused_with_its_reason(course: Course, tmp_path: Path, harm, words: str) -> None:
    """A missing or broken file, or a tokenizer larger than the embedding, is said before anything is loaded."""
    harm(directory(tmp_path / "own"))
    with pytest.raises(ModelError, match=words):
        bind(course, ["real"], parse_choice([f"real={tmp_path / 'own'}"]))


def test_unknown_names_and_missing_bindings_are_refused(course: Course) -> None:
    """A name the course does not know, in a question or on the command line, and a name without a `mini`."""
    with pytest.raises(ModelError, match="unreal"):
        bind(course, ["unreal"], parse_choice([]))
    with pytest.raises(ModelError, match="unreal"):
        bind(course, [], parse_choice(["unreal=/x"]))
    with pytest.raises(ModelError, match="bare=DIR"):
        bind(course, ["bare"], parse_choice([]))


def test_an_absent_hub_model_says_what_to_do(course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither cached nor reachable: the message names the two ways out."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="--models real=DIR, or grade with --models mini"):
        bind(course, ["real"], parse_choice(["full"]))


def test_the_fingerprint_is_of_contents_not_dates(tmp_path: Path) -> None:
    """Equal files give equal fingerprints; one changed byte changes it."""
    one, two = directory(tmp_path / "one"), directory(tmp_path / "two")
    assert fingerprint([one]) == fingerprint([two])
    (two / "config.json").write_text("{ }")
    assert fingerprint([one]) != fingerprint([two])


def test_the_command_line_starts_without_heavy_packages(grader: CommandLine) -> None:
    """`grader --help` imports neither torch nor transformers nor pandas nor numpy."""
    code = (
        "import sys\nfrom grader.cli import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "print(sorted({'torch', 'transformers', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = grader.process(code=code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"

"""YAML with line numbers."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grader.course.located_yaml import LocatedYaml
from grader.errors import SpecError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=12,
)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "spec.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@given(document=st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), JSON, min_size=1))
def test_data_equals_what_pyyaml_reads(tmp_path_factory: pytest.TempPathFactory, document: dict) -> None:
    """Recording lines changes nothing about the data, for any document of JSON values."""
    text = yaml.safe_dump(document, allow_unicode=True)
    file = written(tmp_path_factory.mktemp("yaml"), text)
    assert LocatedYaml(file).data == {str(key): _keys_as_text(value) for key, value in yaml.safe_load(text).items()}


def _keys_as_text(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _keys_as_text(item) for key, item in value.items()}
    return [_keys_as_text(item) for item in value] if isinstance(value, list) else value


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """A field is found on its own line; an absent one on the line of what holds it."""
    document = LocatedYaml(written(tmp_path, "a: 1\nb:\n  - x: 1\n  - x: 2\n    y: 3\n"))
    assert document.line(("b", 1, "y")) == 5
    assert document.line(("b", 1, "absent")) == 4
    assert document.line(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("", None, "empty"),
        ("a: 1\nb: \x01\n", 2, r"U\+0001"),
        ("a: 1\nb: 2001-99-99\n", 2, "b: .*no value of the kind timestamp"),
        ("a: 1\nb: !!int many\n", 2, "b: .*no value of the kind int"),
        ("a: 0b_\n", 1, "a: .*no value of the kind int"),
        ("a: !!bool perhaps\n", 1, "a: .*no value of the kind bool"),
        ('a: "\\ud800"\n', 1, "a: .*no value of the kind str"),
        (f"a: 1\nb: {'7' * 5000}\n", 2, "more than 100 characters"),
        (f"a: 1{':59' * 3000}\n", 1, "more than 100 characters"),
        ("a:\n  b: !!python/object:os.system {}\n", 2, "only plain values"),
        ("b: !!python/object/apply:os.system ['false']\n", 1, "only plain values"),
        ("b: !!python/name:os.system\n", 1, "no value of the kind python/name:os.system"),
        ("? [a]\n: b\n", 1, "only plain values"),
        ("&a [*a]\n", 1, "nested more than"),
        ("a: 1\nb: &a {c: *a}\n", 2, "nested more than"),
        ("a: 1\nb: " + "[" * 3000, 2, "nested more than"),
        ("- " * 3000, 1, "nested more than"),
        ("- 1\n" * 60_000, 50_000, "more than 50000 values"),
        ("a: '" + "x" * 2**20 + "'\n", None, "larger than 1024 KiB"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    """A duplicate key, broken YAML and an empty file are each a SpecError that says so."""
    with pytest.raises(SpecError, match=words) as caught:
        LocatedYaml(written(tmp_path, text))
    assert caught.value.line == line


def test_aliases_that_stand_for_billions_are_refused_at_once(tmp_path: Path) -> None:
    """Nine lists of nine aliases each are 9**9 values: refused with a line; one list repeated is not."""
    names = "abcdefghi"
    lists = [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise(names)]
    laughs = "\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *lists])
    begun = time.process_time()
    with pytest.raises(SpecError, match="more than 50000 values") as caught:
        LocatedYaml(written(tmp_path, laughs))
    assert time.process_time() - begun < 20
    assert caught.value.line == 1
    assert LocatedYaml(written(tmp_path, "\n".join(laughs.splitlines()[:2]))).data["b"] == [["x"] * 9] * 9


def test_a_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    """A GBK file does not end in a traceback."""
    file = tmp_path / "spec.yaml"
    file.write_bytes("标题: 作业".encode("gbk"))
    with pytest.raises(SpecError, match="UTF-8"):
        LocatedYaml(file)

"""A kept key is read as it was written, or not at all."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from grader.store.values import read_values, write_values

KEY = {"public-1": 2.1972245773362196, "hidden-1": [1, 2, 3], "hidden-2": "text"}


def test_one_wrong_bit_is_found(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each byte of the file in turn: no value is taken from it, and that is said; the file beside it is as it was."""
    file, beside = tmp_path / "a.key", tmp_path / "b.key"
    for one in (file, beside):
        write_values(one, KEY)
    body = file.read_bytes()
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        caplog.clear()
        assert read_values(file) is None
        assert str(file) in caplog.text
    assert read_values(beside) == KEY


def test_a_file_that_is_not_there_or_broken_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of a key that was never computed; one that is cut is said to be damaged."""
    with caplog.at_level(logging.WARNING):
        assert read_values(tmp_path / "none.key") is None
        assert caplog.text == ""
        write_values(tmp_path / "a.key", KEY)
        whole = (tmp_path / "a.key").read_bytes()
        for size in (0, 10, 32, len(whole) - 1):
            (tmp_path / "a.key").write_bytes(whole[:size])
            assert read_values(tmp_path / "a.key") is None
        assert len(caplog.records) == 4

"""The frozen key of a kit keeps every kind of value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.answers.frozen import FrozenMisconception, FrozenQuestion, frozen_file, read_frozen, write_frozen
from grader.course.load import load_chapter, load_course
from grader.errors import GraderError
from grader.nouns.value import Tensor


def test_values_come_back_as_they_were(toy: Path) -> None:
    """Numbers, lists and tensors, of the truth and of misconceptions; the same key gives the same file."""
    chapter = load_chapter(load_course(toy / "assignments"), "toy")
    tensor = Tensor("float32", np.arange(6, dtype=np.float32).reshape(2, 3))
    wrong = FrozenMisconception(name="m", zh="错", en="wrong", see="log_sum", values={"public-1": tensor})
    values = {"public-1": [1, 2.5, {"a": "诗"}], "public-2": tensor}
    write_frozen(chapter, {"q": FrozenQuestion(digest="d", values=values, misconceptions=(wrong,))})
    first = frozen_file(chapter).read_bytes()
    entry = read_frozen(chapter)["q"]
    assert (entry.digest, entry.values["public-1"]) == ("d", values["public-1"])
    for back in (entry.values["public-2"], entry.misconceptions[0].values["public-1"]):
        assert isinstance(back, Tensor)
        assert back.array.tolist() == tensor.array.tolist()
    assert entry.misconceptions[0].explanation.zh == "错"
    write_frozen(chapter, {"q": entry})
    assert frozen_file(chapter).read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"x", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_damaged_file_is_said(toy: Path, content: bytes) -> None:
    """Whatever is in it: one clear error."""
    chapter = load_chapter(load_course(toy / "assignments"), "toy")
    frozen_file(chapter).write_bytes(content)
    with pytest.raises(GraderError, match="is damaged; take it anew"):
        read_frozen(chapter)

"""Sizes are written as they are read."""

from __future__ import annotations

import pytest

from grader.nouns.size import format_size, parse_size


@pytest.mark.parametrize("text", ["1 KiB", "512 MiB", "1.5 GiB", "1000 MiB"])
def test_what_is_written_is_read_back(text: str) -> None:
    """A limit in a message is the limit in the specification."""
    size = parse_size(text)
    assert isinstance(size, int)
    assert format_size(size) == text


def test_other_forms() -> None:
    """Small sizes have no unit of thousands; numbers pass; a text of another form is refused."""
    assert [format_size(n) for n in (0, 1, 1023, 2**40)] == ["0 bytes", "1 bytes", "1023 bytes", "1024 GiB"]
    assert parse_size(4096) == 4096
    for text in ("1GB", "-1MiB", "MiB", "1e3KiB"):
        with pytest.raises(ValueError, match="KiB, MiB or GiB"):
            parse_size(text)

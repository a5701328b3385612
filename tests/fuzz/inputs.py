"""Inputs for a target: anything, and real samples with hostile changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

LARGEST = 2**17
"""Bytes of an input; repetition makes most of a text, so that what grows faster than its size shows."""
_COMMON = (
    b"\0", b"\x01", b"\r", b"\n", b"\x1b[2J", b"\x7f", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    "作业".encode(), "作业".encode("gbk"), "\u202e\u2028\u0085\ufeff".encode(), b"-1", b"0", b"1e999", b"nan",
    b"9" * 5000, b"1" + b":59" * 50, b"2001-99-99", b"../", b"/dev/zero", b"\\ud800", b"{", b"}", b"[", b"]", b'"',
    b"'", b",", b":", b" ", b"\t", b"{b.__class__}", b"{a:>2000000000}", b"%s%n", b"a" * 300,
)  # fmt: skip
_REPEATS = (1, 1, 1, 1, 2, 5, 60, 3000)

Edit = Callable[[bytes], bytes]


def mutated(samples: Sequence[bytes], words: Sequence[bytes] = ()) -> st.SearchStrategy[bytes]:
    """Samples as they are and changed in one to eight places, and bytes without any form.

    Args:
        samples: real inputs.
        words: what means something in such an input, beside what is hostile in any.
    """
    real = st.sampled_from(list(samples))
    changed = st.builds(_changed, real, st.lists(_edit(words), min_size=1, max_size=8))
    spliced = st.builds(lambda a, b, at: (a[: at % (len(a) + 1)] + b[at % (len(b) + 1) :])[:LARGEST],
                        real, real, st.integers(0, LARGEST))  # fmt: skip
    return st.one_of(changed, changed, changed, spliced, real, st.binary(max_size=300), _of(words))


def _of(words: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """A text of words only."""
    return st.lists(st.sampled_from([*words, *_COMMON]), max_size=30).map(b"".join)


def _edit(words: Sequence[bytes]) -> st.SearchStrategy[Edit]:
    place, length = st.integers(0, LARGEST), st.integers(0, 40)
    word = st.builds(
        lambda word, times: (word * times)[: LARGEST // 2],
        st.one_of(st.sampled_from([*words, *_COMMON]), st.binary(min_size=1, max_size=4)),
        st.sampled_from(_REPEATS),
    )
    return st.one_of(
        st.builds(_replaced, place, length, word),
        st.builds(_replaced, place, st.just(0), word),
        st.builds(_replaced, place, length, st.just(b"")),
        st.builds(_repeated, place, length, st.sampled_from(_REPEATS)),
        st.builds(_flipped, place, st.integers(1, 255)),
    )


def _replaced(place: int, length: int, word: bytes) -> Edit:
    def edit(body: bytes) -> bytes:
        at = place % (len(body) + 1)
        return body[:at] + word + body[at + length :]

    return edit


def _repeated(place: int, length: int, times: int) -> Edit:
    def edit(body: bytes) -> bytes:
        at = place % (len(body) + 1)
        return body[:at] + body[at : at + length] * times + body[at:]

    return edit


def _flipped(place: int, bits: int) -> Edit:
    def edit(body: bytes) -> bytes:
        if not body:
            return body
        at = place % len(body)
        return body[:at] + bytes([body[at] ^ bits]) + body[at + 1 :]

    return edit


def _changed(body: bytes, edits: Sequence[Edit]) -> bytes:
    for edit in edits:
        body = edit(body)[:LARGEST]
    return body

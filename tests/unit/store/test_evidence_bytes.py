"""Evidence read from bytes that somebody else may have written."""

from __future__ import annotations

from typing import Any

import pytest

from grader.nouns.evidence import Evidence
from grader.nouns.outcome import Returned
from grader.sandbox import wire
from grader.store.evidence import decode, encode

EVIDENCE = Evidence(outcomes=(Returned(value=[1.5], figures={"loss": 2.0}),), file="toy.py")
PLAIN: dict[str, Any] = {"evidence": {}, "outcomes": [{"outcome": {"kind": "returned"}, "value": 1, "figures": None}]}


def test_evidence_is_read_as_it_was_written() -> None:
    """The honest control: values and figures come back."""
    assert decode(encode(EVIDENCE)) == EVIDENCE
    assert decode(wire.encode(PLAIN)).outcomes == (Returned(value=1),)


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {"outcomes": []},
        PLAIN | {"evidence": None},
        PLAIN | {"evidence": {"line": "first"}},
        PLAIN | {"evidence": {"unknown": 1}},
        PLAIN | {"outcomes": [1]},
        PLAIN | {"outcomes": [[]]},
        PLAIN | {"outcomes": [{}]},
        PLAIN | {"outcomes": [{"outcome": {"kind": "returned"}}]},
        PLAIN | {"outcomes": [{"outcome": {"kind": "perfect"}, "value": 1, "figures": None}]},
    ],
)
def test_bytes_that_are_no_evidence_are_refused_as_such(content: Any) -> None:
    """Well-formed values that are no evidence are the one error that readers of evidence expect."""
    with pytest.raises(wire.WireError, match="not evidence"):
        decode(wire.encode(content))

"""Evidence as bytes and back: all that is needed to judge a question again without running anything."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from grader.nouns.evidence import Evidence
from grader.nouns.outcome import Outcome, Returned
from grader.sandbox import wire

_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def encode(evidence: Evidence) -> bytes:
    """Write evidence as bytes, with the returned tensors. Reading them executes nothing."""
    plain = evidence.model_dump(mode="json", exclude={"outcomes"})
    return wire.encode({"evidence": plain, "outcomes": [_packed(outcome) for outcome in evidence.outcomes]})


def decode(body: bytes) -> Evidence:
    """Read evidence from bytes.

    Raises:
        WireError: the bytes are not what `encode` writes.
    """
    content = wire.decode(body, bounds=wire.OWN)
    if not isinstance(content, dict) or not isinstance(content.get("outcomes"), list):
        raise wire.WireError("not evidence")
    try:
        evidence = Evidence.model_validate_json(_json(content["evidence"]))
        return evidence.model_copy(update={"outcomes": tuple(map(_unpacked, content["outcomes"]))})
    except (KeyError, TypeError, ValueError) as error:
        raise wire.WireError(f"not evidence: {type(error).__name__}") from error


def _packed(outcome: Outcome) -> dict[str, Any]:
    packed: dict[str, Any] = {"outcome": outcome.model_dump(mode="json", exclude={"value", "figures"})}
    if isinstance(outcome, Returned):
        packed |= {"value": outcome.value, "figures": outcome.figures}
    return packed


def _unpacked(packed: dict[str, Any]) -> Outcome:
    outcome = _OUTCOME.validate_python(packed["outcome"])
    if isinstance(outcome, Returned):
        return outcome.model_copy(update={"value": packed["value"], "figures": packed["figures"]})
    return outcome


def _json(content: object) -> str:
    import json

    return json.dumps(content)

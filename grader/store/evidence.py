"""What running gave: all that is needed to mark a question again without running anything."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from grader.marking.forbid import Use
from grader.nouns.base import Noun
from grader.nouns.outcome import Outcome, Returned
from grader.nouns.report import Isolation
from grader.nouns.text import Message
from grader.nouns.verdict import Verdict
from grader.sandbox import wire


class Evidence(Noun):
    """One question of one submission, run and not yet judged.

    Attributes:
        outcomes: one a case; a measured question's carry figures.
        uses: uses of forbidden names in the source, placed in what was handed in.
        file, line: where the question is answered; `line` is None where that is not known.
        broken: why nothing could be run.
        notes: what the run showed about the hand-in.
        isolation: what the run was confined by; None where nothing ran.
    """

    outcomes: tuple[Outcome, ...] = ()
    uses: tuple[Use, ...] = ()
    file: str = ""
    line: int | None = None
    broken: Message | None = None
    notes: tuple[Message, ...] = ()
    isolation: Isolation | None = None


class Judged(Noun):
    """A verdict with what else a report says about the run behind it."""

    verdict: Verdict
    notes: tuple[Message, ...] = ()
    isolation: Isolation | None = None


_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def encode(evidence: Evidence) -> bytes:
    """Evidence as bytes, returned tensors and all; nothing in them is executed when they are read."""
    plain = evidence.model_dump(mode="json", exclude={"outcomes"})
    return wire.encode({"evidence": plain, "outcomes": [_packed(outcome) for outcome in evidence.outcomes]})


def decode(body: bytes) -> Evidence:
    """The evidence in some bytes.

    Raises:
        WireError: they are not what `encode` writes.
    """
    content = wire.decode(body)
    if not isinstance(content, dict) or not isinstance(content.get("outcomes"), list):
        raise wire.WireError("not evidence")
    evidence = Evidence.model_validate_json(_json(content["evidence"]))
    return evidence.model_copy(update={"outcomes": tuple(map(_unpacked, content["outcomes"]))})


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

"""What is damaged in a ledger, in words: whose row it is and how to have it again."""

from __future__ import annotations

from collections.abc import Mapping

from grader.nouns.text import Message, say
from grader.store.database import Damage
from grader.store.ledger import Ledger

_AGAIN = say("run `grader grade` again with the same hand-ins and --out")
_KINDS: Mapping[str, tuple[Message, Message]] = {
    "submissions": (say("the record of a hand-in"), _AGAIN),
    "work": (say("what was run"), _AGAIN),
    "verdicts": (say("a verdict"), _AGAIN),
    "scores": (say("the report"), _AGAIN),
    "overrides": (say("a mark set by hand"), say("set it again with `grader override`")),
    "rulings": (
        say("a mark set by hand, or an exception"),
        say("give it again with the same command, for example `grader override`"),
    ),
    "renewals": (say("a request to run something again"), say("ask again with `grader grade --again`")),
    "secrets": (say("the fingerprint of a secret"), say("see that GRADER_SECRET is the one of the runs before")),
}
_REPAIRED = frozenset({"work", "verdicts"})


def damage_of(ledger: Ledger) -> tuple[Message, ...]:
    """Say what was found damaged and left out, a message for each row; what was made anew meanwhile is not in it."""
    return tuple(_words(ledger, one) for one in ledger.damage if not _is_repaired(ledger, one))


def repairs_of(ledger: Ledger) -> tuple[Message, ...]:
    """Say what was found damaged and has been made anew."""
    return tuple(
        say("{file}: {kind} of {who} was damaged and has been made anew",
            file=ledger.file.name, kind=_KINDS[one.table][0], who=_who(one))
        for one in ledger.damage
        if _is_repaired(ledger, one)
    )  # fmt: skip


def _is_repaired(ledger: Ledger, one: Damage) -> bool:
    key = str(one.row.get("key", ""))
    return one.table in _REPAIRED and ledger.current(key) != key


def _words(ledger: Ledger, one: Damage) -> Message:
    if not one.table:
        return say("{file}: the file is damaged; what can be read of it was read; {remedy}",
                   file=ledger.file.name, remedy=_AGAIN)  # fmt: skip
    kind, remedy = _KINDS[one.table]
    if not one.row:
        return say("{file}: some rows ({kind}) cannot be reached and were left out; {remedy}",
                   file=ledger.file.name, kind=kind, remedy=remedy)  # fmt: skip
    return say("{file}: {kind} of {who} is damaged and was left out; {remedy}",
               file=ledger.file.name, kind=kind, who=_who(one), remedy=remedy)  # fmt: skip


def _who(one: Damage) -> str:
    """Whose row it is, as far as its columns still say."""
    row = one.row
    owner = row.get("student") or row.get("submission") or row.get("id") or row.get("work") or "?"
    place = "/".join(str(row[name]) for name in ("chapter", "question") if row.get(name))
    return f"{owner}, {place}" if place else str(owner)

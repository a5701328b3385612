"""The secret that a results folder's hidden cases are drawn with stays the same until a person says otherwise."""

from __future__ import annotations

from grader.errors import LedgerError
from grader.nouns.text import say
from grader.pipeline import Grading
from grader.store.ledger import Ledger


def same_secret(ledger: Ledger, grading: Grading, *, new_secret: bool = False) -> None:
    """See that hidden cases are drawn as in the runs before, and record the secret's fingerprint where it is new.

    Raises:
        LedgerError: the secret is another one, and nobody said that it is to be.
    """
    before, now = ledger.fingerprint(), grading.selection.fingerprint
    if not now or before == now:
        return
    if before and not new_secret:
        raise LedgerError(
            say(
                "{file}: graded with another secret; with this one every student gets other hidden cases. Set "
                "GRADER_SECRET (or GRADER_SECRET_FILE, or --public-secret) as in the runs before; or, to draw all "
                "cases anew and run everything again, say `grader grade … --new-secret`",
                file=str(ledger.file),
            )
        )
    ledger.keep_fingerprint(now)

"""The cases of a question, and the ones that each student is graded on."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from grader.errors import GraderError
from grader.nouns.question import Case, Question
from grader.nouns.text import say

SECRET_VARIABLE = "GRADER_SECRET"  # noqa: S105 - the name of a variable, not a secret
SECRET_FILE_VARIABLE = "GRADER_SECRET_FILE"  # noqa: S105 - as above
PUBLIC_SECRET = b"this default is public: set GRADER_SECRET to keep hidden cases hidden"


def course_secret() -> bytes:
    """Return the secret that hidden cases are drawn with: from the environment, a file it names, or a public default.

    Raises:
        GraderError: the file named by GRADER_SECRET_FILE cannot be read or is empty.
    """
    if text := os.environ.get(SECRET_VARIABLE):
        return text.encode()
    if name := os.environ.get(SECRET_FILE_VARIABLE):
        try:
            secret = Path(name).read_bytes().strip()
        except OSError as error:
            raise GraderError(
                say("{name} cannot be read: {error}", name=f"{SECRET_FILE_VARIABLE}={name}", error=error.strerror)
            ) from error
        if not secret:
            raise GraderError(say("{name} is empty; put a random line into it", name=f"{SECRET_FILE_VARIABLE}={name}"))
        return secret
    return PUBLIC_SECRET


def fingerprint(secret: bytes) -> str:
    """Return a hash of the secret, by which a ledger recognises it without revealing it."""
    return hmac.new(secret, b"fingerprint of the secret of a course", hashlib.sha256).hexdigest()[:32]


def all_cases(question: Question) -> tuple[Case, ...]:
    """Return the public cases and the whole hidden pool, in order."""
    public = tuple(
        Case(id=f"public-{n}", inputs=inputs, hidden=False) for n, inputs in enumerate(question.cases.public, 1)
    )
    return public + hidden_pool(question)


def hidden_pool(question: Question) -> tuple[Case, ...]:
    """Return the whole hidden pool; `load_chapter` has already read pool files in."""
    pool = question.cases.hidden.pool if question.cases.hidden else ()
    if isinstance(pool, str):
        raise TypeError(f"{question.id}: the pool {pool} has not been read; load the chapter with load_chapter")
    return tuple(Case(id=f"hidden-{n}", inputs=inputs, hidden=True) for n, inputs in enumerate(pool, 1))


def draw(question: Question, student: str, secret: bytes) -> tuple[Case, ...]:
    """Return the hidden cases of one student, stable across regrades.

    Cases are ranked by HMAC-SHA256(secret, student, question, case inputs) (RFC 2104), so that adding a case to the
    pool moves a student's draw as little as possible.

    >>> about = {"id": "q", "title": {"zh": "题", "en": "q"}, "points": 1, "call": "f(x)"}
    >>> question = Question(**about, cases={"hidden": {"pool": [{"x": n} for n in range(9)], "draw": 2}})
    >>> len(draw(question, "ann", b"secret")), draw(question, "ann", b"secret") == draw(question, "ann", b"secret")
    (2, True)
    >>> draw(question, "ann", b"secret") == draw(question, "ann", b"another secret")
    False
    """
    pool = hidden_pool(question)
    count = question.cases.hidden.draw if question.cases.hidden else None
    if count is None:
        return pool

    def rank(case: Case) -> bytes:
        text = "\0".join((student, question.id, repr(sorted(case.inputs.items()))))
        return hmac.new(secret, text.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()

    chosen = {case.id for case in sorted(pool, key=rank)[:count]}
    return tuple(case for case in pool if case.id in chosen)


def cases_for(question: Question, student: str, secret: bytes, *, hidden: bool) -> Sequence[Case]:
    """Return the cases one student is graded on: all public ones and, with `hidden`, that student's draw."""
    public = tuple(case for case in all_cases(question) if not case.hidden)
    return public + draw(question, student, secret) if hidden else public

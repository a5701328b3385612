"""What a status is called, and how its mark is coloured on a page."""

from __future__ import annotations

from grader.nouns.text import Message, say
from grader.nouns.verdict import Status

STATUS_NAMES: dict[Status, Message] = {
    "correct": say("correct"),
    "partial": say("partly correct"),
    "wrong": say("wrong"),
    "error": say("error"),
    "timeout": say("too slow"),
    "out_of_memory": say("too much memory"),
    "crashed": say("crashed"),
    "garbled": say("unreadable answer"),
    "missing": say("missing"),
    "forbidden": say("forbidden"),
    "needs_review": say("for review"),
}
"""The word of each status."""

TONE: dict[Status, str] = {
    "correct": "good",
    "partial": "part",
    "wrong": "bad",
    "error": "bad",
    "timeout": "bad",
    "out_of_memory": "bad",
    "crashed": "bad",
    "garbled": "bad",
    "missing": "none",
    "forbidden": "bad",
    "needs_review": "wait",
}
"""The class of each status in the style sheets of the pages."""

"""The name, the hidden-case sentence and the page style of each status."""

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

HIDDEN_SENTENCES: dict[Status, Message] = {
    "correct": say("this is right"),
    "partial": say("part of the result is right"),
    "wrong": say("the result is not what is expected"),
    "error": say("your code raised an error"),
    "timeout": say("it was stopped at the time limit"),
    "out_of_memory": say("it took more memory than the limit"),
    "crashed": say("the process ended without an answer"),
    "garbled": say("what came back cannot be read"),
    "missing": say("there is nothing to call, or it is not implemented yet"),
    "forbidden": say("a name that is forbidden here was used"),
    "needs_review": say("it waits for a person"),
}
"""All that is said of a hidden case: a sentence for its status, in which nothing comes from the student's code."""

GUESSED: Message = say("what is right of it, one value given every time would get right as often")
"""All that is said of a question whose hidden cases are right in parts that earn nothing."""

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

"""What staff is told to look at after a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.bulk.worth_a_look import worth_a_look
from grader.nouns.course import Chapter
from grader.nouns.graded import Graded
from grader.nouns.outcome import Usage
from grader.nouns.submission import Submission
from grader.nouns.text import say
from grader.nouns.verdict import CaseVerdict, Status, Verdict

CHAPTER = Chapter.model_validate(
    {
        "id": "toy",
        "title": {"zh": "玩具", "en": "Toy"},
        "questions": [
            {
                "id": "work",
                "title": {"zh": "算", "en": "Work"},
                "points": 1,
                "call": "work()",
                "limits": {"wall": 4},
            }
        ],
    }
)


def graded(student: str, status: Status, **fields: Any) -> Graded:
    """A submission whose one case ended so."""
    case = CaseVerdict(id="public-1", hidden=False, status=status, share=0.0, **fields)
    verdict = Verdict(question="work", share=0.0, status=status, cases=(case,))
    submission = Submission(id=student, student=student, folder=Path(), modules={"toy": "toy.py"})
    return Graded(submission=submission, verdicts={"toy": {"work": verdict}}, isolation=None)


def test_what_machines_cause_too_is_listed_and_nothing_else() -> None:
    """Killed, or late with little computing; not a loop, a crash of its own or a case that was never made."""
    killed = say("the process was killed ({signal})", signal="SIGKILL")
    crashed = say("the process crashed in compiled code ({signal})", signal="SIGSEGV")
    everyone = [
        graded("killed", "crashed", message=killed),
        graded("sleeps", "timeout", usage=Usage(wall=4.1, cpu=0.2)),
        graded("loops", "timeout", usage=Usage(wall=16.0, cpu=4.0)),
        graded("segfault", "crashed", message=crashed),
        graded("left", "crashed", message=say("the process ended without an answer")),
        graded("given up", "timeout"),
        graded("right", "correct", usage=Usage(wall=1, cpu=0.1)),
    ]
    seen = dict(worth_a_look([CHAPTER], everyone))
    assert set(seen) == {"killed", "sleeps"}
    assert "SIGKILL" in str(seen["killed"])
    assert "0.2 of 4 seconds" in str(seen["sleeps"])

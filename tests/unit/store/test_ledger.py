"""The ledger keeps everything as it was, refuses to forget, and tells what moved."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from grader.errors import LedgerError
from grader.nouns.evidence import Evidence, Judged
from grader.nouns.outcome import (
    Crashed,
    Garbled,
    Missing,
    OutOfMemory,
    Raised,
    Returned,
    TimedOut,
    Usage,
)
from grader.nouns.override import Override
from grader.nouns.report import ChapterScore, Environment, Isolation, QuestionScore, Report
from grader.nouns.ruling import Ruling
from grader.nouns.submission import Submission
from grader.nouns.text import Text, say
from grader.nouns.use import Use
from grader.nouns.value import Opaque, Tensor
from grader.nouns.verdict import Verdict
from grader.store.changes import diff, last_two
from grader.store.evidence import decode, encode
from grader.store.ledger import FILE, Ledger, WorkEntry
from grader.store.schema import TABLES

OUTCOMES = (
    Returned(value={"w": Tensor("bfloat16", np.arange(6, dtype=np.float32).reshape(2, 3)), "n": [1, float("nan")]},
             figures={"accuracy": 0.5}, output="多谢\n", usage=Usage(wall=0.5, cpu=0.25, memory=7)),
    Returned(value=Opaque("generator")),
    Returned(value=None),
    Raised(during="call", type="ValueError", message="x", traceback="…", file="a.py", line=3),
    TimedOut(limit=2.0, resource="cpu"),
    OutOfMemory(limit=2**20),
    Crashed(signal=11),
    Garbled(reason="cut"),
    Missing(what="function", name="f", found="g"),
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path):
    with Ledger(tmp_path / FILE) as opened:
        yield opened


def _report(score: float, *, student: str = "s1", share: float = 1.0) -> Report:
    question = QuestionScore(id="q", title=Text(zh="题", en="q"), score=score, max_score=10, status="partial")
    return Report(
        submission=student, student=student, score=score * share, max_score=10,
        isolation=Isolation(level=2, backend="x"),
        environment=Environment(grader="0", python="3", torch="2", transformers="5", platform="l", models=()),
        chapters=(ChapterScore(id="c", title=Text(zh="章", en="c"), score=score * share, max_score=10,
                               questions=(question,)),),
    )  # fmt: skip


def test_every_outcome_comes_back_as_it_was() -> None:
    """Tensors, figures, output and usage survive; nothing is pickled."""
    evidence = Evidence(outcomes=OUTCOMES, uses=(Use(name="generate", file="a.py", line=2),), file="a.py", line=1,
                        broken=say("{x}", x=1), isolation=Isolation(level=3, backend="b"))  # fmt: skip
    back = decode(encode(evidence))
    assert back.model_dump(exclude={"outcomes"}) == evidence.model_dump(exclude={"outcomes"})
    for one, two in zip(evidence.outcomes[1:], back.outcomes[1:], strict=True):
        assert one == two
    first, again = evidence.outcomes[0], back.outcomes[0]
    assert again.figures == first.figures
    assert again.usage == first.usage
    np.testing.assert_array_equal(again.value["w"].array, first.value["w"].array)
    assert again.value["w"].dtype == "bfloat16"
    assert np.isnan(again.value["n"][1])


def test_work_and_verdicts_are_recalled_by_key(ledger) -> None:
    """What is there is found, what is not is absent, and the first one kept stays."""
    run = ledger.begin("grade", {})
    ledger.keep_work(run, [WorkEntry("k1", "s", "c", "q", Evidence(outcomes=OUTCOMES[3:4]))])
    ledger.keep_work(run, [WorkEntry("k1", "s", "c", "q", Evidence())])
    assert ledger.recall(["k1", "k2"])["k1"].outcomes == OUTCOMES[3:4]
    judged = Judged(verdict=Verdict(question="q", share=0.5, status="partial"), notes=(say("n"),))
    ledger.keep_verdicts(run, [("v", "k1", judged)])
    assert ledger.verdicts(["v", "w"]) == {"v": judged}


def test_a_thousand_keys_at_once(ledger) -> None:
    """More keys than one statement takes."""
    run = ledger.begin("grade", {})
    ledger.keep_work(run, (WorkEntry(f"k{n}", "s", "c", "q", Evidence()) for n in range(1200)))
    assert len(ledger.recall([f"k{n}" for n in range(1300)])) == 1200


STATEMENTS = ("UPDATE {} SET {} = 1", "DELETE FROM {}", "REPLACE INTO {} SELECT * FROM {}")
WITHOUT_A_KEY = (STATEMENTS[2], "endings")  # no row of it can be replaced


@pytest.mark.parametrize(
    ("statement", "table"), [pair for pair in product(STATEMENTS, TABLES) if pair != WITHOUT_A_KEY]
)
def test_nothing_is_ever_changed(ledger, table, statement) -> None:
    """The database itself refuses, whoever asks."""
    run = ledger.begin("grade", {})
    ledger.end(run, "done")
    ledger.keep_submissions(run, [(Submission(id="s", student="s", folder=Path("f"), modules={}), "d")])
    ledger.keep_work(run, [WorkEntry("k", "s", "c", "q", Evidence())])
    ledger.keep_verdicts(run, [("v", "k", Judged(verdict=Verdict(question="q", share=1, status="correct")))])
    ledger.keep_scores(run, [(_report(1), {})])
    ledger.override(Override(student="s", chapter="c", score=1, reason="r", who="w", at=datetime.now(UTC)))
    ledger.add("overrides", [("2024-01-01T00:00:00+00:00", "w", "s", "c", None, 1.0, "r")])
    ledger.renewed("k")
    ledger.keep_fingerprint("f")
    other = sqlite3.connect(ledger.file, isolation_level=None)
    other.execute("PRAGMA recursive_triggers = ON")
    column = TABLES[table].split()[0]
    before = other.execute(f"SELECT * FROM {table}").fetchall()
    assert before
    with pytest.raises(sqlite3.DatabaseError, match="the ledger only grows"):
        other.execute(statement.format(table, column if "UPDATE" in statement else table))
    assert other.execute(f"SELECT * FROM {table}").fetchall() == before
    other.close()


def test_a_failed_write_leaves_nothing_behind(ledger) -> None:
    """All rows of a call or none."""
    run = ledger.begin("grade", {})
    with pytest.raises(LedgerError):
        ledger.keep_scores(run, [(_report(1), {}), (_report(1), {})])
    assert ledger.scored() == []


def test_runs_say_who_and_whether_they_ended(ledger) -> None:
    """A run without an ending was killed."""
    first = ledger.begin("grade", {"course": "c"})
    ledger.end(first, "done")
    ledger.begin("rescore", {})
    runs = ledger.runs()
    assert [r.ending for r in runs] == ["done", ""]
    assert runs[0].about == {"course": "c"}
    assert runs[0].who


def test_another_version_is_refused(tmp_path) -> None:
    """A ledger of the future is not touched."""
    file = tmp_path / FILE
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LedgerError, match="another version"):
        Ledger(file)


def test_a_file_that_is_no_ledger(tmp_path) -> None:
    """The error names the file."""
    file = tmp_path / FILE
    file.write_bytes(b"not a database, but long enough to look at" * 50)
    with pytest.raises(LedgerError, match=FILE):
        Ledger(file)


def _two(ledger, old, new, sources=({}, {}), digests=("d", "d")) -> list:
    for report, source, digest in zip((old, new), sources, digests, strict=True):
        run = ledger.begin("grade", {})
        ledger.keep_submissions(run, [(Submission(id="s1", student="s1", folder=Path("f"), modules={}), digest)])
        ledger.keep_scores(run, [(report, source)])
    return list(diff(ledger, *last_two(ledger)))


@pytest.mark.parametrize(
    ("sources", "digests", "said"),
    [
        (({"c/q": ("w", "v")}, {"c/q": ("w2", "v2")}), ("d", "e"), "another hand-in"),
        (({"c/q": ("w", "v")}, {"c/q": ("w2", "v2")}), ("d", "d"), "the question, its inputs or the models"),
        (({"c/q": ("w", "v")}, {"c/q": ("w", "v2")}), ("d", "d"), "marked again"),
        (({"c/q": ("w", "v")}, {"c/q": ("w", "v")}), ("d", "d"), "points or policy"),
    ],
)
def test_diff_says_why(ledger, sources, digests, said) -> None:
    """The reason follows from which key differs."""
    changes = _two(ledger, _report(3), _report(4), sources, digests)
    assert [(c.place, c.before, c.after) for c in changes] == [("c/q", 3, 4), ("", 3, 4)]
    assert said in changes[0].why.text


def test_diff_of_lateness_and_of_nothing(ledger) -> None:
    """A chapter that moved without its questions is policy; equal runs have no difference."""
    changes = _two(ledger, _report(4), _report(4, share=0.5))
    assert [(c.place, c.before, c.after) for c in changes] == [("c", 4, 2), ("", 4, 2)]
    assert _two(ledger, _report(4), _report(4)) == []


def test_diff_of_an_exception(ledger) -> None:
    """The exception is named with who granted it and why, whether it takes a question away or a chapter's lateness."""
    about = {"chapter": "c", "reason": "坏题", "who": "助教", "at": datetime.now(UTC)}
    ledger.rule(Ruling.model_validate({**about, "kind": "drop", "question": "q"}))
    ledger.rule(Ruling.model_validate({**about, "kind": "extend", "student": "s1", "days": 5}))
    whole, cut = _report(4), _report(4)
    chapters = (cut.chapters[0].model_copy(update={"questions": ()}),)
    changes = _two(ledger, whole, cut.model_copy(update={"chapters": chapters}))
    assert [(c.place, c.after, c.why.values["reason"]) for c in changes] == [("c/q", None, "坏题")]
    late = _two(ledger, _report(4), _report(4, share=0.5))
    assert (late[0].place, late[0].why.values["days"]) == ("c", 5)


def test_diff_of_an_override(ledger) -> None:
    """The decision is named with its reason."""
    ledger.override(Override(student="s1", chapter="c", question="q", score=9, reason="答得好", who="助教",
                             at=datetime.now(UTC)))  # fmt: skip
    changes = _two(ledger, _report(4), _report(9))
    assert changes[0].why.values == {"who": "助教", "reason": "答得好"}

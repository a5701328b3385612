"""Measures: a value that cannot be measured is the student's, a measure that is broken is the staff's."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.in_memory import InMemory

from grader.course.draw import all_cases
from grader.errors import BrokenReference
from grader.execute.measures import Measures
from grader.nouns.outcome import Garbled, Returned
from grader.nouns.question import Question

QUESTION = Question.model_validate(
    {
        "id": "model",
        "title": {"zh": "模型", "en": "Model"},
        "points": 1,
        "call": "model(size)",
        "cases": {"public": [{"size": 2}, {"size": 3}]},
        "returns": {"type": "array"},
        "measure": "length",
    }
)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A reference folder with a solution and a sound measure."""
    (tmp_path / "solution.py").write_text("def model(size): return [1] * size\n", encoding="utf-8")
    (tmp_path / "measures.py").write_text(
        "def length(value, size): return {'share': sum(value) / size}\n", encoding="utf-8"
    )
    return tmp_path


def test_a_value_that_cannot_be_measured_is_the_students(reference: Path) -> None:
    """The reference's own value is measured once a case to tell; others keep their figures."""
    sandbox = InMemory()
    measures = Measures(sandbox)
    given = (Returned(value=["a", "b"]), Returned(value=[1, 1, 1]))
    for _ in range(3):
        bad, good = measures.measured(reference, QUESTION, all_cases(QUESTION), given)
        assert isinstance(bad, Garbled)
        assert good.figures == {"share": 1.0}
    assert len(sandbox.called("solution.py")) == 1


def test_a_value_that_is_called_faulty_is_the_students_where_the_references_is_not(reference: Path) -> None:
    """The fault is kept, and the reference's own work is measured once to tell."""
    sandbox = InMemory()
    (reference / "measures.py").write_text(
        "def length(value, size):\n    wrong = {'fault': {'zh': 'x', 'en': 'y'}}\n"
        "    return {'share': 1} if value == [1] * size else wrong\n",
        encoding="utf-8",
    )
    measures = Measures(sandbox)
    for _ in range(2):
        (bad,) = measures.measured(reference, QUESTION, all_cases(QUESTION)[:1], (Returned(value=[2, 2]),))
        assert bad.figures == {"fault": {"zh": "x", "en": "y"}}
    assert len(sandbox.called("solution.py")) == 1


@pytest.mark.parametrize(
    "broken",
    [
        "def length(value, size): raise OSError('no')\n",
        "def length(value, size): return 3\n",
        "import nothing_of_it\n",
        "def length(value, size): return {'fault': {'zh': 'x', 'en': 'no data here'}}\n",
    ],
)
def test_a_broken_measure_is_the_staffs(reference: Path, broken: str) -> None:
    """Nobody's value is called unmeasurable by a measure that fails on the reference's own."""
    (reference / "measures.py").write_text(broken, encoding="utf-8")
    with pytest.raises(BrokenReference, match="length"):
        Measures(InMemory()).measured(
            reference, QUESTION, all_cases(QUESTION), (Returned(value=[1, 1]), Returned(value=[1]))
        )


def test_a_measure_that_breaks_on_one_case_only_is_found(reference: Path) -> None:
    """The case that failed is the one that is tried."""
    (reference / "measures.py").write_text(
        "def length(value, size):\n    assert size != 3, 'no data'\n    return {'share': 1}\n", encoding="utf-8"
    )
    cases = all_cases(QUESTION)
    measures = Measures(InMemory())
    assert measures.measured(reference, QUESTION, cases[:1], (Returned(value=[1, 1]),))[0].figures == {"share": 1}
    with pytest.raises(BrokenReference, match="public-2"):
        measures.measured(reference, QUESTION, cases, (Returned(value=[1, 1]), Returned(value=[1, 1, 1])))

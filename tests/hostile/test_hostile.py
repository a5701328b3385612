"""No attack gains a point, reads a secret, reaches a listener, leaves anything behind or stops the batch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from attack import ATTACKS, Attack
from suite_report import SuiteReport

from grader.nouns.outcome import Raised, Returned

LEVELS = (1, 2, 3)
At = Callable[[int], SuiteReport]
BROKEN = re.compile(r"NameError|AttributeError|TypeError|SyntaxError|ImportError|UnboundLocalError|ZeroDivision")
"""What an attack says that failed by itself; it would prove nothing."""


@pytest.mark.parametrize(
    ("attack", "level"),
    [(attack, level) for level in LEVELS for attack in ATTACKS if level >= attack.holds_from],
    ids=lambda value: getattr(value, "name", value),
)
def test_attack_is_worth_nothing(attack: Attack, level: int, suite_at: At) -> None:
    """The attack scores zero and got nowhere, while the honest work beside it scores full."""
    report = suite_at(level)
    result = report.suite.results[attack.name]
    told = repr(result.outcomes)
    assert result.control.share == 1, result.control
    assert result.verdict.share == 0, told
    assert "BREACH" not in told
    assert report.suite.targets.token not in told
    assert "5" * 32 not in told
    first = result.outcomes[0]
    if isinstance(first, Returned) and str(first.value).startswith("stopped"):
        assert not BROKEN.search(str(first.value)), first.value
    if isinstance(first, Raised):
        assert not BROKEN.search(first.type), first.traceback


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_left(level: int, suite_at: At) -> None:
    """After all attacks: no file changed or left over, no process, no zombie, no listener reached, no signal caught."""
    report = suite_at(level)
    assert report.changed == []
    assert report.files == []
    assert report.processes == []
    assert report.zombies == []
    assert report.reached == []
    assert report.suite.signals == []


@pytest.mark.parametrize("level", LEVELS)
def test_a_neighbours_model_is_untouched(level: int, suite_at: At) -> None:
    """Weights, default dtype and grad mode of the child beside an attack are those of any other child."""
    results = suite_at(level).suite.results
    states = [repr(each.model_state) for each in results.values() if each.model_state is not None]
    assert len(states) >= 1
    assert len(set(states)) == 1
    assert "nan" not in states[0]
    assert "torch.float32" in states[0]


def test_there_are_attacks_of_every_family() -> None:
    """At least forty; each family of facts on attacks seen in public has some."""
    families = {attack.name.split("_")[0] for attack in ATTACKS}
    expected = "lies channel output patch leave hang flood crash memory process signal trace proc files net privilege"
    assert families >= set(f"{expected} shadow neighbour".split())
    assert len(ATTACKS) >= 40

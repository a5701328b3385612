"""No attack gains a point, reads a secret, reaches a listener, leaves anything behind or stops the batch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from aftermath import Aftermath
from attack import ATTACKS, Attack

from grader.nouns.outcome import Raised, Returned

LEVELS = (1, 2, 3)
At = Callable[[int], Aftermath]
BROKEN = re.compile(r"NameError|AttributeError|TypeError|SyntaxError|ImportError|UnboundLocalError|ZeroDivision")
"""What an attack says that failed by itself; it would prove nothing."""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_worth_nothing(attack: Attack, level: int, campaign_at: At) -> None:
    """The attack scores zero and got nowhere, while the honest work beside it scores full."""
    if level < attack.holds_from:
        pytest.skip(f"declared: only level {attack.holds_from} and above stop this: {attack.claim}")
    aftermath = campaign_at(level)
    fought = aftermath.campaign.fought[attack.name]
    told = repr(fought.outcomes)
    assert fought.control.share == 1, fought.control
    assert fought.verdict.share == 0, told
    assert "BREACH" not in told
    assert aftermath.campaign.field.token not in told
    assert "5" * 32 not in told
    first = fought.outcomes[0]
    if isinstance(first, Returned) and str(first.value).startswith("stopped"):
        assert not BROKEN.search(str(first.value)), first.value
    if isinstance(first, Raised):
        assert not BROKEN.search(first.type), first.traceback


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_left(level: int, campaign_at: At) -> None:
    """After all attacks: no file changed or left over, no process, no zombie, no listener reached, no signal caught."""
    aftermath = campaign_at(level)
    assert aftermath.changed == []
    assert aftermath.files == []
    assert aftermath.processes == []
    assert aftermath.zombies == []
    assert aftermath.reached == []
    assert aftermath.campaign.signals == []


@pytest.mark.parametrize("level", LEVELS)
def test_a_neighbours_model_is_untouched(level: int, campaign_at: At) -> None:
    """Weights, default dtype and grad mode of the child beside an attack are those of any other child."""
    fought = campaign_at(level).campaign.fought
    states = [repr(each.model_state) for each in fought.values() if each.model_state is not None]
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

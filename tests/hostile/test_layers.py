"""Every layer matters: with one taken away, attacks that it stops get through, and this suite would say so."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pytest
from attack import ATTACKS, Attack
from harness import AttackSuite, Targets, own_temporary_folder
from suite_report import MODEL
from support.left_out import NOT_ROOT, need_level

from grader.sandbox.kernel import confine
from grader.sandbox.parent.forkserver import ForkServer

SAFE = {
    "landlock": ("files_read_canary", "files_read_neighbour", "files_home_and_system", "proc_walk"),
    "seccomp": (
        "process_fork_bomb",
        "process_outlive_the_server",
        "net_unix",
        "net_udp_and_raw",
        "files_metadata",
        "memory_memfd",
    ),
    "rlimits": ("flood_disk_one_file", "flood_descriptors"),
    "capabilities": ("privilege_capabilities",),
    "": (),
}
"""Attacks that may be let through on the machine of whoever runs the tests."""


@pytest.fixture(scope="module", autouse=True)
def _level_two() -> None:
    need_level(2)


def breached(tmp_path: Path, layers: Collection[str], attacks: Collection[Attack]) -> set[str]:
    """Which attacks get through under these layers; the control beside each must be right all the same."""
    targets = Targets(tmp_path, MODEL)
    with own_temporary_folder(tmp_path / "tmp"), ForkServer({}, preload=(), layers=layers) as sandbox:
        suite = AttackSuite(targets, sandbox)
        suite.run(list(attacks))
    targets.close()
    assert all(result.control.share == 1 for result in suite.results.values())
    told = {name: repr(result.outcomes) for name, result in suite.results.items()}
    return {name for name, text in told.items() if "BREACH" in text or targets.token in text}


@pytest.mark.parametrize("layer", [*sorted(confine.LAYERS), ""])
def test_a_layer_taken_away_is_noticed(layer: str, tmp_path: Path) -> None:
    """Without the layer its attacks get through; with all layers (the empty name) none of them does."""
    if layer == "capabilities" and os.geteuid() != 0:
        pytest.skip(NOT_ROOT)
    names = SAFE[layer] or tuple(name for group in SAFE.values() for name in group)
    attacks = [attack for attack in ATTACKS if attack.name in names]
    assert {attack.name for attack in attacks} == set(names)
    expected = set(names) if layer else set()
    assert breached(tmp_path, confine.LAYERS - {layer}, attacks) == expected


def test_every_layer_is_tested() -> None:
    """A layer that is added needs attacks here."""
    assert set(SAFE) == confine.LAYERS | {""}

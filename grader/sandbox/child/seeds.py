"""Random generators of a worker: seeded before the import and every call, so that a rerun gives the same bytes."""

from __future__ import annotations

import random
import sys


def seed_all(seed: int) -> None:
    """Seed `random`, and numpy's and torch's CPU generators where they are loaded.

    Not `torch.manual_seed`: it has every absent accelerator keep a formatted stack, a millisecond for each call.
    """
    random.seed(seed)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
    if torch is not None:
        torch.default_generator.manual_seed(seed)


def settle_torch() -> None:
    """Set torch, where it is loaded, to one thread and deterministic kernels; before the first computation."""
    torch = sys.modules.get("torch")
    if torch is None:
        return
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

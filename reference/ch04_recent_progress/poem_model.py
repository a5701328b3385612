"""A language model of ERNIE 4.5's structure, ten thousand times smaller, trained on lines of poems."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import Ernie4_5Config, Ernie4_5ForCausalLM

STEPS = 120
BATCH = 32
WINDOW = 52  # four couplets with their newlines
PEAK_RATE = 6e-3
WEIGHT_DECAY = 0.1

CONFIG: dict[str, Any] = {
    "hidden_size": 80,
    "intermediate_size": 192,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 20,
    "max_position_embeddings": 256,
    "tie_word_embeddings": True,
}


def vocabulary(corpus: str) -> list[str]:
    """The distinct characters of the corpus in sorted order; a character's id is its place."""
    return sorted(set(corpus))


def train(corpus: str, seed: int, steps: int = STEPS) -> dict[str, Any]:
    """Train with AdamW, linear warm-up and decay, on windows that begin at random line starts.

    Args:
        corpus: poems, one a line.
        seed: of the initial weights and of the order of windows.
        steps: optimiser steps.

    Returns:
        `config` (fields of `Ernie4_5Config`) and `weights` (state dictionary, float32).
    """
    torch.manual_seed(seed)
    names = vocabulary(corpus)
    number = {name: place for place, name in enumerate(names)}
    lines = [line + "\n" for line in corpus.splitlines()]
    config: dict[str, Any] = {"vocab_size": len(names), **CONFIG}
    model = Ernie4_5ForCausalLM(Ernie4_5Config(**config)).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    for _ in range(steps):
        batch = torch.tensor([_window(lines, number) for _ in range(BATCH)])
        logits = model(input_ids=batch[:, :-1]).logits
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    return {"config": config, "weights": weights}


def _window(lines: list[str], number: dict[str, int]) -> list[int]:
    """Random couplets in a row, from a newline on."""
    places = torch.randint(len(lines), (WINDOW // len(lines[0]) + 1,)).tolist()
    text = "\n" + "".join(lines[place] for place in places)
    return [number[character] for character in text[: WINDOW + 1]]

"""DPO that gives a model an identity."""

from __future__ import annotations

import copy
import json
from typing import Any

import torch
from dialogue import answer_log_probabilities, encode
from torch import nn

STEPS = 24
BATCH = 8
RATE = 1e-4
BETA = 0.1

Dialogues = list[tuple[torch.Tensor, int]]


def read(tokenizer: Any, preferences: str) -> tuple[Dialogues, Dialogues]:
    """Chosen and rejected dialogues of the lines of a preference file."""
    rows = [json.loads(line) for line in preferences.splitlines() if line.strip()]
    chosen = [encode(tokenizer, row["question"], row["chosen"]) for row in rows]
    rejected = [encode(tokenizer, row["question"], row["rejected"]) for row in rows]
    return chosen, rejected


def train(model: Any, tokenizer: Any, preferences: str, seed: int, steps: int = STEPS) -> dict[str, Any]:
    """Minimise the DPO loss over layers and final norm; the embedding (and the tied head) stays as it is."""
    torch.manual_seed(seed)
    policy = copy.deepcopy(model).train()
    policy.requires_grad_(False)
    policy.model.layers.requires_grad_(True)
    policy.model.norm.requires_grad_(True)
    chosen, rejected = read(tokenizer, preferences)
    with torch.no_grad():
        start = answer_log_probabilities(model, chosen) - answer_log_probabilities(model, rejected)
    trained = [parameter for parameter in policy.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.0)
    for _ in range(steps):
        batch = torch.randint(len(chosen), (BATCH,)).tolist()
        both = answer_log_probabilities(policy, [chosen[i] for i in batch] + [rejected[i] for i in batch])
        margins = both[:BATCH] - both[BATCH:] - start[batch]
        loss = -nn.functional.logsigmoid(BETA * margins).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
    names = {name for name, parameter in policy.named_parameters() if parameter.requires_grad}
    return {"weights": {n: tensor.detach().clone() for n, tensor in policy.state_dict().items() if n in names}}

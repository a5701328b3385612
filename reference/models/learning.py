"""The one training loop, shared by all three models."""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

REPORT_EVERY = 50  # steps


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn: optimiser steps, and the peak learning rate."""

    steps: int
    peak: float
    warm_up: int = 40
    weight_decay: float = 0.05

    def rate(self, step: int) -> float:
        """Linear warm-up, then a half cosine down to a tenth of the peak (Loshchilov & Hutter 2017)."""
        if step < self.warm_up:
            return self.peak * (step + 1) / self.warm_up
        progress = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.peak * (0.1 + 0.45 * (1 + math.cos(math.pi * progress)))


def learn(name: str, model: nn.Module, loss_of_step: Callable[[], Tensor], schedule: Schedule) -> float:
    """Minimise `loss_of_step()` (a scalar, nats a token) with AdamW. Returns the CPU seconds it took."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": schedule.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=schedule.peak, betas=(0.9, 0.98))
    model.train()
    began = time.process_time()
    recent = 0.0
    for step in range(schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate(step)
        loss = loss_of_step()
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        recent = loss.item() if step == 0 else 0.95 * recent + 0.05 * loss.item()
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == schedule.steps:
            seconds = time.process_time() - began
            text = f"  {name}: step {step + 1}/{schedule.steps}, loss {recent:.3f} nats/token, {seconds:.0f} CPU s"
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    model.eval()
    return time.process_time() - began

"""Dialogues as token ids, and the probability a model gives to an answer."""

from __future__ import annotations

from typing import Any

import torch


def encode(tokenizer: Any, question: str, answer: str) -> tuple[torch.Tensor, int]:
    """Ids [n] of cls, `User: …`, `Assistant: …`, `</s>`; and the place where the answer's tokens begin.

    A finished answer ends with sep where it is read, and with the tokenizer's EOS where it is learnt: ERNIEKit replaces
    the label (`ernie/dataset/finetuning.py` of PaddlePaddle/ERNIE), so that EOS is what a tuned model generates.
    """
    prompt = tokenizer(f"User: {question}\nAssistant: ", add_special_tokens=False)["input_ids"]
    reply = tokenizer(answer, add_special_tokens=False)["input_ids"]
    ids = [tokenizer.cls_token_id, *prompt, *reply, tokenizer.eos_token_id]
    return torch.tensor(ids), 1 + len(prompt)


def answer_log_probabilities(model: Any, dialogues: list[tuple[torch.Tensor, int]]) -> torch.Tensor:
    """Sum of log P(token | before) over the answer and its `</s>`, for each dialogue; float32 [dialogues]."""
    longest = max(len(ids) for ids, _ in dialogues)
    ids = torch.stack([padded(row, longest) for row, _ in dialogues])
    logits = model(ids).logits[:, :-1].float()
    token = torch.log_softmax(logits, dim=-1).gather(-1, ids[:, 1:, None])[..., 0]
    places = torch.arange(1, longest)
    counted = torch.stack([(places >= start) & (places < len(row)) for row, start in dialogues])
    return (token * counted).sum(-1)


def padded(ids: torch.Tensor, length: int) -> torch.Tensor:
    """Ids with zeros on the right; under a causal mask what comes later changes nothing before it."""
    return torch.nn.functional.pad(ids, (0, length - len(ids)))

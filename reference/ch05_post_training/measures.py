"""What is measured on a model that was given an identity."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from dialogue import answer_log_probabilities, encode
from identity import BETA, read
from weights import fault, shapes, weights_fault

HELD_OUT = Path(__file__).with_name("held_out_preferences.jsonl")
NEUTRAL = (
    ("今天天气怎么样？", "今天天气很好，适合出去走走。"),
    ("法国的首都是哪里？", "法国的首都是巴黎。"),
    ("我喜欢读书。", "读书是一个很好的习惯。"),
    ("What is the capital of England?", "The capital of England is London."),
    ("I have a cat.", "I love cats. What is the name of your cat?"),
    ("hello", "Hello! How can I help you?"),
)


def identity_learnt(returned: Any, model: Any, tokenizer: Any, preferences: str) -> dict[str, Any]:
    """Load the returned tensors over the start model and measure it against the start model.

    Args:
        returned: the student's {"weights"}, some or all tensors of the state dictionary.
        model: the start model.
        tokenizer: its tokenizer.
        preferences: the training file; not used here, the held-out questions are the grader's.

    Returns:
        `accuracy`: share of held-out identity questions whose implicit reward beta * (log-ratio of chosen - log-ratio
        of rejected) is above 0; `margin`: its mean, beta = 0.1; `divergence`: mean KL(start || trained) in nats a
        token on dialogues that have nothing to do with identity. Or a `fault`.
    """
    del preferences
    if not isinstance(returned, dict) or "weights" not in returned:
        return fault('应返回 {"weights": …}', 'return {"weights": …}')
    expected = shapes(model)
    if problem := weights_fault(returned["weights"], expected, expected):
        return problem
    trained = copy.deepcopy(model).eval()
    trained.load_state_dict(returned["weights"], strict=False)
    chosen, rejected = read(tokenizer, HELD_OUT.read_text(encoding="utf-8"))
    with torch.inference_mode():
        gains = [
            answer_log_probabilities(trained, answers) - answer_log_probabilities(model, answers)
            for answers in (chosen, rejected)
        ]
        rewards = BETA * (gains[0] - gains[1])
        return {
            "accuracy": float((rewards > 0).float().mean()),
            "margin": float(rewards.mean()),
            "divergence": divergence(model, trained, tokenizer),
        }


def divergence(start: Any, trained: Any, tokenizer: Any) -> float:
    """Mean over all tokens of the neutral dialogues of KL(start || trained), in nats."""
    totals: list[torch.Tensor] = []
    for question, answer in NEUTRAL:
        ids, _ = encode(tokenizer, question, answer)
        before, after = (torch.log_softmax(model(ids[None]).logits[0].float(), -1) for model in (start, trained))
        totals.append((before.exp() * (before - after)).sum(-1))
    return float(torch.cat(totals).mean())

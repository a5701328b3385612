r"""Chapter 5, post-training: the reference answers, in plain torch.

A dialogue is written as ERNIE 4.5 learns it: the cls token, `User: {question}\n`, `Assistant: {answer}`, `</s>`.
Prompt (up to and with `Assistant: `) and answer are tokenised apart, without special tokens, then joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dialogue
import identity
import torch
from torch import nn

ANSWERS = {
    "when_sft": (
        "SFT 用于有高质量“指令-回答”示范数据的场景：让 base model 学会遵循指令、对话格式和输出格式，"
        "或注入特定领域/任务的行为（微调到新任务、蒸馏大模型的回答）。"
    ),
    "when_dpo": (
        "DPO 用于有成对偏好数据 (chosen / rejected) 的场景：在 SFT 之后让模型对齐人类偏好，更有用、诚实、无害，"
        "改变语气、身份（自我认知）、拒答等倾向；不需要训练奖励模型，也不用在线采样。"
    ),
}


def sft_loss(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """The loss of supervised fine-tuning on one dialogue: only tokens of the answer count.

    Mean over the answer's tokens and the closing `</s>` of -log P(token | everything before it), natural log.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    with torch.no_grad():
        logits = model(ids[None]).logits[0, start - 1 : -1].float()
    return float(nn.functional.cross_entropy(logits, ids[start:]))


def dpo_loss(
    policy_chosen: Sequence[float],
    policy_rejected: Sequence[float],
    reference_chosen: Sequence[float],
    reference_rejected: Sequence[float],
    beta: float,
) -> float:
    """The DPO loss of a batch (Rafailov et al. 2023, arXiv:2305.18290, equation 7).

    -mean log sigmoid(beta * ((policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)))

    Args:
        policy_chosen: log-probability of each preferred answer under the model in training, [n].
        policy_rejected: the same of the answers to avoid.
        reference_chosen: log-probability of the preferred answers under the frozen start model, [n].
        reference_rejected: the same of the answers to avoid.
        beta: strength of the tie to the start model.
    """
    columns = (policy_chosen, policy_rejected, reference_chosen, reference_rejected)
    tensors = [torch.tensor(column, dtype=torch.float64) for column in columns]
    return float(_loss(tensors[0], tensors[1], tensors[2], tensors[3], beta))


def dpo_gradient(
    policy_chosen: Sequence[float],
    policy_rejected: Sequence[float],
    reference_chosen: Sequence[float],
    reference_rejected: Sequence[float],
    beta: float,
) -> torch.Tensor:
    """The gradient of `dpo_loss` for the policy's log-probabilities.

    Returns:
        float [2, n]: row 0 for `policy_chosen`, row 1 for `policy_rejected`.
    """
    policy = torch.tensor([policy_chosen, policy_rejected], dtype=torch.float64, requires_grad=True)
    frozen = torch.tensor([reference_chosen, reference_rejected], dtype=torch.float64)
    (gradient,) = torch.autograd.grad(_loss(policy[0], policy[1], frozen[0], frozen[1], beta), policy)
    return gradient


def _loss(
    policy_chosen: torch.Tensor,
    policy_rejected: torch.Tensor,
    reference_chosen: torch.Tensor,
    reference_rejected: torch.Tensor,
    beta: float,
) -> torch.Tensor:
    margins = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -nn.functional.logsigmoid(beta * margins).mean()


def train_identity(model: Any, tokenizer: Any, preferences: str) -> dict[str, Any]:
    """Give the model an identity with DPO.

    Args:
        model: the start model, left as it is.
        tokenizer: its tokenizer.
        preferences: one JSON object a line: `question`, `chosen`, `rejected`.

    Returns:
        `weights`: the tensors of the model's state dictionary that training changed; the rest stays the given model's.
    """
    return identity.train(model, tokenizer, preferences, seed=0)

"""Chapter 5: wrong answers that students really give, each run on the same inputs as the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dialogue
import torch
from solution import dpo_gradient, dpo_loss
from torch import nn

Row = Sequence[float]


def _each(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """-log P(token | before) of every token but the first; float32 [n - 1]."""
    with torch.no_grad():
        logits = model(ids[None]).logits[0, :-1].float()
    return nn.functional.cross_entropy(logits, ids[1:], reduction="none")


def sft_loss__prompt_counted(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: 问题部分的 token 也算进了损失；应把它们屏蔽掉 (label = -100)。
    en: The tokens of the prompt count, too; mask them (label = -100).
    """
    ids, _ = dialogue.encode(tokenizer, question, answer)
    return float(_each(model, ids).mean())


def sft_loss__sum_instead_of_mean(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: 你求了和；应对回答的 token 取平均。
    en: The losses were added; take the mean over the tokens of the answer.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    return float(_each(model, ids)[start - 1 :].sum())


def sft_loss__end_not_learnt(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: 结束符 `</s>` 没有算进损失；不学它，模型就不知道何时停下。
    en: The closing `</s>` does not count; without it the model never learns to stop.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    return float(_each(model, ids)[start - 1 : -1].mean())


def sft_loss__sep_as_target(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: 最后一个目标用了 sep（`<|end_of_sentence|>`）；它只在上下文里结束一轮回答，要学会生成的是 `</s>`。
    en: The last target is sep (`<|end_of_sentence|>`), which ends a finished turn in the context; what the model has to
    learn to generate is `</s>`.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    ids[-1] = tokenizer.sep_token_id
    return float(_each(model, ids)[start - 1 :].mean())


def sft_loss__both_ends(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: sep 和 `</s>` 都当成了目标；回答后面只有一个结束符 `</s>`。
    en: Both sep and `</s>` are targets; the answer is followed by one of them, `</s>`.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    both = torch.cat([ids[:-1], torch.tensor([tokenizer.sep_token_id]), ids[-1:]])
    return float(_each(model, both)[start - 1 :].mean())


def sft_loss__not_shifted(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: logits 没有错位：位置 i 的 logits 预测的是第 i+1 个 token。
    en: The logits were not shifted: those at position i predict token i + 1.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    with torch.no_grad():
        logits = model(ids[None]).logits[0, start:].float()
    return float(nn.functional.cross_entropy(logits, ids[start:]))


def sft_loss__cls_forgotten(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: 对话最前面少了 cls token。
    en: The cls token in front of the dialogue is missing.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    return float(_each(model, ids[1:])[start - 2 :].mean())


def sft_loss__divided_by_all_tokens(model: Any, tokenizer: Any, question: str, answer: str) -> float:
    """zh: 屏蔽了问题，平均时却除以了全部 token 的个数。
    en: The prompt is masked, but the mean was taken over all tokens.
    """
    ids, start = dialogue.encode(tokenizer, question, answer)
    each = _each(model, ids)
    return float(each[start - 1 :].sum()) / len(each)


def dpo_loss__reference_forgotten(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> float:
    """zh: 没有减去参考模型的对数概率。
    en: The log-probabilities of the reference model were not subtracted.
    """
    zeros = [0.0] * len(reference_chosen)
    del reference_rejected
    return dpo_loss(policy_chosen, policy_rejected, zeros, zeros, beta)


def dpo_loss__sign_flipped(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> float:
    """zh: chosen 和 rejected 弄反了：这样训练会偏好 rejected。
    en: Chosen and rejected are swapped: training would prefer the rejected answers.
    """
    return dpo_loss(policy_rejected, policy_chosen, reference_rejected, reference_chosen, beta)


def dpo_loss__beta_forgotten(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> float:
    """zh: 没有乘以 beta。
    en: beta was left out.
    """
    del beta
    return dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, 1.0)


def dpo_loss__sum_over_the_batch(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> float:
    """zh: 对批次求了和；应取平均。
    en: The batch was added up; take its mean.
    """
    mean = dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta)
    return mean * len(policy_chosen)


def dpo_loss__sigmoid_without_log(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> float:
    """zh: 只取了 sigmoid，没有取对数。
    en: The sigmoid was taken, but not its logarithm.
    """
    columns = (policy_chosen, policy_rejected, reference_chosen, reference_rejected)
    a, b, c, d = (torch.tensor(column, dtype=torch.float64) for column in columns)
    return -float(torch.sigmoid(beta * ((a - c) - (b - d))).mean())


def dpo_gradient__ascent(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> torch.Tensor:
    """zh: 符号反了：这是负梯度（更新的方向），要的是损失的梯度。
    en: The sign is flipped: this is the direction of the update; the gradient of the loss is asked for.
    """
    return -dpo_gradient(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta)


def dpo_gradient__sum_over_the_batch(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> torch.Tensor:
    """zh: 损失对批次求了和；应取平均，梯度要除以 n。
    en: The loss was added over the batch; with its mean the gradient is divided by n.
    """
    mean = dpo_gradient(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta)
    return mean * len(policy_chosen)


def dpo_gradient__constant_weight(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> torch.Tensor:
    """zh: 梯度少了权重 sigmoid(-beta * margin)：排错的对应当推得更多。
    en: The weight sigmoid(-beta * margin) is missing: pairs in the wrong order are pushed harder.
    """
    del policy_rejected, reference_chosen, reference_rejected
    row = torch.full((len(policy_chosen),), beta / len(policy_chosen), dtype=torch.float64)
    return torch.stack([-row, row])


def dpo_gradient__rejected_not_pushed(
    policy_chosen: Row, policy_rejected: Row, reference_chosen: Row, reference_rejected: Row, beta: float
) -> torch.Tensor:
    """zh: rejected 没有梯度；损失也通过它起作用，符号与 chosen 相反。
    en: The rejected answers got no gradient; the loss acts through them, too, with the opposite sign.
    """
    right = dpo_gradient(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta)
    return torch.stack([right[0], torch.zeros_like(right[1])])

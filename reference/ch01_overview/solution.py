"""Chapter 1, overview: the reference answers, in plain torch and transformers.

Logarithms are natural. `<s>` stands for the tokenizer's beginning-of-sequence token, `</s>` for its end.
"""

from __future__ import annotations

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

ANSWERS = {
    "base_or_instruct_why": (
        "没有一个模型总是更高，要看句子像哪一个模型的训练数据。base model 只在海量普通文本上预训练，"
        "普通句子（散文、诗歌、新闻）的概率通常是 base model 更高。"
        "instruct model 又经过 SFT、DPO 等后训练，概率质量移向对话格式（User/Assistant）和指令的回答，"
        "普通句子的概率因此下降；而像问候、提问、回答这样的句子，instruct model 可以更高。"
        "所有句子的概率之和是 1，一处升高，别处就降低。"
    ),
}


def token_log_probabilities(model: PreTrainedModel, ids: list[int]) -> torch.Tensor:
    """The values of ln P(ids[i] | ids[:i]) for i = 1 … n-1, by one forward pass.

    Position i of the logits predicts token i + 1, so logits and targets are shifted by one.

    Returns:
        float64 [n - 1]; float64 so that the sum over a long text loses nothing.
    """
    row = torch.tensor([ids])
    with torch.no_grad():
        logits = model(input_ids=row).logits[0, :-1]
    scores = logits.double().log_softmax(dim=1)
    return scores.gather(1, row[0, 1:, None])[:, 0]


def sentence_log_probability(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str) -> float:
    """The log-probability of a text: the sum of ln P(w_i | <s>, w_1 … w_{i-1}) over all its tokens.

    The chain rule of the course's first slides. `<s>` is put in front and is never counted itself; no `</s>` follows.

    Returns:
        Nats, at most 0.
    """
    words = tokenizer.encode(text, add_special_tokens=False)
    return float(token_log_probabilities(model, [tokenizer.bos_token_id, *words]).sum())


def base_and_instruct(
    base_model: PreTrainedModel, instruct_model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str
) -> dict[str, float | str]:
    """The log-probability of a text under both models (as `sentence_log_probability`), and which is higher.

    Returns:
        `base` and `instruct` in nats; `higher` is "base" or "instruct".
    """
    base = sentence_log_probability(base_model, tokenizer, text)
    instruct = sentence_log_probability(instruct_model, tokenizer, text)
    return {"base": base, "instruct": instruct, "higher": "base" if base > instruct else "instruct"}


def greedy_search(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompt: str, max_new_tokens: int
) -> list[int]:
    """Greedy decoding, equal to the new tokens of `generate(do_sample=False, max_new_tokens=max_new_tokens)`.

    The prompt is encoded as `tokenizer(prompt)` does, nothing is put in front. Each step takes the most probable
    token (the lowest id of equals) given all tokens before. It ends with `</s>`, which is part of the output, or
    after `max_new_tokens` tokens.

    Returns:
        The ids of the new tokens, without the prompt.
    """
    context = tokenizer(prompt).input_ids
    new: list[int] = []
    while len(new) < max_new_tokens and tokenizer.eos_token_id not in new:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([[*context, *new]])).logits
        new.append(int(logits[0, -1].argmax()))
    return new

"""Chapter 1: wrong answers that students really give, each run on the same inputs as the reference.

A function `<function>__<name>` takes the parameters of `<function>`; its docstring says in both languages what the
student did, without giving the right value away. On a text of one token a mean is a sum: there the value is exactly
the reference's.
"""

from __future__ import annotations

import math

import torch
from solution import sentence_log_probability, token_log_probabilities
from transformers import PreTrainedModel, PreTrainedTokenizerBase

Model = PreTrainedModel
Tokenizer = PreTrainedTokenizerBase


def _words(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)


def _each(model: Model, tokenizer: Tokenizer, text: str) -> torch.Tensor:
    return token_log_probabilities(model, [tokenizer.bos_token_id, *_words(tokenizer, text)])


def _logits(model: Model, ids: list[int]) -> torch.Tensor:
    """Logits as float64 [n, vocabulary]."""
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=torch.tensor([ids])).logits
    return logits[0].double()


def sentence_log_probability__mean_instead_of_sum(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你得到的是每个 token 的平均值：模型返回的 loss 是平均的负对数概率。一句话的概率是连乘，对数概率应当求和。
    en: This is the average per token: the loss a model returns is a mean negative log-probability. The probability
    of a sentence is a product, so its log-probability is a sum.
    """
    return float(_each(model, tokenizer, text).sum()) / len(_words(tokenizer, text))


def sentence_log_probability__mean_without_start(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 这里有两处：这是每个 token 的平均值，而一句话的概率是连乘，对数概率应当求和；另外，前面没有放 `<s>`，
    所以第一个 token 没有算进去（只有一个 token 的句子甚至没有可算的，得到 NaN）。
    en: Two things: this is the average per token, but the probability of a sentence is a product, so its
    log-probability is a sum; and without `<s>` in front the first token is left out (of a text of one token nothing
    is left, hence NaN).
    """
    ids = _words(tokenizer, text)
    if len(ids) == 1:
        return math.nan
    each = token_log_probabilities(model, ids)
    return float(each.sum()) / len(each)


def sentence_log_probability__mean_times_all_tokens(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你用平均值乘以长度来还原总和，但长度多算了一个：放在前面的 `<s>` 没有被预测，不应计数。
    en: You multiplied the mean by a length to get the sum, but counted one token too many: the `<s>` in front is not
    predicted and does not count.
    """
    each = _each(model, tokenizer, text)
    return float(each.sum()) / len(each) * (len(each) + 1)


def sentence_log_probability__log_base_2(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你用了以 2 为底的对数（单位是 bit）；这里要自然对数。
    en: This is a logarithm to base 2 (bits); the natural logarithm is asked for.
    """
    return sentence_log_probability(model, tokenizer, text) / math.log(2)


def sentence_log_probability__log_base_10(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你用了以 10 为底的对数；这里要自然对数。
    en: This is a logarithm to base 10; the natural logarithm is asked for.
    """
    return sentence_log_probability(model, tokenizer, text) / math.log(10)


def sentence_log_probability__sign_flipped(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 符号反了：这是负对数概率（loss 的总和）。概率不超过 1，它的对数不会大于 0。
    en: The sign is flipped: this is the negative log-probability (a summed loss). A probability is at most 1, so its
    logarithm is never above 0.
    """
    return -sentence_log_probability(model, tokenizer, text)


def sentence_log_probability__probability(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你返回的是概率本身；这里要它的自然对数。（长句子的概率小到浮点数会变成 0，所以才用对数。）
    en: This is the probability itself; its natural logarithm is asked for. (The probability of a long sentence is so
    small that it becomes 0 as a float, which is why logarithms are used.)
    """
    return math.exp(sentence_log_probability(model, tokenizer, text))


def sentence_log_probability__perplexity(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你返回的是困惑度 exp(loss)；这里要整句的对数概率。
    en: This is the perplexity exp(loss); the log-probability of the whole sentence is asked for.
    """
    return math.exp(-float(_each(model, tokenizer, text).mean()))


def sentence_log_probability__logits_not_shifted(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: logits 没有错开一位：第 i 个位置的 logits 预测的是第 i+1 个 token，你却用它给第 i 个 token 打分。
    en: The logits are not shifted: those at position i predict token i+1, but you scored token i with them.
    """
    words = _words(tokenizer, text)
    scores = _logits(model, [tokenizer.bos_token_id, *words])[1:].log_softmax(-1)
    return float(scores.gather(1, torch.tensor(words)[:, None]).sum())


def sentence_log_probability__bos_forgotten(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 前面没有放 `<s>`，所以第一个 token 没有上文，它的概率没有算进去。（ERNIE 的 tokenizer 不会自动加 `<s>`。）
    en: There was no `<s>` in front, so the first token had no context and its probability is left out. (ERNIE's
    tokenizer does not add `<s>` by itself.)
    """
    return float(token_log_probabilities(model, _words(tokenizer, text)).sum())


def sentence_log_probability__bos_doubled(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 前面有两个 `<s>`，第二个还被当作句子的一部分算了概率。
    en: There were two `<s>` in front, and the second was scored as part of the sentence.
    """
    bos = tokenizer.bos_token_id
    return float(token_log_probabilities(model, [bos, bos, *_words(tokenizer, text)]).sum())


def sentence_log_probability__other_token_in_front(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 放在前面的不是 `<s>`，而是对话格式里的 `<|begin_of_sentence|>`（cls_token）。请用 tokenizer.bos_token_id。
    en: The token in front is not `<s>` but `<|begin_of_sentence|>` (the cls_token of the chat format). Use
    tokenizer.bos_token_id.
    """
    front = tokenizer.eos_token_id if tokenizer.cls_token_id is None else tokenizer.cls_token_id
    return float(token_log_probabilities(model, [front, *_words(tokenizer, text)]).sum())


def sentence_log_probability__eos_appended(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你在末尾加了 `</s>`，把“句子在这里结束”的概率也乘了进去；这里不加。
    en: You appended `</s>`, so the probability that the sentence ends here is in the product; it is not asked for.
    """
    ids = [tokenizer.bos_token_id, *_words(tokenizer, text), tokenizer.eos_token_id]
    return float(token_log_probabilities(model, ids).sum())


def sentence_log_probability__last_token_only(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你只取了最后一个 token 的条件概率；整句的概率是所有 token 的条件概率的乘积。
    en: Only the conditional probability of the last token was taken; that of the sentence is the product over all
    tokens.
    """
    return float(_each(model, tokenizer, text)[-1])


def sentence_log_probability__most_probable_tokens(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你在每个位置取了最大的概率，而不是句子里那个 token 的概率。
    en: You took the largest probability at each position, not that of the token which the sentence has there.
    """
    scores = _logits(model, [tokenizer.bos_token_id, *_words(tokenizer, text)])[:-1].log_softmax(-1)
    return float(scores.max(dim=-1).values.sum())


def sentence_log_probability__raw_logits(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: 你直接加了 logits，没有做 log_softmax：logits 不是对数概率。
    en: The logits were added up without log_softmax: logits are not log-probabilities.
    """
    words = _words(tokenizer, text)
    logits = _logits(model, [tokenizer.bos_token_id, *words])[:-1]
    return float(logits.gather(1, torch.tensor(words)[:, None]).sum())


def sentence_log_probability__softmax_over_positions(model: Model, tokenizer: Tokenizer, text: str) -> float:
    """zh: softmax 的维度错了：应当对字典（最后一维）归一化，你对句子的位置做了归一化。
    en: The softmax ran over the wrong dimension: over the positions of the sentence instead of the vocabulary (the
    last one).
    """
    words = _words(tokenizer, text)
    scores = _logits(model, [tokenizer.bos_token_id, *words]).log_softmax(0)[:-1]
    return float(scores.gather(1, torch.tensor(words)[:, None]).sum())


Both = dict[str, float | str]


def _both(base: float, instruct: float) -> Both:
    return {"base": base, "instruct": instruct, "higher": "base" if base > instruct else "instruct"}


def base_and_instruct__models_swapped(
    base_model: Model, instruct_model: Model, tokenizer: Tokenizer, text: str
) -> Both:
    """zh: 两个模型弄反了：base 下面是 instruct model 的数，instruct 下面是 base model 的数。
    en: The two models are swapped: the value under `base` is the instruct model's, and the other way round.
    """
    return _both(
        sentence_log_probability(instruct_model, tokenizer, text),
        sentence_log_probability(base_model, tokenizer, text),
    )


def base_and_instruct__same_model_twice(
    base_model: Model,
    instruct_model: Model,  # noqa: ARG001 - the mistake
    tokenizer: Tokenizer,
    text: str,
) -> Both:
    """zh: 两个数都是 base model 算出来的；instruct 应当用 instruct_model。
    en: Both values come from the base model; use instruct_model for `instruct`.
    """
    base = sentence_log_probability(base_model, tokenizer, text)
    return _both(base, base)


def base_and_instruct__lower_loss_called_lower(
    base_model: Model, instruct_model: Model, tokenizer: Tokenizer, text: str
) -> Both:
    """zh: 两个数是对的，但 higher 反了：对数概率是负数，越接近 0 概率越高；不要比较绝对值。
    en: Both values are right, but `higher` is the wrong way round: log-probabilities are negative, and the one nearer
    to 0 is the higher probability; do not compare absolute values.
    """
    both = _both(
        sentence_log_probability(base_model, tokenizer, text),
        sentence_log_probability(instruct_model, tokenizer, text),
    )
    return both | {"higher": "base" if both["higher"] == "instruct" else "instruct"}


def base_and_instruct__losses(base_model: Model, instruct_model: Model, tokenizer: Tokenizer, text: str) -> Both:
    """zh: 符号反了：这是负对数概率（loss 的总和），越小概率越高。
    en: The sign is flipped: these are negative log-probabilities (summed losses), where smaller is more probable.
    """
    return _both(
        -sentence_log_probability(base_model, tokenizer, text),
        -sentence_log_probability(instruct_model, tokenizer, text),
    )


def base_and_instruct__mean_instead_of_sum(
    base_model: Model, instruct_model: Model, tokenizer: Tokenizer, text: str
) -> Both:
    """zh: 两个数都是每个 token 的平均值（模型返回的 loss 是平均值）；这里要对所有 token 求和，与 1.1 相同。
    en: Both values are averages per token (the loss a model returns is a mean); the sum over all tokens is asked for,
    as in 1.1.
    see: sentence_log_probability
    """
    return _both(
        sentence_log_probability__mean_instead_of_sum(base_model, tokenizer, text),
        sentence_log_probability__mean_instead_of_sum(instruct_model, tokenizer, text),
    )


def base_and_instruct__bos_forgotten(base_model: Model, instruct_model: Model, tokenizer: Tokenizer, text: str) -> Both:
    """zh: 前面没有放 `<s>`，第一个 token 的概率没有算进去；约定与 1.1 相同。
    en: There was no `<s>` in front, so the first token's probability is left out; the convention is that of 1.1.
    see: sentence_log_probability
    """
    return _both(
        sentence_log_probability__bos_forgotten(base_model, tokenizer, text),
        sentence_log_probability__bos_forgotten(instruct_model, tokenizer, text),
    )


def base_and_instruct__probabilities(base_model: Model, instruct_model: Model, tokenizer: Tokenizer, text: str) -> Both:
    """zh: 两个数都是概率本身；这里要它们的自然对数，与 1.1 相同。
    en: Both values are the probabilities themselves; their natural logarithms are asked for, as in 1.1.
    see: sentence_log_probability
    """
    return _both(
        sentence_log_probability__probability(base_model, tokenizer, text),
        sentence_log_probability__probability(instruct_model, tokenizer, text),
    )


def _next(model: Model, ids: list[int]) -> int:
    return int(_logits(model, ids)[-1].argmax())


def _decode(model: Model, context: list[int], limit: int, stop: int | None) -> list[int]:
    new: list[int] = []
    while len(new) < limit and stop not in new:
        new.append(_next(model, [*context, *new]))
    return new


def greedy_search__prompt_in_output(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 你返回的列表里带着 prompt 的 token；只要新生成的 token。（API 的输出也带着 prompt，比较前要去掉。）
    en: The list still holds the prompt's tokens; only the new ones are asked for. (The API's output holds the prompt
    too: cut it off before you compare.)
    """
    context = tokenizer(prompt).input_ids
    return [*context, *_decode(model, context, max_new_tokens, tokenizer.eos_token_id)]


def greedy_search__eos_not_honoured(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 生成了 `</s>` 之后还在继续；遇到它应当停止。
    en: Decoding went on after `</s>`; it ends there.
    """
    return _decode(model, tokenizer(prompt).input_ids, max_new_tokens, None)


def greedy_search__eos_left_out(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 在 `</s>` 处停下是对的，但与 API 一样，`</s>` 本身也属于输出，你把它丢掉了。
    en: Stopping at `</s>` is right, but as with the API `</s>` itself belongs to the output; you dropped it.
    """
    new = _decode(model, tokenizer(prompt).input_ids, max_new_tokens, tokenizer.eos_token_id)
    return [token for token in new if token != tokenizer.eos_token_id]


def greedy_search__one_token_too_many(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> list[int]:
    """zh: 循环多走了一步：最多 max_new_tokens 个新 token。
    en: The loop ran once too often: at most max_new_tokens new tokens.
    """
    return _decode(model, tokenizer(prompt).input_ids, max_new_tokens + 1, tokenizer.eos_token_id)


def greedy_search__one_token_too_few(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 循环少走了一步：没有遇到 `</s>` 时应当正好有 max_new_tokens 个新 token。
    en: The loop ran once too few: without `</s>` there are exactly max_new_tokens new tokens.
    """
    return _decode(model, tokenizer(prompt).input_ids, max_new_tokens - 1, tokenizer.eos_token_id)


def greedy_search__limit_counts_the_prompt(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> list[int]:
    """zh: 你把 max_new_tokens 当成了总长度（max_length）；它只数新的 token，不数 prompt。
    en: You took max_new_tokens for the total length (max_length); it counts new tokens only, not the prompt.
    """
    context = tokenizer(prompt).input_ids
    return _decode(model, context, max_new_tokens - len(context), tokenizer.eos_token_id)


def greedy_search__sampled(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 这像是随机采样的结果；greedy search 每一步都取概率最大的 token。
    en: This looks sampled; greedy search takes the most probable token at every step.
    """
    dice = torch.Generator().manual_seed(0)
    context = tokenizer(prompt).input_ids
    new: list[int] = []
    while len(new) < max_new_tokens and tokenizer.eos_token_id not in new:
        chances = _logits(model, [*context, *new])[-1].softmax(-1)
        new.append(int(torch.multinomial(chances, 1, generator=dice)))
    return new


def greedy_search__least_probable(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 每一步取了概率最小的 token（排序方向反了）。
    en: The least probable token was taken at every step (the sort runs the wrong way).
    """
    context = tokenizer(prompt).input_ids
    new: list[int] = []
    while len(new) < max_new_tokens and tokenizer.eos_token_id not in new:
        new.append(int(_logits(model, [*context, *new])[-1].argmin()))
    return new


def greedy_search__only_last_token_seen(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> list[int]:
    """zh: 每一步只把最后一个 token 送进模型，前文丢了；要么送入全部 token，要么传入 past_key_values。
    en: Only the last token was fed at each step, so what came before is lost: feed all tokens, or pass
    past_key_values.
    """
    last = tokenizer(prompt).input_ids[-1]
    new: list[int] = []
    while len(new) < max_new_tokens and tokenizer.eos_token_id not in new:
        new.append(_next(model, [(new or [last])[-1]]))
    return new


def greedy_search__cache_at_position_zero(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> list[int]:
    """zh: 用缓存解码时 position_ids 错了：每个新 token 的位置都从 0 开始数，应当接着前文往下数。
    en: With the cache, position_ids are wrong: each new token was placed at 0, but positions go on from the text
    before.
    """
    ids = torch.tensor([tokenizer(prompt).input_ids])
    new: list[int] = []
    cache = None
    places = torch.arange(ids.shape[1])[None]
    while len(new) < max_new_tokens and tokenizer.eos_token_id not in new:
        with torch.no_grad():
            step = model(input_ids=ids, position_ids=places, past_key_values=cache, use_cache=True)
        new.append(int(step.logits[0, -1].argmax()))
        cache, ids, places = step.past_key_values, torch.tensor([new[-1:]]), torch.zeros(1, 1, dtype=torch.long)
    return new


def greedy_search__bos_in_front(model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int) -> list[int]:
    """zh: 你在 prompt 前面放了 `<s>`；这里按 tokenizer(prompt) 的结果原样使用，与 API 一致。
    en: You put `<s>` in front of the prompt; here it is used as tokenizer(prompt) gives it, as with the API.
    """
    context = [tokenizer.bos_token_id, *tokenizer(prompt).input_ids]
    return _decode(model, context, max_new_tokens, tokenizer.eos_token_id)

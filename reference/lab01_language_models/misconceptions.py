"""Lab 1: wrong answers that students really give, each run on the same inputs as the reference.

Where a mistake changes nothing on a case, its function gives exactly the reference's value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from solution import (
    beam_search,
    bigram_probability,
    chain_rule,
    temperature_distribution,
    top_k_distribution,
    trigram_probability,
    unigram_probability,
)

Transitions = Mapping[str, Mapping[str, float]]
END = "</s>"


def _counts(corpus: Sequence[str], *gram: str) -> int:
    """How often the words of `gram` stand side by side within a sentence."""
    total = 0
    for sentence in corpus:
        words = sentence.split()
        total += sum(tuple(words[i : i + len(gram)]) == gram for i in range(len(words)))
    return total


def _words(corpus: Sequence[str]) -> list[str]:
    return [word for sentence in corpus for word in sentence.split()]


def chain_rule__log_base_2(conditionals: Sequence[float]) -> dict[str, float]:
    """zh: 对数用了以 2 为底（单位 bit），这里要自然对数；困惑度的底数要和对数一致。
    en: The logarithm is to base 2 (bits); the natural logarithm is asked for, and the perplexity uses the same base.
    """
    right = chain_rule(conditionals)
    total = right["log_probability"] / math.log(2)
    return {**right, "log_probability": total, "perplexity": math.exp(-total / len(conditionals))}


def chain_rule__mean_instead_of_sum(conditionals: Sequence[float]) -> dict[str, float]:
    """zh: 你对各个词的对数概率取了平均；句子的概率是连乘，对数概率应当求和。
    en: The log-probabilities of the words were averaged; a sentence's probability is a product, so they are added.
    """
    right = chain_rule(conditionals)
    mean = right["log_probability"] / len(conditionals)
    return {**right, "probability": math.exp(mean), "log_probability": mean}


def chain_rule__probabilities_added(conditionals: Sequence[float]) -> dict[str, float]:
    """zh: 你把条件概率加了起来；链式法则是把它们乘起来。
    en: The conditional probabilities were added; the chain rule multiplies them.
    """
    total = sum(conditionals)
    logarithm = math.log(total)
    return {"probability": total, "log_probability": logarithm, "perplexity": math.exp(-logarithm / len(conditionals))}


def chain_rule__perplexity_not_per_word(conditionals: Sequence[float]) -> dict[str, float]:
    """zh: 困惑度没有除以词数 n：它是每个词的平均不确定程度，即 exp(-log P / n)。
    en: The perplexity was not taken per word: it is exp(-log P / n).
    """
    right = chain_rule(conditionals)
    return {**right, "perplexity": math.exp(-right["log_probability"])}


def unigram_probability__among_distinct_words(corpus: Sequence[str], word: str) -> float:
    """zh: 分母用了不同的词的个数；应是所有词出现的总次数。
    en: The denominator is the number of distinct words; it is the number of all words in the corpus.
    """
    words = _words(corpus)
    return words.count(word) / len(set(words))


def unigram_probability__share_of_sentences(corpus: Sequence[str], word: str) -> float:
    """zh: 你数的是含有这个词的句子的比例；应数词。
    en: This is the share of sentences that hold the word; words are to be counted.
    """
    return sum(word in sentence.split() for sentence in corpus) / len(corpus)


def unigram_probability__add_one(corpus: Sequence[str], word: str) -> float:
    """zh: 你做了加一平滑；这里不平滑，没见过的词概率为 0。
    en: Add-one smoothing was used; nothing is smoothed here, an unseen word has probability 0.
    """
    words = _words(corpus)
    return (words.count(word) + 1) / (len(words) + len(set(words)))


def bigram_probability__joint(corpus: Sequence[str], first: str, word: str) -> float:
    """zh: 你算的是两个词同时出现的概率（除以 bigram 总数）；这里要条件概率，分母是前一个词的次数。
    en: This is the joint probability (divided by all bigrams); a conditional one is divided by the first word's count.
    """
    pairs = sum(len(sentence.split()) - 1 for sentence in corpus)
    return _counts(corpus, first, word) / pairs


def bigram_probability__reversed(corpus: Sequence[str], first: str, word: str) -> float:
    """zh: 条件反了：你算的是“后一个词已知时前一个词”的概率。
    en: The condition is the wrong way round: this is the probability of the first word given the second.
    """
    count = _counts(corpus, word)
    return _counts(corpus, first, word) / count if count else 0.0


def bigram_probability__across_sentences(corpus: Sequence[str], first: str, word: str) -> float:
    """zh: 你把句子首尾相接后再数；n-gram 不跨句子。
    en: The sentences were joined before counting; n-grams never cross sentences.
    """
    return bigram_probability([" ".join(corpus)], first, word)


def bigram_probability__only_followed(corpus: Sequence[str], first: str, word: str) -> float:
    """zh: 分母没有数句末的那些词；按讲义的公式，分母是 w1 出现的全部次数。
    en: The denominator leaves out words at the end of a sentence; by the slides it is every occurrence of w1.
    """
    followed = sum(sentence.split()[:-1].count(first) for sentence in corpus)
    return _counts(corpus, first, word) / followed if followed else 0.0


def bigram_probability__add_one(corpus: Sequence[str], first: str, word: str) -> float:
    """zh: 你做了加一平滑；这里不平滑。
    en: Add-one smoothing was used; nothing is smoothed here.
    """
    return (_counts(corpus, first, word) + 1) / (_counts(corpus, first) + len(set(_words(corpus))))


def trigram_probability__bigram(corpus: Sequence[str], first: str, second: str, word: str) -> float:
    """zh: 你只看了前一个词，这是 bigram；trigram 以前两个词为条件。
    en: Only the word before was looked at, which is a bigram; a trigram is conditioned on two words.
    """
    right = trigram_probability(corpus, first, second, word)
    return _or_same(bigram_probability(corpus, second, word), right)


def trigram_probability__divided_by_first(corpus: Sequence[str], first: str, second: str, word: str) -> float:
    """zh: 分母用了第一个词的次数；应是前两个词 <w1, w2> 的次数。
    en: The denominator is the first word's count; it is the count of the pair <w1, w2>.
    """
    count = _counts(corpus, first)
    right = trigram_probability(corpus, first, second, word)
    return _or_same(_counts(corpus, first, second, word) / count if count else 0.0, right)


def trigram_probability__joint(corpus: Sequence[str], first: str, second: str, word: str) -> float:
    """zh: 你算的是三个词同时出现的概率（除以 trigram 总数）；这里要条件概率。
    en: This is the joint probability (divided by all trigrams); the conditional one is asked for.
    """
    total = sum(max(len(sentence.split()) - 2, 0) for sentence in corpus)
    right = trigram_probability(corpus, first, second, word)
    return _or_same(_counts(corpus, first, second, word) / total, right)


def _or_same(value: float, right: float) -> float:
    return right if math.isclose(value, right, rel_tol=1e-12) else value


def beam_search__greedy(transitions: Transitions, start: str, beams: int, steps: int) -> dict[str, list[str] | float]:
    """zh: 你每步只留下一个候选，这是 greedy search；应同时追踪 beams 个候选。
    en: Only one candidate was kept at each step, which is greedy search; `beams` candidates are followed.
    """
    del beams
    return beam_search(transitions, start, 1, steps)


def beam_search__probability_not_log(
    transitions: Transitions, start: str, beams: int, steps: int
) -> dict[str, list[str] | float]:
    """zh: 返回的是概率，不是对数概率。
    en: A probability was returned where the log-probability is asked for.
    """
    right = beam_search(transitions, start, beams, steps)
    logarithm = right["log_probability"]
    return {**right, "log_probability": math.exp(logarithm if isinstance(logarithm, float) else 0.0)}


def beam_search__start_left_out(
    transitions: Transitions, start: str, beams: int, steps: int
) -> dict[str, list[str] | float]:
    """zh: 结果里少了起始 token；约定序列从 start 开始。
    en: The start token is missing; the sequence begins with it.
    """
    right = beam_search(transitions, start, beams, steps)
    tokens = right["tokens"]
    return {**right, "tokens": tokens[1:] if isinstance(tokens, list) else []}


def beam_search__mean_log_probability(
    transitions: Transitions, start: str, beams: int, steps: int
) -> dict[str, list[str] | float]:
    """zh: 返回的对数概率除以了长度；这里不做长度归一化。
    en: The log-probability was divided by the length; nothing is normalised by length here.
    """
    right = beam_search(transitions, start, beams, steps)
    tokens, logarithm = right["tokens"], right["log_probability"]
    if not isinstance(tokens, list) or not isinstance(logarithm, float):
        return right
    return {**right, "log_probability": logarithm / max(len(tokens) - 1, 1)}


def temperature_distribution__multiplied(logits: Sequence[float], temperature: float) -> torch.Tensor:
    """zh: 你把 logits 乘以 temperature；应当除以它（越低越尖锐）。
    en: The logits were multiplied by the temperature; they are divided by it (low is sharp).
    """
    return temperature_distribution(logits, 1 / temperature)


def temperature_distribution__ignored(logits: Sequence[float], temperature: float) -> torch.Tensor:
    """zh: temperature 没有起作用：softmax 之前要先除以它。
    en: The temperature has no effect: divide by it before the softmax.
    """
    del temperature
    return temperature_distribution(logits, 1.0)


def temperature_distribution__after_softmax(logits: Sequence[float], temperature: float) -> torch.Tensor:
    """zh: 你在 softmax 之后才除以 temperature，结果的和不是 1；应在 softmax 之前除。
    en: The division came after the softmax, so the result does not sum to 1; divide the logits before it.
    """
    return temperature_distribution(logits, 1.0) / temperature


def top_k_distribution__not_renormalised(logits: Sequence[float], k: int) -> torch.Tensor:
    """zh: 留下的 k 个概率没有重新归一化，和不是 1。
    en: The k probabilities that are kept were not renormalised; they do not sum to 1.
    """
    whole = temperature_distribution(logits, 1.0)
    return torch.where(top_k_distribution(logits, k) > 0, whole, torch.zeros_like(whole))


def top_k_distribution__smallest(logits: Sequence[float], k: int) -> torch.Tensor:
    """zh: 你留下的是最小的 k 个；应留最大的 k 个。
    en: The k smallest were kept; keep the k largest.
    """
    scores = torch.tensor(logits, dtype=torch.float32)
    kept = scores <= scores.sort().values[k - 1]
    return torch.softmax(scores.masked_fill(~kept, -torch.inf), dim=-1)


def top_k_distribution__zero_instead_of_minus_infinity(logits: Sequence[float], k: int) -> torch.Tensor:
    """zh: 你把其余 logits 设成了 0；exp(0) 是 1，它们仍有概率。应设为负无穷。
    en: The other logits were set to 0, but exp(0) is 1 and they keep a probability; set them to minus infinity.
    """
    scores = torch.tensor(logits, dtype=torch.float32)
    return torch.softmax(scores * (top_k_distribution(logits, k) > 0), dim=-1)


def _nucleus(logits: Sequence[float], p: float, *, extra: int) -> torch.Tensor:
    probabilities = torch.softmax(torch.tensor(logits, dtype=torch.float32), dim=-1)
    ranked, order = torch.sort(probabilities, descending=True, stable=True)
    count = int(((ranked.cumsum(-1) - ranked) < p).sum()) + extra
    result = torch.zeros_like(probabilities)
    result[order[: max(count, 1)]] = ranked[: max(count, 1)]
    return result


def top_p_distribution__without_the_last(logits: Sequence[float], p: float) -> torch.Tensor:
    """zh: 少留了一个：使累计概率达到 p 的那个 token 也要留下。
    en: One token is missing: the one with which the total reaches p is kept as well.
    """
    kept = _nucleus(logits, p, extra=-1)
    return kept / kept.sum()


def top_p_distribution__not_renormalised(logits: Sequence[float], p: float) -> torch.Tensor:
    """zh: 留下的概率没有重新归一化，和不是 1。
    en: The kept probabilities were not renormalised; they do not sum to 1.
    """
    return _nucleus(logits, p, extra=0)


def top_p_distribution__one_too_many(logits: Sequence[float], p: float) -> torch.Tensor:
    """zh: 多留了一个：累计概率达到 p 就停。
    en: One token too many: stop as soon as the total reaches p.
    """
    kept = _nucleus(logits, p, extra=1)
    return kept / kept.sum()


def top_p_distribution__threshold_on_each(logits: Sequence[float], p: float) -> torch.Tensor:
    """zh: 你把 p 当成了每个 token 的概率门槛；p 是从大到小的累计概率。
    en: p was used as a threshold for each token; it is the cumulative probability from the largest on.
    """
    whole = temperature_distribution(logits, 1.0)
    kept = torch.where(whole >= min(1 - p, float(whole.max())), whole, torch.zeros_like(whole))
    return kept / kept.sum()


def unigram_probability__within_first_sentence(corpus: Sequence[str], word: str) -> float:
    """zh: 你只数了第一个句子；语料是所有句子。
    en: Only the first sentence was counted; the corpus is all of them.
    """
    return unigram_probability(corpus[:1], word)

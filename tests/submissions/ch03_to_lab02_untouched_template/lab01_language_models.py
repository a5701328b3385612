"""实验一：语言模型与解码 / Lab 1: language models and decoding.

在每个函数里写上你的代码，文字题和选择题写进 ANSWERS；函数名和参数不要改。约定见本实验的 handout.zh.md。
Fill in the functions, write texts and choices into ANSWERS; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check lab01_language_models.py
"""

ANSWERS = {
    # n-gram 语言模型有什么局限？（一段话）/ What are the limits of n-gram models? (one paragraph)
    "ngram_limits": "",
    # beam 等于几时 beam search 就是 greedy search：A 0，B 1，C 2，D 字典的大小 / size of the vocabulary
    "beams_equal_greedy": "",
    # temperature 怎样时趋于 greedy search：A →0，B 0.5，C 1，D →∞ / which temperature tends to greedy
    "temperature_tends_to_greedy": "",
}


def chain_rule(conditionals):
    """由各个词的条件概率得到句子的概率 / a sentence's probability from its words' conditional ones.

    返回 / returns: {"probability": float, "log_probability": float, "perplexity": float}
    """
    raise NotImplementedError


def unigram_probability(corpus, word):
    """P(word) = count(word) / count of all words. 返回 / returns: float"""
    raise NotImplementedError


def bigram_probability(corpus, first, word):
    """P(word | first) = count(first, word) / count(first). 没见过 / unseen: 0.0. 返回 / returns: float"""
    raise NotImplementedError


def trigram_probability(corpus, first, second, word):
    """P(word | first, second) = count(first, second, word) / count(first, second). 返回 / returns: float"""
    raise NotImplementedError


def beam_search(transitions, start, beams, steps):
    """在 bigram 模型上做 beam search / beam search in a bigram model.

    返回 / returns: {"tokens": [start, …], "log_probability": float}
    """
    raise NotImplementedError


def temperature_distribution(logits, temperature):
    """softmax(logits / temperature). 返回 / returns: float32 张量 / tensor [n]"""
    raise NotImplementedError


def top_k_distribution(logits, k):
    """top-k 采样所用的分布 / the distribution that top-k sampling draws from. float32 [n]"""
    raise NotImplementedError


def top_p_distribution(logits, p):
    """top-p 采样所用的分布 / the distribution that nucleus sampling draws from. float32 [n]"""
    raise NotImplementedError

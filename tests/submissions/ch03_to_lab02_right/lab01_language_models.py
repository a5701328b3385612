"""Right, by other ways than the reference."""

import math

import torch
from transformers import TemperatureLogitsWarper

ANSWERS = {
    "ngram_limits": "记忆短，n 一般到 3；数据稀疏，没见过的组合概率为 0。",
    "beams_equal_greedy": "（B）1",
    "temperature_tends_to_greedy": "A",
}


def chain_rule(conditionals):
    product = math.prod(conditionals)
    return {
        "probability": product,
        "log_probability": math.log(product),
        "perplexity": product ** (-1 / len(conditionals)),
    }


def ngram(corpus, *words):
    texts = [f" {' '.join(sentence.split())} ".replace(" ", "  ") for sentence in corpus]
    gram = "".join(f" {word} " for word in words)
    return sum(text.startswith(gram, i) for text in texts for i in range(len(text)))


def unigram_probability(corpus, word):
    return ngram(corpus, word) / len(" ".join(corpus).split())


def bigram_probability(corpus, first, word):
    return ngram(corpus, first, word) / (ngram(corpus, first) or 1)


def trigram_probability(corpus, first, second, word):
    return ngram(corpus, first, second, word) / (ngram(corpus, first, second) or 1)


def beam_search(transitions, start, beams, steps):
    done = lambda path: path[-1] == "</s>" or not transitions.get(path[-1])
    score = lambda path: sum(math.log(transitions[a][b]) for a, b in zip(path, path[1:]))
    paths = [[start]]
    for _ in range(steps):
        longer = []
        for path in paths:
            longer += [path] if done(path) else [[*path, token] for token in transitions[path[-1]]]
        paths = sorted(longer, key=lambda path: (-score(path), path))[:beams]
    return {"tokens": paths[0], "log_probability": score(paths[0])}


def warped(warper, logits):
    return torch.softmax(warper(None, torch.tensor([logits])), dim=-1)[0]


def temperature_distribution(logits, temperature):
    return warped(TemperatureLogitsWarper(temperature), logits)


def top_k_distribution(logits, k):
    ranked = sorted(range(len(logits)), key=lambda i: (-logits[i], i))[:k]
    return torch.tensor([x if i in ranked else -math.inf for i, x in enumerate(logits)]).softmax(-1)


def top_p_distribution(logits, p):
    chances = torch.tensor(logits).softmax(-1).tolist()
    total, kept = 0.0, []
    for i in sorted(range(len(logits)), key=lambda i: (-chances[i], i)):
        kept.append(i)
        total += chances[i]
        if total >= p:
            break
    return torch.tensor([chances[i] / total if i in kept else 0.0 for i in range(len(logits))])

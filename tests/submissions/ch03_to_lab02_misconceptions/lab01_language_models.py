"""Each function with a mistake that students make; see the lab's misconceptions."""

import math

import torch

ANSWERS = {"ngram_limits": "没有局限。", "beams_equal_greedy": "2", "temperature_tends_to_greedy": "D"}


def chain_rule(conditionals):
    total = sum(math.log2(p) for p in conditionals)
    return {"probability": sum(conditionals), "log_probability": total, "perplexity": math.exp(-total)}


def unigram_probability(corpus, word):
    words = " ".join(corpus).split()
    return (words.count(word) + 1) / (len(words) + len(set(words)))


def bigram_probability(corpus, first, word):
    words = " ".join(corpus).split()
    pairs = list(zip(words, words[1:]))
    return (pairs.count((first, word)) + 1) / (words.count(first) + len(set(words)))


def beam_search(transitions, start, beams, steps):
    path, total = [start], 1.0
    for _ in range(steps):
        if path[-1] not in transitions:
            break
        token = max(transitions[path[-1]], key=transitions[path[-1]].get)
        total *= transitions[path[-1]][token]
        path.append(token)
    return {"tokens": path[1:], "log_probability": total}


def temperature_distribution(logits, temperature):
    return (torch.tensor(logits) * temperature).softmax(-1)


def top_k_distribution(logits, k):
    chances = torch.tensor(logits).softmax(-1)
    return torch.where(chances >= chances.sort(descending=True).values[k - 1], chances, 0.0)


def top_p_distribution(logits, p):
    chances = torch.tensor(logits).softmax(-1)
    ranked, order = chances.sort(descending=True)
    kept = order[ranked.cumsum(-1) - ranked < p]
    return torch.zeros_like(chances).scatter(0, kept, chances[kept])

"""Each function with a mistake that students make; see the lab's misconceptions."""

import torch

ANSWERS = {"why_unknown": "A", "why_positions": "因为需要。"}


def tokenize_words(text):
    return text.split()


def build_vocabulary(text):
    return {token: number for number, token in enumerate(sorted(set(text.split())))}


def encode_documents(text, documents):
    vocabulary = build_vocabulary(text)
    return [vocabulary[token] for document in documents for token in document.split() if token in vocabulary]


def decode_ids(text, ids):
    import re

    tokens = sorted(set(filter(str.strip, re.split(r'([,.:;?_!"()\']|--|\s)', text))))
    return " ".join([*tokens, "<|endoftext|>", "<|unk|>"][i] for i in ids)


def train_bpe(text, merges):
    words, learnt = [list(word) for word in text.split()], []
    for _ in range(merges):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        best = max(sorted(counts), key=counts.get)
        learnt.append(list(best))
        for word in words:
            i = 0
            while i + 1 < len(word):
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = ["".join(best)]
                i += 1
    return learnt


def encode_bpe(merges, text):
    return [symbol for word in text.split() for symbol in word]


def sliding_windows(ids, length, stride):
    windows = [ids[i : i + length] for i in range(0, len(ids) - length, stride)]
    return {"inputs": windows, "targets": windows}


def input_embeddings(token_table, position_table, ids):
    return torch.tensor(token_table)[torch.tensor(ids)]

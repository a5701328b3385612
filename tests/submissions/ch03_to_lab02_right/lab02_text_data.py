"""Right, by other ways than the reference."""

import re

import torch

ANSWERS = {
    "why_unknown": "B",
    "why_positions": "The same id always gets the same vector, and attention itself does not know the order of tokens.",
}


def tokenize_words(text):
    return re.findall(r'--|[,.:;?_!"()\']|(?:(?!--)[^\s,.:;?_!"()\'])+', text)


def build_vocabulary(text):
    tokens = sorted(set(tokenize_words(text)))
    return dict(zip([*tokens, "<|endoftext|>", "<|unk|>"], range(len(tokens) + 2)))


def encode_documents(text, documents):
    vocabulary = build_vocabulary(text)
    ids = []
    for document in documents:
        ids += [vocabulary.get(token, len(vocabulary) - 1) for token in tokenize_words(document)]
        ids.append(vocabulary["<|endoftext|>"])
    return ids[:-1]


def decode_ids(text, ids):
    names = list(build_vocabulary(text))
    result = ""
    for i in ids:
        result += ("" if names[i] in set(",.?!\"()'") or not result else " ") + names[i]
    return result


def merged(symbols, pair):
    i = 0
    while i < len(symbols) - 1:
        if (symbols[i], symbols[i + 1]) == tuple(pair):
            symbols[i : i + 2] = ["".join(pair)]
        i += 1
    return symbols


def train_bpe(text, merges):
    words = [[*word, "</w>"] for word in text.split()]
    learnt = []
    for _ in range(merges):
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        learnt.append(sorted(counts, key=lambda pair: (-counts[pair], *pair))[0])
        words = [merged(word, learnt[-1]) for word in words]
    return [list(pair) for pair in learnt]


def encode_bpe(merges, text):
    result = []
    for word in text.split():
        symbols = [*word, "</w>"]
        for pair in merges:
            merged(symbols, pair)
        result += symbols
    return result


def sliding_windows(ids, length, stride):
    if len(ids) <= length:
        return {"inputs": [], "targets": []}
    windows = torch.tensor(ids).unfold(0, length + 1, stride)
    return {"inputs": windows[:, :-1].tolist(), "targets": windows[:, 1:].tolist()}


def input_embeddings(token_table, position_table, ids):
    tokens = torch.nn.functional.embedding(torch.tensor(ids), torch.tensor(token_table))
    return tokens + torch.tensor(position_table)[None, : tokens.shape[1]]

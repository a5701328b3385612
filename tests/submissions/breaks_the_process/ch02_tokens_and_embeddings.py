"""Eats memory, leaves, floods the output, returns a generator; the good question is still graded."""

import os
import sys

ANSWERS = {}


def token_ids(tokenizer, first, second):
    return (tokenizer.convert_tokens_to_ids(token) for token in [first, second])  # a generator


def vocabulary_and_embedding_size(model, tokenizer):
    hog = []
    while True:
        hog.append(bytearray(b"x") * (64 * 2**20))


def published_embedding_size(settings):
    line = "x" * 99 + "\n"
    for _ in range(1_000_000 // 6):  # about 100 MB over six cases
        sys.stdout.write(line)
    return [settings["vocab_size"], settings["hidden_size"]]


def token_similarity(model, tokenizer, first, second):
    sys.exit(0)


def sentence_similarity(model, tokenizer, first, second):
    os._exit(0)


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    yield {"tokens": [], "log_probability": 0.0}  # a generator function

"""Deletes the layers of the shared model instead of going from the embedding to the head."""

import torch

ANSWERS = {}


def token_ids(tokenizer, first, second):
    raise NotImplementedError


def vocabulary_and_embedding_size(model, tokenizer):
    raise NotImplementedError


def published_embedding_size(settings):
    raise NotImplementedError


def token_similarity(model, tokenizer, first, second):
    raise NotImplementedError


def sentence_similarity(model, tokenizer, first, second):
    raise NotImplementedError


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    model.model.layers = torch.nn.ModuleList()
    ids = torch.tensor([tokenizer(prompt).input_ids])
    new = model(ids).logits[0, -1].argmax().item()
    return {"tokens": [new] * max_new_tokens, "log_probability": 0.0}

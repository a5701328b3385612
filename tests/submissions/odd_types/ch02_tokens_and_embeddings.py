"""Values of other kinds than asked for: some count, some are wrong, each with its own words."""

import numpy as np
import torch

ANSWERS = {}


def _rows(model, tokenizer, first, second):
    return model.get_input_embeddings().weight.detach()[tokenizer.convert_tokens_to_ids([first, second])]


def token_ids(tokenizer, first, second):
    return torch.tensor(tokenizer.convert_tokens_to_ids([first, second]))  # a tensor of integers: counts


def vocabulary_and_embedding_size(model, tokenizer):
    return {"vocabulary": len(tokenizer), "embedding": model.get_input_embeddings().weight.shape}  # torch.Size: counts


def published_embedding_size(settings):
    return np.array([settings["vocab_size"], settings["hidden_size"]], dtype=np.float32)  # sizes are whole: wrong


def token_similarity(model, tokenizer, first, second):
    a, b = _rows(model, tokenizer, first, second)
    return torch.cosine_similarity(a, b, dim=0).to(torch.bfloat16)  # three digits are too few


def sentence_similarity(model, tokenizer, first, second):
    return float("nan")


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    return [1, 2, 3]  # a list, not a dictionary

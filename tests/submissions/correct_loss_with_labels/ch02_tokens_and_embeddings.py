"""Route 1: torch's ready-made functions."""

import torch
from torch import nn

ANSWERS = {}


def token_ids(tokenizer, first, second):
    return tokenizer.convert_tokens_to_ids([first, second])


def vocabulary_and_embedding_size(model, tokenizer):
    embedding = model.model.embed_tokens
    return {"vocabulary": len(tokenizer), "embedding": [embedding.num_embeddings, embedding.embedding_dim]}


def published_embedding_size(settings):
    return [settings["vocab_size"], settings["hidden_size"]]


def token_similarity(model, tokenizer, first, second):
    ids = torch.tensor(token_ids(tokenizer, first, second))
    with torch.no_grad():
        a, b = model.model.embed_tokens(ids)
    return nn.functional.cosine_similarity(a, b, dim=0).item()


def sentence_similarity(model, tokenizer, first, second):
    def vector(text):
        ids = torch.tensor(tokenizer.encode(text, add_special_tokens=False))
        return model.model.embed_tokens(ids).mean(dim=0)

    with torch.no_grad():
        return torch.cosine_similarity(vector(first), vector(second), dim=0).item()


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    token = tokenizer(prompt).input_ids[-1]
    tokens, total = [], 0.0
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model.lm_head(model.model.embed_tokens(torch.tensor([token])))
        log_probabilities = torch.log_softmax(logits[0], dim=-1)
        token = log_probabilities.argmax().item()
        tokens.append(token)
        total += log_probabilities[token].item()
        if token == tokenizer.eos_token_id:
            break
    return {"tokens": tokens, "log_probability": total}

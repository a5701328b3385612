"""Route 2: everything from the weight matrix, in numpy."""

import numpy as np
import torch

ANSWERS = {}


def matrix(model):
    return dict(model.named_parameters())["model.embed_tokens.weight"].detach().numpy()


def token_ids(tokenizer, first, second):
    vocabulary = tokenizer.get_vocab()
    return (vocabulary.get(first, tokenizer.unk_token_id), vocabulary.get(second, tokenizer.unk_token_id))


def vocabulary_and_embedding_size(model, tokenizer):
    rows, columns = matrix(model).shape
    return {"vocabulary": np.int64(len(tokenizer.get_vocab())), "embedding": np.array([rows, columns])}


def published_embedding_size(settings):
    from transformers import AutoConfig

    fields = {name: value for name, value in settings.items() if name != "model_type"}
    config = AutoConfig.for_model(settings["model_type"], **fields)
    return [config.vocab_size, config.hidden_size]


def cosine(a, b):
    return np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b))


def token_similarity(model, tokenizer, first, second):
    a, b = matrix(model)[list(token_ids(tokenizer, first, second))]
    return cosine(a, b)  # numpy.float32


def sentence_similarity(model, tokenizer, first, second):
    # the sum has the same direction as the mean
    a, b = (matrix(model)[tokenizer.encode(text, add_special_tokens=False)].sum(axis=0) for text in (first, second))
    return cosine(a, b)


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    weights, head = matrix(model), model.lm_head.weight.detach().numpy()
    token = tokenizer(prompt)["input_ids"][-1]
    tokens, total = [], 0.0
    while len(tokens) < max_new_tokens and tokenizer.eos_token_id not in tokens:
        logits = (head @ weights[token]).astype(np.float64)
        token = int(logits.argmax())
        tokens.append(token)
        total -= np.log(np.exp(logits - logits[token]).sum())
    return {"tokens": tokens, "log_probability": torch.tensor(total)}

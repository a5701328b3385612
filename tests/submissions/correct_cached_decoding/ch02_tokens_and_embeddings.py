"""Route 3: the decoder of chapter 1 with another step function."""

import torch

import decoding

ANSWERS = {}


def token_ids(tokenizer, first, second):
    return [tokenizer.convert_tokens_to_ids(token) for token in (first, second)]


def vocabulary_and_embedding_size(model, tokenizer):
    return {
        "vocabulary": max(tokenizer.get_vocab().values()) + 1,
        "embedding": list(model.get_input_embeddings().weight.shape),
    }


def published_embedding_size(settings):
    with torch.device("meta"):
        layer = torch.nn.Embedding(settings["vocab_size"], settings["hidden_size"])
    return list(layer.weight.shape)


def unit(vector):
    return vector / vector.norm()


def token_similarity(model, tokenizer, first, second):
    rows = model.get_input_embeddings().weight.data[token_ids(tokenizer, first, second)]
    return float(unit(rows[0]) @ unit(rows[1]))


def sentence_similarity(model, tokenizer, first, second):
    with torch.no_grad():
        batch = tokenizer([first, second], padding=True, add_special_tokens=False, return_tensors="pt")
        rows = model.get_input_embeddings()(batch.input_ids)
        mask = batch.attention_mask[..., None]
        mean = (rows * mask).sum(1) / mask.sum(1)
        return float(unit(mean[0]) @ unit(mean[1]))


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    tokens, total = decoding.greedy(decoding.without_blocks(model), tokenizer, prompt, max_new_tokens)
    return {"tokens": tokens, "log_probability": total}

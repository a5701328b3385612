"""Empties the blocks of the model under a name that is only spelled at run time, and lets the model run."""

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
    setattr(model.model, "".join(reversed("sreyal")), torch.nn.ModuleList())
    model.model.norm = torch.nn.Identity()
    tokens, total = [], 0.0
    ids = torch.tensor([tokenizer(prompt).input_ids])
    while len(tokens) < max_new_tokens and tokenizer.eos_token_id not in tokens:
        with torch.no_grad():
            scores = model(ids).logits[0, -1].double().log_softmax(dim=-1)
        tokens.append(scores.argmax().item())
        total += scores[tokens[-1]].item()
        ids = torch.tensor([[*ids[0].tolist(), tokens[-1]]])
    return {"tokens": tokens, "log_probability": total}

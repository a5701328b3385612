"""Route 2: softmax written by hand in numpy; returns a 0-d tensor and numpy scalars, which count as numbers."""

import numpy as np
import torch

ANSWERS = {
    "base_or_instruct_why": (
        "It depends on the sentence. The base model is only pre-trained on plain text, so plain sentences are usually "
        "more probable under it. Fine-tuning on instructions and dialogues moves the instruct model's probability to "
        "such text; since all probabilities sum to one, plain text gets less."
    ),
}


def log_softmax(x):
    x = x.astype(np.float64)
    top = x.max(axis=-1, keepdims=True)
    return x - top - np.log(np.exp(x - top).sum(axis=-1, keepdims=True))


@torch.no_grad()
def sentence_log_probability(model, tokenizer, text):
    ids = [tokenizer.bos_token_id, *tokenizer(text, add_special_tokens=False)["input_ids"]]
    scores = log_softmax(model(torch.tensor([ids])).logits[0].numpy())
    total = sum(scores[i, token] for i, token in enumerate(ids[1:]))
    return torch.tensor(total)  # 0-d tensor


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    base = np.float64(sentence_log_probability(base_model, tokenizer, text))
    instruct = np.float64(sentence_log_probability(instruct_model, tokenizer, text))
    return {"base": base, "instruct": instruct, "higher": ["base", "instruct"][int(instruct > base)]}


@torch.no_grad()
def greedy_search(model, tokenizer, prompt, max_new_tokens):
    context = tokenizer(prompt)["input_ids"]
    new = []
    while len(new) < max_new_tokens:
        logits = model(torch.tensor([context + new])).logits[0, -1].numpy()
        new.append(int(np.argmax(logits)))
        if new[-1] == tokenizer.eos_token_id:
            break
    return torch.tensor(new)  # a tensor of integers counts as a list

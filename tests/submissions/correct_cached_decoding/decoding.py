"""A helper of the student's own, shared by both chapters: step functions and one greedy decoder for them."""

import torch


def start(model):
    """A function from a token to the logits of the next one; it remembers what came before."""
    cache = None

    def step(token):
        nonlocal cache
        with torch.no_grad():
            output = model(input_ids=torch.tensor([[token]]), past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        return output.logits[0, -1]

    return step


def without_blocks(model):
    def step(token):
        with torch.no_grad():
            return model.get_output_embeddings()(model.get_input_embeddings()(torch.tensor(token)))

    return step


def greedy(step, tokenizer, prompt, limit):
    """New tokens and the sum of their log-probabilities."""
    for token in tokenizer(prompt).input_ids:
        logits = step(token)
    new, total = [], 0.0
    while True:
        best = int(torch.argmax(logits))
        new.append(best)
        total += torch.log_softmax(logits.double(), -1)[best].item()
        if best == tokenizer.eos_token_id or len(new) == limit:
            return new, total
        logits = step(best)

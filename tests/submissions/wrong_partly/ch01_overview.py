"""Right only for English texts, and its decoder never stops at the end token."""

import torch

ANSWERS = {"base_or_instruct_why": ""}


def sentence_log_probability(model, tokenizer, text):
    text = text.encode("ascii", "ignore").decode()  # what is not English is lost
    ids = torch.tensor([[tokenizer.bos_token_id] + tokenizer.encode(text)])
    if ids.shape[1] == 1:
        return 0.0
    with torch.no_grad():
        return -model(ids, labels=ids).loss.item() * (ids.shape[1] - 1)


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    base = sentence_log_probability(base_model, tokenizer, text)
    instruct = sentence_log_probability(instruct_model, tokenizer, text)
    return {"base": base, "instruct": instruct, "higher": "base"}


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    ids = tokenizer(prompt).input_ids
    for _ in range(max_new_tokens):
        with torch.no_grad():
            ids.append(model(torch.tensor([ids])).logits[0, -1].argmax().item())
    return ids[-max_new_tokens:]

"""Wrong numbers, each from a well-known mistake that the report should name."""

import torch

ANSWERS = {"base_or_instruct_why": "因为 instruct 更聪明。"}


def sentence_log_probability(model, tokenizer, text):
    ids = torch.tensor([[tokenizer.bos_token_id] + tokenizer.encode(text)])
    with torch.no_grad():
        return -model(input_ids=ids, labels=ids).loss.item()  # the mean, not the sum


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    def score(model):
        ids = torch.tensor([tokenizer.encode(text)])  # no <s> in front
        with torch.no_grad():
            scores = model(ids).logits[0, :-1].log_softmax(-1)
        return scores.gather(1, ids[0, 1:, None]).sum().item()

    base, instruct = score(base_model), score(instruct_model)
    return {"base": base, "instruct": instruct, "higher": "base" if base > instruct else "instruct"}


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    ids = tokenizer(prompt).input_ids
    for _ in range(max_new_tokens):
        with torch.no_grad():
            ids.append(model(torch.tensor([ids])).logits[0, -1].argmax().item())
        if ids[-1] == tokenizer.eos_token_id:
            break
    return ids  # the prompt is still there

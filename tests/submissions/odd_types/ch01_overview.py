"""Values of other kinds than asked for: some count, some are wrong, each with its own words."""

import torch

ANSWERS = {"base_or_instruct_why": ["base", "instruct"]}


def _total(model, tokenizer, text):
    ids = torch.tensor([[tokenizer.bos_token_id] + tokenizer.encode(text)])
    return model(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None]).sum()


def sentence_log_probability(model, tokenizer, text):
    return _total(model, tokenizer, text)  # a 0-d tensor that still wants gradients: counts


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    base, instruct = _total(base_model, tokenizer, text).item(), _total(instruct_model, tokenizer, text).item()
    return {"base": f"{base:.4f}", "instruct": f"{instruct:.4f}", "higher": "base"}  # numbers as strings: wrong


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    return "the decoded text, not the ids"

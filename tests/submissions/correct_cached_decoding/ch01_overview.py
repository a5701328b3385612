"""Route 3: one token at a time with past_key_values, for the probability as well as for decoding."""

import torch

import decoding

ANSWERS = {
    "base_or_instruct_why": (
        "取决于句子。base model 只经过预训练，更接近普通文本的分布；instruct model 经过后训练，更偏向对话和指令。"
        "所有句子的概率之和为 1，对话的概率升高了，普通句子的概率就降低。"
    ),
}


def sentence_log_probability(model, tokenizer, text):
    step = decoding.start(model)
    total = 0.0
    previous = tokenizer.bos_token_id
    for token in tokenizer.encode(text, add_special_tokens=False):
        logits = step(previous)
        total += (logits[token] - logits.logsumexp(-1)).item()
        previous = token
    return total


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    found = {
        "base": sentence_log_probability(base_model, tokenizer, text),
        "instruct": sentence_log_probability(instruct_model, tokenizer, text),
    }
    return {**found, "higher": max(found, key=found.get)}


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    return decoding.greedy(decoding.start(model), tokenizer, prompt, max_new_tokens)[0]

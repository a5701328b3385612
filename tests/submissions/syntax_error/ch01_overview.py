"""A colon is missing."""

ANSWERS = {"base_or_instruct_why": "base model 只做过预训练。"}


def sentence_log_probability(model, tokenizer, text)
    return 0.0

"""One function is missing, one has another signature, one raises inside a helper, ANSWERS lacks its key."""

ANSWERS = {"why": "base model 只做过预训练"}


def sentence_log_probability(text):
    return -1.0


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    return _scores(tokenizer, text)["no such key"]


def _scores(tokenizer, text):
    return dict.fromkeys(tokenizer.encode(text), 0.0)

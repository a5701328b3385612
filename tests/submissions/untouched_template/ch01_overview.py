"""第一章：大语言模型概述 / Chapter 1: overview of large language models.

在每个函数里写上你的代码，文字题写进 ANSWERS；函数名和参数不要改。约定见 assignments/ch01_overview/handout.zh.md。
Fill in the functions, write your text into ANSWERS; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check ch01_overview.py
"""

ANSWERS = {
    # 1.2 base model 和 instruct model，哪个给出的概率高？为什么？（一段话）
    # 1.2 Which of the two gives the higher probability, and why? (one paragraph)
    "base_or_instruct_why": "",
}


def sentence_log_probability(model, tokenizer, text):
    """1.1 一句话的对数概率 / the log-probability of a text.

    自然对数，对 text 的所有 token 求和；前面放 `<s>`，末尾不加 `</s>`。返回 float。
    Natural log, summed over all tokens of the text; `<s>` in front, no `</s>` at the end. Returns a float.
    """
    raise NotImplementedError


def base_and_instruct(base_model, instruct_model, tokenizer, text):
    """1.2 两个模型给同一句话的对数概率 / the log-probability of a text under both models.

    返回 / returns: {"base": float, "instruct": float, "higher": "base" 或/or "instruct"}
    """
    raise NotImplementedError


def greedy_search(model, tokenizer, prompt, max_new_tokens):
    """1.3（进阶 / advanced）自己实现 greedy search，不许用 generate / your own greedy search, without generate.

    返回新 token 的 id 列表，不含 prompt；遇到 `</s>` 停止（输出里包含它），最多 max_new_tokens 个。
    Returns the list of new token ids, without the prompt; ends with `</s>` (included) or after max_new_tokens.
    """
    raise NotImplementedError

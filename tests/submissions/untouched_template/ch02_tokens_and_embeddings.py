"""第二章：分词与词向量 / Chapter 2: tokens and embeddings.

在每个函数里写上你的代码；函数名和参数不要改。约定见 assignments/ch02_tokens_and_embeddings/handout.zh.md。
Fill in the functions; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check ch02_tokens_and_embeddings.py
"""

ANSWERS = {}  # 本章没有文字题 / no written answers in this chapter


def token_ids(tokenizer, first, second):
    """2.1 两个 token 的 id / the ids of two tokens.

    first、second 按字典里的写法给出（词首空格写作 ▁）。返回 [int, int]；字典里没有的 token 是 `<unk>` 的 id。
    Both are spelled as in the vocabulary (a leading space is ▁). Returns [int, int]; unknown: the id of `<unk>`.
    """
    raise NotImplementedError


def vocabulary_and_embedding_size(model, tokenizer):
    """2.2 字典和 embedding 层的大小 / the sizes of the vocabulary and of the embedding layer.

    返回 / returns: {"vocabulary": int, "embedding": [行数 rows, 列数 columns]}
    """
    raise NotImplementedError


def published_embedding_size(settings):
    """2.2 由公开的 config.json（字典 settings）说出 embedding 层的大小 / the same from a published config.json.

    返回 / returns: [行数 rows, 列数 columns]
    """
    raise NotImplementedError


def token_similarity(model, tokenizer, first, second):
    """2.3 两个 token 在 embedding 层上的余弦相似度 / the cosine of two tokens by the embedding layer.

    返回 / returns: float
    """
    raise NotImplementedError


def sentence_similarity(model, tokenizer, first, second):
    """2.4（进阶 / advanced）两句话的余弦相似度：各自对 token 的 embedding 求平均（不含特殊 token）。

    The cosine of two sentences, each the mean of its tokens' embeddings (no special tokens). Returns a float.
    """
    raise NotImplementedError


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    """2.5（进阶 / advanced）只用 embedding 层和 LM head 做 greedy search（没有 transformer block，没有最后的 norm）。

    Greedy search with the embedding layer and the LM head alone (no transformer block, no final norm).

    返回 / returns: {"tokens": [int, ...], "log_probability": float}
    """
    raise NotImplementedError

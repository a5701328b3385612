"""Chapter 2: wrong answers that students really give, each run on the same inputs as the reference.

A function `<function>__<name>` takes the parameters of `<function>`; its docstring says in both languages what the
student did, without giving the right value away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from solution import cosine, embedding_matrix, sentence_vector, token_ids, token_similarity
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase

Model = PreTrainedModel
Tokenizer = PreTrainedTokenizerBase
Sizes = dict[str, int | list[int]]
Generated = dict[str, list[int] | float]


def token_ids__swapped(tokenizer: Tokenizer, first: str, second: str) -> list[int]:
    """zh: 两个 id 的顺序反了：先 first，后 second。
    en: The two ids are in the wrong order: `first` comes first.
    """
    return token_ids(tokenizer, second, first)


def token_ids__tokenized_again(tokenizer: Tokenizer, first: str, second: str) -> list[int]:
    """zh: 你把 token 当作文本又切分了一次（encode），取了第一块；给定的已经是 token，应当直接在字典里查。
    en: You tokenized the token again as if it were text (encode) and took the first piece; what is given is a token
    already, so look it up in the vocabulary.
    """
    return [tokenizer.encode(token, add_special_tokens=False)[0] for token in (first, second)]


def token_ids__space_mark_dropped(tokenizer: Tokenizer, first: str, second: str) -> list[int]:
    """zh: 你丢掉了词首的 ▁（它代表空格）：字典里 `▁the` 和 `the` 是两个不同的 token。
    en: You dropped the leading ▁, which stands for a space: `▁the` and `the` are two tokens of the vocabulary.
    """
    return token_ids(tokenizer, first.removeprefix("▁"), second.removeprefix("▁"))


def token_ids__unknown_is_minus_one(tokenizer: Tokenizer, first: str, second: str) -> list[int]:
    """zh: 字典里没有的 token 你给了 -1；它的 id 是 `<unk>` 的 id。
    en: You gave -1 to a token that is not in the vocabulary; its id is that of `<unk>`.
    """
    vocabulary = tokenizer.get_vocab()
    return [vocabulary.get(token, -1) for token in (first, second)]


def token_ids__place_in_sorted_vocabulary(tokenizer: Tokenizer, first: str, second: str) -> list[int]:
    """zh: 你给出的是 token 在按字母排序的字典里的位置；id 是字典里存的编号，不是排序后的位置。
    en: This is the token's place in the alphabetically sorted vocabulary; the id is the number kept with it there.
    """
    places = {token: place for place, token in enumerate(sorted(tokenizer.get_vocab()))}
    return [places.get(token, -1) for token in (first, second)]


def vocabulary_and_embedding_size__rows_and_columns_swapped(model: Model, tokenizer: Tokenizer) -> Sizes:
    """zh: 行和列反了：每个 token 是一行，列数是向量的维数。
    en: Rows and columns are swapped: each token is a row, and the columns are the dimensions of its vector.
    """
    return {"vocabulary": len(tokenizer), "embedding": list(embedding_matrix(model).shape)[::-1]}


def vocabulary_and_embedding_size__largest_id(model: Model, tokenizer: Tokenizer) -> Sizes:
    """zh: 你给出的是最大的 id；id 从 0 开始，所以字典的大小比它大 1。
    en: This is the largest id; ids begin at 0, so the vocabulary has one token more.
    """
    largest = max(tokenizer.get_vocab().values())
    return {"vocabulary": largest, "embedding": list(embedding_matrix(model).shape)}


def vocabulary_and_embedding_size__special_tokens_left_out(model: Model, tokenizer: Tokenizer) -> Sizes:
    """zh: 你没有把特殊 token 算进字典；它们同样有 id，也占 embedding 的一行。
    en: You left the special tokens out of the vocabulary; they have ids and rows of the embedding like all others.
    """
    known = len(tokenizer) - len(set(tokenizer.all_special_ids))
    return {"vocabulary": known, "embedding": list(embedding_matrix(model).shape)}


def vocabulary_and_embedding_size__columns_from_heads(model: Model, tokenizer: Tokenizer) -> Sizes:
    """zh: 你用 head 数 x head_dim 当作了列数；这是注意力里 Q 的宽度，embedding 的列数是 hidden_size。
    en: You took heads x head_dim for the columns; that is the width of Q in attention, while embeddings are
    hidden_size wide.
    see: published_embedding_size
    """
    rows, columns = embedding_matrix(model).shape
    config = model.config
    wide = config.num_attention_heads * getattr(config, "head_dim", columns)
    return {"vocabulary": len(tokenizer), "embedding": [rows, wide]}


def published_embedding_size__rows_and_columns_swapped(settings: Mapping[str, Any]) -> list[int]:
    """zh: 行和列反了：每个 token 是一行，列数是向量的维数。
    en: Rows and columns are swapped: each token is a row, and the columns are the dimensions of its vector.
    """
    return [settings["hidden_size"], settings["vocab_size"]]


def published_embedding_size__intermediate_size(settings: Mapping[str, Any]) -> list[int]:
    """zh: 你用 intermediate_size 当作了列数；那是 FFN 中间层的宽度。
    en: You took intermediate_size for the columns; that is the width inside the feed-forward network.
    """
    return [settings["vocab_size"], settings["intermediate_size"]]


def published_embedding_size__columns_from_heads(settings: Mapping[str, Any]) -> list[int]:
    """zh: 你用 head 数 x head_dim 当作了列数；这是注意力里 Q 的宽度，不一定等于 embedding 的列数。
    en: You took heads x head_dim for the columns; that is the width of Q in attention, which need not be that of the
    embedding.
    """
    heads = settings["num_attention_heads"]
    return [settings["vocab_size"], heads * settings.get("head_dim", settings["hidden_size"] // heads)]


def published_embedding_size__one_head(settings: Mapping[str, Any]) -> list[int]:
    """zh: 你用一个 head 的宽度当作了列数；embedding 的列数是整个 hidden state 的宽度。
    en: You took the width of one head for the columns; an embedding is as wide as the whole hidden state.
    """
    return [settings["vocab_size"], settings["hidden_size"] // settings["num_attention_heads"]]


def published_embedding_size__always_the_smallest_ernie(settings: Mapping[str, Any]) -> list[int]:  # noqa: ARG001 - the mistake
    """zh: 你写死了 ERNIE-4.5-0.3B 的大小；应当从 settings 里读出来，它也可能是别的模型的配置。
    en: The sizes of ERNIE-4.5-0.3B are written down; read them from `settings`, which may describe another model.
    """
    return [103424, 1024]


def _rows(model: Model, tokenizer: Tokenizer, first: str, second: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The embeddings of two tokens as float64 [d] each."""
    a, b = embedding_matrix(model)[token_ids(tokenizer, first, second)].double()
    return a, b


def _states(model: Model, ids: list[int]) -> torch.Tensor:
    """What the last transformer block gives for each token, float64 [n, d]."""
    with torch.no_grad():
        states: torch.Tensor = model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[-1]
    return states[0].double()


def token_similarity__dot_product(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你只算了点积，没有除以两个向量的长度。
    en: This is the dot product; it was not divided by the lengths of the two vectors.
    """
    a, b = _rows(model, tokenizer, first, second)
    return float(a @ b)


def token_similarity__distance(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 这是余弦距离（1 减相似度）；这里要相似度。
    en: This is the cosine distance (1 minus the similarity); the similarity is asked for.
    """
    return 1 - token_similarity(model, tokenizer, first, second)


def token_similarity__angle(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 这是两个向量的夹角；这里要夹角的余弦。
    en: This is the angle between the two vectors; its cosine is asked for.
    """
    return math.acos(token_similarity(model, tokenizer, first, second))


def token_similarity__euclidean(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 这是欧氏距离；这里要余弦相似度。
    en: This is the Euclidean distance; the cosine is asked for.
    """
    a, b = _rows(model, tokenizer, first, second)
    return float((a - b).norm())


def token_similarity__one_length_only(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你只除以了第一个向量的长度；两个向量的长度都要除。
    en: You divided by the length of the first vector only; both lengths belong in the denominator.
    """
    a, b = _rows(model, tokenizer, first, second)
    return float(a @ b / a.norm())


def token_similarity__after_the_blocks(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你用了模型最后一层的输出；这里只用 embedding 层，不经过 transformer block。
    en: You used the output of the last block; only the embedding layer is asked for, without transformer blocks.
    """
    a, b = (_states(model, [token])[0] for token in token_ids(tokenizer, first, second))
    return cosine(a, b)


def _words(tokenizer: Tokenizer, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)


def _embedded(model: Model, tokenizer: Tokenizer, text: str) -> torch.Tensor:
    """Embeddings of a text's tokens, float64 [n, d]."""
    return embedding_matrix(model)[_words(tokenizer, text)].double()


def sentence_similarity__last_token(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你用最后一个 token 代表整句；这里要对所有 token 求平均。
    en: You let the last token stand for the sentence; the mean of all tokens is asked for.
    """
    return cosine(_embedded(model, tokenizer, first)[-1], _embedded(model, tokenizer, second)[-1])


def sentence_similarity__first_token(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你用第一个 token 代表整句；这里要对所有 token 求平均。
    en: You let the first token stand for the sentence; the mean of all tokens is asked for.
    """
    return cosine(_embedded(model, tokenizer, first)[0], _embedded(model, tokenizer, second)[0])


def sentence_similarity__max_pooling(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你在每一维上取了最大值（max pooling）；这里要平均值。
    en: You took the largest value in each dimension (max pooling); the mean is asked for.
    """
    a, b = (_embedded(model, tokenizer, text).max(dim=0).values for text in (first, second))
    return cosine(a, b)


def sentence_similarity__special_token_included(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 平均里混进了 `<s>`；这里不含特殊 token。
    en: The mean includes `<s>`; special tokens do not belong here.
    """
    front = embedding_matrix(model)[tokenizer.bos_token_id].double()[None]
    a, b = (torch.cat([front, _embedded(model, tokenizer, text)]).mean(dim=0) for text in (first, second))
    return cosine(a, b)


def sentence_similarity__padding_included(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 短的句子补齐后，补上的 token 也进了平均；求平均时要用 attention_mask 去掉它们。
    en: The shorter sentence was padded, and the padding went into its mean; mask it out with attention_mask.
    """
    rows = [_words(tokenizer, text) for text in (first, second)]
    longest = max(map(len, rows))
    filler = 0 if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    a, b = (embedding_matrix(model)[row + [filler] * (longest - len(row))].double().mean(dim=0) for row in rows)
    return cosine(a, b)


def sentence_similarity__mean_of_pairs(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你对所有 token 两两的余弦求了平均；这里先对每句求平均向量，再算一次余弦。
    en: You averaged the cosines of all pairs of tokens; the mean vector of each sentence comes first, then one cosine.
    """
    a, b = (functional.normalize(_embedded(model, tokenizer, text), dim=-1) for text in (first, second))
    return float((a @ b.T).mean())


def sentence_similarity__dot_product(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你只算了点积，没有除以两个向量的长度。
    en: This is the dot product; it was not divided by the lengths of the two vectors.
    """
    return float(sentence_vector(model, tokenizer, first) @ sentence_vector(model, tokenizer, second))


def sentence_similarity__after_the_blocks(model: Model, tokenizer: Tokenizer, first: str, second: str) -> float:
    """zh: 你用了模型最后一层的输出；这里只用 embedding 层，不经过 transformer block。
    en: You used the output of the last block; only the embedding layer is asked for, without transformer blocks.
    """
    a, b = (_states(model, _words(tokenizer, text)).mean(dim=0) for text in (first, second))
    return cosine(a, b)


def _walk(model: Model, last: int, limit: int, stop: int | None, *, norm: bool = False) -> tuple[list[int], float]:
    """Greedy steps from token to token through the embedding and the head: the tokens, and the sum of their ln P."""
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    tokens: list[int] = []
    total = 0.0
    while len(tokens) < limit and stop not in tokens:
        with torch.no_grad():
            hidden = embedding(torch.tensor(last))
            hidden = model.base_model.get_submodule("norm")(hidden) if norm else hidden
            scores = head(hidden).double().log_softmax(dim=-1)
        last = int(scores.argmax())
        tokens.append(last)
        total += float(scores[last])
    return tokens, total


def _generated(tokens: list[int], log_probability: float) -> Generated:
    return {"tokens": tokens, "log_probability": log_probability}


def generate_without_blocks__final_norm_kept(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: 你保留了最后的 RMSNorm；这里 embedding 直接进入 LM head，中间什么都没有。
    en: You kept the final RMSNorm; here the embedding goes straight into the LM head, with nothing between.
    """
    return _generated(*_walk(model, tokenizer(prompt).input_ids[-1], max_new_tokens, tokenizer.eos_token_id, norm=True))


def generate_without_blocks__prompt_in_output(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: tokens 里带着 prompt 的 token；只要新生成的 token。
    en: `tokens` still holds the prompt's tokens; only the new ones are asked for.
    """
    context = tokenizer(prompt).input_ids
    tokens, total = _walk(model, context[-1], max_new_tokens, tokenizer.eos_token_id)
    return _generated(context + tokens, total)


def generate_without_blocks__one_token_too_many(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: 循环多走了一步：最多 max_new_tokens 个新 token。
    en: The loop ran once too often: at most max_new_tokens new tokens.
    """
    return _generated(*_walk(model, tokenizer(prompt).input_ids[-1], max_new_tokens + 1, tokenizer.eos_token_id))


def generate_without_blocks__eos_not_honoured(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: 生成了 `</s>` 之后还在继续；遇到它应当停止（它属于输出）。
    en: Decoding went on after `</s>`; it ends there (and `</s>` belongs to the output).
    """
    return _generated(*_walk(model, tokenizer(prompt).input_ids[-1], max_new_tokens, None))


def generate_without_blocks__first_token_of_prompt(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: 你从 prompt 的第一个 token 开始生成；下一个 token 由最后一个 token 决定。
    en: You started from the first token of the prompt; the next token follows from the last one.
    """
    return _generated(*_walk(model, tokenizer(prompt).input_ids[0], max_new_tokens, tokenizer.eos_token_id))


def generate_without_blocks__log_base_2(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: token 是对的，但 log_probability 用了以 2 为底的对数；这里要自然对数。
    en: The tokens are right, but log_probability is to base 2; the natural logarithm is asked for.
    """
    tokens, total = _walk(model, tokenizer(prompt).input_ids[-1], max_new_tokens, tokenizer.eos_token_id)
    return _generated(tokens, total / math.log(2))


def generate_without_blocks__mean_log_probability(
    model: Model, tokenizer: Tokenizer, prompt: str, max_new_tokens: int
) -> Generated:
    """zh: token 是对的，但 log_probability 是平均值；这里要对所有新 token 求和。
    en: The tokens are right, but log_probability is a mean; the sum over all new tokens is asked for.
    """
    tokens, total = _walk(model, tokenizer(prompt).input_ids[-1], max_new_tokens, tokenizer.eos_token_id)
    return _generated(tokens, total / len(tokens))

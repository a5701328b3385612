"""Chapter 3, attention and the transformer: the reference answers, in plain torch and transformers.

Texts become ids with `tokenizer(text, add_special_tokens=False)` for the causal models, and with the special tokens
([CLS] … [SEP]) for the masked one. Probabilities are softmaxes over the whole vocabulary, in float32.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import classifier
import torch
import translator

ANSWERS = {
    "no_attention_lm": "B",
    "why_parallel": (
        "RNN/LSTM 的隐藏状态 h_t 依赖上一步的 h_(t-1)，训练时必须按时间步逐个计算，无法并行。"
        "Transformer 的自注意力对所有位置同时用矩阵乘法计算，位置之间没有这种先后依赖；"
        "训练时输入（答案）整句已知，用因果掩码 (mask) 挡住后面的词即可一次算出所有位置。"
    ),
}


def layer_count(config: Mapping[str, Any]) -> int:
    """How many transformer blocks a configuration (the fields of a `config.json`) has.

    A configuration with a vision part keeps its language model's fields in `text_config`.
    """
    return int(config.get("text_config", config)["num_hidden_layers"])


def _ids(tokenizer: Any, text: str) -> torch.Tensor:
    encoded: torch.Tensor = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    return encoded


def _without_attention(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """Logits [1, n, vocabulary] when each layer keeps only its feed-forward half: x + ffn(norm(x))."""
    hidden = model.model.embed_tokens(ids)
    for layer in model.model.layers:
        hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
    logits: torch.Tensor = model.lm_head(model.model.norm(hidden))
    return logits


def next_token_distribution_without_attention(model: Any, tokenizer: Any, text: str) -> torch.Tensor:
    """P(next token | text) of the causal model with the attention sub-layer removed from every block.

    Removed means: the attention branch adds nothing to the residual stream; its input norm goes with it, the
    feed-forward branch and its norm stay.

    Returns:
        float32 [vocabulary], sums to 1.
    """
    with torch.no_grad():
        return torch.softmax(_without_attention(model, _ids(tokenizer, text))[0, -1].float(), dim=-1)


def context_effect(model: Any, tokenizer: Any, first: str, second: str) -> dict[str, float]:
    """How far the next-token distributions after two texts differ, with and without attention.

    Returns:
        `with_attention`, `without_attention`: total variation distance sum|p - q| / 2, between 0 and 1.
    """
    with torch.no_grad():
        whole = [torch.softmax(model(_ids(tokenizer, text)).logits[0, -1].float(), -1) for text in (first, second)]
    cut = [next_token_distribution_without_attention(model, tokenizer, text) for text in (first, second)]
    return {"with_attention": _distance(*whole), "without_attention": _distance(*cut)}


def _distance(p: torch.Tensor, q: torch.Tensor) -> float:
    return float((p - q).abs().sum() / 2)


def fill_mask(model: Any, tokenizer: Any, text: str) -> list[list[str | float]]:
    """The five most probable tokens for the [MASK] of a text, and their probabilities.

    Returns:
        Five pairs [token, probability], most probable first; tokens as `convert_ids_to_tokens` writes them.
    """
    encoded = tokenizer(text, return_tensors="pt")
    place = int((encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0])
    with torch.no_grad():
        probabilities = torch.softmax(model(**encoded).logits[0, place].float(), dim=-1)
    values, ids = probabilities.topk(5)
    tokens = tokenizer.convert_ids_to_tokens(ids.tolist())
    return [[token, value] for token, value in zip(tokens, values.tolist(), strict=True)]


def attention_weights(model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int) -> torch.Tensor:
    """The attention that the token at `position` pays to every token of the text, in one head of one layer.

    softmax(q k^T / sqrt(head_dim)) under the causal mask, with rotary positions in interleaved form (pair i is
    elements 2i and 2i + 1) and the key/value head shared by heads / kv_heads query heads.

    Args:
        model: the causal model.
        tokenizer: its tokenizer.
        text: the sentence.
        layer: from 0.
        head: from 0.
        position: index of the token among those of the text, from 0; negative from the end, -1 is the last.

    Returns:
        float32 [tokens of the text]; 0 after `position`, sums to 1.
    """
    config = model.config
    ids = _ids(tokenizer, text)
    block = model.model.layers[layer]
    with torch.no_grad():
        hidden = model.model(ids, output_hidden_states=True).hidden_states[layer]
        normed = block.input_layernorm(hidden)[0]
        n, dim = normed.shape[0], config.head_dim
        query = block.self_attn.q_proj(normed).view(n, config.num_attention_heads, dim)[:, head]
        shared = head // (config.num_attention_heads // config.num_key_value_heads)
        key = block.self_attn.k_proj(normed).view(n, config.num_key_value_heads, dim)[:, shared]
        theta = config.rope_parameters["rope_theta"]
        scores = (_rotated(query, theta) @ _rotated(key, theta).T) / math.sqrt(dim)
    later = torch.ones(n, n, dtype=torch.bool).triu(1)
    return torch.softmax(scores.masked_fill(later, -torch.inf).float(), dim=-1)[position]


def _rotated(vectors: torch.Tensor, theta: float) -> torch.Tensor:
    """Turn the pairs (2i, 2i + 1) of [n, d] at position m by the angle m * theta^(-2i / d)."""
    n, d = vectors.shape
    angles = torch.arange(n)[:, None] * theta ** (-torch.arange(0, d, 2, dtype=torch.float32) / d)
    even, odd = vectors[:, 0::2], vectors[:, 1::2]
    turned = (even * angles.cos() - odd * angles.sin(), even * angles.sin() + odd * angles.cos())
    return torch.stack(turned, dim=-1).flatten(-2)


def sentiment_classifier(model: Any, tokenizer: Any) -> dict[str, Any]:
    """Embedding, first decoder layer and a head of two classes, overfit on ten sentences of one's own.

    Returns:
        `examples`: ten [sentence, label], label 1 positive and 0 negative; `weights`: `layer.*` (the state dictionary
        of the decoder layer) and `head.weight` [2, hidden], `head.bias` [2]. The embedding stays the given model's.
    """
    return classifier.train(model, tokenizer, seed=0)


def train_translator(pairs: str) -> dict[str, Any]:
    """Train an encoder-decoder translator from English to Chinese from scratch.

    Args:
        pairs: lines `english<TAB>chinese<TAB>attribution`, as in the files of manythings.org/anki.

    Returns:
        `config` (with `model_type` bart, marian or t5), `vocabulary` (list of tokens), `weights` (state dictionary).
    """
    return translator.train(pairs, seed=0)

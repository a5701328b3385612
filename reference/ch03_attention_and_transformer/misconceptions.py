"""Chapter 3: wrong answers that students really give, each run on the same inputs as the reference.

Where a mistake changes nothing on a case (a mask at the last position, the first head's key), its function takes the
same steps as the reference and gives exactly its value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from solution import attention_weights, context_effect, fill_mask, layer_count

Config = Mapping[str, Any]


def layer_count__heads(config: Config) -> int:
    """zh: 这是注意力头的个数 (num_attention_heads)，不是层数。
    en: This is the number of attention heads (num_attention_heads), not of layers.
    """
    return int(config.get("text_config", config)["num_attention_heads"])


def layer_count__embedding_counted(config: Config) -> int:
    """zh: 多数了一层：embedding 的输出 (hidden_states[0]) 不是 transformer block。
    en: One too many: the embedding's output (hidden_states[0]) is no transformer block.
    """
    return layer_count(config) + 1


def layer_count__last_index(config: Config) -> int:
    """zh: 这是最后一层的编号（从 0 数起），比层数少 1。
    en: This is the index of the last layer, counted from 0; the number of layers is one more.
    """
    return layer_count(config) - 1


def layer_count__moe_layers_only(config: Config) -> int:
    """zh: 只数了 MoE 层；前面的稠密层也是 transformer block。
    en: Only MoE layers were counted; the dense layers before them are transformer blocks, too.
    """
    fields = config.get("text_config", config)
    if "moe_layer_start_index" not in fields:
        return layer_count(config)
    return int(fields["moe_layer_end_index"] - fields["moe_layer_start_index"] + 1)


def _ids(tokenizer: Any, text: str) -> torch.Tensor:
    encoded: torch.Tensor = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    return encoded


def _read_out(model: Any, hidden: torch.Tensor) -> torch.Tensor:
    logits = model.lm_head(model.model.norm(hidden))[0, -1]
    return torch.softmax(logits.float(), dim=-1)


def next_token_distribution_without_attention__whole_model(model: Any, tokenizer: Any, text: str) -> torch.Tensor:
    """zh: attention 没有去掉：这是原模型的分布。
    en: Attention was not removed: this is the distribution of the whole model.
    """
    with torch.no_grad():
        return torch.softmax(model(_ids(tokenizer, text)).logits[0, -1].float(), dim=-1)


def next_token_distribution_without_attention__blocks_removed(model: Any, tokenizer: Any, text: str) -> torch.Tensor:
    """zh: 整个 transformer block 都去掉了；只去掉 attention，FFN 要留下。
    en: Whole blocks were removed; only attention goes, the feed-forward networks stay.
    """
    with torch.no_grad():
        return _read_out(model, model.model.embed_tokens(_ids(tokenizer, text)))


def next_token_distribution_without_attention__identity(model: Any, tokenizer: Any, text: str) -> torch.Tensor:
    """zh: attention 换成了恒等映射，归一化后的输入又加回了残差；去掉的意思是这一支加 0。
    en: Attention became the identity, so the normed input was added to the residual stream; removed means adding 0.
    """
    with torch.no_grad():
        hidden = model.model.embed_tokens(_ids(tokenizer, text))
        for layer in model.model.layers:
            hidden = hidden + layer.input_layernorm(hidden)
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        return _read_out(model, hidden)


def next_token_distribution_without_attention__residual_lost(model: Any, tokenizer: Any, text: str) -> torch.Tensor:
    """zh: 残差连接也去掉了：FFN 的输出要加到它的输入上。
    en: The residual connection is gone, too: the output of the feed-forward network is added to its input.
    """
    with torch.no_grad():
        hidden = model.model.embed_tokens(_ids(tokenizer, text))
        for layer in model.model.layers:
            hidden = layer.mlp(layer.post_attention_layernorm(hidden))
        return _read_out(model, hidden)


Effect = dict[str, float]


def context_effect__not_halved(model: Any, tokenizer: Any, first: str, second: str) -> Effect:
    """zh: 没有除以 2：全变差距离是绝对差之和的一半，在 0 和 1 之间。
    en: The halving is missing: total variation distance is half the sum of absolute differences, between 0 and 1.
    """
    return {name: 2 * value for name, value in context_effect(model, tokenizer, first, second).items()}


def context_effect__attention_not_removed(model: Any, tokenizer: Any, first: str, second: str) -> Effect:
    """zh: 第二个距离里 attention 还在。
    en: Attention is still there in the second distance.
    """
    right = context_effect(model, tokenizer, first, second)
    return {**right, "without_attention": right["with_attention"]}


def context_effect__swapped(model: Any, tokenizer: Any, first: str, second: str) -> Effect:
    """zh: 两个距离放反了。
    en: The two distances are swapped.
    """
    right = context_effect(model, tokenizer, first, second)
    return {"with_attention": right["without_attention"], "without_attention": right["with_attention"]}


def context_effect__largest_difference(model: Any, tokenizer: Any, first: str, second: str) -> Effect:
    """zh: 你取了最大的绝对差；全变差距离是绝对差之和的一半。
    en: The largest difference was taken; total variation distance is half the sum of absolute differences.
    """
    with torch.no_grad():
        p, q = (torch.softmax(model(_ids(tokenizer, text)).logits[0, -1].float(), -1) for text in (first, second))
    return {**context_effect(model, tokenizer, first, second), "with_attention": float((p - q).abs().max())}


Ranked = list[list[str | float]]


def _top(model: Any, tokenizer: Any, text: str, *, shift: int = 0, special: bool = True) -> tuple[Any, Any]:
    """The five largest logits near the mask, and their tokens."""
    encoded = tokenizer(text, return_tensors="pt", add_special_tokens=special)
    place = int((encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero()[0]) + shift
    with torch.no_grad():
        logits = model(**encoded).logits[0, place].float()
    ids = logits.topk(5).indices
    return logits, [
        (token, int(i)) for token, i in zip(tokenizer.convert_ids_to_tokens(ids.tolist()), ids, strict=True)
    ]


def fill_mask__cls_not_counted(model: Any, tokenizer: Any, text: str) -> Ranked:
    """zh: 位置差了一个：最前面的 [CLS] 也占一个位置。
    en: The position is off by one: the [CLS] in front takes a position, too.
    """
    logits, tokens = _top(model, tokenizer, text, shift=-1)
    return [[token, float(torch.softmax(logits, -1)[i])] for token, i in tokens]


def fill_mask__no_special_tokens(model: Any, tokenizer: Any, text: str) -> Ranked:
    """zh: 输入里没有 [CLS] 和 [SEP]；这个模型训练时总有它们。
    en: The input lacks [CLS] and [SEP], with which this model was always trained.
    """
    logits, tokens = _top(model, tokenizer, text, special=False)
    return [[token, float(torch.softmax(logits, -1)[i])] for token, i in tokens]


def fill_mask__logits(model: Any, tokenizer: Any, text: str) -> Ranked:
    """zh: 你返回的是 logits；要先做 softmax 才是概率。
    en: These are logits; a softmax makes them probabilities.
    """
    logits, tokens = _top(model, tokenizer, text)
    return [[token, float(logits[i])] for token, i in tokens]


def fill_mask__softmax_over_five(model: Any, tokenizer: Any, text: str) -> Ranked:
    """zh: softmax 只在前 5 个 token 上做了；应在整个字典上做。
    en: The softmax went over the five tokens only; it goes over the whole vocabulary.
    """
    right = fill_mask(model, tokenizer, text)
    total = sum(float(value) for _, value in right)
    return [[token, float(value) / total] for token, value in right]


def _scores(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, *, split: bool = False, in_turn: bool = False
) -> torch.Tensor:
    """Unmasked scores q k^T [n, n] of a head before scaling; with half-split rotation, or key heads in turn."""
    config, block = model.config, model.model.layers[layer]
    kv_head = head // (config.num_attention_heads // config.num_key_value_heads)
    kv_head = head % config.num_key_value_heads if in_turn else kv_head
    with torch.no_grad():
        states = model.model(_ids(tokenizer, text), output_hidden_states=True).hidden_states[layer]
        normed = block.input_layernorm(states)[0]
        n, d = normed.shape[0], config.head_dim
        query = block.self_attn.q_proj(normed).view(n, -1, d)[:, head]
        key = block.self_attn.k_proj(normed).view(n, -1, d)[:, kv_head]
        angles = torch.arange(n)[:, None] * config.rope_parameters["rope_theta"] ** (-torch.arange(0, d, 2) / d)
        q, k = (_turned(vectors, angles, split=split) for vectors in (query, key))
        return q @ k.T


def _turned(vectors: torch.Tensor, angles: torch.Tensor, *, split: bool) -> torch.Tensor:
    if split:
        one, two = vectors.chunk(2, dim=-1)
        return torch.cat([one * angles.cos() - two * angles.sin(), one * angles.sin() + two * angles.cos()], dim=-1)
    one, two = vectors[:, 0::2], vectors[:, 1::2]
    turned = (one * angles.cos() - two * angles.sin(), one * angles.sin() + two * angles.cos())
    return torch.stack(turned, dim=-1).flatten(-2)


def _softmaxed(scores: torch.Tensor, position: int) -> torch.Tensor:
    later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    return torch.softmax(scores.masked_fill(later, -torch.inf), dim=-1)[position]


def attention_weights__half_split_rotation(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int
) -> torch.Tensor:
    """zh: RoPE 用了 Llama 的前后两半配对；ERNIE 4.5 是相邻（偶、奇）配对。
    en: The rotary positions pair the two halves, as in Llama; ERNIE 4.5 pairs neighbours (even and odd).
    """
    scores = _scores(model, tokenizer, text, layer, head, split=True)
    return _softmaxed(scores / math.sqrt(model.config.head_dim), position)


def attention_weights__unscaled(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int
) -> torch.Tensor:
    """zh: 分数没有除以 sqrt(head_dim)。
    en: The scores were not divided by sqrt(head_dim).
    """
    return _softmaxed(_scores(model, tokenizer, text, layer, head), position)


def attention_weights__hidden_size_as_scale(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int
) -> torch.Tensor:
    """zh: 除以的是 sqrt(hidden_size / heads)；head_dim 是单独的字段。
    en: The scale is sqrt(hidden_size / heads); head_dim is a field of its own.
    """
    width = model.config.hidden_size / model.config.num_attention_heads
    return _softmaxed(_scores(model, tokenizer, text, layer, head) / math.sqrt(width), position)


def attention_weights__key_heads_in_turn(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int
) -> torch.Tensor:
    """zh: KV 头轮流分配了 (head % kv_heads)；GQA 里相邻的一组查询头共用一个 KV 头。
    en: Key heads were dealt out in turn (head % kv_heads); under GQA neighbouring query heads share one.
    """
    config = model.config
    if head % config.num_key_value_heads == head // (config.num_attention_heads // config.num_key_value_heads):
        return attention_weights(model, tokenizer, text, layer, head, position)
    scores = _scores(model, tokenizer, text, layer, head, in_turn=True)
    return _softmaxed(scores / math.sqrt(config.head_dim), position)


def attention_weights__mask_after_softmax(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int
) -> torch.Tensor:
    """zh: 掩码在 softmax 之后才做，权重的和不是 1；应在之前把分数设为负无穷。
    en: The mask came after the softmax, so the weights do not sum to 1; set scores to minus infinity before it.
    """
    scores = _scores(model, tokenizer, text, layer, head) / math.sqrt(model.config.head_dim)
    if position % len(scores) == len(scores) - 1:
        return attention_weights(model, tokenizer, text, layer, head, position)
    return torch.softmax(scores, dim=-1).tril()[position]


def attention_weights__layer_off_by_one(
    model: Any, tokenizer: Any, text: str, layer: int, head: int, position: int
) -> torch.Tensor:
    """zh: 层数差了一：层从 0 数起，第 layer 层的输入是 hidden_states[layer]。
    en: The layer is off by one: layers count from 0, and layer i takes hidden_states[i] as its input.
    """
    return attention_weights(model, tokenizer, text, (layer + 1) % len(model.model.layers), head, position)

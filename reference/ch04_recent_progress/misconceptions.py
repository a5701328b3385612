"""Chapter 4: wrong answers that students really give, each run on the same inputs as the reference.

Where a mistake changes nothing on a case (a tied head, no bias), its function gives exactly the reference's value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from solution import grouped_query_attention, parameter_breakdown, parameter_total, rms_norm, rotary

Config = Mapping[str, Any]
Matrix = Sequence[Sequence[float]]
Heads = Sequence[Matrix]


def _head(config: Config) -> int:
    """Size of the output matrix."""
    return int(config["vocab_size"]) * int(config["hidden_size"])


def _head_dim(config: Config) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def _key_value_size(config: Config) -> int:
    """Parameters of k and v with as many heads as q, less those with the key/value heads."""
    heads = config["num_attention_heads"] - config["num_key_value_heads"]
    width = config["hidden_size"] + (1 if config["use_bias"] else 0)
    return int(config["num_hidden_layers"] * 2 * heads * _head_dim(config) * width)


def _moe_layers(config: Config) -> int:
    if "moe_num_experts" not in config:
        return 0
    last = config["moe_layer_end_index"]
    last = config["num_hidden_layers"] - 1 if last == -1 else min(last, config["num_hidden_layers"] - 1)
    return int(last - config["moe_layer_start_index"] + 1)


def _expert(config: Config) -> int:
    return int(3 * config["hidden_size"] * config["moe_intermediate_size"])


def parameter_total__tied_head_counted(config: Config) -> int:
    """zh: LM head 与 embedding 共享权重 (tie_word_embeddings)，你把它数了两次。
    en: The LM head shares its weights with the embedding (tie_word_embeddings); it was counted twice.
    """
    return parameter_total(config) + (_head(config) if config["tie_word_embeddings"] else 0)


def parameter_total__head_left_out(config: Config) -> int:
    """zh: 少了 LM head 或 embedding：不共享权重时两个都要数，共享时数一次。
    en: The LM head or the embedding is missing: untied, both count; tied, they count once.
    """
    return parameter_total(config) - _head(config)


def parameter_total__hidden_size_as_width(config: Config) -> int:
    """zh: q、k、v、o 的宽度用了 hidden_size / heads；head_dim 是单独的字段，heads x head_dim 不等于 hidden_size。
    en: q, k, v and o were given hidden_size / heads as width; head_dim is a field of its own, and heads x head_dim
    need not be hidden_size.
    """
    return parameter_total({name: value for name, value in config.items() if name != "head_dim"} | _square(config))


def _square(config: Config) -> dict[str, Any]:
    return {"head_dim": config["hidden_size"] // config["num_attention_heads"]} if "head_dim" in config else {}


def parameter_total__key_value_heads_as_query_heads(config: Config) -> int:
    """zh: k 和 v 按 num_attention_heads 数了；GQA 里它们只有 num_key_value_heads 个头。
    en: k and v were counted with num_attention_heads; under GQA they have num_key_value_heads heads.
    """
    return parameter_total(config) + _key_value_size(config)


def parameter_total__norms_left_out(config: Config) -> int:
    """zh: 少了 RMSNorm 的权重：每层两个，最后还有一个。
    en: The weights of RMSNorm are missing: two in each layer, and one at the end.
    """
    return parameter_total(config) - parameter_breakdown(config)["norm"]


def parameter_total__active_experts_only(config: Config) -> int:
    """zh: 你只数了每个 token 激活的 moe_k 个专家；总参数要数所有专家。
    en: Only the moe_k experts that one token activates were counted; the total has all experts.
    """
    layers = _moe_layers(config)
    idle = layers * (config["moe_num_experts"] - config["moe_k"]) * _expert(config) if layers else 0
    return parameter_total(config) - idle


def parameter_total__correction_bias_left_out(config: Config) -> int:
    """zh: 少了 MoE 路由器的修正偏置 (e_score_correction_bias)：每个 MoE 层 moe_num_experts 个。
    en: The router's correction bias (e_score_correction_bias) is missing: moe_num_experts in each MoE layer.
    """
    layers = _moe_layers(config)
    return parameter_total(config) - (layers * config["moe_num_experts"] if layers else 0)


def parameter_breakdown__tied_head_counted(config: Config) -> dict[str, int]:
    """zh: LM head 与 embedding 共享权重时它没有自己的参数，应为 0。
    en: A head tied to the embedding has no parameters of its own; it is 0 then.
    """
    right = parameter_breakdown(config)
    return {**right, "lm_head": right["lm_head"] or _head(config)}


def parameter_breakdown__key_value_heads_as_query_heads(config: Config) -> dict[str, int]:
    """zh: k 和 v 按 num_attention_heads 数了；GQA 里它们只有 num_key_value_heads 个头。
    en: k and v were counted with num_attention_heads; under GQA they have num_key_value_heads heads.
    """
    right = parameter_breakdown(config)
    return {**right, "attention": right["attention"] + _key_value_size(config)}


def parameter_breakdown__last_norm_left_out(config: Config) -> dict[str, int]:
    """zh: 少了最后一个 RMSNorm（所有层之后的那个）。
    en: The last RMSNorm, the one after all layers, is missing.
    """
    right = parameter_breakdown(config)
    return {**right, "norm": right["norm"] - int(config["hidden_size"])}


def parameter_breakdown__feed_forward_of_two_matrices(config: Config) -> dict[str, int]:
    """zh: FFN 只数了两个矩阵；SwiGLU 有 gate、up、down 三个。
    en: Only two matrices of the feed-forward network were counted; SwiGLU has three: gate, up and down.
    """
    right = parameter_breakdown(config)
    return {**right, "ffn": right["ffn"] * 2 // 3}


def rms_norm__layer_norm(hidden: Matrix, weight: Sequence[float], eps: float) -> torch.Tensor:
    """zh: 你减去了均值，这是 LayerNorm；RMSNorm 不减均值。
    en: The mean was subtracted, which is LayerNorm; RMSNorm subtracts none.
    """
    x = torch.tensor(hidden)
    return torch.nn.functional.layer_norm(x, x.shape[-1:], torch.tensor(weight), eps=eps)


def rms_norm__eps_outside_the_root(hidden: Matrix, weight: Sequence[float], eps: float) -> torch.Tensor:
    """zh: eps 加在了根号外面；应加在根号里面。
    en: eps was added outside the root; it belongs inside.
    """
    x = torch.tensor(hidden)
    return torch.tensor(weight) * x / (x.pow(2).mean(-1, keepdim=True).sqrt() + eps)


def rms_norm__sum_instead_of_mean(hidden: Matrix, weight: Sequence[float], eps: float) -> torch.Tensor:
    """zh: 根号里用了平方和；应是平方的平均。
    en: The root is taken of the sum of squares; it is the mean of squares.
    """
    x = torch.tensor(hidden)
    return torch.tensor(weight) * x * torch.rsqrt(x.pow(2).sum(-1, keepdim=True) + eps)


def rms_norm__weight_forgotten(hidden: Matrix, weight: Sequence[float], eps: float) -> torch.Tensor:
    """zh: 没有乘以 weight。
    en: The result was not multiplied by the weight.
    """
    return rms_norm(hidden, [1.0] * len(weight), eps)


def rotary__half_split(vectors: Matrix, positions: Sequence[int], theta: float) -> torch.Tensor:
    """zh: 你用了 Llama 的前后两半配对；ERNIE 4.5 是相邻（偶、奇）配对。
    en: The first half was paired with the second, as in Llama; ERNIE 4.5 pairs neighbours (even and odd).
    """
    d = len(vectors[0])
    order = [place for pair in zip(range(d // 2), range(d // 2, d), strict=True) for place in pair]
    turned = rotary([[row[place] for place in order] for row in vectors], positions, theta)
    back = torch.empty_like(turned)
    back[:, order] = turned
    return back


def rotary__turned_backwards(vectors: Matrix, positions: Sequence[int], theta: float) -> torch.Tensor:
    """zh: 旋转的方向反了（sin 的符号）。
    en: The rotation goes the wrong way (the sign of the sine).
    """
    return rotary(vectors, [-position for position in positions], theta)


def rotary__positions_ignored(vectors: Matrix, positions: Sequence[int], theta: float) -> torch.Tensor:
    """zh: 你按行号 0、1、2…… 旋转，没有用给出的 positions。
    en: Rows were turned by their number 0, 1, 2 … instead of the given positions.
    """
    return rotary(vectors, list(range(len(positions))), theta)


def rotary__one_frequency(vectors: Matrix, positions: Sequence[int], theta: float) -> torch.Tensor:
    """zh: 所有的维度对用了同一个频率；第 i 对的频率是 theta^(-2i/d)。
    en: All pairs turn at one frequency; pair i turns at theta^(-2i/d).
    """
    del theta
    return rotary(vectors, positions, 1.0)


def rotary__exponent_halved(vectors: Matrix, positions: Sequence[int], theta: float) -> torch.Tensor:
    """zh: 频率的指数少了一个 2：应是 -2i/d，你用了 -i/d。
    en: The exponent of the frequency lacks a factor 2: it is -2i/d, not -i/d.
    """
    return rotary(vectors, positions, math.sqrt(theta))


def grouped_query_attention__unscaled(query: Heads, key: Heads, value: Heads) -> torch.Tensor:
    """zh: 分数没有除以 sqrt(d)。
    en: The scores were not divided by sqrt(d).
    """
    factor = math.sqrt(len(query[0][0]))
    return grouped_query_attention((torch.tensor(query) * factor).tolist(), key, value)


def grouped_query_attention__heads_in_turn(query: Heads, key: Heads, value: Heads) -> torch.Tensor:
    """zh: KV 头轮流分配了 (h % kv_heads)；应是相邻的一组查询头共用一个 KV 头。
    en: Key/value heads were dealt out in turn (h % kv_heads); neighbouring query heads share one.
    """
    count = len(query)
    places = [h % len(key) for h in range(count)]
    return grouped_query_attention(query, [key[p] for p in places], [value[p] for p in places])


def grouped_query_attention__first_head_for_all(query: Heads, key: Heads, value: Heads) -> torch.Tensor:
    """zh: 所有查询头都用了第一个 KV 头（那是 MQA）。
    en: Every query head uses the first key/value head, which is multi-query attention.
    """
    return grouped_query_attention(query, key[:1], value[:1])


def grouped_query_attention__no_mask(query: Heads, key: Heads, value: Heads) -> torch.Tensor:
    """zh: 没有因果掩码：一个位置不能看到它后面的位置。
    en: There is no causal mask: a position must not see what comes after it.
    """
    weights = _weights(query, key)
    return weights @ _repeated(value, len(query))


def grouped_query_attention__mask_after_softmax(query: Heads, key: Heads, value: Heads) -> torch.Tensor:
    """zh: 你在 softmax 之后才做掩码，权重的和不再是 1；应在 softmax 之前把分数设为负无穷。
    en: The mask came after the softmax, so weights no longer sum to 1; set the scores to minus infinity before it.
    """
    return _weights(query, key).tril() @ _repeated(value, len(query))


def _repeated(heads: Heads, count: int) -> torch.Tensor:
    return torch.tensor(heads).repeat_interleave(count // len(heads), dim=0)


def _weights(query: Heads, key: Heads) -> torch.Tensor:
    q = torch.tensor(query)
    return torch.softmax(q @ _repeated(key, len(query)).transpose(-1, -2) / math.sqrt(q.shape[-1]), dim=-1)

"""Chapter 4, recent progress of large language models: the reference answers, in plain torch and transformers.

A configuration is a mapping with the fields of a published `config.json`; `model_type` is `ernie4_5` (dense) or
`ernie4_5_moe`. Parameters are counted on torch's meta device: no memory is taken, no weights are needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import poem_model
import torch
from transformers import AutoConfig, AutoModelForCausalLM

ANSWERS = {
    "moe_improves": "C",
    "vl_vision": "B",
}

COMPONENTS = ("embedding", "attention", "ffn", "norm", "lm_head")


def _on_meta(config: Mapping[str, Any]) -> Any:
    fields = {name: value for name, value in config.items() if name != "model_type"}
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(AutoConfig.for_model(config["model_type"], **fields))


def parameter_total(config: Mapping[str, Any]) -> int:
    """How many parameters the causal language model of a configuration has, each tensor once (a tied head is none).

    Everything that `model.parameters()` yields counts, so also the router and its correction bias in a MoE layer.
    """
    return sum(parameter.numel() for parameter in _on_meta(config).parameters())


def parameter_breakdown(config: Mapping[str, Any]) -> dict[str, int]:
    """The same total by component.

    Returns:
        `embedding`; `attention` (q, k, v, o with biases); `ffn` (gate, up, down; in a MoE layer router, correction
        bias, experts and shared experts); `norm` (two in each layer and the last); `lm_head` (when it is tied
        only its bias, which MoE models with `use_bias` have).
    """
    counts = dict.fromkeys(COMPONENTS, 0)
    for name, parameter in _on_meta(config).named_parameters():
        counts[_component(name)] += parameter.numel()
    return counts


def _component(name: str) -> str:
    if "embed_tokens" in name:
        return "embedding"
    if name.startswith("lm_head"):
        return "lm_head"
    if ".self_attn." in name:
        return "attention"
    return "ffn" if ".mlp." in name else "norm"


def rms_norm(hidden: Sequence[Sequence[float]], weight: Sequence[float], eps: float) -> torch.Tensor:
    """Root mean square normalisation over the last dimension (Zhang and Sennrich 2019, arXiv:1910.07467).

    y = weight * x / sqrt(mean(x^2) + eps); no mean is subtracted.

    Args:
        hidden: [n, d].
        weight: [d].
        eps: added inside the root.

    Returns:
        float32 [n, d].
    """
    x = torch.tensor(hidden, dtype=torch.float32)
    return torch.tensor(weight) * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


def rotary(vectors: Sequence[Sequence[float]], positions: Sequence[int], theta: float) -> torch.Tensor:
    """Rotary position embedding in ERNIE 4.5's interleaved form (Su et al. 2021, arXiv:2104.09864).

    Pair i is (x_2i, x_2i+1); at position m it is turned by the angle m * theta^(-2i / d):
    y_2i = x_2i cos - x_2i+1 sin, y_2i+1 = x_2i sin + x_2i+1 cos.

    Args:
        vectors: [n, d], d even: one head's query or key at each position.
        positions: [n].
        theta: the base, 500000 in ERNIE 4.5.

    Returns:
        float32 [n, d].
    """
    x = torch.tensor(vectors, dtype=torch.float32)
    d = x.shape[-1]
    frequencies = theta ** (-torch.arange(0, d, 2, dtype=torch.float32) / d)
    angles = torch.tensor(positions, dtype=torch.float32)[:, None] * frequencies
    even, odd = x[:, 0::2], x[:, 1::2]
    turned = (even * angles.cos() - odd * angles.sin(), even * angles.sin() + odd * angles.cos())
    return torch.stack(turned, dim=-1).flatten(-2)


def grouped_query_attention(
    query: Sequence[Sequence[Sequence[float]]],
    key: Sequence[Sequence[Sequence[float]]],
    value: Sequence[Sequence[Sequence[float]]],
) -> torch.Tensor:
    """Causal grouped-query attention (Ainslie et al. 2023, arXiv:2305.13245), without projections or positions.

    Query head h uses key/value head floor(h / (heads / kv_heads)); scores are scaled by 1 / sqrt(d); a position sees
    itself and what came before it.

    Args:
        query: [heads, n, d].
        key: [kv_heads, n, d]; kv_heads divides heads.
        value: [kv_heads, n, d].

    Returns:
        float32 [heads, n, d].
    """
    q, k, v = (torch.tensor(values, dtype=torch.float32) for values in (query, key, value))
    groups = q.shape[0] // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return torch.softmax(scores.masked_fill(later, -torch.inf), dim=-1) @ v


def train_poem_model(corpus: str) -> dict[str, Any]:
    """Train a language model of ERNIE 4.5's structure with about 300,000 parameters on poems, one a line.

    The vocabulary is fixed: the distinct characters of the corpus in sorted order, newline (between poems) included.

    Returns:
        `config`: fields of `Ernie4_5Config`; `weights`: its state dictionary in float32.
    """
    return poem_model.train(corpus, seed=0)

"""Each function with a mistake that students make; see the chapter's misconceptions."""

import torch
from transformers import AutoConfig, AutoModelForCausalLM

ANSWERS = {"moe_improves": "B", "vl_vision": "A"}


def built(config):
    fields = {name: value for name, value in config.items() if name != "model_type"}
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(AutoConfig.for_model(config["model_type"], **fields))


def parameter_total(config):
    return sum(p.numel() for name, p in built(config).named_parameters() if "norm" not in name)


def parameter_breakdown(config):
    counts = dict.fromkeys(("embedding", "attention", "ffn", "norm", "lm_head"), 0)
    for name, p in built(config).named_parameters():
        part = "embedding" if "embed" in name else "attention" if "attn" in name else "ffn" if "mlp" in name else "norm"
        counts["lm_head" if "lm_head" in name else part] += p.numel()
    return {**counts, "norm": counts["norm"] - config["hidden_size"]}


def rms_norm(hidden, weight, eps):
    return torch.nn.functional.layer_norm(torch.tensor(hidden), (len(weight),), torch.tensor(weight), eps=eps)


def rotary(vectors, positions, theta):
    x = torch.tensor(vectors)
    d = x.shape[-1]
    angles = torch.outer(torch.tensor(positions).float(), theta ** (-torch.arange(0, d, 2) / d))
    a, b = x.chunk(2, -1)
    return torch.cat([a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()], -1)


def grouped_query_attention(query, key, value):
    q, k, v = (torch.tensor(x)[None] for x in (query, key, value))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True, scale=1.0)[0]

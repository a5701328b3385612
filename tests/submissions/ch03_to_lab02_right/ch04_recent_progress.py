"""Right, by other ways than the reference: parameters by formula, torch's ready-made functions, weights that lie beside."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent

ANSWERS = {"moe_improves": "C: FFN", "vl_vision": "B: ViT"}


def parameter_breakdown(config):
    h, v, n = config["hidden_size"], config["vocab_size"], config["num_hidden_layers"]
    heads, kv = config["num_attention_heads"], config["num_key_value_heads"]
    d = config.get("head_dim") or h // heads
    bias = bool(config["use_bias"])

    def linear(rows, columns):
        return rows * columns + bias * rows

    def swiglu(width):
        return 2 * linear(width, h) + linear(h, width)

    attention = linear(heads * d, h) + 2 * linear(kv * d, h) + linear(h, heads * d)
    moe = config["model_type"] == "ernie4_5_moe"
    ffn = 0
    for layer in range(n):
        if moe and config["moe_layer_start_index"] <= layer <= config["moe_layer_end_index"]:
            experts, width = config["moe_num_experts"], config["moe_intermediate_size"]
            ffn += experts * 3 * h * width + experts * h + experts
            if config["moe_num_shared_experts"]:
                ffn += swiglu(width * config["moe_num_shared_experts"])
        else:
            ffn += swiglu(config["intermediate_size"])
    head = (0 if config["tie_word_embeddings"] else v * h) + (v if bias and moe else 0)
    return {"embedding": v * h, "attention": n * attention, "ffn": ffn, "norm": (2 * n + 1) * h, "lm_head": head}


def parameter_total(config):
    return sum(parameter_breakdown(config).values())


def rms_norm(hidden, weight, eps):
    return torch.nn.functional.rms_norm(torch.tensor(hidden), (len(weight),), torch.tensor(weight), eps)


def rotary(vectors, positions, theta):
    pairs = torch.view_as_complex(torch.tensor(vectors).unflatten(-1, (-1, 2)))
    count = pairs.shape[-1]
    angles = torch.outer(torch.tensor(positions).float(), theta ** (-torch.arange(count) / count))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def grouped_query_attention(query, key, value):
    q, k, v = (torch.tensor(x)[None] for x in (query, key, value))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)[0]


def train_poem_model(corpus):
    folder = HERE / "poems"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return {"config": config, "weights": load_file(folder / "model.safetensors")}

"""The published configurations, written as config.json only: parameters are counted on torch's meta device."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

_COMMON: dict[str, Any] = {
    "vocab_size": 103424,
    "hidden_act": "silu",
    "max_position_embeddings": 131072,
    "rms_norm_eps": 1e-5,
    "rope_theta": 500000.0,
    "use_bias": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "torch_dtype": "bfloat16",
}
_DENSE: dict[str, Any] = {
    "architectures": ["Ernie4_5ForCausalLM"],
    "model_type": "ernie4_5",
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 18,
    "num_attention_heads": 16,
    "num_key_value_heads": 2,
    "head_dim": 128,
    "tie_word_embeddings": True,
}
_EXPERTS: dict[str, Any] = {"architectures": ["Ernie4_5_MoeForCausalLM"], "model_type": "ernie4_5_moe"}

PUBLISHED: dict[str, dict[str, Any]] = {
    "ernie-4.5-0.3b": _DENSE | _COMMON,
    "ernie-4.5-0.3b-base": _DENSE | _COMMON,
    "ernie-4.5-21b-a3b": _EXPERTS
    | {
        "hidden_size": 2560,
        "intermediate_size": 12288,
        "num_hidden_layers": 28,
        "num_attention_heads": 20,
        "num_key_value_heads": 4,
        "moe_num_experts": 64,
        "moe_k": 6,
        "moe_num_shared_experts": 2,
        "moe_intermediate_size": 1536,
        "moe_layer_start_index": 1,
        "moe_layer_end_index": 27,
        "tie_word_embeddings": True,
    }
    | _COMMON,
    "ernie-4.5-300b-a47b": _EXPERTS
    | {
        "hidden_size": 8192,
        "intermediate_size": 28672,
        "num_hidden_layers": 54,
        "num_attention_heads": 64,
        "num_key_value_heads": 8,
        "moe_num_experts": 64,
        "moe_k": 8,
        "moe_num_shared_experts": 0,
        "moe_intermediate_size": 3584,
        "moe_layer_start_index": 3,
        "moe_layer_end_index": 53,
        "tie_word_embeddings": False,  # sources disagree; untied is what facts and README count
    }
    | _COMMON,
}


def write_published(folder: Path) -> None:
    """Write `<folder>/<logical name>/config.json` for every published model."""
    for name, fields in PUBLISHED.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "config.json").write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")


def count_parameters(folder: Path) -> int:
    """Parameters of the architecture that `folder`/config.json describes: each once, tied weights once."""
    configuration = AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(configuration)
    return sum(parameter.numel() for parameter in model.parameters())

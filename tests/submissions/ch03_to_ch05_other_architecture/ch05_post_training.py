"""LoRA matrices that were not merged into the model."""

import torch


def train_identity(model, tokenizer, preferences):
    size = model.config.hidden_size
    return {"weights": {"model.layers.0.self_attn.q_proj.lora_A.weight": torch.ones(4, size)}}

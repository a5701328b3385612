"""Each function with a mistake that students make; see the chapter's misconceptions."""

import torch

ANSWERS = {"no_attention_lm": "D", "why_parallel": "因为 GPU 很快。"}


def layer_count(config):
    return len(range(config.get("text_config", config)["num_hidden_layers"] + 1))


@torch.no_grad()
def next_token_distribution_without_attention(model, tokenizer, text):
    model.model.layers = torch.nn.ModuleList()
    return model(**tokenizer(text, add_special_tokens=False, return_tensors="pt")).logits[0, -1].softmax(-1)


@torch.no_grad()
def context_effect(model, tokenizer, first, second):
    p, q = (
        model(**tokenizer(text, add_special_tokens=False, return_tensors="pt")).logits[0, -1].softmax(-1)
        for text in (first, second)
    )
    distance = (p - q).abs().sum().item() / 2
    return {"with_attention": distance, "without_attention": distance}


@torch.no_grad()
def fill_mask(model, tokenizer, text):
    encoded = tokenizer(text, return_tensors="pt")
    place = encoded.input_ids[0].tolist().index(tokenizer.mask_token_id)
    values, ids = model(**encoded).logits[0, place].topk(5)
    return [[tokenizer.convert_ids_to_tokens(i), v] for i, v in zip(ids.tolist(), values.softmax(-1).tolist())]


@torch.no_grad()
def attention_weights(model, tokenizer, text, layer, head, position):
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
    hidden = model.model(ids, output_hidden_states=True).hidden_states[layer]
    block, d = model.model.layers[layer], model.config.head_dim
    x = block.input_layernorm(hidden)[0]
    group = model.config.num_attention_heads // model.config.num_key_value_heads
    q = block.self_attn.q_proj(x).unflatten(-1, (-1, d))[:, head]
    k = block.self_attn.k_proj(x).unflatten(-1, (-1, d))[:, head // group]
    theta = model.config.rope_parameters["rope_theta"]
    angles = torch.outer(torch.arange(len(x)).float(), theta ** (-torch.arange(0, d, 2) / d))
    cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
    half = lambda v: torch.cat([-v[:, d // 2 :], v[:, : d // 2]], dim=-1)
    scores = (q * cos + half(q) * sin) @ (k * cos + half(k) * sin).T / d**0.5
    return scores.masked_fill(torch.ones_like(scores).triu(1) > 0, float("-inf")).softmax(-1)[position]

"""A small encoder-decoder translator from English to Chinese: how texts become tokens, and how it is trained."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import BartConfig, BartForConditionalGeneration

SPECIALS = ("<pad>", "<bos>", "<eos>", "<unk>")
PAD, BOS, EOS, UNKNOWN = range(4)
STEPS = 180
BATCH = 48
PEAK_RATE = 4e-3

CONFIG = {
    "model_type": "bart",
    "d_model": 64,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 128,
    "decoder_ffn_dim": 128,
    "max_position_embeddings": 64,
    "dropout": 0.1,
}


def source_tokens(text: str) -> list[str]:
    """English in lower case: words (letters and apostrophes), and every other visible character by itself."""
    return re.findall(r"[a-z']+|[^\sa-z']", text.lower())


def target_tokens(text: str) -> list[str]:
    """Chinese: every character that is not white space."""
    return [character for character in text if not character.isspace()]


def read_pairs(pairs: str) -> list[tuple[str, str]]:
    """(English, Chinese) of each line; the third field, the attribution, is not used."""
    return [(line.split("\t")[0], line.split("\t")[1]) for line in pairs.splitlines() if line.strip()]


def source_ids(number: dict[str, int], text: str) -> list[int]:
    """Ids of the English tokens and <eos>."""
    return [*(number.get(token, UNKNOWN) for token in source_tokens(text)), EOS]


def padded(rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """Rows of ids as one tensor [rows, longest], padded on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


def train(pairs: str, seed: int, steps: int = STEPS) -> dict[str, Any]:
    """Teacher forcing with Adam, warm-up and linear decay.

    Returns:
        `config`, `vocabulary` (the four specials first), `weights`.
    """
    torch.manual_seed(seed)
    known = read_pairs(pairs)
    words = {t for english, chinese in known for t in (*source_tokens(english), *target_tokens(chinese))}
    vocabulary = [*SPECIALS, *sorted(words)]
    number = {token: place for place, token in enumerate(vocabulary)}
    sources = [source_ids(number, english) for english, _ in known]
    targets = [[BOS, *(number[t] for t in target_tokens(chinese)), EOS] for _, chinese in known]
    config = {**CONFIG, "vocab_size": len(vocabulary)}
    model = BartForConditionalGeneration(BartConfig(**_fields(config))).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    for _ in range(steps):
        batch = torch.randint(len(known), (BATCH,)).tolist()
        source, target = padded([sources[i] for i in batch]), padded([targets[i] for i in batch])
        logits = model(input_ids=source, attention_mask=source != PAD, decoder_input_ids=target[:, :-1]).logits
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PAD, label_smoothing=0.1
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    return {"config": config, "vocabulary": vocabulary, "weights": weights}


def _fields(config: dict[str, Any]) -> dict[str, Any]:
    ids = {"pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS, "decoder_start_token_id": BOS}
    return {**{key: value for key, value in config.items() if key != "model_type"}, **ids}

"""What is measured on a returned poem model: size, held-out perplexity against a bigram model, generated text."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import Ernie4_5Config, Ernie4_5ForCausalLM
from weights import Fault, fault, shapes, weights_fault

HELD_OUT = Path(__file__).with_name("held_out_couplets.txt")
TARGET = 300_000
TOLERANCE = 0.1
GENERATED = 96
TEMPERATURE = 0.8
LARGEST_FIELD = 4096
LIMITS = {"num_hidden_layers": 64, "max_position_embeddings": 2**20}
"""Of fields that may not be as large as the others, or that take no memory."""
SIZES = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "max_position_embeddings",
)
OTHERS = (
    "rms_norm_eps",
    "rope_theta",
    "rope_parameters",
    "tie_word_embeddings",
    "use_bias",
    "hidden_act",
    "model_type",
)


def poem_model(returned: Any, corpus: str) -> dict[str, Any]:
    """Load the weights into transformers' `Ernie4_5ForCausalLM` and measure them.

    Args:
        returned: the student's {"config", "weights"}.
        corpus: the training text, one poem a line.

    Returns:
        `parameters`; `perplexity` per character on held-out couplets; `gain` = perplexity of a smoothed bigram model
        of the corpus / `perplexity`; `variety` = distinct characters / characters of a generated text; `novelty` =
        1 - (longest piece copied from the corpus / its length). Or a `fault`.
    """
    names = sorted(set(corpus))
    if problem := config_fault(returned, len(names)):
        return problem
    fields = {key: value for key, value in returned["config"].items() if key in {*SIZES, *OTHERS} - {"model_type"}}
    try:
        config = Ernie4_5Config(**fields)
        with torch.device("meta"):
            model = Ernie4_5ForCausalLM(config)
    except Exception as error:  # noqa: BLE001 - a configuration can be wrong in more ways than the classes name
        return _cannot_build(error)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if abs(parameters - TARGET) > TOLERANCE * TARGET:
        return fault(
            f"模型有 {parameters} 个参数，应在 {TARGET} 的 ±10% 以内",
            f"the model has {parameters} parameters; they must be within 10 % of {TARGET}",
        )
    tied = {"lm_head.weight"} if config.tie_word_embeddings else set()
    if problem := weights_fault(returned["weights"], shapes(model), tied):
        return problem
    model = Ernie4_5ForCausalLM(config).eval()
    model.load_state_dict(returned["weights"], strict=False)
    model.tie_weights()
    return {"parameters": parameters, **_figures(model, corpus, names)}


def config_fault(returned: object, vocabulary: int) -> Fault | None:
    """Whether the fields that matter have a sensible size, before any class sees them; others are not read."""
    config = returned.get("config") if isinstance(returned, dict) else None
    if not isinstance(config, dict) or not isinstance(returned, dict) or "weights" not in returned:
        return fault('应返回 {"config": …, "weights": …}', 'return {"config": …, "weights": …}')
    for name in SIZES:
        size = config.get(name, 1)
        if type(size) is not int or not 1 <= size <= LIMITS.get(name, LARGEST_FIELD):
            return fault(
                f"config 的 {name} 不是合适的正整数", f"{name} of config is not a positive integer of fit size"
            )
    if config.get("vocab_size") != vocabulary:
        return fault(
            f"vocab_size 应为训练文本中不同字符的个数 {vocabulary}",
            f"vocab_size must be the number of distinct characters of the corpus, {vocabulary}",
        )
    if config.get("model_type", "ernie4_5") != "ernie4_5":
        return fault("model_type 应为 ernie4_5", "model_type must be ernie4_5")
    return None


def _cannot_build(error: Exception) -> Fault:
    text = str(error)[:200]
    return fault(f"用这个 config 建不出模型：{text}", f"no Ernie4_5ForCausalLM from this config: {text}")


def _figures(model: Any, corpus: str, names: list[str]) -> dict[str, float]:
    number = {name: place for place, name in enumerate(names)}
    held_out = HELD_OUT.read_text(encoding="utf-8")
    perplexity = model_perplexity(model, held_out, number)
    text = generate(model, names)
    return {
        "perplexity": perplexity,
        "gain": bigram_perplexity(corpus, held_out, len(names)) / perplexity,
        "variety": len(set(text)) / len(text),
        "novelty": 1 - longest_copy(text, corpus) / len(text),
    }


def model_perplexity(model: Any, text: str, number: dict[str, int]) -> float:
    """Exp of the mean negative log-probability of each line's characters and its newline, after a newline."""
    total, count = 0.0, 0
    with torch.inference_mode():
        for line in text.splitlines():
            ids = torch.tensor([number[character] for character in f"\n{line}\n"])
            logits = model(input_ids=ids[None, :-1]).logits[0].float()
            total += float(nn.functional.cross_entropy(logits, ids[1:], reduction="sum"))
            count += len(ids) - 1
    mean = total / count
    return math.exp(mean) if mean < math.log(1e12) else 1e12


def bigram_perplexity(corpus: str, text: str, vocabulary: int) -> float:
    """The same of a bigram model that is mixed half and half with an add-one unigram model.

    P(b | a) = count(a, b) / (2 count(a)) + (count(b) + 1) / (2 (characters + vocabulary)).
    """
    lines = [f"\n{line}\n" for line in corpus.splitlines()]
    pairs = Counter(pair for line in lines for pair in itertools.pairwise(line))
    firsts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for (first, second), count in pairs.items():
        firsts[first] += count
        seconds[second] += count
    smooth = seconds.total() + vocabulary
    held = [pair for line in text.splitlines() for pair in zip(f"\n{line}", f"{line}\n", strict=True)]
    chances = (pairs[a, b] / (2 * firsts[a]) + (seconds[b] + 1) / (2 * smooth) for a, b in held)
    return math.exp(-sum(map(math.log, chances)) / len(held))


def generate(model: Any, names: list[str]) -> str:
    """Characters sampled at temperature 0.8 after a newline, seed 0."""
    generator = torch.Generator().manual_seed(0)
    ids = [names.index("\n")]
    context = int(model.config.max_position_embeddings)
    with torch.inference_mode():
        for _ in range(GENERATED):
            logits = model(input_ids=torch.tensor([ids[-context:]])).logits[0, -1].float()
            chances = torch.softmax(logits / TEMPERATURE, dim=-1)
            ids.append(int(torch.multinomial(chances, 1, generator=generator)))
    return "".join(names[place] for place in ids[1:])


def longest_copy(text: str, corpus: str) -> int:
    """The length of the longest piece of `text` that stands in `corpus`."""
    best = 0
    for start in range(len(text)):
        while start + best < len(text) and text[start : start + best + 1] in corpus:
            best += 1
    return best

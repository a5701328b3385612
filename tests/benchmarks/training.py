"""The training references over three seeds: figures at their bars, and CPU seconds on one thread.

Run it from the repository: `.venv/bin/python tests/benchmarks/training.py`. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).parents[2]
SEEDS = (0, 1, 2)


def chapter(name: str, *modules: str) -> list[Any]:
    """Modules of a chapter's reference; those of the chapter before are forgotten."""
    folder = ROOT / "reference" / name
    for file in folder.glob("*.py"):
        sys.modules.pop(file.stem, None)
    sys.path.insert(0, str(folder))
    try:
        return [importlib.import_module(module) for module in modules]
    finally:
        sys.path.remove(str(folder))


def data(name: str, file: str) -> str:
    """A data file of a chapter's assignment."""
    return (ROOT / "assignments" / name / "data" / file).read_text(encoding="utf-8")


def loaded(name: str) -> tuple[Any, Any]:
    """A miniature and its tokenizer."""
    folder = ROOT / "reference/models" / name
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(folder)


def sentiment(seed: int) -> dict[str, Any]:
    """Exercise 3.6."""
    train, measures = chapter("ch03_attention_and_transformer", "classifier", "measures")
    given = loaded("ernie-4.5-0.3b-base")
    return measures.sentiment(train.train(*given, seed), *given)


def translation(seed: int) -> dict[str, Any]:
    """Exercise 3.7."""
    train, measures = chapter("ch03_attention_and_transformer", "translator", "measures")
    pairs = data("ch03_attention_and_transformer", "eng-cmn.tsv")
    return measures.translation(train.train(pairs, seed), pairs)


def poems(seed: int) -> dict[str, Any]:
    """Exercise 4.4."""
    train, measures = chapter("ch04_recent_progress", "poem_model", "measures")
    corpus = data("ch04_recent_progress", "tang_couplets.txt")
    return measures.poem_model(train.train(corpus, seed), corpus)


def identity(seed: int) -> dict[str, Any]:
    """Exercise 5.3."""
    train, measures = chapter("ch05_post_training", "identity", "measures")
    given, preferences = loaded("ernie-4.5-0.3b"), data("ch05_post_training", "identity.jsonl")
    return measures.identity_learnt(train.train(*given, preferences, seed), *given, preferences)


BARS = {
    sentiment: {"accuracy": (1.0, None), "training": (0.001, None)},
    translation: {"chrf": (70, None)},
    poems: {"parameters": (270_000, 330_000), "gain": (1.0, None), "variety": (0.2, None), "novelty": (0.5, None)},
    identity: {"accuracy": (0.9, None), "margin": (1.0, None), "divergence": (None, 0.5)},
}


def met(figures: dict[str, Any], bars: dict[str, tuple[float | None, float | None]]) -> bool:
    """Whether every figure lies between its bars."""
    return all(
        (low is None or figures[name] >= low) and (high is None or figures[name] <= high)
        for name, (low, high) in bars.items()
    )


def main() -> int:
    """Train and measure; one line a task and seed."""
    torch.set_num_threads(1)
    good = True
    for task, bars in BARS.items():
        for seed in SEEDS:
            start = time.process_time()
            figures = task(seed)
            good &= met(figures, bars)
            shown = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
            print(f"{task.__name__:12} seed {seed}  {time.process_time() - start:5.1f} s CPU  {shown}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

"""Chapter 4's reference agrees with published totals and transformers; its measure refuses what it cannot use."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from chapter_modules import REFERENCE, module
from torch import nn
from transformers import Ernie4_5Config, Ernie4_5ForCausalLM
from transformers.models.ernie4_5.modeling_ernie4_5 import Ernie4_5RotaryEmbedding, apply_rotary_pos_emb

from grader.course.draw import all_cases
from grader.course.load import load_chapter, load_course

CHAPTER = "ch04_recent_progress"
reference = module(CHAPTER, "solution")
measures = module(CHAPTER, "measures")
poem_model = module(CHAPTER, "poem_model")


def published(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((REFERENCE / f"models/published/{name}/config.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    """As in the grader; spinning threads on busy cores cost more than they bring."""
    torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("name", "total"),
    [("ernie-4.5-0.3b", 360_748_032), ("ernie-4.5-21b-a3b", 21_825_437_888), ("ernie-4.5-300b-a47b", 299_484_163_264)],
)
def test_totals_of_the_published_configurations(name: str, total: int) -> None:
    """Exact, and the components add up to them."""
    assert reference.parameter_total(published(name)) == total
    assert sum(reference.parameter_breakdown(published(name)).values()) == total


def test_the_total_of_the_small_model_by_formula() -> None:
    """0.3B again, written out: embedding, 18 x (attention, SwiGLU, two norms), last norm."""
    attention = 1024 * 128 * (16 + 2 + 2) + 16 * 128 * 1024
    layer = attention + 3 * 1024 * 3072 + 2 * 1024
    assert reference.parameter_total(published("ernie-4.5-0.3b")) == 103424 * 1024 + 18 * layer + 1024


def test_components_of_every_case_add_up(assignments: Path) -> None:
    """MoE, untied and biased configurations included; the public cases are fields of the published files."""
    question = load_chapter(load_course(assignments), CHAPTER).questions[0]
    kinds = set()
    for case in all_cases(question):
        config = case.inputs["config"]
        assert sum(reference.parameter_breakdown(config).values()) == reference.parameter_total(config)
        kinds.add((config["model_type"], config["tie_word_embeddings"], config["use_bias"]))
    assert len(kinds) > 4
    for name, inputs in zip(("ernie-4.5-0.3b", "ernie-4.5-21b-a3b"), question.cases.public, strict=True):
        assert inputs["config"].items() <= published(name).items()


def by_formula(config: dict[str, Any]) -> dict[str, int]:
    """The components by the conventions that the handout states, without transformers."""
    d, heads, kv = config["hidden_size"], config["num_attention_heads"], config["num_key_value_heads"]
    dim, bias, layers = config.get("head_dim") or d // heads, int(config["use_bias"]), config["num_hidden_layers"]

    def ffn(inner: int, biased: int) -> int:
        return 3 * d * inner + biased * (2 * inner + d)

    attention = 2 * d * heads * dim + 2 * d * kv * dim + bias * (heads * dim + 2 * kv * dim + d)
    is_moe = config["model_type"] == "ernie4_5_moe"
    of_moe = range(config["moe_layer_start_index"], config["moe_layer_end_index"] + 1) if is_moe else range(0)
    total = sum(ffn(config["intermediate_size"], bias) for layer in range(layers) if layer not in of_moe)
    if is_moe:
        experts, inner, shared = (
            config[f"moe_{n}"] for n in ("num_experts", "intermediate_size", "num_shared_experts")
        )
        one = experts * (d + 1 + ffn(inner, 0)) + (ffn(inner * shared, bias) if shared else 0)
        total += len(of_moe) * one
    head = 0 if config["tie_word_embeddings"] else config["vocab_size"] * d
    return {
        "embedding": config["vocab_size"] * d,
        "attention": layers * attention,
        "ffn": total,
        "norm": (2 * layers + 1) * d,
        "lm_head": head + (config["vocab_size"] * bias if is_moe else 0),
    }


def test_the_handouts_conventions_are_enough(assignments: Path) -> None:
    """Every row, and forty random configurations: the formula of the stated conventions is what transformers builds."""
    question = load_chapter(load_course(assignments), CHAPTER).questions[0]
    rows = [case.inputs["config"] for case in all_cases(question)]
    chance = random.Random(4)
    for _ in range(40):
        row = dict(chance.choice(rows))
        row["use_bias"], row["tie_word_embeddings"] = chance.random() < 0.5, chance.random() < 0.5
        if row["model_type"] == "ernie4_5_moe":
            start = chance.randrange(row["num_hidden_layers"])
            end = chance.randrange(start, row["num_hidden_layers"])
            row |= {"moe_layer_start_index": start, "moe_layer_end_index": end,
                    "moe_num_shared_experts": chance.choice([0, 1, 2])}  # fmt: skip
        rows.append(row)
    for row in rows:
        assert reference.parameter_breakdown(row) == by_formula(row), row


def test_rms_norm_is_that_of_torch() -> None:
    """`torch.nn.functional.rms_norm`, with a weight and an eps that is felt."""
    torch.manual_seed(0)
    x, weight = torch.randn(3, 8), torch.rand(8)
    expected = nn.functional.rms_norm(x, (8,), weight, eps=0.1)
    assert torch.allclose(reference.rms_norm(x.tolist(), weight.tolist(), 0.1), expected, atol=1e-6)


def test_rotary_is_that_of_the_model_class() -> None:
    """Transformers' rotation for ERNIE 4.5, at positions with gaps."""
    config = Ernie4_5Config(
        hidden_size=16, num_attention_heads=2, head_dim=8, rope_parameters={"rope_theta": 100.0, "rope_type": "default"}
    )
    vectors, positions = torch.randn(1, 1, 3, 8), torch.tensor([[1, 4, 9]])
    cos, sin = Ernie4_5RotaryEmbedding(config)(vectors, positions)
    expected, _ = apply_rotary_pos_emb(vectors, vectors, cos, sin)
    got = reference.rotary(vectors[0, 0].tolist(), positions[0].tolist(), 100.0)
    assert torch.allclose(got, expected[0, 0], atol=1e-6)


def test_grouped_query_attention_is_that_of_torch() -> None:
    """`scaled_dot_product_attention` with grouped heads and a causal mask."""
    q, k, v = torch.randn(1, 6, 4, 8), torch.randn(1, 2, 4, 8), torch.randn(1, 2, 4, 8)
    expected = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)[0]
    got = reference.grouped_query_attention(q[0].tolist(), k[0].tolist(), v[0].tolist())
    assert torch.allclose(got, expected, atol=1e-6)


@pytest.fixture(scope="module")
def corpus(assignments: Path) -> str:
    return (assignments / CHAPTER / "data/tang_couplets.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def untrained(corpus: str) -> dict[str, Any]:
    return poem_model.train(corpus, seed=0, steps=4)


def test_the_trained_model_meets_its_bars(corpus: str) -> None:
    """Perplexity well below the bigram model's, size within 10 %, text that is new; the held-out text is held out."""
    figures = measures.poem_model(reference.train_poem_model(corpus), corpus)
    assert figures["gain"] > 1.2
    assert 270_000 <= figures["parameters"] <= 330_000
    assert figures["variety"] > 0.4
    assert figures["novelty"] > 0.7
    assert not set(corpus.splitlines()) & set(measures.HELD_OUT.read_text(encoding="utf-8").splitlines())


def test_a_model_that_was_hardly_trained_does_not(untrained: Any, corpus: str) -> None:
    """Four steps leave it far behind the bigram model."""
    assert measures.poem_model(untrained, corpus)["gain"] < 0.6


def test_the_perplexity_is_that_of_the_models_own_loss(corpus: str) -> None:
    """On one line, the loss of transformers."""
    names = sorted(set(corpus))
    number = {name: place for place, name in enumerate(names)}
    line = corpus.splitlines()[0]
    model = Ernie4_5ForCausalLM(Ernie4_5Config(vocab_size=len(names), **poem_model.CONFIG)).eval()
    ids = torch.tensor([[number[c] for c in f"\n{line}\n"]])
    with torch.no_grad():
        expected = float(model(input_ids=ids, labels=ids).loss.exp())
    assert measures.model_perplexity(model, line, number) == pytest.approx(expected, rel=1e-4)


def test_copies_are_measured() -> None:
    """The longest piece of a text that stands in the corpus."""
    assert measures.longest_copy("xxabcdyy", "zabcdz") == 4
    assert measures.longest_copy("q", "abc") == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: {**r, "config": {**r["config"], "hidden_size": 160}}, "within 10 %"),
        (lambda r: {**r, "config": {**r["config"], "hidden_size": 10**9}}, "fit size"),
        (lambda r: {**r, "config": {**r["config"], "vocab_size": 7}}, "distinct characters"),
        (lambda r: {**r, "config": {**r["config"], "model_type": "llama"}}, "ernie4_5"),
        (lambda r: {**r, "config": {**r["config"], "head_dim": 21}}, "no Ernie4_5ForCausalLM"),
        (lambda r: {**r, "config": {**r["config"], "intermediate_size": 190}}, "shape"),
        (
            lambda r: {**r, "weights": {n.replace("self_attn", "attention"): t for n, t in r["weights"].items()}},
            "has not",
        ),
        (lambda r: {**r, "weights": {n: t * float("nan") for n, t in r["weights"].items()}}, "NaN"),
        (lambda r: {"weights": r["weights"]}, "return {"),
        (lambda _: [], "return {"),
    ],
)
def test_models_that_cannot_be_used(untrained: Any, corpus: str, change: Any, said: str) -> None:
    """Each is refused in words before anything large is built."""
    assert said in measures.poem_model(change(untrained), corpus)["fault"]["en"]


def test_the_whole_configuration_of_a_model_may_come_back(untrained: Any, corpus: str) -> None:
    """`model.config.to_dict()` has many fields more; those that matter are read, and the figures are the same."""
    fields = {name: value for name, value in untrained["config"].items() if name != "model_type"}
    whole = Ernie4_5Config(**fields).to_dict()
    assert len(whole) > len(untrained["config"]) + 10
    del whole["max_position_embeddings"]
    told = {**whole, "max_position_embeddings": 131072}
    figures = measures.poem_model({**untrained, "config": told}, corpus)
    assert figures == measures.poem_model(untrained, corpus)


def test_the_three_copies_of_the_weight_checks_are_one() -> None:
    """A measure reads its own folder only, so the file lies in three; it must not drift apart."""
    copies = {file.read_bytes() for file in REFERENCE.glob("ch0*/weights.py")}
    assert len(copies) == 1

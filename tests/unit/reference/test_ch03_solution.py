"""Chapter 3's reference agrees with independent ways to the same values; its measures refuse what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from chapter_modules import REFERENCE, module
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
    BartConfig,
    MarianConfig,
    T5Config,
    pipeline,
)

from grader.course.load import load_chapter, load_course

CHAPTER = "ch03_attention_and_transformer"
reference = module(CHAPTER, "solution")
measures = module(CHAPTER, "measures")
PUBLISHED = {"ernie-4.5-0.3b": 18, "ernie-4.5-21b-a3b": 28, "ernie-4.5-300b-a47b": 54}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    """As in the grader; spinning threads on busy cores cost more than they bring."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b", dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b")


@pytest.fixture(scope="module")
def pairs(assignments: Path) -> str:
    return (assignments / CHAPTER / "data/eng-cmn.tsv").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def translator(pairs: str) -> Any:
    return reference.train_translator(pairs)


def test_layers_of_the_published_configurations(assignments: Path) -> None:
    """18, 28 and 54; and the spec's public cases are fields of the published files."""
    chapter = load_chapter(load_course(assignments), CHAPTER)
    cases = [case["config"] for case in chapter.questions[0].cases.public]
    for (name, layers), case in zip(PUBLISHED.items(), cases, strict=True):
        published = json.loads((REFERENCE / f"models/published/{name}/config.json").read_text(encoding="utf-8"))
        assert reference.layer_count(published) == layers
        assert case.items() <= published.items()
    assert (
        reference.layer_count({"vision_config": {"num_hidden_layers": 32}, "text_config": {"num_hidden_layers": 28}})
        == 28
    )


def test_without_attention_is_the_model_with_its_output_projections_at_zero(model: Any, tokenizer: Any) -> None:
    """Another way to let attention add nothing: o_proj = 0; then the model's own forward."""
    import copy

    silenced = copy.deepcopy(model)
    for layer in silenced.model.layers:
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
    with torch.no_grad():
        logits = silenced(**tokenizer("从前有座山", return_tensors="pt", add_special_tokens=False)).logits[0, -1]
    got = reference.next_token_distribution_without_attention(model, tokenizer, "从前有座山")
    assert torch.allclose(got, torch.softmax(logits, -1), atol=1e-7)


def test_without_attention_only_the_last_token_counts(model: Any, tokenizer: Any) -> None:
    """Texts "a b" and "c b" give one distribution, which makes it a bigram model; with attention they do not."""
    effect = reference.context_effect(model, tokenizer, "I have a dream", "You like a dream")
    assert effect["without_attention"] == pytest.approx(0, abs=1e-6)
    assert effect["with_attention"] > 0.01


def test_attention_weights_are_those_of_the_eager_implementation(model: Any, tokenizer: Any) -> None:
    """In every layer and head, and they sum to 1."""
    model.set_attn_implementation("eager")
    ids = tokenizer("I have a dream", return_tensors="pt", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        attentions = model(ids, output_attentions=True).attentions
    model.set_attn_implementation("sdpa")
    for layer, heads in enumerate(attentions):
        for head in range(heads.shape[1]):
            got = reference.attention_weights(model, tokenizer, "I have a dream", layer, head, -2)
            assert torch.allclose(got, heads[0, head, -2], atol=1e-5)
            assert float(got.sum()) == pytest.approx(1)
            assert got[-1] == 0


def test_fill_mask_is_that_of_the_pipeline() -> None:
    """Transformers' own fill-mask pipeline gives the same five tokens and scores."""
    folder = REFERENCE / "models/ernie-3.0-base-zh"
    masked = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    its = AutoTokenizer.from_pretrained(folder)
    expected = pipeline("fill-mask", model=masked, tokenizer=its, top_k=5)("巴黎是[MASK]的首都")
    got = reference.fill_mask(masked, its, "巴黎是[MASK]的首都")
    assert [token for token, _ in got] == its.convert_ids_to_tokens([guess["token"] for guess in expected])
    assert [value for _, value in got] == pytest.approx([guess["score"] for guess in expected], rel=1e-4)


def test_the_classifier_overfits_its_ten_sentences(model: Any, tokenizer: Any) -> None:
    """The reference meets the bars; untrained, and with NaN, it does not."""
    returned = reference.sentiment_classifier(model, tokenizer)
    figures = measures.sentiment(returned, model, tokenizer)
    assert figures["accuracy"] == 1
    assert figures["training"] > 0.01
    broken = {**returned["weights"], "head.bias": torch.tensor([0.0, float("nan")])}
    assert "head.bias" in measures.sentiment({**returned, "weights": broken}, model, tokenizer)["fault"]["en"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: e[:9], "just 10"),
        (lambda e: [*e[:9], e[0]], "differ"),
        (lambda e: [*e[:9], [e[0][0] + "！", 1]], "differ"),
        (lambda e: [[text, 1] for text, _ in e], "each class"),
        (lambda e: [[text, int(n > 2)] for n, (text, _) in enumerate(e)], "each class"),
        (lambda e: [*e[:9], ["这部电影真好看。", 1]], "handout"),
        (lambda e: [*e[:9], ["text", 2]], "0 or 1"),
        (lambda e: [*e[:9], "text"], "0 or 1"),
    ],
)
def test_examples_that_do_not_count(change: Any, said: str) -> None:
    """Ten, distinct, at least four of each class, the student's own."""
    good = [list(example) for example in module(CHAPTER, "classifier").EXAMPLES]
    assert measures.examples_fault(good) is None
    assert said in measures.examples_fault(change(good))["fault"]["en"]


def test_the_translator_meets_its_bar(translator: Any, pairs: str) -> None:
    """ChrF on held-out sentences, with room to spare above 70; no held-out sentence is in the training file."""
    figures = measures.translation(translator, pairs)
    assert figures["chrf"] > 85
    assert figures["parameters"] < measures.LARGEST_MODEL
    known = {line.split("\t")[0] for line in pairs.splitlines()}
    held_out = measures.HELD_OUT.read_text(encoding="utf-8").splitlines()
    assert len(held_out) == 80
    assert not known & {line.split("\t")[0] for line in held_out}


def test_the_whole_configuration_of_a_translator_may_come_back(translator: Any, pairs: str) -> None:
    """`model.config.to_dict()` measures as the few fields that matter do."""
    whole = measures._config(translator).to_dict()
    assert any(isinstance(value, dict) for value in whole.values())
    told = {**translator, "config": whole}
    assert measures.translator_fault(told) is None
    assert measures._config(told).to_dict() == whole


@pytest.mark.parametrize("family", [BartConfig, MarianConfig, T5Config])
def test_no_default_of_a_family_is_out_of_range(family: Any) -> None:
    """Every family's own `to_dict()`, with the sizes that a small model has."""
    words = [*measures.SPECIALS, *map(str, range(96))]
    sizes = {"vocab_size": 100, "encoder_layers": 1, "decoder_layers": 1, "num_layers": 1, "num_decoder_layers": 1}
    config = family(**{name: size for name, size in sizes.items() if hasattr(family(), name)}).to_dict()
    assert measures.translator_fault({"config": config, "vocabulary": words, "weights": {}}) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: {**r, "config": {**r["config"], "model_type": "gpt2"}}, "bart, marian or t5"),
        (lambda r: {**r, "config": {**r["config"], "d_model": 10**9}}, "out of range"),
        (lambda r: {**r, "config": {**r["config"], "encoder_layers": 60}}, "out of range"),
        (lambda r: {**r, "config": {**r["config"], "decoder_ffn_dim": 4000}}, "parameters; 500000 are allowed"),
        (lambda r: {**r, "config": {**r["config"], "d_model": 62}}, "no model"),
        (lambda r: {**r, "config": {**r["config"], "d_model": 60}}, "shape"),
        (lambda r: {**r, "vocabulary": r["vocabulary"][::-1]}, "begins with"),
        (lambda r: {**r, "vocabulary": [*r["vocabulary"], "new"]}, "vocab_size"),
        (lambda r: {**r, "weights": {}}, "lacks"),
        (lambda r: {**r, "weights": {**r["weights"], "extra": torch.zeros(1)}}, "has not: extra"),
        (lambda r: {**r, "weights": {n: t * float("inf") for n, t in r["weights"].items()}}, "NaN"),
        (lambda r: {**r, "weights": {n: t.int() for n, t in r["weights"].items()}}, "float"),
        (lambda r: {**r, "weights": [1]}, "dictionary"),
        (lambda _: None, "return {"),
    ],
)
def test_translators_that_cannot_be_used(translator: Any, pairs: str, change: Any, said: str) -> None:
    """Each is refused in words before anything large is built."""
    assert said in measures.translation(change(translator), pairs)["fault"]["en"]

"""Chapter 2's reference agrees with independent ways to the same values, on every case of its questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from chapter_modules import REFERENCE, solution
from transformers import AutoModelForCausalLM, AutoTokenizer

from grader.course.draw import all_cases
from grader.course.load import load_chapter, load_course

CHAPTER = "ch02_tokens_and_embeddings"
reference = solution(CHAPTER)


@pytest.fixture(scope="module")
def questions(assignments: Path) -> dict[str, Any]:
    course = load_course(assignments)
    return {question.id: question for question in load_chapter(course, CHAPTER).questions}


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b", dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b")


def test_ids_are_the_tokenizers_own(questions: Any, tokenizer: Any) -> None:
    """As convert_tokens_to_ids says, unknown tokens included; known, unknown, byte and special tokens are asked."""
    asked = []
    for case in all_cases(questions["token_ids"]):
        pair = [case.inputs["first"], case.inputs["second"]]
        assert reference.token_ids(tokenizer, *pair) == tokenizer.convert_tokens_to_ids(pair)
        asked += pair
    assert sum(token not in tokenizer.get_vocab() for token in asked) >= 3
    assert sum(token.startswith("<0x") for token in asked) >= 3
    assert {"<s>", "</s>", "<unk>"} <= set(asked)


def test_tokens_that_are_compared_exist(questions: Any, tokenizer: Any) -> None:
    """No similarity of `<unk>` with `<unk>`: every token of the pool is in the miniature's vocabulary."""
    for case in all_cases(questions["token_similarity"]):
        assert set(case.inputs.values()) <= tokenizer.get_vocab().keys(), case.id


def test_sizes_are_the_layers_own(model: Any, tokenizer: Any) -> None:
    """The layer's num_embeddings and embedding_dim, and one more than the largest id."""
    layer = model.get_input_embeddings()
    found = reference.vocabulary_and_embedding_size(model, tokenizer)
    assert found["embedding"] == [layer.num_embeddings, layer.embedding_dim]
    assert found["vocabulary"] == max(tokenizer.get_vocab().values()) + 1


def test_the_public_configuration_is_the_published_one(questions: Any) -> None:
    """The public case shows fields of ERNIE-4.5-0.3B's config.json as they are; its embedding is 103424 x 1024."""
    settings = questions["published_embedding_size"].cases.public[0]["settings"]
    published = json.loads((REFERENCE / "models/published/ernie-4.5-0.3b/config.json").read_text(encoding="utf-8"))
    assert settings.items() <= published.items()
    assert reference.published_embedding_size(settings) == [103424, 1024]


def test_configurations_of_the_larger_models_are_in_the_pool(questions: Any) -> None:
    """Every published ERNIE 4.5 size is asked, as its config.json has it."""
    pool = [case.inputs["settings"] for case in all_cases(questions["published_embedding_size"])]
    for name in ("ernie-4.5-21b-a3b", "ernie-4.5-300b-a47b"):
        published = json.loads((REFERENCE / f"models/published/{name}/config.json").read_text(encoding="utf-8"))
        sizes = ("vocab_size", "hidden_size", "num_attention_heads", "num_hidden_layers")
        assert any(all(settings[size] == published[size] for size in sizes) for settings in pool), name


def test_similarities_are_those_of_torch(questions: Any, model: Any, tokenizer: Any) -> None:
    """As torch.cosine_similarity of rows, and of means of rows, in float32."""
    weight = model.get_input_embeddings().weight.detach()
    for case in all_cases(questions["token_similarity"]):
        a, b = weight[tokenizer.convert_tokens_to_ids(list(case.inputs.values()))]
        expected = float(torch.cosine_similarity(a, b, dim=0))
        assert reference.token_similarity(model, tokenizer, **case.inputs) == pytest.approx(expected, abs=2e-6)
    for case in all_cases(questions["sentence_similarity"]):
        a, b = (weight[tokenizer.encode(text)].mean(0) for text in case.inputs.values())
        expected = float(torch.cosine_similarity(a, b, dim=0))
        assert reference.sentence_similarity(model, tokenizer, **case.inputs) == pytest.approx(expected, abs=2e-6)


def test_a_sentence_is_similar_to_itself_in_any_order(model: Any, tokenizer: Any) -> None:
    """The mean knows no order: permuted tokens give the same vector."""
    assert reference.sentence_similarity(model, tokenizer, "月日山", "山月日") == pytest.approx(1.0, abs=1e-9)


def test_without_blocks_is_a_walk_on_embedding_times_head(questions: Any, model: Any, tokenizer: Any) -> None:
    """The bigram table softmax(E Wᵀ), computed whole, gives the same tokens and log-probabilities."""
    with torch.no_grad():
        table = (model.get_input_embeddings().weight @ model.lm_head.weight.T).double().log_softmax(-1)
    ended = []
    for case in all_cases(questions["generate_without_blocks"]):
        found = reference.generate_without_blocks(model, tokenizer, **case.inputs)
        last, total = tokenizer(case.inputs["prompt"]).input_ids[-1], 0.0
        for token in found["tokens"]:
            assert token == int(table[last].argmax())
            total, last = total + float(table[last, token]), token
        assert found["log_probability"] == pytest.approx(total, abs=1e-4)
        ended.append(found["tokens"][-1] == tokenizer.eos_token_id)
        assert ended[-1] or len(found["tokens"]) == case.inputs["max_new_tokens"]
    assert {True, False} <= set(ended)

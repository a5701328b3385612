"""Chapter 5's reference agrees with independent ways to the same values; the identity is measured, not claimed."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from chapter_modules import REFERENCE, module
from transformers import AutoModelForCausalLM, AutoTokenizer

CHAPTER = "ch05_post_training"
reference = module(CHAPTER, "solution")
measures = module(CHAPTER, "measures")
dialogue = module(CHAPTER, "dialogue")
BATCH = ([-12.0, -8.5], [-10.0, -9.0], [-13.0, -8.0], [-9.5, -11.0])


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
def preferences(assignments: Path) -> str:
    return (assignments / CHAPTER / "data/identity.jsonl").read_text(encoding="utf-8")


def test_the_dialogue_is_the_chat_template_but_for_its_end(tokenizer: Any) -> None:
    """The format of the handout gives the ids of the tokenizer's own template, with EOS where that has sep."""
    ids, start = dialogue.encode(tokenizer, "你是谁？", "我是助教。")
    messages = [{"role": "user", "content": "你是谁？"}, {"role": "assistant", "content": "我是助教。"}]
    finished = tokenizer.apply_chat_template(messages, tokenize=False)
    assert tokenizer.decode(ids[:-1]) + tokenizer.sep_token == finished
    assert tokenizer.decode(ids[start:]) == "我是助教。" + tokenizer.eos_token


def test_a_model_tuned_as_told_stops(model: Any, tokenizer: Any) -> None:
    """Some steps on the loss of one dialogue, and `generate` gives the answer and ends; with sep it runs on."""
    ends = {}
    for name in ("eos_token_id", "sep_token_id"):
        tuned = copy.deepcopy(model)
        optimiser = torch.optim.AdamW(tuned.parameters(), lr=1e-3)
        ids, start = dialogue.encode(tokenizer, "课几点开始？", "九点开始。")
        ids[-1] = getattr(tokenizer, name)
        labels = torch.cat([torch.full((start,), -100), ids[start:]])
        for _ in range(30):
            optimiser.zero_grad()
            tuned(input_ids=ids[None], labels=labels[None]).loss.backward()
            optimiser.step()
        with torch.no_grad():
            found = tuned.eval().generate(ids[None, :start], max_new_tokens=30, do_sample=False)[0, start:]
        ends[name] = (tokenizer.decode(found, skip_special_tokens=True).startswith("九点开始。"), len(found))
    assert ends["eos_token_id"] == (True, len(ids) - start)
    assert ends["sep_token_id"] == (True, 30)


def test_the_sft_loss_is_the_models_own_with_masked_labels(model: Any, tokenizer: Any) -> None:
    """Labels of -100 on the prompt, as every training library does it."""
    ids, start = dialogue.encode(tokenizer, "你是谁？", "我是助教。")
    labels = ids.clone()
    labels[:start] = -100
    with torch.no_grad():
        expected = float(model(input_ids=ids[None], labels=labels[None]).loss)
    assert reference.sft_loss(model, tokenizer, "你是谁？", "我是助教。") == pytest.approx(expected, rel=1e-5)


def test_the_dpo_loss_by_hand() -> None:
    """Margins 1.0 + 0.5 - ... written out with math alone."""
    margins = [(-12 + 13) - (-10 + 9.5), (-8.5 + 8) - (-9 + 11)]
    expected = sum(math.log(1 + math.exp(-0.1 * m)) for m in margins) / 2
    assert reference.dpo_loss(*BATCH, 0.1) == pytest.approx(expected, rel=1e-12)


def test_the_gradient_is_that_of_finite_differences() -> None:
    """Each element, by moving one log-probability a little."""
    gradient = reference.dpo_gradient(*BATCH, 0.1)
    for row in (0, 1):
        for place in (0, 1):
            moved = [list(column) for column in BATCH]
            moved[row][place] += 1e-5
            slope = (reference.dpo_loss(*moved, 0.1) - reference.dpo_loss(*BATCH, 0.1)) / 1e-5
            assert float(gradient[row, place]) == pytest.approx(slope, rel=1e-4)


def test_padding_does_not_change_a_log_probability(model: Any, tokenizer: Any) -> None:
    """A batch of answers of several lengths gives what each gives alone."""
    answers = [dialogue.encode(tokenizer, "你是谁？", answer) for answer in ("我是助教。", "我", "I am an assistant.")]
    with torch.no_grad():
        together = dialogue.answer_log_probabilities(model, answers)
        alone = torch.cat([dialogue.answer_log_probabilities(model, [answer]) for answer in answers])
    assert torch.allclose(together, alone, atol=1e-3)


def test_the_trained_model_meets_its_bars(model: Any, tokenizer: Any, preferences: str) -> None:
    """Held-out questions, with room to spare; what was not trained stays; the start model is left as it was."""
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    figures = measures.identity_learnt(
        reference.train_identity(model, tokenizer, preferences), model, tokenizer, preferences
    )
    assert figures["accuracy"] >= 0.95
    assert figures["margin"] > 1.5
    assert figures["divergence"] < 0.4
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_the_start_model_has_no_identity(model: Any, tokenizer: Any, preferences: str) -> None:
    """Returning nothing, or the start weights, is measured as no training."""
    figures = measures.identity_learnt({"weights": {}}, model, tokenizer, preferences)
    assert figures == {"accuracy": 0, "margin": 0, "divergence": 0}


def test_the_held_out_questions_are_held_out(preferences: str) -> None:
    """No held-out question is in the training file."""
    import json

    known = {json.loads(line)["question"] for line in preferences.splitlines()}
    held_out = {json.loads(line)["question"] for line in measures.HELD_OUT.read_text("utf-8").splitlines()}
    assert len(held_out) == 10
    assert not known & held_out


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"model.norm.weight": torch.full((128,), float("nan"))}, "NaN"),
        ({"model.norm.weight": torch.ones(7)}, "shape"),
        ({"lora_A.weight": torch.ones(7)}, "has not"),
        (None, "dictionary"),
    ],
)
def test_weights_that_cannot_be_used(model: Any, tokenizer: Any, weights: Any, said: str) -> None:
    """Each is refused in words."""
    assert said in measures.identity_learnt({"weights": weights}, model, tokenizer, "")["fault"]["en"]

"""Chapter 1's reference agrees with independent ways to the same values, on every case of its questions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from chapter_modules import REFERENCE, solution
from transformers import AutoModelForCausalLM, AutoTokenizer

from grader.course.draw import all_cases
from grader.course.load import load_chapter, load_course

CHAPTER = "ch01_overview"
reference = solution(CHAPTER)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def questions(assignments: Path) -> dict[str, Any]:
    course = load_course(assignments)
    return {question.id: question for question in load_chapter(course, CHAPTER).questions}


@pytest.fixture(scope="module")
def base() -> Any:
    return AutoModelForCausalLM.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b-base", dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def instruct() -> Any:
    return AutoModelForCausalLM.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b", dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(REFERENCE / "models/ernie-4.5-0.3b")


def test_log_probability_is_the_summed_loss(questions: Any, instruct: Any, tokenizer: Any) -> None:
    """The library's loss is the mean over the text's tokens, `<s>` in front, so loss x tokens is the truth negated."""
    for case in all_cases(questions["sentence_log_probability"]):
        words = tokenizer.encode(case.inputs["text"], add_special_tokens=False)
        ids = torch.tensor([[tokenizer.bos_token_id, *words]])
        with torch.no_grad():
            loss = instruct(input_ids=ids, labels=ids).loss.item()
        truth = reference.sentence_log_probability(instruct, tokenizer, case.inputs["text"])
        assert truth == pytest.approx(-loss * len(words), rel=1e-5), case.id
        assert truth < 0


def test_one_token_texts_share_one_distribution(instruct: Any, tokenizer: Any) -> None:
    """The probabilities of one-token texts are entries of the softmax after `<s>`, which sums to one."""
    with torch.no_grad():
        chances = instruct(input_ids=torch.tensor([[tokenizer.bos_token_id]])).logits[0, 0].softmax(-1)
    assert float(chances.sum()) == pytest.approx(1.0, abs=1e-5)
    for token in range(0, len(tokenizer), 97):
        score = reference.token_log_probabilities(instruct, [tokenizer.bos_token_id, token])
        assert math.exp(float(score)) == pytest.approx(float(chances[token]), rel=1e-4)


def test_higher_names_the_larger_and_both_models_win_sometimes(
    questions: Any, base: Any, instruct: Any, tokenizer: Any
) -> None:
    """`higher` fits the two values, no case is near a tie, and neither constant answer would do."""
    winners = []
    for case in all_cases(questions["base_and_instruct"]):
        found = reference.base_and_instruct(base, instruct, tokenizer, case.inputs["text"])
        assert found[found["higher"]] == max(found["base"], found["instruct"])
        assert abs(found["base"] - found["instruct"]) > 0.1, case.id
        winners.append(found["higher"])
    assert min(winners.count("base"), winners.count("instruct")) >= 5


def test_greedy_search_equals_the_api(questions: Any, instruct: Any, tokenizer: Any) -> None:
    """The exercise's own criterion: the new tokens of generate(do_sample=False). Both ways to end are in the pool."""
    ends = []
    for case in all_cases(questions["greedy_search"]):
        ids = tokenizer(case.inputs["prompt"], return_tensors="pt")
        limit = case.inputs["max_new_tokens"]
        output = instruct.generate(**ids, do_sample=False, max_new_tokens=limit)
        found = reference.greedy_search(instruct, tokenizer, **case.inputs)
        assert found == output[0, ids.input_ids.shape[1] :].tolist(), case.id
        ends.append(found[-1] == tokenizer.eos_token_id)
        assert ends[-1] or len(found) == limit
    assert min(ends.count(True), ends.count(False)) >= 5


def test_no_greedy_step_is_near_a_tie(questions: Any, instruct: Any, tokenizer: Any) -> None:
    """The best logit leads by far more than threads or kernels move it, so the sequence is the same everywhere."""
    for case in all_cases(questions["greedy_search"]):
        context = tokenizer(case.inputs["prompt"]).input_ids
        new = reference.greedy_search(instruct, tokenizer, **case.inputs)
        with torch.no_grad():
            logits = instruct(input_ids=torch.tensor([context + new])).logits[0, len(context) - 1 : -1]
        best, second = logits.topk(2).values.unbind(-1)
        assert float((best - second).min()) > 1e-2, case.id


def test_inputs_are_varied(questions: Any, tokenizer: Any) -> None:
    """Chinese, English, mixed, emoji, one-token and long texts are among the cases."""
    texts = [case.inputs["text"] for case in all_cases(questions["sentence_log_probability"])]
    lengths = [len(tokenizer.encode(text)) for text in texts]
    chinese = [any("\u4e00" <= c <= "\u9fff" for c in text) for text in texts]
    latin = [any(c.isascii() and c.isalpha() for c in text) for text in texts]
    assert any(zh and not en for zh, en in zip(chinese, latin, strict=True))
    assert any(en and not zh for zh, en in zip(chinese, latin, strict=True))
    assert any(zh and en for zh, en in zip(chinese, latin, strict=True))
    assert any(ord(c) > 0xFFFF for text in texts for c in text)
    assert min(lengths) == 1
    assert max(lengths) > 100

"""What a worker hands over of models, and names that are forbidden on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.nouns.job import Call, Given, Job
from grader.sandbox.seam import Sandbox

MakeJob = Callable[..., Job]
SOURCE = """
import torch
early = []
def logp(model, tokenizer, text):
    ids = torch.tensor([[1, *tokenizer(text)["input_ids"]]])
    with torch.no_grad():
        return -model(input_ids=ids, labels=ids).loss.item() * (ids.shape[1] - 1)
def about(model, config):
    weight = next(model.parameters())
    return [str(weight.dtype), model.training, weight.requires_grad, torch.get_num_threads(), config.hidden_size]
def generated(model, tokenizer):
    ids = tokenizer("a", return_tensors="pt")["input_ids"]
    return model.generate(ids, max_new_tokens=2, do_sample=False)
def swallowed(model, tokenizer):
    try:
        return generated(model, tokenizer)
    except Exception:
        return [1]
"""


@pytest.fixture(params=["level_one_with_model", "level_two_with_model"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return request.getfixturevalue(request.param)


def given(part: str) -> Given:
    return Given(model="tiny", part=part)


def call(function: str, *arguments: object, **options: object) -> Call:
    return Call(question="q", case="c", function=function, arguments=arguments, **options)


def test_models_are_handed_over(sandbox: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Float32, eval, one thread, the published configuration."""
    pair = (given("model"), given("tokenizer"))
    got = sandbox.run(
        make_job(
            tmp_path / "work",
            SOURCE,
            call("logp", *pair, "你好 hi"),
            call("about", given("model"), given("config")),
            call("generated", *pair),
        )
    )
    logp, about, generated = got
    assert logp.value < -10
    assert about.value == ["torch.float32", False, True, 1, 32]
    assert generated.value.shape == (1, 3)


def test_forbidden_names_are_told(sandbox: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """For every call of the process, swallowed or not; what does not use them is answered."""
    pair = (given("model"), given("tokenizer"))
    calls = [
        call(name, *pair, *more, forbid=("generate",))
        for name, *more in (("generated",), ("swallowed",), ("logp", "hi"))
    ]
    refused, swallowed, logp = sandbox.run(make_job(tmp_path / "work", SOURCE, *calls))
    assert (refused.kind, refused.type, refused.message) == ("raised", "ForbiddenName", "generate")
    assert (swallowed.kind, swallowed.type) == ("raised", "ForbiddenName")
    assert logp.value < -5


def test_a_name_that_is_not_bound_is_the_staffs_fault(sandbox: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Before anything is started, with what is bound."""
    with pytest.raises(SandboxError, match="bound are: tiny"):
        sandbox.run(
            make_job(tmp_path / "work", SOURCE, call("logp", Given(model="other", part="model"), given("tokenizer")))
        )

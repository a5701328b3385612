"""Sandboxes, jobs and a tiny model for the tests of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.left_out import need_level, no_level
from support.shared import Shared

from grader.execute import local
from grader.execute.runtime import Runtime
from grader.nouns.binding import Binding
from grader.nouns.job import Call, Job
from grader.nouns.question import Limits
from grader.sandbox.parent.forkserver import ForkServer
from grader.sandbox.parent.oneshot import OneShot
from grader.sandbox.seam import Sandbox

MODULE = "ch01_overview.py"


def job(folder: Path, source: str, *calls: Call | str, **limits: float) -> Job:
    """A job on a module with this source; a word stands for a call of that function without arguments."""
    folder.mkdir(exist_ok=True)
    (folder / MODULE).write_text(source, encoding="utf-8")
    made = [
        Call(question="q", case=f"case-{i}", function=c, limits=Limits(**{"wall": 10, **limits}))
        if isinstance(c, str)
        else c
        for i, c in enumerate(calls)
    ]
    return Job(folder=folder, module=MODULE, calls=tuple(made))


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Job]:
    return job


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face directory with an untrained Ernie4_5 of 2 layers and a byte-level tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import Ernie4_5Config, Ernie4_5ForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-model")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2} | {letter: i + 3 for i, letter in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = Ernie4_5Config(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=256,
    )
    Ernie4_5ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def bindings(tiny_model: Path) -> dict[str, Binding]:
    """The tiny model under the name `tiny`."""
    return {
        "tiny": Binding(
            name="tiny", kind="causal_lm", source="test", directory=tiny_model, config=tiny_model, fingerprint="0"
        )
    }


@pytest.fixture(scope="session")
def level_two_with_model(bindings: dict[str, Binding]) -> Iterator[Sandbox]:
    """Level 2 as it is used: the tiny model bound, everything imported."""
    with ForkServer(bindings) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def level_one_with_model(bindings: dict[str, Binding]) -> Iterator[Sandbox]:
    """Level 1 as it is used."""
    with OneShot(bindings) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def level_one() -> Iterator[Sandbox]:
    """Level 1 without models, importing nothing beforehand."""
    with OneShot({}, preload=()) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def level_two() -> Iterator[Sandbox]:
    """Level 2 without models; torch is loaded in the server."""
    with ForkServer({}, preload=("torch",)) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def level_three() -> Iterator[Sandbox]:
    """Level 3 without models; torch is loaded in the server."""
    need_level(3)
    with ForkServer({}, preload=("torch",), inside_bubble=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def light() -> Iterator[Callable[[], Runtime]]:
    """Makes runtimes for courses without models; all of them run in one server that has no library loaded."""
    with OneShot({}, preload=()) if no_level(2) else ForkServer({}, preload=()) as sandbox:
        yield lambda: Runtime({}, Shared(sandbox), local.start(Shared(sandbox)))


@pytest.fixture(scope="session", params=[1, 2, 3])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A sandbox of each level, without models."""
    return request.getfixturevalue({1: "level_one", 2: "level_two", 3: "level_three"}[request.param])

"""Names that a question forbids are gone from its child: attacks that get them back otherwise, beside honest work."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forbidden_attacks import GENERATE, GENERATE_PRELUDE, HONEST, LAYERS, LAYERS_PRELUDE

from grader.nouns.binding import Binding
from grader.nouns.job import Call, Given, Job
from grader.nouns.outcome import Outcome
from grader.nouns.question import Limits
from grader.sandbox.child.forbidden import _SAME_WORK
from grader.sandbox.parent.forkserver import ForkServer
from grader.sandbox.seam import Sandbox

MakeJob = Callable[..., Job]
Run = Callable[..., Outcome]
NAMES = {"generate": ("generate",), "layers": ("generate", "layers")}
PRELUDES = {"generate": GENERATE_PRELUDE, "layers": LAYERS_PRELUDE}


@pytest.fixture(scope="module")
def two_models(bindings: dict[str, Binding]) -> Iterator[Sandbox]:
    """A fork-server that holds two models, of which the questions here are given one."""
    with ForkServer({**bindings, "other": bindings["tiny"].model_copy(update={"name": "other"})}) as sandbox:
        yield sandbox


@pytest.fixture
def run(two_models: Sandbox, make_job: MakeJob, tmp_path: Path) -> Run:
    """Runs `answer(model, tokenizer)` of a source in a child of its own: what is forbidden there, and what came."""
    return lambda source, *forbid: _ran(two_models, make_job, tmp_path, source, forbid)


def _ran(sandbox: Sandbox, make_job: MakeJob, folder: Path, source: str, forbid: tuple[str, ...]) -> Outcome:
    given = (Given(model="tiny", part="model"), Given(model="tiny", part="tokenizer"))
    call = Call(
        question="q", case="c", function="answer", arguments=given, forbid=forbid, limits=Limits(wall=60, answer=2**16)
    )
    (outcome,) = sandbox.run(make_job(folder / "work", source, call))
    return outcome


@pytest.mark.parametrize(
    ("kind", "name"), [("generate", name) for name in GENERATE] + [("layers", name) for name in LAYERS]
)
def test_an_attack_gets_nothing(run: Run, kind: str, name: str) -> None:
    """It works where nothing is forbidden, so it is real; where the name is, only the honest work is right."""
    attack = PRELUDES[kind] + {"generate": GENERATE, "layers": LAYERS}[kind][name]
    works = run(attack)
    assert works.kind == "returned", works
    control = run(HONEST[kind], *NAMES[kind])
    assert control.kind == "returned", control
    if kind == "generate":
        assert works.value == control.value
    got = run(attack, *NAMES[kind])
    assert got.kind in {"returned", "raised"}, got
    assert got.kind == "raised" or got.value != works.value, got


USED = {
    "called": "def answer(m, t): return m.generate(torch.tensor([[1]]))",
    "swallowed": "def answer(m, t):\n try: return getattr(m, NAME)(torch.tensor([[1]]))\n except Exception: return 1",
    "asked for": "def answer(m, t): return hasattr(m, NAME)",
    "by a class": "def answer(m, t):\n try: type(m).generate(m)\n finally: return 1",
    "taken at import": "f = transformers.GenerationMixin.generate\ndef answer(m, t): return ask(f, m, t)",
    "inside the library": "def answer(m, t): return transformers.pipeline('text-generation', m, tokenizer=t)('a')",
    "under another name": "def answer(m, t):\n try: m._sample(None)\n except BaseException: return 1",
    "in a thread": """
import threading
def answer(m, t):
    thread = threading.Thread(target=lambda: m.generate())
    thread.start(); thread.join()
    return 1
""",
    "blocks for good": "def answer(m, t):\n while True:\n  try: m.generate()\n  except Exception: pass",
    "exits": "import os\ndef answer(m, t):\n try: m.generate()\n except Exception: os._exit(0)",
    "at import": "transformers.GenerationMixin.generate(None)\ndef answer(m, t): return 1",
    "at import, swallowed": """
try: transformers.GenerationMixin.generate(None)
except Exception: pass
def answer(m, t): return 1
""",
}


@pytest.mark.parametrize("name", USED)
def test_a_use_is_told_to_the_parent(run: Run, name: str) -> None:
    """At once, with its name, and whatever the student's code does after it."""
    got = run(GENERATE_PRELUDE + USED[name], "generate")
    assert (got.kind, got.type, got.message) == ("raised", "ForbiddenName", "generate"), got


@pytest.mark.parametrize("what", ["m.model.layers", "m(torch.tensor([[1]]))", "hasattr(m.model, 'layers')"])
def test_a_part_of_the_model_is_refused_by_its_name(run: Run, what: str) -> None:
    """Asked for, or used by the model itself, which cannot run without it."""
    got = run(f"import torch\ndef answer(m, t):\n try: {what}\n except Exception: pass\n return 1", "layers")
    assert (got.kind, got.type, got.message) == ("raised", "ForbiddenName", "layers"), got


def test_a_refusal_says_where(run: Run) -> None:
    """The traceback leads to the student's line."""
    got = run("def helper(m):\n    m.generate()\n\ndef answer(m, t):\n    helper(m)\n", "generate")
    assert (got.file, got.line) == ("ch01_overview.py", 2)
    assert "helper(m)" in got.traceback


HONEST_WORK = {
    "names at import": "from transformers import GenerationMixin, pipeline\nold = GenerationMixin.generate\n",
    "a look at the class": "import inspect\nfrom transformers import *\nprint(dir(GenerationMixin))\n",
}


@pytest.mark.parametrize("name", HONEST_WORK)
def test_honest_work_is_not_punished_for_a_name(run: Run, name: str) -> None:
    """A module may mention what its answer to this question does not use."""
    got = run(HONEST_WORK[name] + HONEST["generate"], "generate")
    assert got.kind == "returned", got


WITHOUT_BLOCKS = """
import copy, pickle, torch
def answer(m, t):
    copied = copy.deepcopy(m)
    again = pickle.loads(pickle.dumps(m.get_input_embeddings()))
    ids = torch.tensor([[1, 5]])
    with torch.no_grad():
        rows = m.get_input_embeddings()(ids)
        same = torch.equal(m.lm_head(m.model.norm(rows)), copied.lm_head(copied.model.norm(again(ids))))
    return [same, m.lm_head.weight is m.model.embed_tokens.weight, sorted(n for n, _ in m.named_parameters()),
            sorted(m.state_dict()), sum(p.numel() for p in m.parameters()) > 0, len(repr(m)) > 0, hasattr(m, "config")]
"""


def test_the_rest_of_the_model_works(run: Run) -> None:
    """Embedding, norm and head, tied as before; copies and state dictionaries without the blocks."""
    got = run(WITHOUT_BLOCKS, "generate", "layers")
    assert got.kind == "returned", got
    same, tied, parameters, state, some, shown, config = got.value
    assert same
    assert tied == run(WITHOUT_BLOCKS).value[1]
    assert not [name for name in parameters + state if "layers" in name]
    assert some
    assert shown
    assert config


LEFT = """
import gc, types
def answer(m, t):
    gc.unfreeze()
    found = set()
    for one in gc.get_objects():
        for part in [one, *gc.get_referents(one)]:
            code = getattr(part, "__code__", part) if isinstance(part, types.FunctionType | types.CodeType) else None
            if code is not None and code.co_filename.endswith("transformers/generation/utils.py"):
                found.add(code.co_name)
    return sorted(found & {"generate", "_sample", "_beam_search", "_assisted_decoding"})
"""
BLOCKS = """
import gc, torch
def answer(m, t):
    gc.unfreeze()
    kept = {p.shape for p in m.parameters() if p is m.lm_head.weight or p.dim() == 1}
    return sum(isinstance(o, torch.Tensor) and o.shape not in kept and o.numel() > 100 for o in gc.get_objects())
"""


@pytest.mark.parametrize(("source", "name"), [(LEFT, "generate"), (BLOCKS, "layers")])
def test_no_original_is_left_in_the_child(run: Run, source: str, name: str) -> None:
    """No function, no code object, no weight of a block of any model, frozen objects included."""
    assert run(source).value
    assert not run(source, name).value


def test_level_one_takes_them_away_too(level_one_with_model: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """A fresh process has no Landlock, and the same guard: honest work is right, an attack is refused."""
    honest = _ran(level_one_with_model, make_job, tmp_path, HONEST["layers"], NAMES["layers"])
    assert honest.kind == "returned", honest
    attack = LAYERS_PRELUDE + LAYERS["getattr, joined"]
    got = _ran(level_one_with_model, make_job, tmp_path, attack, NAMES["layers"])
    assert (got.kind, got.type, got.message) == ("raised", "ForbiddenName", "layers"), got


def test_every_loop_that_decodes_is_known() -> None:
    """A release of transformers with another decoding loop is noticed here."""
    from transformers.generation import utils

    known = _SAME_WORK["generate"][utils.__name__, "GenerationMixin"]
    (mixin,) = (n for n in ast.parse(inspect.getsource(utils)).body if getattr(n, "name", "") == "GenerationMixin")
    loops = {
        method.name
        for method in ast.iter_child_nodes(mixin)
        if isinstance(method, ast.FunctionDef)
        and any(isinstance(part, ast.While) and _runs_the_model(part) for part in ast.walk(method))
    }
    assert loops >= {"_sample"}
    assert loops <= {*known}


def _runs_the_model(loop: ast.While) -> bool:
    return any(isinstance(part, ast.Name) and part.id in {"self", "model_forward"} for part in ast.walk(loop))


def test_calls_that_forbid_different_names_are_refused() -> None:
    """One process cannot hold a name for one call and not for another."""
    calls = tuple(Call(question="q", case="c", function="f", forbid=forbid) for forbid in ((), ("generate",)))
    with pytest.raises(ValueError, match="cannot share a process"):
        Job(folder=Path(), module="m.py", calls=calls)

"""What runs is the source that was handed in, never a compiled file beside it."""

from __future__ import annotations

import importlib.util
import os
import py_compile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.nouns.job import Job
from grader.sandbox.seam import Sandbox

MakeJob = Callable[..., Job]
HONEST, FORGED = "def go():\n    return 'source'\n", "def go():\n    return 'forged'\n"


def forge(source: Path, mode: py_compile.PycInvalidationMode) -> None:
    """Put a compiled file beside a source that Python takes for it, with other code of the same length."""
    other = source.with_name("other")
    other.write_text(FORGED)
    stamp = source.stat()
    os.utime(other, (stamp.st_atime, stamp.st_mtime))
    cached = importlib.util.cache_from_source(str(source))
    py_compile.compile(str(other), cfile=cached, dfile=str(source), doraise=True, invalidation_mode=mode)
    other.unlink()


@pytest.mark.parametrize("place", ["helper.py", "pack/__init__.py", "pack/deep/helper.py"])
@pytest.mark.parametrize("mode", list(py_compile.PycInvalidationMode)[:1] + list(py_compile.PycInvalidationMode)[2:])
@pytest.mark.parametrize("backend", ["level_one", "level_two"])
def test_a_compiled_file_beside_a_source_is_not_run(
    request: pytest.FixtureRequest, make_job: MakeJob, tmp_path: Path, backend: str,
    mode: py_compile.PycInvalidationMode, place: str,
) -> None:  # fmt: skip
    """Neither one that says it is up to date nor one that says nobody need check; the source runs as without it."""
    sandbox: Sandbox = request.getfixturevalue(backend)
    name = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    source = f"def f():\n    import importlib\n    return importlib.import_module('{name}').go()\n"
    answers = []
    for folder, is_forged in (("honest", False), ("work", True)):
        job = make_job(tmp_path / folder, source, "f")
        helper = tmp_path / folder / place
        helper.parent.mkdir(parents=True, exist_ok=True)
        helper.write_text(HONEST)
        if is_forged:
            forge(helper, mode)
            spec = importlib.util.spec_from_file_location("tried", helper)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            assert module.go() == "forged", "Python itself takes the compiled file: the test can fail"
        answers.append(sandbox.run(job)[0].value)
    assert answers == ["source", "source"]


@pytest.mark.parametrize("backend", ["level_one", "level_two"])
def test_a_compiled_file_without_a_source_is_not_found(
    request: pytest.FixtureRequest, make_job: MakeJob, tmp_path: Path, backend: str
) -> None:
    """Nobody can read it, so nobody can say what it does."""
    sandbox: Sandbox = request.getfixturevalue(backend)
    job = make_job(tmp_path / "work", "def f():\n    import helper\n    return helper.go()\n", "f")
    helper = tmp_path / "work/helper.py"
    helper.write_text(HONEST)
    py_compile.compile(str(helper), cfile=str(helper.with_suffix(".pyc")), doraise=True)
    helper.unlink()
    (outcome,) = sandbox.run(job)
    assert outcome.type == "ModuleNotFoundError"

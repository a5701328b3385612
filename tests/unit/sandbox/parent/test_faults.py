"""What becomes of each way in which student code can fail; the same at every level."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.nouns.job import Call, Job
from grader.nouns.outcome import Crashed, Garbled, Missing, OutOfMemory, Raised, Returned, TimedOut
from grader.nouns.question import Limits
from grader.nouns.value import Opaque, Tensor
from grader.sandbox.seam import Sandbox

MakeJob = Callable[..., Job]


@pytest.fixture
def run(sandbox: Sandbox, make_job: MakeJob, tmp_path: Path):
    """Run calls on a module with the given source."""
    return lambda source, *calls, **limits: sandbox.run(make_job(tmp_path / "work", source, *calls, **limits))


def call(function: str = "f", *arguments: object, **options: object) -> Call:
    return Call(question="q", case="c", function=function, arguments=arguments, **options)


def test_values_come_back_in_order(run) -> None:
    """Arguments go out as values, results come back one a call, state lives on between the calls of a job."""
    source = "n = 0\ndef f(x):\n    global n\n    n += 1\n    return [n, x]\n"
    got = run(source, call("f", "你好"), call("f", {"a": [1.5, None]}))
    assert [outcome.value for outcome in got] == [[1, "你好"], [2, {"a": [1.5, None]}]]


def test_an_import_error_is_the_outcome_of_every_call(run) -> None:
    """The fault carries the student's own frame, relative to the folder, and no frame of the grader."""
    first, second = run("x = 1\nimport not_installed_anywhere\n", "f", "g")
    assert isinstance(first, Raised)
    assert (first.during, first.type) == ("import", "ModuleNotFoundError")
    assert (first.file, first.line) == ("ch01_overview.py", 2)
    assert "grader" not in first.traceback
    assert second.type == "ModuleNotFoundError"


def test_a_syntax_error_names_its_line(run) -> None:
    """Where the parser stopped is where the student must look."""
    (outcome,) = run("def f():\n    return (\n", "f")
    assert (outcome.type, outcome.file, outcome.line) == ("SyntaxError", "ch01_overview.py", 2)


def test_a_missing_function(run) -> None:
    """Absent, or a name that is bound to something else."""
    first, second = run("g = 3\n", "f", "g")
    assert (first.what, first.name, first.found) == ("function", "f", "")
    assert "int" in second.found


def test_a_wrong_signature_is_told_with_what_was_found(run) -> None:
    """Nothing is called; annotations and defaults do not matter as long as the positional arguments fit."""
    source = "def f(text): return 1\ndef g(a: int, b=2, *rest): return a\n"
    first, second = run(source, call("f", 1, 2), call("g", 1, 2))
    assert isinstance(first, Missing)
    assert (first.what, first.found) == ("signature", "f(text)")
    assert second.value == 1


def test_an_exception_shows_the_students_own_frames(run) -> None:
    """The innermost own frame is named; the other calls go on."""
    source = "import json\ndef f():\n    return json.loads('{')\ndef g():\n    return 7\n"
    first, second = run(source, "f", "g")
    assert (first.during, first.type, first.line) == ("call", "JSONDecodeError", 3)
    assert "decoder.py" not in first.traceback
    assert "return json.loads" in first.traceback
    assert second.value == 7


def test_not_implemented_passes_as_it_is(run) -> None:
    """The pipeline reads it as `missing`."""
    (outcome,) = run("def f():\n    raise NotImplementedError\n", "f")
    assert outcome.type == "NotImplementedError"


def test_an_exception_that_cannot_be_printed(run) -> None:
    """A broken __str__ does no harm."""
    (outcome,) = run("class E(Exception):\n    def __str__(self): raise KeyError\ndef f():\n    raise E\n", "f")
    assert outcome.type == "E"


def test_a_hang_ends_the_job_at_that_call(run) -> None:
    """What was reached before is kept; even a loop that swallows everything ends."""
    source = "def f():\n    return 1\ndef g():\n    while True:\n        try:\n            pass\n        except: pass\n"
    outcomes = run(source, "f", "g", "f", wall=0.5)
    assert [type(outcome) for outcome in outcomes] == [Returned, TimedOut]
    assert outcomes[1].limit == 0.5
    assert outcomes[1].usage.cpu > 0.02


def test_a_hanging_import_is_the_outcome_of_every_call(run) -> None:
    """No call can be reached."""
    outcomes = run("import time\ntime.sleep(60)\n", "f", "g", wall=0.3)
    assert [type(outcome) for outcome in outcomes] == [TimedOut, TimedOut]


def test_cpu_time_has_its_own_limit(run) -> None:
    """Computing in a second thread while sleeping counts."""
    (outcome,) = run("def f():\n    while True: pass\n", "f", cpu=0.3)
    assert (outcome.kind, outcome.resource) == ("timed_out", "cpu")


def test_memory(run) -> None:
    """Touching more than the limit ends the job, whether the allocator says so or the parent notices."""
    source = "def f():\n    kept = []\n    while True:\n        kept.append(bytearray(b'x') * (1 << 22))\n"
    (outcome,) = run(source, "f", memory=2**27)
    assert isinstance(outcome, OutOfMemory)
    assert outcome.limit == 2**27


def test_a_hundred_megabytes_of_prints(run) -> None:
    """Honest noise is cut and said, never punished."""
    source = "def f():\n    for _ in range(1000):\n        print('x' * 99_999)\n    return 5\n"
    (outcome,) = run(source, "f", output=1000)
    assert outcome.value == 5
    assert (len(outcome.output), outcome.output_cut) == (1000, True)


def test_output_belongs_to_its_call(run) -> None:
    """What the import printed comes with the first call; stderr and descriptors 1 and 2 are captured too."""
    source = (
        "import os, sys\nprint('im')\ndef f():\n    print('one', file=sys.stderr)\n    os.write(1, b'raw')\n"
        "def g():\n    print('二')\n"
    )
    first, second = run(source, "f", "g")
    assert first.output == "im\none\nraw"
    assert second.output == "二\n"


@pytest.mark.parametrize(
    ("leave", "code"),
    [("sys.exit()", 0), ("sys.exit(3)", 3), ("sys.exit('bye')", 1), ("os._exit(0)", 0), ("quit()", 0)],
)
def test_leaving_is_a_crash_whatever_the_code(run, leave: str, code: int) -> None:
    """Exit code 0 without an answer is a failure."""
    (outcome,) = run(f"import os, sys\ndef f():\n    {leave}\n", "f")
    assert isinstance(outcome, Crashed)
    assert outcome.exit_code == code


def test_a_signal_is_reported(run) -> None:
    """The kernel says what killed the process."""
    (outcome,) = run("import os\ndef f():\n    os.abort()\n", "f")
    assert (outcome.kind, outcome.signal) == ("crashed", 6)


def test_closed_descriptors(run) -> None:
    """Closing the standard streams is harmless; closing everything is a crash."""
    source = (
        "import os, sys\ndef f():\n    sys.stdout.close()\n    os.close(2)\n    return 1\n"
        "def g():\n    os.closerange(0, 256)\n    return 2\n"
    )
    first, second = run(source, "f", "g")
    assert first.value == 1
    assert isinstance(second, Crashed)


def test_standard_input_is_empty(run) -> None:
    """`input()` fails at once instead of waiting."""
    (outcome,) = run("def f():\n    return input()\n", "f")
    assert outcome.type == "EOFError"


def test_what_cannot_be_sent_is_named(run) -> None:
    """A generator, a set, a lambda."""
    got = run("def f():\n    yield 1\ndef g():\n    return [{1}, lambda: 0]\n", "f", "g")
    assert [outcome.value for outcome in got] == [Opaque("generator"), [Opaque("set"), Opaque("function")]]


def test_tensors_and_numpy(run) -> None:
    """0-d tensors stay tensors, bfloat16 is widened and keeps its name, numpy scalars become numbers."""
    source = (
        "import numpy, torch\ndef f():\n    weight = torch.nn.Parameter(torch.ones(2, 3).T)\n"
        "    return [torch.tensor(1.5), numpy.float32(2), torch.full((2,), 3.0, dtype=torch.bfloat16), weight]\n"
    )
    (outcome,) = run(source, "f")
    zero_d, scalar, half, weight = outcome.value
    assert (zero_d.shape, float(zero_d.array)) == ((), 1.5)
    assert scalar == 2.0
    assert (half.dtype, half.array.dtype.name, half.array.tolist()) == ("bfloat16", "float32", [3.0, 3.0])
    assert weight.shape == (3, 2)


def test_a_tensor_argument_arrives_as_a_torch_tensor(run) -> None:
    """In its own dtype."""
    import numpy as np

    source = "import torch\ndef f(x):\n    return [str(x.dtype), x.sum().item()]\n"
    (outcome,) = run(source, call("f", Tensor("bfloat16", np.ones(3, np.float32))))
    assert outcome.value == ["torch.bfloat16", 3.0]


def test_an_answer_beyond_its_size(run) -> None:
    """It is refused by its announced length, before it is read; a tensor before it is copied."""
    text = "def f():\n    return 'x' * 2_000_000\n"
    tensor = "import torch\ndef f():\n    return torch.zeros(1).expand(10**9)\n"
    for source in (text, tensor):
        (outcome,) = run(source, "f", answer=100_000)
        assert isinstance(outcome, Garbled)
        assert "100000" in outcome.reason


def test_nesting_beyond_reason_is_garbled(run) -> None:
    """Deep or cyclic lists cannot be sent."""
    (outcome,) = run("def f():\n    a = []\n    a.append(a)\n    return a\n", "f")
    assert isinstance(outcome, Garbled)


def test_answers(run) -> None:
    """Keys of ANSWERS are looked up; an absent key or dictionary is missing."""
    calls = [Call(question="q", case="c", answer=key) for key in ("a", "b")]
    first, second = run("ANSWERS = {'a': ['x', 1]}\n", *calls)
    assert first.value == ["x", 1]
    assert (second.what, second.name) == ("answer", "b")
    (third,) = run("", calls[0])
    assert third.what == "answer"


def test_a_missing_module(sandbox: Sandbox, tmp_path: Path) -> None:
    """A chapter that was not handed in."""
    got = sandbox.run(Job(folder=tmp_path, module="ch09.py", calls=(call(), call())))
    assert [(outcome.kind, outcome.what, outcome.name) for outcome in got] == [("missing", "module", "ch09.py")] * 2


def test_generators_are_seeded_before_each_call(run) -> None:
    """A call draws the same numbers wherever it stands in a job, and sets of text keep their order between runs."""
    source = (
        "import random, numpy\nfirst = random.random()\n"
        "def f():\n    return [random.random(), numpy.random.rand(), list({'a', 'b', 'c', 'd', 'e'})]\n"
    )
    one, two = run(source, "f", "f")
    (three,) = run(source, "f")
    assert one.value == two.value == three.value


def test_own_folder(run, tmp_path: Path) -> None:
    """Sibling modules are imported, files are read by relative path, the scratch folder is writable and goes away."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "helper.py").write_text("def two(): return 2\n")
    (folder / "data.txt").write_text("你好", encoding="utf-8")
    source = (
        "import pathlib, tempfile, helper\ndef f():\n    text = pathlib.Path('data.txt').read_text(encoding='utf-8')\n"
        "    with tempfile.NamedTemporaryFile(delete=False) as s: s.write(b'x')\n"
        "    return [text, helper.two(), s.name]\n"
    )
    (outcome,) = run(source, "f")
    text, two, name = outcome.value
    assert (text, two) == ("你好", 2)
    assert not Path(name).parent.exists()


def test_a_compiled_file_is_not_preferred(run, tmp_path: Path) -> None:
    """The source that people and checks read is what runs."""
    import py_compile

    folder = tmp_path / "work"
    folder.mkdir()
    module = folder / "ch01_overview.py"
    module.write_text("def f():\n    return 'compiled'\n")
    py_compile.compile(str(module), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    (outcome,) = run("def f():\n    return 'source'\n", "f")
    assert outcome.value == "source"


def test_usage_is_filled(run) -> None:
    """Wall and CPU seconds and peak memory, as the kernel says."""
    source = "def f():\n    x = bytearray(b'1') * 50_000_000\n    return sum(range(10**7))\n"
    (outcome,) = run(source, "f")
    assert outcome.usage.wall > 0.05
    assert outcome.usage.cpu > 0.05
    assert outcome.usage.memory > 40_000_000


def test_limits_are_each_calls_own(run) -> None:
    """A generous call may follow a tight one."""
    source = "def f(n):\n    return len(bytearray(b'1') * n)\n"
    got = run(
        source,
        call("f", 1000, limits=Limits(memory=2**25)),
        call("f", 10**8, limits=Limits(memory=2**29)),
        call("f", 10**8, limits=Limits(memory=2**25)),
    )
    assert [outcome.kind for outcome in got] == ["returned", "returned", "out_of_memory"]

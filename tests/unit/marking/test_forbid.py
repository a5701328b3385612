"""Forbidden names count where the question's function reaches them, and nowhere else."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path
from textwrap import dedent

import pytest

from grader.language.speak import speak
from grader.marking.forbid import Findings, forbidden_uses
from grader.marking.forbid.reach import Folder


def uses(tmp_path: Path, source: str, **others: str) -> list[tuple[str, int]]:
    """File and line of each use of `generate` that `solve` reaches."""
    for name, text in {"work": source, **others}.items():
        file = tmp_path / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(dedent(text), encoding="utf-8")
    return [(use.file, use.line) for use in search(tmp_path).uses]


def search(folder: Path, **sources: str) -> Findings:
    """What a search of `work.py` finds; `sources` stand for files of the folder."""
    return forbidden_uses(Folder(folder, sources), "work.py", "solve", ["generate"])


ATTACKS = {
    "attribute": "def solve(m):\n return m.generate()",
    "attribute of a call": "def solve(m):\n return m.half().generate()",
    "getattr": "def solve(m):\n return getattr(m, 'generate')()",
    "parts of a string": "def solve(m):\n return getattr(m, 'gene' + 'rate')()",
    "f-string": "def solve(m):\n return getattr(m, f'generate')()",
    "methodcaller": "from operator import methodcaller\ndef solve(m):\n return methodcaller('generate')(m)",
    "attrgetter of a path": "from operator import attrgetter\ndef solve(m):\n return attrgetter('x.generate')(m)()",
    "import under another name": "from transformers import generate as g\ndef solve(m):\n return g(m)",
    "import in the function": "def solve(m):\n from transformers import generate\n return generate(m)",
    "star import": "from transformers import *\ndef solve(m):\n return generate(m)",
    "dotted import": "import transformers.generate.utils as u\ndef solve(m):\n return u.run(m)",
    "helper": "def solve(m):\n return a(m)\ndef a(m):\n return b(m)\ndef b(m):\n return m.generate()",
    "alias": "def a(m):\n return m.generate()\nb = a\ndef solve(m):\n return b(m)",
    "lambda": "b = lambda m: m.generate()\ndef solve(m):\n return b(m)",
    "table of functions": "t = {}\nt['x'] = lambda m: m.generate()\ndef solve(m):\n return t['x'](m)",
    "attribute set later": "class A: pass\nsetattr(A, 'b', lambda s, m: m.generate())\ndef solve(m):\n return A().b(m)",
    "attribute assigned": "class A: pass\nA.run = lambda s, m: m.generate()\ndef solve(m):\n return A().run(m)",
    "appended": "t = []\nt.append(lambda m: m.generate())\ndef solve(m):\n return t[0](m)",
    "globals": "globals()['b'] = lambda m: m.generate()\ndef solve(m):\n return b(m)",
    "helper by spelling": "def b(m):\n return m.generate()\ndef solve(m):\n return globals()['b'](m)",
    "helper by getattr of the module": (
        "import sys\ndef b(m):\n return m.generate()\ndef solve(m):\n return getattr(sys.modules[__name__], 'b')(m)"
    ),
    "eval": "def solve(m):\n return eval('m.generate()')",
    "eval of a helper": "def b(m):\n return m.generate()\ndef solve(m):\n return eval('b(m)')",
    "global set by another": "def a():\n global b\n b = lambda m: m.generate()\na()\ndef solve(m):\n return b(m)",
    "class": "class A:\n def run(self, m):\n  return m.generate()\ndef solve(m):\n return A().run(m)",
    "base class": (
        "class A:\n def run(self, m):\n  return m.generate()\nclass B(A): pass\ndef solve(m):\n return B().run(m)"
    ),
    "decorator": "def d(f):\n return lambda m: m.generate()\n@d\ndef solve(m): pass",
    "default argument": "def solve(m, run=lambda m: m.generate()):\n return run(m)",
    "nested function": "def solve(m):\n def inner():\n  return m.generate()\n return inner()",
    "comprehension": "def solve(m):\n return [m.generate() for _ in range(1)][0]",
    "defined in try": "try:\n def b(m):\n  return m.generate()\nexcept E: pass\ndef solve(m):\n return b(m)",
    "defined in if": "if True:\n b = lambda m: m.generate()\ndef solve(m):\n return b(m)",
    "solve assigned": "def other(m):\n return m.generate()\nsolve = other",
    "defined twice": "def solve(m):\n return 1\ndef solve(m):\n return m.generate()",
    "loop at the top": "for b in [lambda m: m.generate()]: pass\ndef solve(m):\n return b(m)",
    "joined": "def solve(m):\n return getattr(m, ''.join(['gene', 'rate']))()",
    "joined by a letter": "def solve(m):\n return vars(type(m))['e'.join(('g', 'n', 'rat', ''))](m)",
    "backwards": "def solve(m):\n return getattr(m, 'etareneg'[::-1])()",
    "f-string in parts": "def solve(m):\n return getattr(m, f\"{'gene'}{'rate'}\")()",
    "changed by a method": "def solve(m):\n return getattr(m, 'GENERATE'.lower())()",
    "replaced": "def solve(m):\n return getattr(m, 'gen_rate'.replace('_', 'e'))()",
    "bytes": "def solve(m):\n return getattr(m, b'generate'.decode())()",
    "deep expression": "def solve(m):\n return " + "1+" * 700 + "m.generate()",
}

HONEST = {
    "main guard": "def solve(m):\n return 1\nif __name__ == '__main__':\n print(m.generate())",
    "main guard the other way round": "def solve(m):\n return 1\nif '__main__' == __name__:\n m.generate()",
    "a helper for comparing": "def solve(m):\n return 1\ndef check(m):\n assert solve(m) == m.generate()",
    "docstring": "def solve(m):\n 'generate'\n return 1",
    "words in a text": "def solve(m):\n print('I do not generate')\n return 1",
    "a comment": "def solve(m):\n return 1  # not m.generate()",
    "own function of that name": "def generate(m):\n return 1\ndef solve(m):\n return generate(m)",
    "own inner function": "def solve(m):\n def generate():\n  return 1\n return generate()",
    "a local of a helper's name": "def check(m):\n return m.generate()\ndef solve(m):\n check = 1\n return check",
    "a parameter of a helper's name": "def check(m):\n return m.generate()\ndef solve(m, check):\n return check",
    "a longer name": "def solve(m):\n return m.generate_nothing, m.regenerate",
    "unused import": "from transformers import generate\ndef solve(m):\n return 1",
    "not Python": "def solve(m:\n m.generate()",
    "no such function": "def other(m):\n return m.generate()",
    "null byte": "def solve(m):\n return m.generate()\0",
}


@pytest.mark.parametrize("source", ATTACKS.values(), ids=ATTACKS)
def test_a_reached_use_is_found(tmp_path: Path, source: str) -> None:
    """Every way to reach the name by reading is found."""
    assert uses(tmp_path, source)


COMPUTED = {
    "getattr": "def solve(m, x):\n return getattr(m, 'gene' + x)()",
    "joined": "def solve(m, parts):\n return getattr(m, ''.join(parts))()",
    "f-string": "def solve(m, a, b):\n return getattr(m, f'{a}{b}')()",
    "vars": "def solve(m):\n return vars(type(m))[''.join(chr(i) for i in [103, 101])](m)",
    "__dict__": "def solve(m):\n return type(m).__dict__[str(m)[2:10]](m)",
    "__dict__.get": "def solve(m, x):\n return type(m).__dict__.get(x[::-1])(m)",
    "globals": "def solve(m, x):\n return globals()[x.lower()](m)",
    "attrgetter": "import operator\ndef solve(m, x):\n return operator.attrgetter('g%s' % x)(m)()",
    "methodcaller": "from operator import methodcaller\ndef solve(m, x):\n return methodcaller('{}'.format(x))(m)",
    "__getattribute__": "def solve(m, x):\n return object.__getattribute__(m, x + 'rate')()",
    "a variable": "def solve(m, x):\n name = ''.join(x)\n return getattr(m, name)()",
    "a name at the top": "import os\nN = ''.join(os.environ)\nf = vars(C)[N]\ndef solve(m):\n return f(m)",
}
PLAIN = {
    "a loop over names": "def solve(m):\n return [getattr(m.config, name) for name in ('vocab_size', 'hidden_size')]",
    "a parameter": "def solve(m, name):\n return getattr(m.config, name, None)",
    "numbered attributes": "def solve(m, n):\n return [getattr(m, f'layer_{i}') for i in range(n)]",
    "another beginning": "def solve(m, part):\n return getattr(m, 'embed_' + part)",
    "a place in a table": "def solve(m, i):\n names = ['a', 'b']\n return getattr(m, names[i])",
    "a dictionary": "def solve(m, a, b):\n table = {}\n return table[f'{a}{b}'], table.get(a + b)",
    "what nothing reaches": "def check(m, x):\n return getattr(m, ''.join(x))\ndef solve(m):\n return 1",
}


@pytest.mark.parametrize("source", COMPUTED.values(), ids=COMPUTED)
def test_a_name_put_together_at_run_time_is_for_a_person(tmp_path: Path, source: str) -> None:
    """No use is found, and the file does not count as searched."""
    (tmp_path / "work.py").write_text(source)
    found = search(tmp_path)
    assert found.uses == ()
    assert {file: speak(reason, "en") for file, reason in found.unread} == {
        "work.py": "it looks up a name that it puts together only when it runs"
    }


@pytest.mark.parametrize("source", [*PLAIN.values(), *HONEST.values()], ids=[*PLAIN, *HONEST])
def test_an_ordinary_look_up_is_no_alarm(tmp_path: Path, source: str) -> None:
    """Variables, and texts that no forbidden name fits, are nothing to look at."""
    (tmp_path / "work.py").write_text(source.replace("\0", ""))
    assert not [reason for _, reason in search(tmp_path).unread if "puts together" in reason.text]


OPAQUE = {
    "exec": "def solve(m, text):\n exec(text)",
    "eval": "def solve(m, text):\n return eval(text)",
    "compile": "def solve(m, parts):\n return compile(''.join(parts), 'x', 'exec')",
    "exec of a file": "def solve(m, p):\n exec(open(p).read())",
    "under another name": "run = exec\ndef solve(m, text):\n run(text)",
    "handed on": "def solve(m, texts):\n list(map(exec, texts))",
    "as a default": "def solve(m, text, run=eval):\n return run(text)",
    "at import": "exec(open('x').read())\ndef solve(m): pass",
    "of builtins": "import builtins\ndef solve(m, text):\n return builtins.eval(text)",
    "of __builtins__": "def solve(m, x):\n return __builtins__['ex' + 'ec'](x)",
    "import by a computed name": "import importlib\ndef solve(m, x):\n return importlib.import_module(x).go(m)",
    "__import__": "def solve(m, x):\n return __import__(x).go(m)",
    "copied by vars": (
        "class Mine: pass\nfor k, v in vars(Base).items():\n setattr(Mine, k, v)\ndef solve(m):\n return Mine().go(m)"
    ),
    "copied by __dict__": "Mine = type('Mine', (), dict(Base.__dict__))\ndef solve(m):\n return Mine().go(m)",
    "unpacked": "def solve(m):\n return {**vars(type(m))}",
    "values": "def solve(m):\n return [f for f in type(m).__dict__.values()]",
    "dir": "def solve(m):\n return [getattr(m, n) for n in dir(m)]",
    "getmembers": "import inspect\ndef solve(m):\n return inspect.getmembers(m)",
    "getmembers renamed": "from inspect import getsource as g\ndef solve(m):\n return g(m)",
    "native code": "import ctypes\ndef solve(m):\n return ctypes.pythonapi",
    "native code in the function": "def solve(m):\n from ctypes import pythonapi\n return pythonapi",
    "gc": "import gc\ndef solve(m):\n return gc.get_objects()",
    "pickle": "import pickle\ndef solve(m, b):\n return pickle.loads(b)",
    "subclasses": "def solve(m):\n return object.__subclasses__()",
    "globals of a function": "def solve(m):\n return m.forward.__globals__",
    "frames": "import sys\ndef solve(m):\n return sys._getframe(1).f_globals",
    "a function of code": "from types import FunctionType\ndef solve(m, c):\n return FunctionType(c, {})(m)",
    "unpickled weights": "import torch\ndef solve(m, p):\n return torch.load(p, weights_only=False)",
}
OPEN = {
    "constant text": "def solve(m):\n return eval('1 + 1')",
    "eval of a model": "def solve(m):\n m.eval()\n return m",
    "eval of a model with a mode": "def solve(m, mode):\n return m.eval(mode)",
    "re.compile": "import re\nP = re.compile(r'\\w+')\ndef solve(m, t):\n return P.findall(t), re.compile(t)",
    "compile imported": "from re import compile\ndef solve(m, t):\n return compile(t)",
    "torch.compile": "import torch\ndef solve(m):\n return torch.compile(m)",
    "own eval": "def eval(text):\n return 1\ndef solve(m, t):\n return eval(t)",
    "a parameter": "def solve(m, compile):\n return compile(m)",
    "one name": "def solve(m):\n return vars(m)['config'], m.__dict__.get('config'), 'x' in m.__dict__",
    "how many": "def solve(m):\n print(dir(m))\n return len(dir(m))",
    "own attributes": "class A:\n def __init__(self, **k):\n  self.__dict__.update(k)\ndef solve(m):\n return A(x=1)",
    "own attributes shown": "class A:\n def show(self):\n  return dict(vars(self))\ndef solve(m):\n return A().show()",
    "import by name": "import importlib\ndef solve(m):\n return importlib.import_module('math').pi",
    "tensors only": "import torch\ndef solve(m, p):\n return torch.load(p, weights_only=True)",
    "what nothing reaches": "import gc\ndef check(t):\n exec(t)\n gc.collect()\ndef solve(m): pass",
}


@pytest.mark.parametrize("source", OPAQUE.values(), ids=OPAQUE)
def test_what_code_does_not_show_is_for_a_person(tmp_path: Path, source: str) -> None:
    """Code from text, all names at once and ways into the interpreter are not taken for code without uses."""
    (tmp_path / "work.py").write_text(source)
    assert [file for file, _ in search(tmp_path).unread] == ["work.py"]


@pytest.mark.parametrize("source", [*OPEN.values(), *PLAIN.values()], ids=[*OPEN, *PLAIN])
def test_ordinary_code_is_no_alarm(tmp_path: Path, source: str) -> None:
    """Functions of these names that are something else, and one name of an object, are nothing to look at."""
    (tmp_path / "work.py").write_text(source)
    assert search(tmp_path).unread == ()


def test_the_course_raises_no_alarm(root: Path) -> None:
    """No function of the reference, of the templates or of an honest sample is left for a person."""
    files = [
        *(root / "reference").rglob("*.py"),
        *(root / "submissions_template").rglob("*.py"),
        *(root / "tests/submissions").rglob("*.py"),
    ]
    alarms = set()
    for file in files:
        for name in functions(file):
            if forbidden_uses(Folder(file.parent), file.name, name, ["generate", "layers"]).unread:
                alarms.add(file.relative_to(root).as_posix())
    assert alarms == {"tests/submissions/forbidden_by_computed_names/ch01_overview.py"}


def functions(file: Path) -> list[str]:
    """The functions of a file; none where it is no Python."""
    try:
        return [node.name for node in ast.parse(file.read_bytes()).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError):
        return []


def test_looking_for_names_takes_time_that_grows_with_the_source(tmp_path: Path) -> None:
    """Four times the ways to put a name together take about four times as long, chains of any length."""

    def seconds(count: int) -> float:
        chain = "+".join(["x", "'e'"] * count)
        lines = (f" n{i} = {chain}\n getattr(m, n{i})\n getattr(m, {chain})\n" for i in range(20))
        (tmp_path / "work.py").write_text("def solve(m, x):\n" + "".join(lines))
        began = time.process_time()
        assert search(tmp_path).uses == ()
        return time.process_time() - began

    seconds(10)
    assert min(seconds(200) for _ in range(3)) < 10 * min(seconds(50) for _ in range(3))


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_honest_code_has_no_uses(tmp_path: Path, source: str) -> None:
    """Comparing with the name outside the function, speaking of it, or defining one's own is no use."""
    assert uses(tmp_path, source) == []


def test_the_place_is_told(tmp_path: Path) -> None:
    """File, line and name are those of the use, once a line, in order."""
    assert uses(tmp_path, "def solve(m):\n    x = m.generate\n    return (\n        m\n        .generate()\n    )") == [
        ("work.py", 2),
        ("work.py", 5),
    ]


SIBLINGS = {
    "module": ("import helper\ndef solve(m):\n    return helper.go(m)", "helper"),
    "module renamed": ("import helper as h\ndef solve(m):\n    return h.go(m)", "helper"),
    "function": ("from helper import go as g\ndef solve(m):\n    return g(m)", "helper"),
    "star": ("from helper import *\ndef solve(m):\n    return go(m)", "helper"),
    "import in the function": ("def solve(m):\n    from helper import go\n    return go(m)", "helper"),
    "module handed on": ("import helper\ndef solve(m):\n    return getattr(helper, 'g' + 'o')(m)", "helper"),
    "package": ("import pack.helper\ndef solve(m):\n    return pack.helper.go(m)", "pack__helper"),
    "from a package": ("from pack import helper\ndef solve(m):\n    return helper.go(m)", "pack__helper"),
}


@pytest.mark.parametrize(("source", "place"), SIBLINGS.values(), ids=SIBLINGS)
def test_other_files_of_the_student_are_followed(tmp_path: Path, source: str, place: str) -> None:
    """What the function takes from a file in the same folder counts; what else is in that file does not."""
    guilty = "def go(m):\n    return step(m)\ndef step(m):\n    return m.generate()\n"
    assert uses(tmp_path, source, **{place: guilty}) == [(place.replace("__", "/") + ".py", 4)]
    honest = "def go(m):\n    return 1\nif __name__ == '__main__':\n    m.generate()\n"
    assert uses(tmp_path, source, **{place: honest}) == []


def test_a_helper_file_may_hold_an_unused_use(tmp_path: Path) -> None:
    """Only the part of a file that is taken counts, and a name passed on by a third file is followed."""
    helper = "from deeper import go\ndef check(m):\n    return m.generate()\n"
    source = "from helper import go\ndef solve(m):\n    return go(m)"
    assert uses(tmp_path, source, helper=helper, deeper="def go(m):\n    return 1\n") == []
    assert uses(tmp_path, source, helper=helper, deeper="def go(m):\n    return m.generate()\n") == [("deeper.py", 2)]


def test_own_generate_in_another_file_is_not_a_use(tmp_path: Path) -> None:
    """A student's own function may have the name, wherever it stands; what it does is read."""
    source = "import helper\nfrom helper import generate\ndef solve(m):\n    return helper.generate(m), generate(m)"
    assert uses(tmp_path, source, helper="def generate(m):\n    return 1\n") == []
    assert uses(tmp_path, source, helper="def generate(m):\n    return m.generate()\n") == [("helper.py", 2)]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """A link cannot make the grader read a file elsewhere; circles of imports end."""
    outside = tmp_path / "outside.py"
    outside.write_text("def go(m):\n    return m.generate()\n")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "helper.py").symlink_to(outside)
    (inside / "loop.py").symlink_to(inside / "loop.py")
    (inside / "work.py").write_text(
        "import helper, loop, work\ndef solve(m):\n    return helper.go(m), loop.x, work.solve"
    )
    found = search(inside)
    assert found.uses == ()
    assert {file: speak(reason, "en") for file, reason in found.unread} == {
        "helper.py": "it is a link out of the folder",
        "loop.py": "it cannot be read as Python (RuntimeError)",
    }
    assert forbidden_uses(Folder(inside), "absent.py", "solve", ["generate"]) == Findings(())


UNREADABLE = {
    "the module": ("work.py", b"def solve(m):\n return m\n" + b"#" * 2**20, "larger than 1 MiB"),
    "a helper": ("helper.py", b"def go(m):\n return m\n" + b"#" * 2**20, "larger than 1 MiB"),
    "not Python": ("helper.py", b"def go(m:", "SyntaxError"),
    "an unknown encoding": ("helper.py", b"# coding: nothing\n", "SyntaxError"),
    "a null byte": ("helper.py", b"x = 1\0", "ValueError|SyntaxError"),
    "a deep expression": ("helper.py", b"x = " + b"(" * 5000, "SyntaxError|MemoryError|RecursionError"),
    "a compiled file": ("helper.pyc", b"", "helper.pyc is not Python source"),
    "a library": ("helper.so", b"", "helper.so is not Python source"),
    "a library of a package": ("helper/__init__.abi3.so", b"", "is not Python source"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    """Code that the function reaches and nobody can read has a reason; it is never taken for code without uses."""
    file, content, expected = UNREADABLE[name]
    (tmp_path / "work.py").write_text("import helper\ndef solve(m):\n return helper.go(m)\n")
    (tmp_path / "aside.py").write_text("nobody reads (")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_bytes(content)
    ((_, reason),) = search(tmp_path).unread
    assert re.search(expected, speak(reason, "en"))


def test_a_decoy_beside_what_is_imported_does_not_hide_it(tmp_path: Path) -> None:
    """Python takes a package before a module, and a library before both: so does the search."""
    source = "from helper import go\ndef solve(m):\n return go(m)"
    decoy = "def go(m):\n return 1\n"
    guilty = "def go(m):\n return m.generate()\n"
    (tmp_path / "helper").mkdir()
    (tmp_path / "helper" / "__init__.py").write_text(guilty)
    assert uses(tmp_path, source, helper=decoy) == [("helper/__init__.py", 2)]
    (tmp_path / "helper" / "__init__.py").write_text(decoy)
    assert search(tmp_path) == Findings(())
    (tmp_path / "helper.so").touch()
    assert search(tmp_path) == Findings(())
    (tmp_path / "helper" / "__init__.py").unlink()
    assert [file for file, _ in search(tmp_path).unread] == ["helper.py"]


def test_a_source_may_stand_for_a_file(tmp_path: Path) -> None:
    """A notebook's cells are searched as the module that they will be."""
    (tmp_path / "helper.py").write_text("def go(m):\n return m.generate()\n")
    source = "from helper import go\ndef solve(m):\n return go(m)"
    assert [use.file for use in search(tmp_path, **{"work.py": source}).uses] == ["helper.py"]

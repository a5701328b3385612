"""CONTRIBUTING tells the truth: its maps are the tree, its examples work, what it names is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.command_line import CommandLine

CONTRIBUTING = ".github/CONTRIBUTING.md"
PAGES = (
    CONTRIBUTING, ".github/SECURITY.md", ".github/PULL_REQUEST_TEMPLATE.md", "README.md", "CHANGELOG.md",
    "assignments/README.md",
)  # fmt: skip
_BLOCK = re.compile(r"^`([\w./]+)`( \(add\))?\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MAP = re.compile(r"^```text\n([\w/]+)/\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TOP = ("grader", "tests", "assignments", "reference", "submissions_template", ".github")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / CONTRIBUTING).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def contracts(root: Path) -> list[dict[str, Any]]:
    with (root / "pyproject.toml").open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return found


def maps(page: str) -> dict[str, list[list[str]]]:
    """The folder of each map to its layers: names of modules and folders as the map writes them."""
    return {
        folder: [[line.split()[0] for line in layer.splitlines()] for layer in text.strip("\n").split("\n\n")]
        for folder, text in _MAP.findall(page)
    }


def entries(folder: Path) -> set[str]:
    """The modules and folders with modules in a folder, as a map writes them."""
    found = (child for child in folder.iterdir() if child.name != "__init__.py")
    return {
        f"{child.name}/" if child.is_dir() else child.name
        for child in found
        if child.suffix == ".py" or (child.is_dir() and any(child.rglob("*.py")))
    }


@pytest.mark.parametrize("folder", ["grader", "grader/sandbox"])
def test_a_map_is_the_tree_and_its_layers_are_import_linters(
    folder: str, page: str, root: Path, contracts: list[dict[str, Any]]
) -> None:
    """Whatever is missing from the map or has gone is named, with the place where its line belongs."""
    drawn = maps(page)[folder]
    told = set(chain(*drawn))
    container = folder.replace("/", ".")
    (layers,) = (c["layers"] for c in contracts if c["type"] == "layers" and container in c.get("containers", ()))
    held = [re.findall(r"\w+", layer) for layer in layers]
    there = entries(root / folder)
    for name in sorted(there - told):
        module = name.removesuffix("/").removesuffix(".py")
        beside = next((" | ".join(layer) for layer in held if module in layer), "no layer of pyproject.toml yet")
        pytest.fail(f"{folder}/{name} has no line in the map of {CONTRIBUTING}; write it into the layer: {beside}")
    assert not told - there, f"{CONTRIBUTING} has a line for what is not in {folder}/: {sorted(told - there)}"
    plain = [{name.removesuffix("/").removesuffix(".py") for name in layer} for layer in drawn]
    for layer in held:
        assert set(layer) in plain, f"in the map of {CONTRIBUTING} these stand together, and nothing else: {layer}"
    assert plain == [set(layer) for layer in held], f"write the layers of {CONTRIBUTING} in the order of pyproject.toml"


@pytest.mark.parametrize(("forbidden", "owner"), [("click", "cli"), ("grader.render.formats.*", "render")])
def test_what_one_room_owns_is_forbidden_to_all_others(
    forbidden: str, owner: str, root: Path, contracts: list[dict[str, Any]]
) -> None:
    """A new room is written into the contracts that speak of all rooms but one."""
    (held,) = (set(c["source_modules"]) for c in contracts if forbidden in c.get("forbidden_modules", ()))
    rooms = {f"grader.{name.removesuffix('/').removesuffix('.py')}" for name in entries(root / "grader")}
    assert held == rooms - {f"grader.{owner}"}, f"source_modules of the contract about {forbidden} in pyproject.toml"


def test_every_container_of_layers_has_a_map(page: str, contracts: list[dict[str, Any]]) -> None:
    """Whoever walls off another folder draws its map, and adds it to the test above."""
    containers = chain(*(c.get("containers", ()) for c in contracts if c["type"] == "layers"))
    assert {"tests", *(name.replace(".", "/") for name in containers)} == maps(page).keys()


def test_the_folders_of_tests_are_told(page: str, root: Path) -> None:
    """A new folder of tests says what it holds."""
    ((told),) = maps(page)["tests"]
    there = {name for name in entries(root / "tests") if name.endswith("/")} | {"courses/", "submissions/"}
    assert set(told) == there, f"write a line into the map of tests/ in {CONTRIBUTING}: {sorted(there ^ set(told))}"


def test_every_kind_of_plug_in_has_a_row(page: str, contracts: list[dict[str, Any]]) -> None:
    """The table's folders are those whose modules import-linter keeps independent."""
    told = re.findall(r"^\| [\w ]+ \| `([\w/]+)/` \|", page, flags=re.MULTILINE)
    kinds = chain(*(c["modules"] for c in contracts if c["type"] == "independence"))
    assert sorted(told) == sorted(kind.removesuffix(".*").replace(".", "/") for kind in kinds)


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Every page of the project's own, without the blocks that are files to be written."""
    for file in (*(root / name for name in PAGES), *sorted((root / ".github/decisions").iterdir())):
        yield file.relative_to(root).as_posix(), _BLOCK.sub("", file.read_text(encoding="utf-8"))


def test_every_file_that_a_page_names_exists(root: Path, page: str) -> None:
    """Paths in code quotes, of the repository or of a student's; a name `in` a file is defined there."""
    written = {name for name, _, _ in _BLOCK.findall(page)}
    lost = [
        f"{name}: {path}"
        for name, text in texts(root)
        for path in re.findall(rf"`((?:{'|'.join(_TOP)})/[\w./-]*)`", text)
        if path not in written and not any((top / path).exists() for top in (root, root / "submissions_template"))
    ]
    assert lost == []
    strangers = [
        f"{name}: {word} in {path}"
        for name, text in texts(root)
        for word, path in re.findall(r"`(\w+)`[^`]{0,3}\sin\s`([\w/]+\.py)`", text)
        if not re.search(rf"^\s*(?:def|class) {word}\b|^{word}\b.*=", (root / path).read_text("utf-8"), re.MULTILINE)
    ]
    assert strangers == []
    assert len(re.findall(r"`\w+`\sin\s`", page)) >= 10


def test_every_link_and_every_target_of_make_exists(root: Path) -> None:
    """Links between files of the repository, and `make …` in code."""
    targets = set(re.findall(r"^([a-z][\w-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name, text in texts(root):
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (root / name).parent.joinpath(link).exists(), f"{name}: {link}"
        for target in re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, re.MULTILINE):
            assert target in targets, f"{name}: make {target}"


def test_the_story_is_told_in_the_same_words(root: Path) -> None:
    """README's lines are those of the pipeline's docstring."""
    docstring = (root / "grader/pipeline.py").read_text(encoding="utf-8").split('"""')[1]
    story = [line for line in docstring.splitlines() if re.match(r"\w+ += ", line)]
    assert len(story) >= 4
    assert "\n".join(f"    {line}" for line in story) in (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def copy(root: Path, page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which every example was written as the page says."""
    top = tmp_path_factory.mktemp("copy")
    junk = shutil.ignore_patterns("__pycache__")
    for name in ("grader", "assignments", "reference", "submissions_template", "tests/unit/marking/compare"):
        shutil.copytree(root / name, top / name, ignore=junk)
    shutil.copy(root / "pyproject.toml", top)
    for name, adds, text in _BLOCK.findall(page):
        file = top / name
        assert file.exists() == bool(adds), f"{name}: a block is a new file, or says (add); examples are not committed"
        gap = "\n\n" if file.suffix == ".py" else "\n"
        before = file.read_text(encoding="utf-8") + gap if adds else ""
        file.write_text(before + text, encoding="utf-8")
    return top


@pytest.fixture(scope="module")
def run(copy: Path, grader: CommandLine) -> Run:
    """Runs a command of the copy in the copy; `code` and `python` as for `CommandLine.process`."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "LANGUAGE": "en", "PYTHONDONTWRITEBYTECODE": "1"}

    def started(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
        return grader.process(*words, **{"cwd": copy, "env": environment, **options})

    return started


def as_module(name: str) -> str:
    """Code that runs a module with the words it is given, like `python -m`."""
    return f"import runpy; runpy.run_module({name!r}, run_name='__main__', alter_sys=True)"


def test_the_examples_keep_to_style_and_layers(root: Path, copy: Path, page: str, run: Run) -> None:
    """What a newcomer copies passes ruff, mypy and import-linter, and no list names the new files."""
    new = [name for name, adds, _ in _BLOCK.findall(page) if name.startswith("grader/") and not adds]
    assert len(new) == 5
    tools = Path(sys.executable).parent
    for words in (
        (tools / "ruff", "check", "--no-cache", *new),
        (tools / "ruff", "format", "--check", "--no-cache", *new),
        (tools / "lint-imports", "--no-cache"),
        (sys.executable, root / "tests/benchmarks/graph.py", "--root", copy, "--places"),
    ):
        done = subprocess.run(words, cwd=copy, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    left = run(code="from grader.cli import catalogues; print('\\n'.join(catalogues.problems()))").stdout
    untold = sorted(line for line in left.splitlines() if "not compiled" not in line)
    assert [line for line in untold if "levenshtein" in line]
    assert [line for line in untold if "public cases to try it on" in line]


def test_the_comparison_stands_what_every_comparison_must(page: str, copy: Path, run: Run) -> None:
    """The sample on the page, put into the test that throws junk at all of them."""
    sample = re.search(r'^ {4}"levenshtein": .+$', page, re.MULTILINE)
    assert sample
    file = copy / "tests/unit/marking/compare/test_every_comparison.py"
    text = file.read_text(encoding="utf-8")
    assert text.count('\n    "exact": ') == 1
    file.write_text(text.replace('\n    "exact": ', f'\n{sample[0]}\n    "exact": '), encoding="utf-8")
    done = run("-v", "-p", "no:cacheprovider", "-k", "levenshtein or samples", file, code=as_module("pytest"))
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d\d passed", done.stdout), done.stdout


@pytest.fixture(scope="module")
def course(copy: Path, root: Path) -> Path:
    """The toy course with one more question, judged by the new comparison, and a class as the new source expects it."""
    toy = copy / "toy"
    shutil.copytree(root / "tests/courses/toy", toy)
    for name, text in {
        "assignments/toy/assignment.yaml": (
            "- id: city\n  title: {zh: 城市, en: City}\n  points: 4\n  call: city(country)\n"
            "  cases: {public: [{country: France}]}\n  returns: {type: string}\n"
            "  compare: {levenshtein: {most: 2}}\n"
        ),
        "reference/toy/solution.py": "\n\ndef city(country):\n    return 'Paris'\n",
    }.items():
        file = toy / name
        file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    (toy / "class").mkdir()
    for student, answer in (("alice", "paris"), ("bob", "Lyon")):
        (toy / f"class/{student}__toy.py").write_text(f"def city(country):\n    return {answer!r}\n", encoding="utf-8")
    return toy


def test_source_comparison_and_format_grade_a_class(course: Path, run: Run) -> None:
    """The download is recognised, an answer one edit away earns its points, the marks come out in the new format."""
    at = {"cwd": course}
    done = run("grade", "class", "--out", "results", "--allow-level", "1", "--public-secret", "--lang", "en", **at)
    assert done.returncode in (0, 1), done.stderr
    marks = run("report", "results", "--format", "tsv", "--lang", "en", **at)
    assert marks.returncode == 0, marks.stderr
    (_, most) = re.findall(r"^(?:alice|bob)\t\S+\t(\d+)$", marks.stdout, re.MULTILINE)
    assert marks.stdout == f"alice\t4\t{most}\nbob\t0\t{most}\n"
    formats = run("report", "results", "--format", "none", **at)
    assert formats.returncode == 2
    assert "tsv" in formats.stderr


def test_the_check_looks_at_every_question(course: Path, run: Run) -> None:
    """Findings of the new check are among the audit's."""
    done = run("audit", "--short", "--format", "json", "--lang", "en", cwd=course)
    found = json.loads(done.stdout)["findings"]
    own = {one["question"]: one["ok"] for one in found if one["check"] == "public_case"}
    assert own["city"] is True, done.stderr
    assert len(own) > 1


def test_the_command_is_there(course: Path, run: Run) -> None:
    """It runs, and the help lists it with its first sentence."""
    done = run("points", "--lang", "en", cwd=course)
    assert "     4  toy/city  City\n" in done.stdout, done.stderr
    assert re.search(r"points +Show what each question is worth\.", run("--help").stdout)


def test_the_question_is_sound(page: str, copy: Path, run: Run) -> None:
    """The commands of the page end well, and the audit finds the new question strong."""
    (commands,) = re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for command in commands.splitlines():
        program, *words = command.split()
        done = run(*words) if program == "grader" else run(*words[2:], code=as_module(words[1]))
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert re.search(r"bits_per_word +sound|lab01_language_models\.ipynb", done.stdout), done.stdout
    assert "bits_per_word" in (copy / "submissions_template/lab01_language_models.ipynb").read_text(encoding="utf-8")


def test_hooks_call_what_make_check_calls(root: Path) -> None:
    """A tool that is added to the one is added to the other."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    made = [line.strip().lstrip("@").replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    document = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repository in document["repos"] for hook in repository["hooks"]]
    assert all(repository["repo"] == "local" for repository in document["repos"])
    assert all(hook["language"] == "system" for hook in hooks)
    called = [hook["entry"].replace(" --force-exclude", "") for hook in hooks]
    assert called == [line.removesuffix(" .") for line in made]


def test_decisions_and_forms_have_what_a_reader_looks_for(root: Path) -> None:
    """Each decision has context, decision, consequences; each form a name, a purpose, fields with ids of their own."""
    decisions = sorted((root / ".github/decisions").glob("*.md"))
    assert [file.name[:4] for file in decisions] == [f"{n:04}" for n in range(1, len(decisions) + 1)]
    for file in decisions:
        heads = re.findall(r"^## (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences"], file.name
    forms = [f for f in (root / ".github/ISSUE_TEMPLATE").glob("*.yml") if f.name != "config.yml"]
    assert len(forms) >= 3
    for file in forms:
        form = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert {"name", "description", "body"} <= form.keys(), file.name
        fields = [part for part in form["body"] if part["type"] != "markdown"]
        assert {part["type"] for part in form["body"]} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        assert len({part["id"] for part in fields}) == len(fields) > 0
        assert all(part["attributes"]["label"] for part in fields)

"""What all tests share: where the course is, and a key store that lives as long as the test session."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, and no deadline: a busy machine must not fail a suite. Look for new examples with
# `pytest --hypothesis-profile default`.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def assignments() -> Path:
    """The course that the repository carries."""
    return ROOT / "assignments"


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests never read or write the user's own key store; the processes of one test run share theirs."""
    import os

    base = tmp_path_factory.getbasetemp()
    shared = base.parent / "cache" if "PYTEST_XDIST_WORKER" in os.environ else base / "cache"
    shared.mkdir(exist_ok=True)
    os.environ["GRADER_CACHE"] = str(shared)
    os.environ["GRADER_KEEP_WARM"] = "0"  # nothing goes on after a test
    os.environ.pop("GRADER_SECRET", None)
    os.environ.pop("GRADER_SECRET_FILE", None)


TOY_COURSE = """\
id: toy
title: {zh: 玩具, en: Toy}
chapters: [toy]
"""

TOY_CHAPTER = """\
id: toy
title: {zh: 玩具章, en: Toy chapter}
questions:
- id: log_sum
  title: {zh: 对数之和, en: Sum of logarithms}
  points: 10
  call: log_sum(numbers)
  cases:
    public: [{numbers: [1.5, 2.0, 3.0]}]
    hidden: {pool: [{numbers: [2.0, 4.0]}, {numbers: [5.0, 6.0, 0.5]}, {numbers: [3.5, 3.0]}], draw: 2}
  returns: {type: number}
  compare: {close: {rtol: 1.0e-6, atol: 1.0e-9}}
- id: why
  title: {zh: 为什么, en: Why}
  points: 5
  answer: why
  rubric: [{points: 1, about: {zh: 稳定, en: stable}, mentions: ["stable|稳定"]}]
"""

TOY_SOLUTION = '''\
"""The truth."""
import math

ANSWERS = {"why": "it is stable"}


def log_sum(numbers):
    total = 0.0
    for number in numbers:
        total = total + math.log(number)
    return total
'''

TOY_MISCONCEPTIONS = '''\
import math


def log_sum__mean(numbers):
    """zh: 取了平均。
    en: You took the mean.
    """
    return sum(map(math.log, numbers)) / len(numbers)


def log_sum__log2(numbers):
    """zh: 用了以 2 为底的对数。
    en: You used log base 2.
    """
    return sum(map(math.log2, numbers))


def log_sum__product(numbers):
    """zh: 忘了取对数。
    en: You forgot the logarithm.
    """
    return math.prod(numbers)
'''

TOY_TEMPLATE = """\
ANSWERS = {"why": ""}


def log_sum(numbers):
    raise NotImplementedError
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A small sound course in files of its own, to grade with or to spoil: the folder that holds `assignments`."""
    files = {
        "assignments/course.yaml": TOY_COURSE,
        "assignments/toy/assignment.yaml": TOY_CHAPTER,
        "assignments/toy/handout.zh.md": "## 对数之和 {#log_sum}\n## 为什么 {#why}\n",
        "assignments/toy/handout.en.md": "## Sum of logarithms {#log_sum}\n## Why {#why}\n",
        "reference/toy/solution.py": TOY_SOLUTION,
        "reference/toy/misconceptions.py": TOY_MISCONCEPTIONS,
        "submissions_template/toy.py": TOY_TEMPLATE,
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path

"""The grader's own source in a kit, and how it is installed there."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from grader import __version__
from grader.files import CACHES

PACKAGE = Path(__file__).parent.parent
_NOT_SHIPPED = shutil.ignore_patterns(*CACHES, "*.po", ".*")
_PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "llm-homework-grader"
version = "{version}"
requires-python = ">=3.11"
dependencies = [
{dependencies}
]

[project.scripts]
grader = "grader.cli:main"

[tool.setuptools.packages.find]
include = ["grader*"]

[tool.setuptools.package-data]
"*" = ["*"]
"""


def write_package(out: Path) -> None:
    """Write `grader/`, `pyproject.toml`, and the licence and pinned versions where this is a source tree."""
    shutil.copytree(PACKAGE, out / "grader", ignore=_NOT_SHIPPED)
    lines = "\n".join(f'  "{requirement}",' for requirement in _requirements())
    text = _PROJECT.format(version=__version__, dependencies=lines)
    (out / "pyproject.toml").write_text(text, encoding="utf-8", newline="\n")
    for name in ("LICENSE", "constraints.txt"):
        if (PACKAGE.parent / name).is_file():
            shutil.copyfile(PACKAGE.parent / name, out / name)


def _requirements() -> list[str]:
    """Return the requirements that the installed grader declares, without extras."""
    try:
        found = requires("llm-homework-grader") or []
    except PackageNotFoundError:
        found = []
    return [requirement for requirement in found if "extra ==" not in requirement]

"""The threat model names tests that exist, for promises made in files that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_ROW = re.compile(r"^\| [^|]+ \| `(grader/[\w/]+\.py)` \| `(tests/[\w/]+\.py)::(\w+)` \|$", re.MULTILINE)


def test_every_promise_has_its_test(root: Path) -> None:
    """Each row of the table of promises leads to a file of the grader and to a test function by its name."""
    page = (root / ".github/SECURITY.md").read_text("utf-8")
    rows = _ROW.findall(page)
    assert len(rows) == page.count("::")
    assert len(rows) > 10
    for promised_in, file, test in rows:
        assert (root / promised_in).is_file(), promised_in
        tree = ast.parse((root / file).read_text("utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in names, f"{file}::{test}"

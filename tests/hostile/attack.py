"""An attack as data: its docstring and constants, read without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Attack:
    """One module of `attacks/`.

    Attributes:
        claim: what must hold: the docstring after `Property: `.
        holds_from: the isolation level from which on it is stopped; below it is declared, not run.
        layer: the layer of confinement that stops it, where one alone does.
        limits: of the call.
        files: further files handed in.
        needs_model: whether `answer` takes a model too.
        link: a name under which the canary is linked into the folder.
    """

    name: str
    claim: str
    holds_from: int = 1
    layer: str = ""
    limits: dict[str, float] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    needs_model: bool = False
    link: str = ""

    @property
    def source(self) -> str:
        return (HERE / "attacks" / f"{self.name}.py").read_text(encoding="utf-8")


_FIELDS = {
    "HOLDS_FROM": "holds_from",
    "LAYER": "layer",
    "LIMITS": "limits",
    "FILES": "files",
    "NEEDS_MODEL": "needs_model",
    "LINK_TO_CANARY": "link",
}


def read(path: Path) -> Attack:
    """Read one attack's declarations."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree) or ""
    assert docstring.startswith("Property: "), f"{path.name} does not name its property"
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _FIELDS:
            found[_FIELDS[node.targets[0].id]] = eval(ast.unparse(node.value), {})
    return Attack(name=path.stem, claim=docstring.removeprefix("Property: "), **found)


ATTACKS = tuple(read(path) for path in sorted((HERE / "attacks").glob("*.py")))

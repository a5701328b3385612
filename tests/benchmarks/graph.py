"""The rooms of `grader/` and the arrows between them, as import-linter's own graph (grimp) sees them: `make graph`.

A room is a folder or a module right below `grader/`. An arrow is one room importing from another. A circle is a set of
siblings, at any depth, that import each other round. A module is outside when no contract of layers holds it.

`--places` prints nothing but what is outside and where to write it, and fails if anything is: `make check` runs it.
`--root FOLDER` looks at another copy of the repository, for example an older one from `git archive`.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grimp

PACKAGE = "grader"
MAP = ".github/CONTRIBUTING.md"
MOST_LAYERS = 99
Arrows = Mapping[str, set[str]]


@dataclass(frozen=True)
class Layers:
    """One contract of layers: the modules of each layer by full name, the highest layer first."""

    name: str
    container: str
    layers: tuple[tuple[str, ...], ...]

    def height(self, module: str) -> int | None:
        """The place of the layer that a module stands in, 0 at the top; None where it stands in none."""
        held = (i for i, layer in enumerate(self.layers) if any(_within(module, one) for one in layer))
        return next(held, None)


def contracts(root: Path) -> tuple[Layers, ...]:
    """The contracts of layers in a repository's `pyproject.toml`."""
    with (root / "pyproject.toml").open("rb") as file:
        declared: list[dict[str, Any]] = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return tuple(
        Layers(
            name=contract["name"],
            container=container,
            layers=tuple(
                tuple(f"{container}.{one}".lstrip(".") for one in re.findall(r"[\w.]+", layer))
                for layer in contract["layers"]
            ),
        )
        for contract in declared
        if contract["type"] == "layers"
        for container in contract.get("containers", [""])
    )


def arrows(graph: grimp.ImportGraph, package: str) -> Arrows:
    """Each child of a package to the siblings that it, or anything in it, imports."""
    children = graph.find_children(package)
    found: dict[str, set[str]] = {child: set() for child in children}
    depth = package.count(".") + 2
    for child in children:
        for module in (child, *graph.find_descendants(child)):
            imported = {".".join(name.split(".")[:depth]) for name in graph.find_modules_directly_imported_by(module)}
            found[child] |= imported & children - {child}
    return found


def circles(graph: grimp.ImportGraph, package: str = PACKAGE) -> set[frozenset[str]]:
    """The sets of siblings, below a package and at any depth, that reach each other."""
    found: set[frozenset[str]] = set()
    for parent in (package, *graph.find_descendants(package)):
        reached = _closure(arrows(graph, parent))
        found |= {frozenset(n for n in seen if one in reached[n]) for one, seen in reached.items() if one in seen}
    return found


def _closure(direct: Arrows) -> dict[str, set[str]]:
    """Each node to all that can be reached from it."""
    reached = {node: set(following) for node, following in direct.items()}
    for middle, further in reached.items():
        for seen in reached.values():
            if middle in seen:
                seen.update(further)
    return reached


def outside(graph: grimp.ImportGraph, held: Iterable[Layers]) -> list[tuple[str, Layers | None]]:
    """Modules that no layer holds, each with the contract that should; of a folder, only the folder."""
    held = tuple(held)
    found: dict[str, Layers | None] = {}
    for module in sorted(graph.find_descendants(PACKAGE)):
        if any(_within(module, one) for one in found):
            continue
        own = [c for c in held if c.container and _within(module, c.container) and module != c.container]
        missing = [c for c in own if c.height(module) is None]
        if missing or not any(c.height(module) is not None for c in held):
            found[module] = missing[-1] if missing else None
    return list(found.items())


def advice(graph: grimp.ImportGraph, module: str, contract: Layers | None) -> str:
    """Where a module without a place goes: the lowest layer above all it imports, below all that imports it."""
    if contract is None:
        return f"{module} has no place, and no contract of layers has its folder as a container"
    name = module.removeprefix(f"{contract.container}.")
    siblings = arrows(graph, contract.container)
    below = {h for other in siblings[module] if (h := contract.height(other)) is not None}
    above = {
        h for other, imports in siblings.items() if module in imports and (h := contract.height(other)) is not None
    }

    def layer(height: int) -> str:
        return '"' + " | ".join(one.removeprefix(f"{contract.container}.") for one in contract.layers[height]) + '"'

    sides = []
    if below:
        sides.append(f"above {layer(min(below))}, which it imports from")
    if above:
        sides.append(f"below {layer(max(above))}, which imports from it")
    free = [h for h in range(len(contract.layers)) if max(above, default=-1) < h < min(below, default=MOST_LAYERS)]
    if not sides:
        fits = "below all that will import it and above all that it will import"
    elif free:
        fits = f"for example beside {layer(free[-1])}"
    elif max(above) < min(below):
        fits = "a layer of its own between the two"
    else:
        fits = "there is no such layer, so cut one of these imports"
    return (
        f"{module} has no place yet.\n"
        f"  1. In pyproject.toml, [[tool.importlinter.contracts]] “{contract.name.partition(':')[0]}”: write `{name}`\n"
        f"     into `layers`, {' and '.join(sides)}{'; ' if sides else ''}{fits}.\n"
        f"  2. In {MAP}, the map: say in the row of that layer what it does."
    )


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def build(root: Path) -> grimp.ImportGraph:
    """The graph of the package in a repository, not of the installed one; imports for type checkers are left out."""
    sys.path.insert(0, str(root.resolve()))
    return grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)


def main() -> int:
    """Print the graph, or what is outside of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("--places", action="store_true")
    asked = parser.parse_args()
    graph, held = build(asked.root), contracts(asked.root)
    missing = outside(graph, held)
    if asked.places:
        for module, contract in missing:
            print(advice(graph, module, contract), file=sys.stderr)
        return int(bool(missing))
    rooms, found = arrows(graph, PACKAGE), circles(graph)
    order = {room: next((h for c in held if (h := c.height(room)) is not None), MOST_LAYERS) for room in rooms}
    for room in sorted(rooms, key=lambda one: (order[one], one)):
        print(f"{_short(room):>10} → {' '.join(sorted(map(_short, rooms[room]))) or '·'}")
    print()
    print(f"{'rooms':<24}{len(rooms):>5}")
    print(f"{'arrows':<24}{sum(map(len, rooms.values())):>5}")
    print(f"{'circles':<24}{len(found):>5}", *(" ⇄ ".join(sorted(one)) for one in found))
    print(f"{'outside every layer':<24}{len(missing):>5}", *(module for module, _ in missing))
    return 0


def _short(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.")


if __name__ == "__main__":
    sys.exit(main())

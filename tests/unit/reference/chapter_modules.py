"""Loading a chapter's reference as the grader does: by its file, from its folder, apart from other chapters'."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

REFERENCE = Path(__file__).parents[3] / "reference"


def solution(chapter: str) -> ModuleType:
    """The reference solution of a chapter, under a name of its own."""
    name = f"reference_{chapter}_solution"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, REFERENCE / chapter / "solution.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def module(chapter: str, name: str) -> ModuleType:
    """Any file of a chapter's reference with the files beside it that it imports, apart from other chapters'."""
    folder = REFERENCE / chapter
    siblings = {file.stem for file in folder.glob("*.py")}
    before = {sibling: sys.modules.pop(sibling) for sibling in siblings if sibling in sys.modules}
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for sibling in siblings:
            sys.modules.pop(sibling, None)
        sys.modules.update(before)

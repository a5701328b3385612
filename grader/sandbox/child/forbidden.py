"""Names that a question forbids, taken away in its child before student code is imported.

Such a question runs in a child of its own (`Question.alone`), so nothing has to be put back and no original is kept:

- A function loses its code in place. Every reference to it (an alias, a decorator's closure, a `functools.partial`, a
  bound copy) then leads to a stub that raises, and the old code is gone. The loops that do the same work under other
  names (`_SAME_WORK`) lose theirs too.
- A class that gave the name to a model, and every subclass with one of its own, has a `Refused` in its place.
- Parts of a model under that name (`layers`) are taken out of the module that held them, and their weights are emptied,
  in every model that this process holds, given to the question or not. No model can be loaded any more.
- The files that could bring them back are closed by Landlock (see `zygote`): the weights, and the library's source of
  the functions, which an audit hook closes too (`closed_files`). Level 1 has the hook alone: the weights stay readable.

It is a tripwire, with a reading of the source (`grader.marking.forbid`) and a person's look as the other two. It does
not stop a student who pastes the library's decoding loop into the answer, who at level 1 has it read by native code
(`torch.UntypedStorage.from_file`, `ctypes`), who bends the loop of another model's class to this one, who finds freed
memory in `/proc/self/mem`, or who carries the weights in the hand-in. One who silences the guard (`refusal` is a module
like any other) is not reported. At levels 2 and 3 other ways in Python, direct or indirect, get nothing.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import linecache
import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from grader.sandbox.child.closed_files import close_files
from grader.sandbox.child.models import LoadedModels
from grader.sandbox.child.refusal import Refused

_BATCHING = "transformers.generation.continuous_batching.continuous_api"
_SAME_WORK: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    "generate": {
        ("transformers.generation.utils", "GenerationMixin"): (
            "generate",
            "_sample",
            "_beam_search",
            "_assisted_decoding",
        ),
        (_BATCHING, "ContinuousMixin"): (
            "generate_batch",
            "init_continuous_batching",
            "continuous_batching_context_manager",
        ),
        (_BATCHING, "ContinuousBatchingManager"): ("start", "_run_generation_loop", "_generation_loop_body"),
        (_BATCHING, "ContinuousBatchProcessor"): ("_generation_step",),
    }
}
"""Methods that do what a forbidden name does, whether a model has them or not: (module, class) to names."""

_STUB = """
def shell({free}):
    def refused(*_refused, **__refused):
        from grader.sandbox.child.refusal import refuse
        refuse({name!r})
        return [{free}]
    return refused
"""


def take_away(names: Sequence[str], models: LoadedModels) -> frozenset[str]:
    """Take names away from all models of this process, for good; afterwards `models` loads nothing any more.

    Returns the files that could bring them back, for Landlock to close: the audit hook sees only Python's own `open`.
    What is touched here is copied for the child, page by page, so nothing is looked at that need not be.
    """
    held = models.models()
    modules = list(_modules(held))
    sources: set[str] = set()
    for name in names:
        removed = [part for module in modules for part in _parts_taken(module, name)]
        for owner, attribute in _owners(name, {type(module) for module in modules}):
            sources |= _disarm(vars(owner)[attribute], name)
            with contextlib.suppress(TypeError):  # a class written in C cannot be changed
                setattr(owner, attribute, Refused(name))
        for part in removed:
            sources |= _disarm(part, name)
        if removed:
            _empty(removed, held)
    models.close()
    for file in sources:
        linecache.cache.pop(file, None)
    return close_files(sources)


# Objects and classes -------------------------------------------------------------------------------------------------


def _modules(models: Iterable[Any]) -> Iterator[Any]:
    """Every torch module in models, once."""
    pending, seen = list(models), set()
    while pending:
        module = pending.pop()
        if module is not None and id(module) not in seen:
            seen.add(id(module))
            yield module
            pending += vars(module)["_modules"].values()


def _parts_taken(module: Any, name: str) -> Iterator[Any]:
    """What a torch module itself holds under a name, taken out of it."""
    for place in (vars(module), module._modules, module._parameters, module._buffers):  # noqa: SLF001 - torch's own places
        if name in place:
            yield place.pop(name)
            setattr(type(module), name, Refused(name))


def _owners(name: str, kinds: Iterable[type]) -> list[tuple[Any, str]]:
    """Classes and library modules that hold a name's functions, with the attribute that does."""
    classes = {cls for kind in kinds for cls in kind.__mro__ if cls is not object and _holds(cls, name)}
    pending = list(classes)
    while pending:
        below: set[type] = set(pending.pop().__subclasses__()) - classes
        classes |= below
        pending += below
    found: list[tuple[Any, str]] = [(cls, name) for cls in classes if _holds(cls, name)]
    homes = {sys.modules.get(cls.__module__) for cls in classes}
    found += [(home, name) for home in homes if home and isinstance(vars(home).get(name), types.FunctionType)]
    for (module, kind), attributes in _SAME_WORK.get(name, {}).items():
        if module.partition(".")[0] in sys.modules:
            cls = getattr(importlib.import_module(module), kind, None)
            found += [(cls, attribute) for attribute in attributes if attribute in vars(cls or object)]
    return list(dict.fromkeys(found))


def _holds(cls: type, name: str) -> bool:
    return name in vars(cls) and not isinstance(vars(cls)[name], Refused)


# Functions -----------------------------------------------------------------------------------------------------------


def _disarm(value: object, name: str) -> set[str]:
    """Give every function behind a value the code of a stub; returns the files that held their source."""
    files = set()
    for function in list(_functions(value, name)):
        files.add(function.__code__.co_filename)
        free = function.__code__.co_freevars
        shell: dict[str, Any] = {}
        exec(_STUB.format(name=name, free=", ".join(free)), shell)  # noqa: S102 - the text above; a stub needs as many free variables
        function.__code__ = shell["shell"](*free).__code__
        function.__defaults__ = function.__kwdefaults__ = None
    return files


def _functions(value: object, name: str) -> Iterator[types.FunctionType]:
    """The Python functions behind an attribute: decorated, bound, static or partial ones too."""
    pending, seen = [value], set()
    while pending:
        one: Any = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, types.FunctionType):
            yield one
            pending.append(vars(one).get("__wrapped__"))
            pending += [inner for inner in _enclosed(one) if inner.__name__ in {name, one.__name__}]
        elif isinstance(one, types.MethodType | staticmethod | classmethod):
            pending.append(one.__func__)
        elif isinstance(one, functools.partial | functools.partialmethod | functools.cached_property):
            pending.append(one.func)
        elif isinstance(one, property):
            pending += [one.fget, one.fset, one.fdel]


def _enclosed(function: types.FunctionType) -> Iterator[types.FunctionType]:
    """The functions that a function's closure holds, such as the one that a decorator wraps."""
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # an empty cell
            if isinstance(cell.cell_contents, types.FunctionType):
                yield cell.cell_contents


# Weights -------------------------------------------------------------------------------------------------------------


def _empty(removed: Iterable[Any], models: Iterable[Any]) -> None:
    """Empty the tensors of what was taken out of models, but for those that the models still share."""
    kept = {id(tensor): tensor for model in models for tensor in _tensors(model)}
    lost = [tensor for part in removed for tensor in _tensors(part) if id(tensor) not in kept]
    storages = {tensor.untyped_storage().data_ptr() for tensor in lost}
    for tensor in kept.values():
        if tensor.untyped_storage().data_ptr() in storages:  # views of one file or buffer
            tensor.data = tensor.data.clone()
    for tensor in lost:
        tensor.data = tensor.data.new_empty(0)


def _tensors(part: Any) -> Iterator[Any]:
    torch = sys.modules["torch"]
    if isinstance(part, torch.Tensor):
        yield part
    elif isinstance(part, torch.nn.Module):
        for module in _modules([part]):
            own = (*module._parameters.values(), *module._buffers.values())  # noqa: SLF001 - torch's own places
            yield from (tensor for tensor in own if tensor is not None)

"""What the text of an expression is, as far as that can be told without running it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from grader.marking.forbid.names import dotted

_LONGEST = 10_000  # characters of a text that is put together
_MOST_PIECES = 20
_LONGEST_ARGUMENT = 50  # characters of what a text is changed by
_METHODS = {"lower", "upper", "title", "swapcase", "casefold", "strip", "lstrip", "rstrip", "replace", "removeprefix"}
_METHODS |= {"removesuffix"}
_BY_NAME = {"getattr": 1, "hasattr": 1, "attrgetter": 0, "methodcaller": 0}
"""Functions that look a name up, with the place of the name among their arguments."""
_NAMESPACES = {"vars", "globals", "locals"}

Pieces = tuple[str | None, ...]
"""Parts of a text in order; None for what is known only at run time."""


class Texts:
    """The texts that the expressions of a syntax tree are, each worked out once, from its parts."""

    def __init__(self, tree: ast.AST) -> None:
        self._pieces: dict[int, Pieces] = {}
        for node in reversed(list(ast.walk(tree))):  # parts before the whole
            if isinstance(node, ast.expr):
                self._pieces[id(node)] = _bounded(self._made(node))

    def text(self, node: ast.expr) -> str | None:
        """The text of an expression; None where it is none, or is known only at run time."""
        return _whole(self._of(node))

    def may_spell(self, node: ast.expr, names: Collection[str]) -> bool:
        """Whether an expression puts a text together at run time that may be one of the names.

        A plain variable is not such an expression: what is in it is not told by how it is written.
        """
        pieces = self._of(node)
        if None not in pieces or (pieces == (None,) and not _makes_text(node)):
            return False
        return any(_fits(pieces, name) for name in names)

    def _of(self, node: ast.expr) -> Pieces:
        return self._pieces.get(id(node), (None,))

    def _made(self, node: ast.expr) -> Pieces:
        pieces: Pieces = (None,)
        match node:
            case ast.Constant(value=str(text)):
                pieces = (text,)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                pieces = self._of(left) + self._of(right)
            case ast.JoinedStr(values=values):
                pieces = tuple(piece for part in values for piece in self._of(part))
            case ast.FormattedValue(conversion=-1, format_spec=None, value=value):
                pieces = self._of(value)
            case ast.Call(func=ast.Attribute() as function, keywords=[], args=arguments):
                pieces = self._called(function, arguments)
            case ast.Subscript(slice=ast.Slice() as places, value=value):
                pieces = (_sliced(self.text(value), places),)
        return pieces

    def _called(self, function: ast.Attribute, arguments: Sequence[ast.expr]) -> Pieces:
        """The text that a method of a text, or of bytes, makes."""
        if function.attr == "decode" and not arguments:
            of_bytes = function.value.value if isinstance(function.value, ast.Constant) else None
            return (of_bytes.decode("utf-8", "replace") if isinstance(of_bytes, bytes) else None,)
        text = self.text(function.value)
        if text is None:
            return (None,)
        if function.attr == "join" and len(arguments) == 1 and isinstance(arguments[0], ast.List | ast.Tuple):
            parts = [self._of(part) for part in arguments[0].elts]
            return tuple(piece for part in parts for piece in (text, *part))[1:]
        known = [self.text(argument) for argument in arguments]
        if function.attr not in _METHODS or any(k is None or len(k) > _LONGEST_ARGUMENT for k in known):
            return (None,)
        try:
            return (getattr(text, function.attr)(*known),)
        except TypeError:
            return (None,)


def _bounded(pieces: Pieces) -> Pieces:
    """Neighbouring known pieces as one; nothing is known of what is too long to look at."""
    joined: list[str | None] = []
    for piece in pieces:
        if joined and piece is not None and joined[-1] is not None:
            joined[-1] += piece
        elif piece is not None or not joined or joined[-1] is not None:
            joined.append(piece)
    if len(joined) > _MOST_PIECES or any(piece is not None and len(piece) > _LONGEST for piece in joined):
        return (None,)
    return tuple(joined)


def looked_up(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions by which code looks names up: `getattr(x, HERE)`, `vars(x)[HERE]`, `x.__dict__.get(HERE)`, …"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_namespace(node.value):
            yield node.slice
        elif isinstance(node, ast.Call):
            last = (dotted(node.func) or (getattr(node.func, "attr", ""),))[-1]
            if last in _BY_NAME:
                yield from node.args[_BY_NAME[last] :][:1]
            elif last in {"__getattribute__", "__getattr__"}:
                yield from node.args[-1:]
            elif isinstance(node.func, ast.Attribute) and last in {"get", "pop"} and _is_namespace(node.func.value):
                yield from node.args[:1]


def _fits(pieces: Pieces, name: str) -> bool:
    """Whether a name has the known pieces in order, the first and the last at its ends where they are known."""
    known = [""]
    for piece in pieces:
        if piece is None:
            known.append("")
        else:
            known[-1] += piece
    first, *between, last = known
    at, end = len(first), len(name) - len(last)
    if at > end or not (name.startswith(first) and name.endswith(last)):
        return False
    for piece in between:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _makes_text(node: ast.expr) -> bool:
    """Whether an expression is one that strings are made with."""
    if isinstance(node, ast.Call):
        made_by = (dotted(node.func) or (getattr(node.func, "attr", ""),))[-1]
        return made_by in {*_METHODS, "join", "format", "decode", "translate", "chr", "str", "reversed"}
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    )


def _is_namespace(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return (dotted(node.func) or ("",))[-1] in _NAMESPACES
    return isinstance(node, ast.Attribute) and node.attr in {"__dict__", "_modules"}


def _whole(pieces: Pieces) -> str | None:
    known = [piece for piece in pieces if piece is not None]
    return "".join(known) if len(known) == len(pieces) else None


def _sliced(text: str | None, places: ast.Slice) -> str | None:
    try:
        ends = [
            None if place is None else ast.literal_eval(place) for place in (places.lower, places.upper, places.step)
        ]
        return None if text is None else text[slice(*ends)]
    except (ValueError, TypeError):
        return None

"""Mutation testing: mutants of the reference that still earn full marks show what a question misses.

Operators as in Budd et al., "Theoretical and empirical studies on using program mutation to test the functional
correctness of programs" (POPL 1980): constants shifted, signs and operators exchanged, reductions and axes changed.
"""

from __future__ import annotations

import ast
import copy
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.answers.key import SOLUTION
from grader.audit.findings import Mutation
from grader.audit.subject import Subject
from grader.execute.calls import calls_for, run_calls
from grader.nouns.question import Case, Limits

SLOW = True

HIDDEN_CASES = 4
MOST_MUTANTS = 24
WALL = 5.0

_REDUCTIONS = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "argmax": "argmin", "log_softmax": "softmax"}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def check(subject: Subject) -> Iterator[Mutation]:
    """Run mutants of the question's function on its public and a few hidden cases; name those that survive."""
    question = subject.question
    mutation = Mutation(chapter=subject.chapter.id, question=question.id, mutants=0)
    if not subject.truth or question.call is None or question.isolate == "question":
        yield mutation
        return
    hidden = [case for case in subject.cases if case.hidden][:HIDDEN_CASES]
    cases = [case for case in subject.cases if not case.hidden] + hidden
    source = (subject.reference / SOLUTION).read_text(encoding="utf-8")
    mutants = list(_spread_out(list(mutants_of(source, question.call.name)), MOST_MUTANTS))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve() / "mutant"
        shutil.copytree(subject.reference, folder, ignore=shutil.ignore_patterns("__pycache__"))
        survivors = [name for name, text in mutants if _survives(subject, folder, text, cases)]
    yield mutation.model_copy(update={"mutants": len(mutants), "survivors": tuple(survivors)})


def _survives(subject: Subject, folder: Path, source: str, cases: list[Case]) -> bool:
    (folder / SOLUTION).write_text(source, encoding="utf-8")
    limits = Limits.model_validate(
        subject.question.limits.model_dump() | {"wall": min(WALL, subject.question.limits.wall)}
    )
    calls = [call.model_copy(update={"limits": limits}) for call in calls_for(subject.question, cases)]
    outcomes = run_calls(subject.grading.runtime.sandbox, folder, SOLUTION, calls)
    return subject.verdict_on(outcomes, cases).share >= 1


def _spread_out(mutants: list[tuple[str, str]], most: int) -> Iterator[tuple[str, str]]:
    step = max(1.0, len(mutants) / most)
    yield from (mutants[int(i * step)] for i in range(min(most, len(mutants))))


def mutants_of(source: str, function: str) -> Iterator[tuple[str, str]]:
    """Each mutant of a function and of the module's functions it calls: `(what was changed, the whole source)`."""
    tree = ast.parse(source)
    for name in _reached(tree, function):
        for place, node in enumerate(_places(tree, name)):
            for words, change in _changes(node):
                mutant = copy.deepcopy(tree)
                change(_places(mutant, name)[place])
                yield f"line {node.lineno}: {words}", ast.unparse(ast.fix_missing_locations(mutant))


def _reached(tree: ast.Module, function: str) -> list[str]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    reached = [function] if function in functions else []
    for name in reached:
        named = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
        reached.extend(other for other in functions if other in named and other not in reached)
    return reached


def _places(tree: ast.Module, function: str) -> list[ast.expr]:
    body = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function).body
    skipped = {id(body[0].value)} if isinstance(body[0], ast.Expr) else set()
    nodes = (node for statement in body for node in ast.walk(statement))
    return [node for node in nodes if isinstance(node, ast.expr) and id(node) not in skipped]


def _changes(node: ast.expr) -> Iterator[tuple[str, _Change]]:
    match node:
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            yield _exchange(node, "op", _OPERATORS[type(op)]())
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            yield _exchange(node, "ops", [_COMPARISONS[type(op)]()])
        case ast.UnaryOp(op=ast.USub()):
            yield _exchange(node, "op", ast.UAdd())
        case ast.Constant(value=bool() as flag):
            yield _exchange(node, "value", not flag)
        case ast.Constant(value=int() | float() as number):
            yield _exchange(node, "value", number + 1)
        case ast.Attribute(attr=name) if name in _REDUCTIONS:
            yield _exchange(node, "attr", _REDUCTIONS[name])


class _Change:
    """Setting one field of one node."""

    def __init__(self, field: str, value: object) -> None:
        self.field = field
        self.value = value

    def __call__(self, node: ast.expr) -> None:
        setattr(node, self.field, self.value)


def _exchange(node: ast.expr, field: str, value: object) -> tuple[str, _Change]:
    before = ast.unparse(node)
    changed = copy.deepcopy(node)
    setattr(changed, field, value)
    return f"{before} → {ast.unparse(ast.fix_missing_locations(changed))}", _Change(field, value)

"""One question of `assignment.yaml`, with its cases and limits."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema, field_validator, model_validator

from grader.nouns.base import Noun
from grader.nouns.size import parse_size
from grader.nouns.text import Text, say

_IDENTIFIER = r"^[a-z][a-z0-9_]*$"
_Size = Annotated[int, WithJsonSchema({"type": ["integer", "string"]})]
"""A number of bytes; a file may also say it with its unit, which an editor has to know."""


class Limits(Noun):
    """What one call of the student's function may use.

    What counts is CPU time: that of the process with all its threads. `wall` is the backstop for code that sleeps or
    waits; seconds in which a busy machine kept the process from running are not in it. So a call that is within its
    limits on an idle machine is within them on a busy one.
    """

    wall: float = Field(
        default=20.0, gt=0, description="seconds of wall-clock time, without those a busy machine takes"
    )
    cpu: float | None = Field(default=None, gt=0, description="seconds of CPU time; the wall limit when absent")
    memory: _Size = Field(
        default=2**30,
        ge=2**24,
        description="bytes above what the idle worker holds, e.g. 1GiB",
    )
    output: _Size = Field(default=2**16, ge=0, description="bytes of printed output that are kept, e.g. 64KiB")
    answer: _Size = Field(default=2**24, ge=2**10, description="bytes the returned value may take, e.g. 16MiB")

    _sizes = field_validator("memory", "output", "answer", mode="before")(parse_size)


class Budget(Noun):
    """What all calls into one submission's chapter may use together, calls that are asked again included.

    Once `wall` or `cpu` is used up, the calls that are left are not made, and count as timed out. An answer that does
    not fit into what is left of `kept` is not kept, and counts as one that is too large. What the machine's own faults
    cost is not in it.
    """

    wall: float = Field(default=900.0, gt=0, description="seconds of wall-clock time, as in `limits`")
    cpu: float = Field(default=600.0, gt=0, description="seconds of CPU time")
    kept: _Size | None = Field(
        default=None,
        ge=0,
        description="bytes of returned values and of printed output that are kept, e.g. 64MiB; when absent 64MiB, and "
        "on top the `limits.answer` of each question that raises it",
    )

    _size = field_validator("kept", mode="before")(parse_size)


def _as_text(schema: dict[str, Any]) -> None:
    for word in ("properties", "required", "additionalProperties"):
        schema.pop(word, None)
    schema["type"] = "string"


class Signature(Noun):
    """The declared signature of a student's function, written `name(parameter, parameter)` in the spec."""

    model_config = ConfigDict(json_schema_extra=_as_text)

    name: str
    parameters: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            call = ast.parse(value, mode="eval").body
        except SyntaxError:
            call = None
        if (
            not isinstance(call, ast.Call)
            or not isinstance(call.func, ast.Name)
            or call.keywords
            or not all(isinstance(argument, ast.Name) for argument in call.args)
        ):
            raise ValueError(
                say("write the function and its parameters, for example `top_token(model, tokenizer, text)`")
            )
        return {"name": call.func.id, "parameters": [a.id for a in call.args if isinstance(a, ast.Name)]}

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


class Pool(Noun):
    """Where hidden cases come from: all of them, or some drawn for each student."""

    pool: str | tuple[dict[str, Any], ...] = Field(
        description="a file beside the spec (.txt: one input a line; .jsonl: one object a line), or cases written here"
    )
    draw: int | None = Field(default=None, ge=1, description="how many each student gets; all when absent")


class Cases(Noun):
    """The inputs a question is graded on."""

    public: tuple[dict[str, Any], ...] = ()
    hidden: Pool | None = None


class Case(Noun):
    """One set of inputs. `id` is stable: `public-1` …, `hidden-7` (line or place in the pool)."""

    id: str
    inputs: dict[str, Any]
    hidden: bool


class RubricItem(Noun):
    """One thing a free-text answer should say, and the patterns that suggest it does."""

    points: float = Field(gt=0)
    about: Text
    mentions: tuple[str, ...] = Field(default=(), description="regular expressions, any of which suggests the point")

    @field_validator("mentions")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                problem = say("{pattern!r} is not a regular expression: {error}", pattern=pattern, error=str(error))
                raise ValueError(problem) from error
        return patterns


class Question(Noun):
    """One question of a chapter.

    Exactly one of `call` (a function of the student's module) and `answer` (a key of its `ANSWERS`) says where the
    work is. `given` binds parameters to models by logical name; what is handed over follows from the last word of the
    parameter: `model`, `tokenizer` or `config`. The other parameters come from the cases.
    """

    id: str = Field(pattern=_IDENTIFIER)
    title: Text
    points: float = Field(gt=0)
    advanced: bool = Field(default=False, description="an advanced (进阶) exercise")
    call: Signature | None = Field(default=None, description="e.g. `sentence_log_probability(model, tokenizer, text)`")
    answer: str | None = Field(default=None, description="key in the ANSWERS dictionary of the student's module")
    given: dict[str, str] = Field(default_factory=dict, description="parameter: logical model name")
    cases: Cases = Cases()
    returns: dict[str, Any] = Field(default_factory=dict, description="JSON Schema of what must come back")
    compare: dict[str, dict[str, Any]] = Field(default_factory=dict, description="comparison: its parameters")
    measure: str | None = Field(default=None, description="function in measures.py, applied to the return")
    choose: dict[str, Text] = Field(default_factory=dict, description="options of a choice question")
    rubric: tuple[RubricItem, ...] = Field(default=(), description="what a free-text answer should say")
    forbid: tuple[str, ...] = Field(default=(), description="names the student's code may not use for this question")
    limits: Limits = Limits()
    isolate: Literal["chapter", "question"] = Field(
        default="chapter", description="`question`: always runs in a process of its own"
    )
    see: str | None = Field(default=None, description="heading anchor in the handout; the question id when absent")

    @property
    def inputs(self) -> tuple[str, ...]:
        """The parameters that come from a case, in the order of the signature."""
        return tuple(p for p in (self.call.parameters if self.call else ()) if p not in self.given)

    @property
    def alone(self) -> bool:
        """Whether it runs in a process of its own; what it forbids is taken away there before anything is imported."""
        return self.isolate == "question" or bool(self.forbid)

    @property
    def comparison(self) -> tuple[str, dict[str, Any]]:
        """The name of the comparison and its parameters."""
        ((name, parameters),) = self.compare.items()
        return name, parameters

    @property
    def needs_review(self) -> bool:
        """Whether a person has the last word (free text)."""
        return bool(self.rubric)


Asked = Sequence[tuple[Question, Sequence[Case]]]
"""Questions with the cases that one student gets."""

"""A course and its chapters, as read from `course.yaml` and `assignment.yaml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator

from grader.nouns.base import Noun
from grader.nouns.binding import ModelKind
from grader.nouns.question import Budget, Limits, Question
from grader.nouns.text import Text, say
from grader.nouns.zone import Zone

ChapterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
"""A chapter's id, which is its folder's name and that of a Python module."""


class ModelSource(Noun):
    """What a logical model name can be bound to. Paths are relative to the course file.

    Attributes:
        mini: a Hugging Face directory shipped with the course.
        full: a hub id, looked up in the local cache or on the hub.
        config: a directory that holds the published `config.json`.
    """

    kind: ModelKind = "causal_lm"
    mini: str | None = None
    full: str | None = None
    config: str | None = None


class Late(Noun):
    """What handing in late costs in some chapters, which share one allowance.

    A day is begun 24 hours; lateness that a source tells without a time counts as one day.
    """

    chapters: tuple[str, ...] = Field(min_length=1, description="chapter ids that share the allowance")
    free_days: int = Field(default=0, ge=0, description="late days over all these chapters that cost nothing")
    per_day: float = Field(default=1.0, ge=0, le=1, description="share of the mark each further day costs; 1: no mark")
    grace: float = Field(default=0.0, ge=0, description="minutes after the deadline that do not count")


class TeamSize(Noun):
    """How many people hand in together."""

    least: int = Field(default=1, ge=1)
    most: int = Field(default=1, ge=1)


class Policy(Noun):
    """How the marks of questions become a course score."""

    weights: dict[str, float] = Field(
        default_factory=dict, description="chapter id: what a full mark in it is worth; its own points when absent"
    )
    decimals: int = Field(default=2, ge=0, le=6, description="places every mark is rounded to, half to even")
    deadlines: dict[str, AwareDatetime] = Field(default_factory=dict, description="chapter id: time with zone")
    zone: Zone | None = Field(
        default=None,
        description="zone of hand-in times that come without one, e.g. Asia/Shanghai; the first deadline's when absent",
    )
    late: tuple[Late, ...] = ()
    teams: dict[str, TeamSize] = Field(default_factory=dict, description="chapter id: size of teams; free when absent")
    attempts: Literal["last", "best"] = Field(default="last", description="which attempt counts, chapter by chapter")
    advanced: Literal["counted", "bonus"] = Field(
        default="counted", description="`bonus`: advanced questions come on top of the full mark"
    )
    bonus_limit: float = Field(default=0.1, ge=0, description="share of a full mark that bonus can add at most")

    @property
    def clock(self) -> str:
        """The zone of hand-in times that come without one."""
        first = next(iter(self.deadlines.values()), None)
        return self.zone or (first.isoformat()[-6:] if first else "UTC")


class Required(Noun):
    """One thing that has to lie in what is handed in.

    `path` is a glob from the root, in any case; with a slash at its end it is a folder that is not empty.
    """

    path: str = Field(min_length=1)
    about: Text
    contains: str = Field(default="", description="regular expression that the text of one such file has to match")
    kind: Literal["any", "pdf", "text"] = "any"

    @field_validator("contains")
    @classmethod
    def _compile(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            problem = say("{pattern!r} is not a regular expression: {error}", pattern=pattern, error=str(error))
            raise ValueError(problem) from error
        return pattern


class Package(Noun):
    """What a hand-in has to consist of besides the module; what is missing is said, and costs nothing by itself."""

    requires: tuple[Required, ...] = ()


_KEPT = 2**26
"""Bytes that are kept of one submission's chapter where the specification says nothing."""


class Chapter(Noun):
    """One chapter: the questions of `assignments/<id>/assignment.yaml`.

    `folder` is the chapter's folder; it is filled in by the loader and not part of the file.
    """

    id: ChapterName
    title: Text
    questions: tuple[Question, ...] = Field(min_length=1)
    package: Package = Package()
    budget: Budget = Field(default=Budget(), description="what all calls of one submission may use together")
    folder: Path = Path()

    @property
    def module(self) -> str:
        """The file a student hands in for this chapter."""
        return f"{self.id}.py"

    @property
    def allowance(self) -> Budget:
        """The budget with its `kept` filled in."""
        if self.budget.kept is not None:
            return self.budget
        raised = sum(q.limits.answer for q in self.questions if q.limits.answer > Limits().answer)
        return self.budget.model_copy(update={"kept": _KEPT + raised})

    @property
    def points(self) -> float:
        """The most a submission can earn."""
        return sum(question.points for question in self.questions)


class Course(Noun):
    """A course: its chapters in order, the models it names, its policy.

    `root` is the folder of `course.yaml`; it is filled in by the loader and not part of the file.
    """

    id: str
    title: Text
    chapters: tuple[ChapterName, ...] = Field(min_length=1, description="folders beside course.yaml, in order")
    models: dict[str, ModelSource] = Field(default_factory=dict)
    reference: str = Field(default="../reference", description="folder with <chapter>/solution.py")
    templates: str = Field(default="../submissions_template", description="folder with <chapter>.py")
    policy: Policy = Policy()
    root: Path = Path()

    @property
    def template_folder(self) -> Path:
        """The folder with what students start from."""
        return (self.root / self.templates).resolve()

    def reference_folder(self, chapter: Chapter) -> Path:
        """The folder with the chapter's `solution.py`; absent in a student kit."""
        return (self.root / self.reference / chapter.id).resolve()

"""A course and its chapters, as read from `course.yaml` and `assignment.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from grader.nouns.base import Noun
from grader.nouns.binding import ModelKind
from grader.nouns.question import Question
from grader.nouns.text import Text


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


class Policy(Noun):
    """How chapter scores become a course score."""

    weights: dict[str, float] = Field(default_factory=dict, description="chapter id: weight; equal when absent")
    decimals: int = Field(default=2, ge=0, le=6, description="places scores are rounded to, half to even, at the end")


class Chapter(Noun):
    """One chapter: the questions of `assignments/<id>/assignment.yaml`.

    `folder` is the chapter's folder; it is filled in by the loader and not part of the file.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    questions: tuple[Question, ...] = Field(min_length=1)
    folder: Path = Path()

    @property
    def module(self) -> str:
        """The file a student hands in for this chapter."""
        return f"{self.id}.py"

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
    chapters: tuple[str, ...] = Field(min_length=1, description="folders beside course.yaml, in order")
    models: dict[str, ModelSource] = Field(default_factory=dict)
    reference: str = Field(default="../reference", description="folder with <chapter>/solution.py")
    templates: str = Field(default="../submissions_template", description="folder with <chapter>.py")
    policy: Policy = Policy()
    root: Path = Path()

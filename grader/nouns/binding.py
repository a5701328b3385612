"""Which model a logical name stands for in this run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from grader.nouns.base import Noun

ModelKind = Literal["causal_lm", "masked_lm", "config"]


class Binding(Noun):
    """A logical model name, bound.

    Attributes:
        name: the logical name that specs and students use, for example `ernie-4.5-0.3b`.
        kind: how it is loaded; `config` has no weights.
        source: for people: `mini`, a hub id, or the folder given on the command line.
        directory: a Hugging Face directory with weights and tokenizer; None for a configuration only.
        config: a directory with the published `config.json`, handed over for parameters that end in `config`.
        fingerprint: hash over all files that are loaded, so that a miniature is never taken for the original.
    """

    name: str
    kind: ModelKind
    source: str
    directory: Path | None
    config: Path | None
    fingerprint: str


class ModelChoice(Noun):
    """What the command line asked for: a profile, and directories for single names."""

    profile: str = "mini"
    directories: dict[str, Path] = {}  # noqa: RUF012 - pydantic copies it

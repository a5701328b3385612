"""What is kept of a hand-in: one copy, under the hash of its content, which is what runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from grader.files import folder_digest
from grader.nouns.submission import Submission
from grader.sandbox.kernel import scratch

_RUN = "run-"
"""Copies are named by their hash, so that no hand-in is called so."""


@contextmanager
def fresh(work: Path) -> Iterator[Path]:
    """Yield a new folder below `work`, removed at the end; those that killed runs left there go, and nothing else."""
    work.mkdir(parents=True, exist_ok=True)
    with scratch.folder_in(work, _RUN) as folder:
        yield folder


def kept(submission: Submission, run: Path, work: Path) -> Submission:
    """Return the submission in a folder named by the hash of its content, with the hash of what runs.

    Args:
        submission: as a source unpacked it.
        run: the folder made in this run, with a folder for each source in it.
        work: where the copies of all runs are. A copy of the same content that is there already is used, and one whose
            content is no longer what its name says is left alone.
    """
    source, hand_ins, own, *_ = submission.folder.relative_to(run).parts
    top = run / source / hand_ins / own
    moved = _moved(top, work.resolve())
    folder = moved / submission.folder.relative_to(top)
    package = moved / submission.package.relative_to(top) if submission.package else None
    return submission.model_copy(update={"folder": folder, "package": package, "files": folder_digest(folder)})


def _moved(top: Path, work: Path) -> Path:
    name = folder_digest(top)
    free = (work / (f"{name}-{number}" if number else name) for number in count())
    place = next(place for place in free if not place.exists() or (place.is_dir() and folder_digest(place) == name))
    if not place.exists():
        top.rename(place)
    return place

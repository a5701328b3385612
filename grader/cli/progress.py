"""How far a run is: a bar for people, lines of JSON for machines, nothing for a file."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.bulk.grade import Progress
    from grader.nouns.text import Language


@contextmanager
def progress_display(total: int, language: Language, *, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Return a progress display of work done, rate, time left and faults so far."""
    if as_json:
        yield _lines(time.monotonic())
    elif sys.stderr.isatty():
        with _bar(total, language) as tell:
            yield tell
    else:
        yield lambda _: None


def _lines(start: float) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        seconds = time.monotonic() - start
        line = {
            "done": progress.done,
            "total": progress.total,
            "faults": progress.faults,
            "submission": progress.submission,
            "seconds": round(seconds, 3),
            "rate": round(progress.done / seconds, 3) if seconds else None,
        }
        click.echo(json.dumps(line, ensure_ascii=False), err=True)

    return tell


@contextmanager
def _bar(total: int, language: Language) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from grader.language.speak import speak
    from grader.nouns.text import say

    rate = speak(say("{rate} a second", rate="{task.fields[rate]}"), language)
    faults = speak(say("{faults} with faults", faults="{task.fields[faults]}"), language)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(rate), TimeRemainingColumn(), TextColumn(faults))
    start = time.monotonic()
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total, rate="–", faults=0)

        def tell(progress: Progress) -> None:
            seconds = time.monotonic() - start
            shown_rate = f"{progress.done / seconds:.1f}" if seconds else "–"
            bar.update(task, completed=progress.done, rate=shown_rate, faults=progress.faults)

        yield tell

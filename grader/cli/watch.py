"""Notice that a student saved a file, with the standard library only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from grader.nouns.submission import Submission

_POLL = 0.2  # seconds between two looks
_SETTLE = 0.1  # seconds an editor has to finish writing
_WATCHED = {".py", ".ipynb"}

_Seen = dict[Path, tuple[int, int]]


def changes(submission: Submission) -> Iterator[frozenset[str]]:
    """Wait for files to be saved and yield the chapters to check again, until Ctrl-C.

    A chapter's own module or notebook concerns that chapter; any other module in the folder may concern all of them.
    """
    seen = _look(submission.folder)
    try:
        while True:
            time.sleep(_POLL)
            now = _look(submission.folder)
            if now == seen:
                continue
            time.sleep(_SETTLE)
            now = _look(submission.folder)
            changed = {file for file in now.keys() | seen.keys() if now.get(file) != seen.get(file)}
            seen = now
            if chapters := _concerned(submission, changed):
                yield chapters
    except KeyboardInterrupt:
        return


def _look(folder: Path) -> _Seen:
    seen: _Seen = {}
    for file in folder.iterdir():
        try:
            if file.suffix in _WATCHED and file.is_file():
                state = file.stat()
                seen[file] = (state.st_mtime_ns, state.st_size)
        except OSError:
            continue  # an editor is just replacing it
    return seen


def _concerned(submission: Submission, changed: set[Path]) -> frozenset[str]:
    stems = {Path(module).stem: chapter for chapter, module in submission.modules.items()}
    touched = frozenset(stems[file.stem] for file in changed if file.stem in stems)
    return touched if all(file.stem in stems for file in changed) else frozenset(submission.modules)

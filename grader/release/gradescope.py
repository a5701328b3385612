"""A Gradescope autograder: a zip whose `setup.sh` builds the container and whose `run_autograder` grades one hand-in.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ says what lies where. The zip holds the reference and the
hidden cases, since the staff's container needs them; Gradescope shows it to nobody but staff.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from grader.course.draw import PUBLIC_SECRET, course_secret
from grader.course.load import load_chapters, load_course
from grader.files import CACHES
from grader.nouns.binding import ModelChoice
from grader.nouns.course import Chapter, Course
from grader.pipeline import Grading
from grader.release.course_files import write_course
from grader.release.package import write_package

_HERE = Path(__file__).parent
_SCRIPTS = {"setup.sh": "setup.sh", "run_autograder.sh": "run_autograder"}
_EPOCH = (2025, 1, 1, 0, 0, 0)
_NOT_SHIPPED = shutil.ignore_patterns(*CACHES, ".*")


def build_autograder(
    course: Course, chapters: tuple[Chapter, ...], out: Path, *, allow_level: int | None = None
) -> None:
    """Write the zip: grader, course with hidden cases, reference, keys computed in advance, secret.

    Args:
        course: the course.
        chapters: the chapters that are graded.
        out: the zip file; replaced where it is there.
        allow_level: grade in the container even if it reaches only this isolation level.

    Raises:
        BrokenReference: the reference failed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_course(course, chapters, folder, hidden=True)
        for chapter in chapters:
            reference = course.reference_folder(chapter)
            shutil.copytree(reference, folder / "reference" / chapter.id, ignore=_NOT_SHIPPED)
        _keep_keys(folder)
        if course_secret() != PUBLIC_SECRET:
            (folder / "secret").write_bytes(course_secret())
        write_package(folder)
        _write_scripts(folder, f"--allow-level {allow_level}" if allow_level is not None else "")
        _zip(folder, out)


def _keep_keys(folder: Path) -> None:
    """Compute every key now, so that no container has to; with other library versions it is computed again."""
    course = load_course(folder / "assignments")
    store = folder / "cache" / "keys"
    with Grading(course, load_chapters(course), ModelChoice(), store=store) as grading:
        grading.prepare()


def _write_scripts(folder: Path, options: str) -> None:
    for source, name in _SCRIPTS.items():
        text = (_HERE / source).read_text(encoding="utf-8").replace(" {options}", f" {options}".rstrip())
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _zip(folder: Path, out: Path) -> None:
    """Zip all files in order and with a fixed date, so that the same course gives the same zip."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name in _SCRIPTS.values() else 0o644) << 16
            archive.writestr(entry, file.read_bytes())

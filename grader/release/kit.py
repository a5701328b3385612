"""The student kit: what a student needs to do and check the work, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.errors import GraderError
from grader.nouns.course import Chapter, Course
from grader.nouns.text import say
from grader.release.course_files import WORK, write_course
from grader.release.frozen_keys import freeze
from grader.release.package import write_package

_README = Path(__file__).parent / "kit_readme.md"
_AUTOMATION = (".github", ".gitlab-ci.yml")


def build_kit(course: Course, chapters: tuple[Chapter, ...], out: Path) -> None:
    """Write the kit into a folder.

        README.md  work/  assignments/  models/  grader/  pyproject.toml  .github/  .gitlab-ci.yml

    Raises:
        GraderError: the folder is not empty.
        SpecError: a question cannot be checked by students.
        BrokenReference: the reference failed.
    """
    if out.exists() and any(out.iterdir()):
        raise GraderError(say("{folder} is not empty; name a new folder", folder=str(out)))
    out.mkdir(parents=True, exist_ok=True)
    write_course(course, chapters, out)
    freeze(course, out)
    _write_work(course, chapters, out)
    write_package(out)
    text = _README.read_text(encoding="utf-8")
    for name, value in (("{zh}", course.title.zh), ("{en}", course.title.en), ("{module}", chapters[0].module)):
        text = text.replace(name, value)
    (out / "README.md").write_text(text, encoding="utf-8", newline="\n")


def _write_work(course: Course, chapters: tuple[Chapter, ...], out: Path) -> None:
    templates = course.template_folder
    (out / WORK).mkdir()
    for chapter in chapters:
        for file in (templates / chapter.module, (templates / chapter.module).with_suffix(".ipynb")):
            if file.is_file():
                shutil.copyfile(file, out / WORK / file.name)
    for name in _AUTOMATION:
        if (templates / name).is_dir():
            shutil.copytree(templates / name, out / name)
        elif (templates / name).is_file():
            shutil.copyfile(templates / name, out / name)

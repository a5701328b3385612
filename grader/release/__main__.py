"""`python -m grader.release [COURSE]`: write the notebook beside every chapter's template (`make templates`)."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.course.load import load_chapters, load_course
from grader.release.notebooks import template_notebooks

if __name__ == "__main__":
    course = load_course(Path(sys.argv[1] if len(sys.argv) > 1 else "assignments"))
    for file, text in template_notebooks(course, load_chapters(course)).items():
        file.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{file}\n")

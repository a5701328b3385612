"""An automated homework grader for courses about large language models.

`grader.pipeline` tells how one submission is graded. `grader.nouns` holds the types it uses, one file each.

Most people use the command `grader`. The public Python interface is small:

    grader.results            the results of a class as a pandas frame
    grader.pipeline.Grading   a course opened for grading, with `grade` and `report`
    grader.course.load        a course and its chapters read from files
    grader.errors             everything that these raise

Other modules may change in any release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

__all__ = ["__version__", "results"]
__version__ = "0.1.0"


def results(folder: str | PathLike[str], *, zone: str = "UTC") -> pd.DataFrame:
    """Return the newest results in a folder that `grader grade` or `grader rescore` wrote, a row a question.

    The columns, with `<NA>` or NaN where nothing is known:

        submission, student, name, team    whose row it is
        submitted, attempt                 when it was handed in, and which attempt counts
        days_late                          days that count as late, summed over the person's chapters
        chapter, question, advanced        what was asked; categories in the order of the course
        status                             a category: correct, partial, wrong, error, timeout, ...
        score, max_score, share            points before lateness, and the share earned of them
        misconception                      the name of the misconception that explains a wrong answer
        cases, cases_correct               how many cases ran, and how many were right
        wall_seconds, cpu_seconds          summed over the cases
        memory_bytes                       the largest peak of a case above the idle worker

    Args:
        folder: the folder that `--out` named.
        zone: the time zone of `submitted`, and of hand-in times that came without one, for example `Asia/Shanghai`.

    Raises:
        GraderError: pandas is not installed, or nothing was graded in the folder.
    """
    from pathlib import Path

    from grader.bulk.frame import frame

    return frame(Path(folder), zone)

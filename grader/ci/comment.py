"""The one comment on a pull request, posted by a trusted job that runs nothing of the student's.

The job is started by the end of the grading run (`workflow_run`), from the default branch, and may write comments. What
the grading run left behind is data: it is parsed as a report and rendered here anew. Whose pull request it is comes
from the event and the API, never from those files; where `grader.ci.origin` doubts that the default branch's workflow
made them, the comment says so and shows no result. The comment names its commit, and is written only while that is the
newest one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.ci.github import Api, Part, ask, pages
from grader.ci.origin import Origin, PullRequest, doubt, origin, pull_requests
from grader.ci.results import DATA, cut
from grader.errors import GraderError
from grader.files import read_regular
from grader.language.speak import speak
from grader.nouns.course import Course
from grader.nouns.report import Report
from grader.nouns.text import Language, Message, say
from grader.render import formats
from grader.render.plain import as_markdown

MARKER = "<!-- llm-homework-grader -->"
LONGEST = 60_000
"""Bytes of a comment; GitHub takes 65,536 characters."""
_LARGEST = 2**23
_FROM_THE_BASE = ("grader/", "assignments/", "reference/", "models/", "pyproject.toml", "constraints.txt")
_STARTS_PYTHON = {"conftest.py", "sitecustomize.py", "usercustomize.py"}
_SHOWN = 10
_SHORT = 7  # of the hash of a commit, as git shows it
_MOST_FILES = 3000  # GitHub's own limit


class _User(Part):
    type: str


class _Comment(Part):
    id: int
    user: _User | None
    body: str | None = None


class _File(Part):
    filename: str
    previous_filename: str | None = None


def post(results: Path, event: Mapping[str, Any], api: Api, *, course: Course, language: Language) -> str:
    """Post the comment, or update the one that is there; returns what was done, for the log.

    Args:
        results: the folder that the grading run left.
        event: the `workflow_run` event.
        api: where pull requests and comments are.
        course: the course.
        language: of the comment.

    Raises:
        GraderError: the event is of another run, or the server refused a request without which nothing can be posted.
    """
    run = origin(event)
    pulls = pull_requests(run, api)
    pull = next((pull for pull in pulls if pull.is_open_at(run.commit)), None)
    if pull is None:
        return speak(say("no open pull request has commit {commit}; nothing to do", commit=run.commit), language)
    why = doubt(run, pulls, api)
    if why is None:
        changed, unlisted = _changed(run, pull, api)
        text = body(results, changed, course=course, language=language, unlisted=unlisted)
    else:
        text = as_markdown(speak(why, language))
    commit = speak(say("Commit {commit}", commit=run.commit[:_SHORT]), language)
    whole = cut(f"{MARKER}\n\n{commit}\n\n{text}\n", LONGEST)
    return speak(_put(run, pull, whole, api), language)


def _put(run: Origin, pull: PullRequest, text: str, api: Api) -> Message:
    """Write the comment on the pull request that it was made for, as long as that is at the same commit."""
    old = next(
        (
            comment.id
            for comment in pages(api, _Comment, f"{run.address}/issues/{pull.number}/comments")
            if comment.user is not None and comment.user.type == "Bot" and (comment.body or "").startswith(MARKER)
        ),
        None,
    )
    now = ask(api, PullRequest, f"{run.address}/pulls/{pull.number}")
    if not now.is_open_at(run.commit) or now.base != pull.base:
        return say(
            "pull request {number} is no longer what it was at commit {commit}; nothing is posted",
            number=pull.number,
            commit=run.commit,
        )
    if old is None:
        api("POST", f"{run.address}/issues/{pull.number}/comments", {"body": text})
        return say("commented on pull request {number}", number=pull.number)
    api("PATCH", f"{run.address}/issues/comments/{old}", {"body": text})
    return say("updated the comment on pull request {number}", number=pull.number)


def _changed(run: Origin, pull: PullRequest, api: Api) -> tuple[list[str], Message | None]:
    """The names of changed files, and what to say where there may be others. No mark depends on them."""
    try:
        files = list(pages(api, _File, f"{run.address}/pulls/{pull.number}/files"))
    except GraderError:
        return [], say("The list of changed files could not be read.")
    names = [name for file in files for name in (file.filename, file.previous_filename) if name]
    if len(files) < _MOST_FILES:
        return names, None
    return names, say("GitHub lists {count} changed files and no more, so others may be changed.", count=_MOST_FILES)


def body(
    results: Path,
    changed: Sequence[str],
    *,
    course: Course,
    language: Language,
    unlisted: Message | None = None,
) -> str:
    """The result of a run that is to be believed: its report, or that there is none.

    Args:
        results: the folder that the grading run left.
        changed: the files that the pull request changes.
        course: the course.
        language: of all words.
        unlisted: why `changed` may not be all of them.
    """
    report = _read(results / DATA)
    if report is None:
        parts = [speak(say("The run left no report; its log says why."), language)]
    else:
        parts = [formats.render("markdown", [report], course=course, language=language)]
    if ignored := [name for name in changed if _is_ignored(name)]:
        message = say(
            "Changes to {files} change nothing here: the grader and the course come from the base branch.",
            files=_listed(ignored),
        )
        parts.append(as_markdown(speak(message, language)))
    if unlisted is not None:
        parts.append(as_markdown(speak(unlisted, language)))
    return cut("\n\n".join(parts), LONGEST)


def _is_ignored(name: str) -> bool:
    return name.startswith(_FROM_THE_BASE) or name.rsplit("/", 1)[-1] in _STARTS_PYTHON


def _listed(names: list[str]) -> Message:
    shown = ", ".join(dict.fromkeys(names[:_SHOWN]))
    return say("{names} and more", names=shown) if len(names) > _SHOWN else say("{names}", names=shown)


def _read(file: Path) -> Report | None:
    try:
        return Report.model_validate_json(read_regular(file, _LARGEST))
    except (OSError, ValueError):
        return None

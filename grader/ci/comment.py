"""The one comment on a pull request, posted by a trusted job that runs nothing of the student's.

The job is started by the end of the grading run (`workflow_run`), from the default branch, and may write comments. What
the grading run left behind is data: it is parsed as a report and rendered here anew. Whose pull request it is comes
from the event and the API, never from those files; a pull request that changes the workflows gets no result at all,
since then the run that made the files was of its own making.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

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
_RUN_BY_THE_PULL_REQUEST = (".github/",)
_FROM_THE_BASE = ("grader/", "assignments/", "reference/", "models/", "pyproject.toml", "constraints.txt")
_STARTS_PYTHON = {"conftest.py", "sitecustomize.py", "usercustomize.py"}
_SHOWN = 10
_MOST_PAGES = 100


class Api(Protocol):
    """A JSON API: method and path to the decoded answer."""

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request.

        Raises:
            GraderError: the server refused it.
        """


class GitHub:
    """GitHub's REST API at an address, with a token."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._token = token

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request and decode the answer."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, headers, method=method)  # noqa: S310 - from the runner
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return json.load(answer)
        except (urllib.error.URLError, TimeoutError, ValueError) as error:
            raise GraderError(say("{request}: {error}", request=f"{method} {path}", error=str(error))) from error


def post(results: Path, event: Mapping[str, Any], api: Api, *, course: Course, language: Language) -> str:
    """Post the comment, or update the one that is there; returns what was done, for the log.

    Args:
        results: the folder that the grading run left.
        event: the `workflow_run` event.
        api: where pull requests and comments are.
        course: the course.
        language: of the comment.
    """
    repository, run = event["repository"]["full_name"], event["workflow_run"]
    number = _pull_request(repository, run, api)
    if number is None:
        return speak(say("no open pull request has commit {commit}; nothing to do", commit=run["head_sha"]), language)
    changed = [
        name
        for file in _pages(api, f"/repos/{repository}/pulls/{number}/files")
        for name in (file.get("filename"), file.get("previous_filename"))
        if name
    ]
    text = body(results, changed, course=course, language=language)
    for comment in _pages(api, f"/repos/{repository}/issues/{number}/comments"):
        if comment.get("user", {}).get("type") == "Bot" and str(comment.get("body", "")).startswith(MARKER):
            api("PATCH", f"/repos/{repository}/issues/comments/{comment['id']}", {"body": text})
            return speak(say("updated the comment on pull request {number}", number=number), language)
    api("POST", f"/repos/{repository}/issues/{number}/comments", {"body": text})
    return speak(say("commented on pull request {number}", number=number), language)


def _pull_request(repository: str, run: Mapping[str, Any], api: Api) -> int | None:
    head = f"{run['head_repository']['owner']['login']}:{run['head_branch']}"
    pulls = api("GET", f"/repos/{repository}/pulls?state=open&per_page=100&head={urllib.parse.quote(head)}")
    return next((int(pull["number"]) for pull in pulls if pull["head"]["sha"] == run["head_sha"]), None)


def _pages(api: Api, path: str) -> Iterator[dict[str, Any]]:
    for page in range(1, _MOST_PAGES + 1):
        found = api("GET", f"{path}?per_page=100&page={page}")
        yield from found
        if not found:
            return


def body(results: Path, changed: list[str], *, course: Course, language: Language) -> str:
    """The comment: the report, or why there is none.

    Args:
        results: the folder that the grading run left.
        changed: the files that the pull request changes.
        course: the course.
        language: of all words.
    """
    if touched := [name for name in changed if name.startswith(_RUN_BY_THE_PULL_REQUEST)]:
        message = say(
            "This pull request changes how it is run itself ({files}), so its result is not shown. Take the change "
            "back to be graded.",
            files=_listed(touched),
        )
        return _comment([as_markdown(speak(message, language))])
    parts = []
    report = _read(results / DATA)
    if report is None:
        parts.append(speak(say("The run left no report; its log says why."), language))
    else:
        parts.append(formats.render("markdown", [report], course=course, language=language))
    if ignored := [name for name in changed if _is_ignored(name)]:
        message = say(
            "Changes to {files} change nothing here: the grader and the course come from the base branch.",
            files=_listed(ignored),
        )
        parts.append(as_markdown(speak(message, language)))
    return _comment(parts)


def _is_ignored(name: str) -> bool:
    return name.startswith(_FROM_THE_BASE) or name.rsplit("/", 1)[-1] in _STARTS_PYTHON


def _listed(names: list[str]) -> Message:
    shown = ", ".join(dict.fromkeys(names[:_SHOWN]))
    return say("{names} and more", names=shown) if len(names) > _SHOWN else say("{names}", names=shown)


def _comment(parts: list[str]) -> str:
    return cut("\n\n".join([MARKER, *parts]) + "\n", LONGEST)


def _read(file: Path) -> Report | None:
    try:
        return Report.model_validate_json(read_regular(file, _LARGEST))
    except (OSError, ValueError):
        return None

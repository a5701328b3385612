"""Whether what a grading run left behind was made by the default branch's workflow. Whatever cannot be told is a no.

A run of `pull_request` takes its workflow from the pull request merged into its base branch. Two things together make
that the default branch's own workflow: the folder `.github` of the head commit is the same git object as that of the
default branch, and the base is the default branch. The first is asked of the commit that the run was of, which nobody
can move. The second is asked of every pull request that was ever opened from the run's branch: the event does not say
which of them started the run, and a base branch can be changed and a pull request closed while a run goes on.
Nothing else that the run executes comes from the pull request: course, grader and requirements are those of the base.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence
from typing import Any

from grader.ci.github import Api, Name, Part, Sha, ask, pages, read
from grader.errors import GraderError
from grader.nouns.text import Message, say

WORKFLOW = ".github/workflows/grade.yml"
_FOLDER = ".github"
_MOVES = frozenset({"base_ref_changed", "automatic_base_change_succeeded"})


class _Owner(Part):
    login: Name


class _HeadRepository(Part):
    owner: _Owner


class _Run(Part):
    event: Name
    path: Name
    head_sha: Sha
    head_branch: Name
    head_repository: _HeadRepository


class _Repository(Part):
    full_name: Name
    default_branch: Name


class Origin(Part):
    """The `workflow_run` event: which run of which repository has ended."""

    repository: _Repository
    workflow_run: _Run

    @property
    def address(self) -> str:
        """The repository's address in the API."""
        return f"/repos/{self.repository.full_name}"

    @property
    def commit(self) -> str:
        """The commit that was run."""
        return self.workflow_run.head_sha


class _Head(Part):
    sha: Sha


class _Base(Part):
    ref: Name


class PullRequest(Part):
    """A pull request as it is now."""

    number: int
    state: Name
    head: _Head
    base: _Base

    def is_open_at(self, commit: str) -> bool:
        """Return whether the pull request is open and this is its newest commit."""
        return self.state == "open" and self.head.sha == commit


class _Object(Part):
    sha: Sha


class _Ref(Part):
    ref: Name
    object: _Object


class _Entry(Part):
    path: Name
    mode: Name
    type: Name
    sha: Sha


class _Tree(Part):
    truncated: bool
    tree: list[_Entry]


class _Happened(Part):
    event: str = ""


def origin(event: object) -> Origin:
    """Read the event.

    Raises:
        GraderError: it is no ended run of the grading workflow on a pull request.
    """
    found = read(Origin, event, "workflow_run")
    run = found.workflow_run
    if run.event != "pull_request":
        raise GraderError(
            say("the run was started by {event} and not by pull_request; nothing is posted", event=run.event)
        )
    if run.path.partition("@")[0] != WORKFLOW:
        raise GraderError(
            say("the run is of {path} and not of {workflow}; nothing is posted", path=run.path, workflow=WORKFLOW)
        )
    return found


def pull_requests(run: Origin, api: Api) -> list[PullRequest]:
    """Return every pull request from the run's branch, open or not.

    Raises:
        GraderError: the list cannot be had.
    """
    head = f"{run.workflow_run.head_repository.owner.login}:{run.workflow_run.head_branch}"
    query = f"state=all&head={urllib.parse.quote(head, safe='')}"
    return list(pages(api, PullRequest, f"{run.address}/pulls?{query}"))


def doubt(run: Origin, pulls: Sequence[PullRequest], api: Api) -> Message | None:
    """Why what the run left is not to be believed; None where it is.

    Args:
        run: the run.
        pulls: every pull request from its branch.
        api: where trees and histories are.
    """
    try:
        return _base(run, pulls, api) or _workflow(run, api)
    except GraderError as error:
        return say(
            "It could not be told whether this pull request changes how it is run itself ({error}), so its result is "
            "not shown. Run the job comment again; if that does not help, tell the staff.",
            error=error.problem,
        )


def _base(run: Origin, pulls: Sequence[PullRequest], api: Api) -> Message | None:
    default = run.repository.default_branch
    for pull in pulls:
        moves = pages(api, _Happened, f"{run.address}/issues/{pull.number}/timeline")
        if pull.base.ref != default or any(move.event in _MOVES for move in moves):
            return say(
                "Pull request {number} goes, or once went, into another branch than {branch}, so the result of this "
                "branch is not shown. Open a pull request into {branch} from a new branch.",
                number=pull.number,
                branch=default,
            )
    return None


def _workflow(run: Origin, api: Api) -> Message | None:
    default = run.repository.default_branch
    wanted = f"refs/heads/{default}"
    tip = ask(api, _Ref, f"{run.address}/git/ref/heads/{urllib.parse.quote(default)}")
    if tip.ref != wanted:
        raise GraderError(say("{wanted} was asked for, and {found} came", wanted=wanted, found=tip.ref))
    if _folder(run, run.commit, api) == _folder(run, tip.object.sha, api):
        return None
    return say(
        "This pull request changes how it is run itself, or is not up to date: its folder {folder} is not that of "
        "{branch}, so its result is not shown. Merge {branch} into it, and take back what it changes in that folder.",
        folder=_FOLDER,
        branch=default,
    )


def _folder(run: Origin, commit: str, api: Api) -> tuple[Any, ...]:
    """Return the folder's git hash. Only the commit's root is listed, so that the answer is never truncated."""
    root = ask(api, _Tree, f"{run.address}/git/trees/{commit}")
    found = [entry for entry in root.tree if entry.path == _FOLDER]
    if root.truncated or len(found) != 1 or found[0].type != "tree":
        raise GraderError(
            say("the answer on commit {commit} is cut, or it has no folder {folder}", commit=commit[:7], folder=_FOLDER)
        )
    return found[0].mode, found[0].sha

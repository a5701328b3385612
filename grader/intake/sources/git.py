"""A folder of git clones or bundles, one a student: what is committed on the checked-out branch counts."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

from grader.errors import IntakeError
from grader.files import slug
from grader.intake.bounds import Bounds
from grader.intake.collect import collect
from grader.intake.handin import HandIn
from grader.intake.listing import children, inner, opened
from grader.intake.unpack import extract_tar
from grader.nouns.intake import Intake, Problem, Roster
from grader.nouns.text import say

_BUNDLE = ".bundle"
_BRANCHES = ("HEAD", "refs/heads/main", "refs/heads/master")
_SECONDS = 120
_MEBIBYTES = 512


def fits(path: Path, chapters: Mapping[str, str]) -> bool:
    """Whether most entries are clones, bare repositories or bundles."""
    del chapters
    if not path.is_dir() or _is_repository(path):
        return False
    entries = children(inner(path))
    return sum(_is_repository(child) or child.suffix == _BUNDLE for child in entries) * 2 > len(entries)


def take(path: Path, chapters: Mapping[str, str], roster: Roster | None, *, work: Path) -> Intake:
    """The commit at HEAD of every repository; its time is the time of submission, its author's address a key.

    Files that are not committed do not count. No hook, filter or alias of a repository is run.

    Args:
        path: a folder of repositories.
        chapters: chapter id to the file name asked for.
        roster: the class; a column `github` maps repository names.
        work: a folder to check out to.
    """
    problems: list[Problem] = []
    handins = list(_each(inner(opened(path, work)), work / "repositories", problems))
    return collect(handins, chapters, roster, work=work, problems=problems)


def _is_repository(path: Path) -> bool:
    return path.is_dir() and ((path / ".git").is_dir() or ((path / "HEAD").is_file() and (path / "objects").is_dir()))


def _each(folder: Path, work: Path, problems: list[Problem]) -> Iterator[HandIn]:
    for child in children(folder):
        if not (_is_repository(child) or child.suffix == _BUNDLE):
            message = say("neither a repository nor a bundle")
            problems.append(Problem(kind="ignored", where=child.name, message=message))
            continue
        try:
            yield _handin(child, work / slug(child.name))
        except IntakeError as error:
            problems.append(Problem(kind="refused", where=child.name, message=error.problem))


def _handin(repository: Path, place: Path) -> HandIn:
    git_dir = _unbundled(repository, place) if repository.suffix == _BUNDLE else _git_dir(repository)
    commit = _head(git_dir, repository.name)
    when, email, name = _run(git_dir, "show", "-s", "--no-show-signature", "--format=%cI%n%ae%n%an", commit).decode(
        "utf-8", "replace"
    ).splitlines()[:3]  # fmt: skip
    files = place / "files"
    with tarfile.open(fileobj=BytesIO(_run(git_dir, "archive", "--format=tar", commit))) as archive:
        files.mkdir(parents=True, exist_ok=True)
        extract_tar(archive, files, Bounds())
    label = repository.name.removesuffix(_BUNDLE).removesuffix(".git")
    return HandIn(
        where=repository.name,
        label=label,
        parts=((label, files),),
        keys=(*_tails(label), email),
        name=name if email else "",
        submitted=datetime.fromisoformat(when),
        notes=(say("commit {commit}", commit=commit[:12]),),
    )


def _tails(label: str) -> list[str]:
    """The name and what follows each dash: a classroom's repositories are called `assignment-account`."""
    pieces = label.split("-")
    return ["-".join(pieces[at:]) for at in range(len(pieces))]


def _git_dir(repository: Path) -> Path:
    return repository / ".git" if (repository / ".git").is_dir() else repository


def _unbundled(bundle: Path, place: Path) -> Path:
    target = place / "repository.git"
    if not target.exists():
        place.mkdir(parents=True, exist_ok=True)
        _git("clone", "--quiet", "--bare", "--", str(bundle.resolve()), str(target), name=bundle.name)
    return target


def _head(git_dir: Path, name: str) -> str:
    for branch in _BRANCHES:
        try:
            return _run(git_dir, "rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}").decode().strip()
        except IntakeError:
            continue
    raise IntakeError(say("{name}: no commit on HEAD, main or master", name=name))


def _run(git_dir: Path, *arguments: str) -> bytes:
    return _git(f"--git-dir={git_dir}", *arguments, name=git_dir.parent.name)


def _git(*arguments: str, name: str) -> bytes:
    """Git without any configuration but its own, no hooks, no prompts, nothing from a network."""
    quiet = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "safe.directory=*",
             "-c", "protocol.allow=never", "-c", "protocol.file.allow=always", "-c", "log.showSignature=false",
             "-c", "core.attributesFile=/dev/null", "-c", "core.pager=cat")  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
                   "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "HOME": "/nonexistent"}  # fmt: skip
    try:
        done = subprocess.run(
            ["git", *quiet, *arguments], env=environment, capture_output=True, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise IntakeError(say("{name}: git could not be run: {error}", name=name, error=str(error))) from error
    if done.returncode:
        problem = done.stderr.decode("utf-8", "replace").strip() or say("git failed")
        raise IntakeError(say("{name}: {problem}", name=name, problem=problem))
    return done.stdout

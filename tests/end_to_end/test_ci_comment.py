"""The trusted job: what it posts, and that it posts no result of a run that was not of the default branch's making."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine
from support.github_server import Hub, git, serving

from grader.ci.comment import post
from grader.ci.github import GitHub
from grader.course.load import load_course
from grader.errors import GraderError

WRONG = 'import math\nANSWERS = {"why": "x"}\n\n\ndef log_sum(numbers):\n    return sum(map(math.log2, numbers))\n'
WORKFLOW = ".github/workflows/grade.yml"
ACTION = ".github/actions/mark/action.yml"
SHOWN = "Sum of logarithms"
"""A question's title: it stands in a comment that shows a result."""
LIGHT = """\
import sys
class Heavy:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "transformers", "pandas", "nbformat", "psutil", "safetensors", "sacrebleu", "jinja2"):
            raise ImportError("the comment job does not install " + name)
sys.meta_path.insert(0, Heavy())
from grader.cli import main
main()
"""


def commit(repository: Path, changes: dict[str, str | None], branch: str, start: str = "main") -> str:
    """A branch with files changed or, where None, taken away; returns its commit."""
    git(repository, "checkout", "--quiet", "-B", branch, start)
    for name, text in changes.items():
        file = repository / name
        if text is None:
            file.unlink()
            continue
        if file.is_dir():
            shutil.rmtree(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", branch)
    git(repository, "checkout", "--quiet", "main")
    return git(repository, "rev-parse", branch)


def pull(number: int, sha: str, base: str = "main", state: str = "open", branch: str = "work") -> dict[str, Any]:
    """A pull request of ann's."""
    head = {"sha": sha, "ref": branch, "label": f"ann:{branch}"}
    return {"number": number, "state": state, "head": head, "base": {"ref": base}}


@pytest.fixture(scope="module")
def origin(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's repository: workflows and an action on the main branch. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("origin") / "hw"
    shutil.copytree(root / "submissions_template/.github", folder / ".github")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "course")
    action = {ACTION: "runs: {using: composite, steps: []}\n", "README.md": "course\n"}
    git(folder, "merge", "--quiet", commit(folder, action, "actions"))
    commit(folder, {"work/toy.py": WRONG}, "work")
    return folder


@pytest.fixture
def hub(origin: Path, tmp_path: Path) -> Iterator[Hub]:
    """Ann's open pull request, whose only change is her work, with no comment of the grader's yet."""
    repository = tmp_path / "hub"
    shutil.copytree(origin, repository)
    theirs = {"id": 5, "user": {"type": "User"}, "body": "<!-- llm-homework-grader --> not the bot's"}
    pulls = [pull(3, "beef", branch="other"), pull(4, git(repository, "rev-parse", "work"))]
    with serving(Hub(repository, pulls, files=[{"filename": "work/toy.py"}], comments=[theirs])) as hub:
        yield hub


def ended(hub: Hub, **changed: Any) -> dict[str, Any]:
    """The event of the end of the run on ann's branch."""
    run = {
        "event": "pull_request",
        "path": WORKFLOW,
        "head_sha": hub.pulls[-1]["head"]["sha"],
        "head_branch": "work",
        "head_repository": {"owner": {"login": "ann"}},
        **changed,
    }
    return {"repository": {"full_name": "course/hw", "default_branch": "main"}, "workflow_run": run}


@pytest.fixture(scope="module")
def results(grader: CommandLine, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a grading run leaves; nobody writes to it."""
    toy = tmp_path_factory.mktemp("results") / "toy"
    shutil.copytree(root / "tests/courses/toy", toy)
    (toy / "work").mkdir()
    (toy / "work/toy.py").write_text(WRONG, encoding="utf-8")
    words = ("ci", toy / "work", "--out", toy / "results", "--course", toy / "assignments", "--allow-level", "1")
    assert grader(*words).returncode == 1
    return toy / "results"


def posted(hub: Hub, results: Path, event: dict[str, Any] | None = None) -> str:
    """The trusted job's last step in this process; returns its log."""
    api = GitHub(hub.address, "a-token")
    course = load_course(results.parent / "assignments")
    return post(results, event or ended(hub), api, course=course, language="en")


def test_one_comment_is_posted_and_then_updated(grader: CommandLine, toy: Path, results: Path, hub: Hub) -> None:
    """The job's own step, with nothing installed but what it installs; somebody else's comment is left alone."""
    file = toy / "event.json"
    file.write_text(json.dumps(ended(hub)))
    names = {"GITHUB_TOKEN": "a-token", "GITHUB_API_URL": hub.address, "GITHUB_EVENT_PATH": str(file)}
    logs = []
    for _ in range(2):
        words = ("comment", results, "--course", toy / "assignments", "--lang", "en")
        done = grader.process(*words, code=LIGHT, env=os.environ | names)
        assert done.returncode == 0, done.stderr
        logs.append(done.stdout)
    assert "commented on pull request 4" in logs[0]
    assert "updated the comment on pull request 4" in logs[1]
    assert hub.methods == ["POST", "PATCH"]
    assert len(hub.comments) == 2
    assert hub.text.startswith(f"<!-- llm-homework-grader -->\n\nCommit {hub.pulls[-1]['head']['sha'][:7]}\n")
    assert "You used log base 2" in hub.text


PADDING = {f"work/notes/{number:04}.txt": "x" for number in range(3100)}
FORGED: dict[str, dict[str, str | None]] = {
    "the workflow": {WORKFLOW: "name: grade\non: pull_request\n"},
    "the workflow, behind 3,100 files": {**PADDING, WORKFLOW: "name: grade\non: pull_request\n"},
    "another workflow of the same name": {".github/workflows/own.yml": "name: grade\non: pull_request\n"},
    "a composite action": {ACTION: "runs: {using: composite, steps: [{run: forge, shell: bash}]}\n"},
    "a workflow taken away": {".github/workflows/comment.yml": None},
    "no .github": {WORKFLOW: None, ".github/workflows/comment.yml": None, ACTION: None},
    ".github as a file": {".github": "x"},
}


@pytest.mark.parametrize("change", FORGED)
def test_a_pull_request_that_changes_how_it_is_run_gets_no_result(change: str, results: Path, hub: Hub) -> None:
    """The trees of the commit and of the default branch decide, whatever the list of changed files says."""
    sha = commit(hub.repository, FORGED[change], "work", "work")
    hub.pulls[-1]["head"]["sha"] = sha
    hub.files = [{"filename": name} for name in FORGED[change]]
    posted(hub, results)
    assert "changes how it is run itself" in hub.text
    assert SHOWN not in hub.text
    assert f"Commit {sha[:7]}\n" in hub.text


def test_3100_files_of_work_cost_nobody_the_result(results: Path, hub: Hub) -> None:
    """The control; that GitHub's list is cut is said."""
    hub.pulls[-1]["head"]["sha"] = commit(hub.repository, dict(PADDING), "work", "work")
    hub.files = [{"filename": name} for name in PADDING]
    posted(hub, results)
    assert SHOWN in hub.text
    assert "GitHub lists 3000 changed files and no more" in hub.text


def test_a_commit_that_carries_the_same_folder_is_believed(results: Path, hub: Hub) -> None:
    """A branch that is behind is told to merge; once its folder is that of the default branch, it is graded."""
    moved = commit(hub.repository, {WORKFLOW: "name: grade\non: pull_request # new\n"}, "new")
    git(hub.repository, "merge", "--quiet", moved)
    posted(hub, results)
    assert "Merge main into it" in hub.text
    assert SHOWN not in hub.text
    git(hub.repository, "checkout", "--quiet", "work")
    git(hub.repository, "merge", "--quiet", "main")
    hub.pulls[-1]["head"]["sha"] = git(hub.repository, "rev-parse", "work")
    posted(hub, results)
    assert SHOWN in hub.text


def _other_base(hub: Hub) -> None:
    hub.pulls[-1]["base"] = {"ref": "lax"}


def _second_with_other_base(hub: Hub) -> None:
    hub.pulls.insert(0, pull(2, hub.pulls[-1]["head"]["sha"], base="lax"))


def _closed_with_other_base(hub: Hub) -> None:
    hub.pulls.insert(0, pull(2, "0ddba11", base="lax", state="closed"))


def _base_changed_after_the_run(hub: Hub) -> None:
    hub.timeline[4] = [{"event": "commented"}] * 150 + [{"event": "base_ref_changed"}]


def _base_deleted_after_the_run(hub: Hub) -> None:
    hub.timeline[4] = [{"event": "automatic_base_change_succeeded"}]


BASES = (
    _other_base,
    _second_with_other_base,
    _closed_with_other_base,
    _base_changed_after_the_run,
    _base_deleted_after_the_run,
)


@pytest.mark.parametrize("change", BASES, ids=lambda change: change.__name__)
def test_a_base_branch_that_already_holds_the_change(change: Callable[[Hub], None], results: Path, hub: Hub) -> None:
    """The workflow came from the base, so no result is shown where the base is, or was, another branch."""
    commit(hub.repository, {WORKFLOW: "name: grade\non: pull_request\n"}, "lax")
    change(hub)
    posted(hub, results)
    assert "another branch than main" in hub.text
    assert SHOWN not in hub.text


def test_a_long_history_into_the_default_branch_is_believed(results: Path, hub: Hub) -> None:
    """The control: earlier pull requests of the same branch, and events that move no base."""
    hub.pulls.insert(0, pull(2, "0ddba11", state="closed"))
    hub.timeline[4] = [{"event": "head_ref_force_pushed"}, {"no event": 1}] * 100
    posted(hub, results)
    assert SHOWN in hub.text


def _without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {name: value for name, value in answer.items() if name != key}


def _with(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {**answer, **values}


def _doubled(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "tree": answer["tree"] * 2}


BROKEN: dict[str, tuple[str, int | Callable[[Any], Any]]] = {
    "trees 500": ("/git/trees/", 500),
    "trees 404": ("/git/trees/", 404),
    "a tree that is cut": ("/git/trees/", _with(truncated=True)),
    "a tree that does not say whether it is cut": ("/git/trees/", _without("truncated")),
    "a tree without entries": ("/git/trees/", _with(tree=[])),
    "a tree of nothing": ("/git/trees/", _with(tree=None)),
    "a tree with the folder twice": ("/git/trees/", _doubled),
    "a tree whose entries have no hash": ("/git/trees/", _with(tree=[{"path": ".github", "type": "tree"}])),
    "a tree that is no JSON": ("/git/trees/", lambda _: b"<html>"),
    "a tree that is a list": ("/git/trees/", lambda _: []),
    "no default branch": ("/git/ref/", 404),
    "another ref than was asked for": ("/git/ref/", _with(ref="refs/heads/main2")),
    "several refs": ("/git/ref/", lambda answer: [answer]),
    "no history": ("/issues/4/timeline", 500),
    "a history without end": ("/issues/4/timeline", lambda _: [{"event": "commented"}]),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_cannot_be_told_is_a_no(fault: str, results: Path, hub: Hub) -> None:
    """An error or a missing answer: the comment says so, and shows no result; without the fault it does."""
    start, how = BROKEN[fault]
    hub.broken[start] = how
    posted(hub, results)
    assert "It could not be told" in hub.text
    assert SHOWN not in hub.text
    hub.broken.clear()
    assert "updated" in posted(hub, results)
    assert SHOWN in hub.text


def test_no_folder_on_the_default_branch_is_a_no(results: Path, hub: Hub) -> None:
    """Where neither side has one, nothing is the same."""
    gone = {WORKFLOW: None, ".github/workflows/comment.yml": None, ACTION: None}
    git(hub.repository, "merge", "--quiet", commit(hub.repository, dict(gone), "gone"))
    hub.pulls[-1]["head"]["sha"] = commit(hub.repository, {"work/toy.py": WRONG}, "work")
    posted(hub, results)
    assert "no folder .github" in hub.text
    assert SHOWN not in hub.text


@pytest.mark.parametrize("change", ["head", "base", "state"])
def test_a_pull_request_that_moves_between_two_requests(change: str, results: Path, hub: Hub) -> None:
    """Nothing is posted: the result would stand beside another commit than its own."""
    forged = commit(hub.repository, {WORKFLOW: "x"}, "forged")
    moved = {"head": {**hub.pulls[-1]["head"], "sha": forged}, "base": {"ref": "lax"}, "state": "closed"}

    def before(path: str) -> None:
        if path.endswith("/comments"):
            hub.pulls[-1][change] = moved[change]

    event, hub.before = ended(hub), before
    assert "is no longer what it was" in posted(hub, results, event)
    assert hub.methods == []


@pytest.mark.parametrize("path", ["/pulls", "/pulls/4", "/issues/4/comments"])
def test_a_pull_request_that_cannot_be_read(path: str, results: Path, hub: Hub) -> None:
    """Without it there is nothing to post to: the job fails with the request and the status."""
    hub.broken[path] = 500
    with pytest.raises(GraderError, match="500"):
        posted(hub, results)
    assert hub.methods == []


OTHER_RUNS: dict[str, dict[str, Any]] = {
    "of a push": {"event": "push"},
    "of pull_request_target": {"event": "pull_request_target"},
    "of another workflow": {"path": ".github/workflows/own.yml"},
    "of no workflow": {"path": ""},
    "of no commit": {"head_sha": None},
    "of a branch in place of a commit": {"head_sha": "main"},
    "of a fork that is gone": {"head_repository": None},
}


@pytest.mark.parametrize("run", OTHER_RUNS)
def test_the_end_of_another_run_is_refused(run: str, results: Path, hub: Hub) -> None:
    """Only the grading workflow, started by a pull request, is posted."""
    with pytest.raises(GraderError):
        posted(hub, results, ended(hub, **OTHER_RUNS[run]))
    assert hub.methods == []


def test_other_changes_are_said_to_have_no_effect(results: Path, hub: Hub) -> None:
    """Spec, reference and start-up files: listed, harmless to Markdown, and the result stands."""
    hub.files = [{"filename": "assignments/toy/assignment.yaml"}, {"filename": "@team/sitecustomize.py"}]
    posted(hub, results)
    plain = hub.text.replace("\u2060", "").replace("\\", "")
    assert "Changes to assignments/toy/assignment.yaml, @team/sitecustomize.py change nothing here" in plain
    assert "@team" not in hub.text
    assert SHOWN in hub.text
    hub.broken["/pulls/4/files"] = 500
    posted(hub, results)
    assert "The list of changed files could not be read" in hub.text
    assert SHOWN in hub.text


def test_a_run_without_a_report_is_said(toy: Path, hub: Hub) -> None:
    """No artifact, or one that is not a report: the comment says where to look."""
    (toy / "results").mkdir()
    (toy / "results/report.data.json").write_text('{"score": 100}')
    posted(hub, toy / "results")
    assert "The run left no report" in hub.text


def test_a_commit_without_a_pull_request_is_passed_over(results: Path, hub: Hub) -> None:
    """The pull request was closed or moved on: nothing is posted."""
    event = ended(hub)
    hub.pulls[-1]["state"] = "closed"
    assert "nothing to do" in posted(hub, results, event)
    assert hub.methods == []

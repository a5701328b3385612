"""Pull requests in real git repositories, graded by the steps of the workflow that the course ships."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from support.command_line import CommandLine

WORK = 'import math\nANSWERS = {"why": "稳定"}\n\n\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'
WRONG = WORK.replace("math.log,", "math.log2,")
SCRIPT_FOLDER = Path(sys.executable).parent


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(root: Path, toy: Path, tmp_path: Path) -> Path:
    """A repository whose main branch holds the course, its templates and the workflows."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for name in ("assignments", "reference", "submissions_template"):
        shutil.copytree(toy / name, folder / name)
    shutil.copytree(root / "submissions_template/.github", folder / ".github")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "course")
    return folder


def pull_request(repository: Path, files: dict[str, str], name: str = "work") -> str:
    """A branch with changed files; returns its commit."""
    git(repository, "checkout", "--quiet", "-b", name, "main")
    for file, text in files.items():
        (repository / file).parent.mkdir(parents=True, exist_ok=True)
        (repository / file).write_text(text, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "work")
    git(repository, "checkout", "--quiet", "main")
    return git(repository, "rev-parse", name)


class Run:
    """What the grading job did."""

    def __init__(self, done: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.code, self.log, self.errors = done.returncode, done.stdout, done.stderr
        self.results = folder / "results"
        self.summary = folder / "summary.md"

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.results / "report.json").read_text(encoding="utf-8")))

    def marks(self) -> list[tuple[str, float, float, str]]:
        questions = self.report["chapters"][0]["questions"]
        return [(q["id"], q["score"], q["max_score"], q["status"]) for q in questions]


def grade(repository: Path, commit: str, folder: Path) -> Run:
    """The job: both checkouts, then the base branch's own `Grade` step, word for word."""
    folder.mkdir()
    for name, at in (("course", "main"), ("work", commit)):
        git(folder, "clone", "--quiet", str(repository), name)
        git(folder / name, "checkout", "--quiet", at)
    workflow = yaml.safe_load((folder / "course/.github/workflows/grade.yml").read_text(encoding="utf-8"))
    (step,) = (step for step in workflow["jobs"]["grade"]["steps"] if step.get("name") == "Grade")
    environment = {
        "PATH": f"{SCRIPT_FOLDER}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GRADER_CACHE": os.environ["GRADER_CACHE"],
        **{key: value for key, value in step["env"].items() if "${{" not in value},
        "GRADER_STUDENT": "ann",
        "LANG": "en_US.UTF-8",
    }
    command = ["bash", "-e", "-c", step["run"]]
    where = folder / step["working-directory"]
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False, timeout=240)
    return Run(done, folder)


def test_a_pull_request_is_graded(repository: Path, tmp_path: Path) -> None:
    """Step summary, an annotation on the student's line, JUnit, JSON and the exit code."""
    run = grade(repository, pull_request(repository, {"submissions_template/toy.py": WRONG}), tmp_path / "run")
    assert run.code == 1, run.errors
    assert run.marks() == [("log_sum", 0, 10, "wrong"), ("why", 5, 5, "needs_review")]
    assert "You used log base 2" in run.summary.read_text(encoding="utf-8")
    (annotation,) = (line for line in run.log.splitlines() if line.startswith("::warning"))
    assert annotation.startswith("::warning file=submissions_template/toy.py,line=5,title=Sum of logarithms 0 / 10::")
    assert "%0AYou used log base 2" in annotation
    suites = ET.parse(run.results / "junit.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    right = pull_request(repository, {"submissions_template/toy.py": WORK}, "right")
    run = grade(repository, right, tmp_path / "right")
    assert run.code == 0, run.log + run.errors
    assert run.report["score"] == 15


PLANTED = "import os, sys\nsys.stderr.write('planted\\n')\nos._exit(0)\n"
CHEATS: dict[str, dict[str, str | tuple[str, str]]] = {
    "the spec": {"assignments/toy/assignment.yaml": ("rtol: 1.0e-6", "rtol: 1.0e+9")},
    "the reference": {"reference/toy/solution.py": ("math.log(", "math.log2(")},
    "the workflow": {".github/workflows/grade.yml": ("grader ci ../work --out ../results", "echo 15 of 15")},
    "conftest.py": {"conftest.py": PLANTED, "submissions_template/conftest.py": PLANTED},
    "sitecustomize.py, and modules called as the grader's": {
        "sitecustomize.py": PLANTED,
        "submissions_template/sitecustomize.py": PLANTED,
        "grader/__init__.py": PLANTED,
        "submissions_template/grader.py": PLANTED,
        "submissions_template/json.py": PLANTED,
    },
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_pull_request_cannot_edit_its_own_grade(repository: Path, tmp_path: Path, cheat: str) -> None:
    """Whatever else it changes, the grade is that of its work, graded with what the base branch has."""
    files = {"submissions_template/toy.py": WRONG}
    for name, change in CHEATS[cheat].items():
        old = (repository / name).read_text(encoding="utf-8") if isinstance(change, tuple) else ""
        if isinstance(change, tuple):
            assert change[0] in old
        files[name] = old.replace(*change) if isinstance(change, tuple) else change
    run = grade(repository, pull_request(repository, files), tmp_path / "run")
    assert run.code == 1, run.log + run.errors
    assert run.marks() == [("log_sum", 0, 10, "wrong"), ("why", 5, 5, "needs_review")]
    assert "planted" not in run.errors


def test_the_gitlab_job_grades_a_merge_request(root: Path, repository: Path, tmp_path: Path) -> None:
    """The script of `.gitlab-ci.yml`, word for word but for the installation: the target branch's spec decides."""
    loose = (repository / "assignments/toy/assignment.yaml").read_text(encoding="utf-8").replace("1.0e-6", "1.0e+9")
    commit = pull_request(repository, {"submissions_template/toy.py": WRONG, "assignments/toy/assignment.yaml": loose})
    project, builds = tmp_path / "project", tmp_path / "builds"
    builds.mkdir()
    git(tmp_path, "clone", "--quiet", str(repository), "project")
    git(project, "checkout", "--quiet", commit)
    job = yaml.safe_load((root / "submissions_template/.gitlab-ci.yml").read_text(encoding="utf-8"))["grade"]
    script = "\n".join(line for line in job["script"] if "pip install" not in line)
    environment = {
        "PATH": f"{SCRIPT_FOLDER}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "en_US.UTF-8",
        "GRADER_CACHE": os.environ["GRADER_CACHE"],
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_BUILDS_DIR": str(builds),
        "CI_PROJECT_DIR": str(project),
        **job["variables"],
        "GRADER_STUDENT": "ann",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((project / "results/report.json").read_text(encoding="utf-8"))
    assert [(q["id"], q["score"]) for q in report["chapters"][0]["questions"]] == [("log_sum", 0), ("why", 5)]
    assert (project / job["artifacts"]["reports"]["junit"]).is_file()


def test_work_that_is_a_link_to_the_reference_is_refused(repository: Path, tmp_path: Path) -> None:
    """A link out of the checkout is not work: exit code 2."""
    git(repository, "checkout", "--quiet", "-b", "link", "main")
    (repository / "submissions_template/toy.py").unlink()
    (repository / "submissions_template/toy.py").symlink_to("../../course/reference/toy/solution.py")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "link")
    run = grade(repository, git(repository, "rev-parse", "link"), tmp_path / "run")
    assert run.code == 2
    assert "a link out of the hand-in is not work" in run.errors


def test_what_a_program_prints_is_no_workflow_command(repository: Path, tmp_path: Path) -> None:
    """Lines of a student's output that look like commands stand where GitHub does not obey commands."""
    noisy = WRONG.replace("    return", "    print('::error file=x::planted')\n    return")
    run = grade(repository, pull_request(repository, {"submissions_template/toy.py": noisy}), tmp_path / "run")
    lines = run.log.splitlines()
    (start,) = (n for n, line in enumerate(lines) if line.startswith("::stop-commands::"))
    assert lines[-1] == f"::{lines[start].removeprefix('::stop-commands::')}::"
    assert not any("planted" in line for line in lines[:start])


class GitHubServer(BaseHTTPRequestHandler):
    """The part of GitHub's API that the comment needs, on state that a test sets."""

    state: dict[str, Any]

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/repos/course/hw/pulls":
            assert "head=ann:work" in self.path.replace("%3A", ":")
            self._answer(self.state["pulls"])
        else:
            first = self.path.endswith("&page=1")
            found = self.state["files"] if path.endswith("/files") else self.state["comments"]
            self._answer(found if first else [])

    def do_POST(self) -> None:
        self._write(lambda body: self.state["comments"].append({"id": 7, "user": {"type": "Bot"}, **body}))

    def do_PATCH(self) -> None:
        assert self.path.endswith("/comments/7")
        self._write(self.state["comments"][-1].update)

    def _write(self, change: Callable[[dict[str, Any]], object]) -> None:
        assert self.headers["Authorization"] == "Bearer a-token"
        self.state["methods"].append(self.command)
        change(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer({})

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def github() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server's address and its state: an open pull request of ann's, with no comment of the grader's yet."""
    state: dict[str, Any] = {
        "pulls": [{"number": 3, "head": {"sha": "other"}}, {"number": 4, "head": {"sha": "c0ffee"}}],
        "files": [{"filename": "submissions_template/toy.py"}],
        "comments": [{"id": 5, "user": {"type": "User"}, "body": "<!-- llm-homework-grader --> not the bot's"}],
        "methods": [],
    }
    handler = type("Handler", (GitHubServer,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", state
    server.shutdown()
    thread.join()
    server.server_close()


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


Comment = Callable[[Path, str], str]


@pytest.fixture
def comment(grader: CommandLine, toy: Path) -> Comment:
    """The trusted job's last step, with nothing installed but what it installs: results and address to its log."""
    return lambda results, address: _commented(grader, toy, results, address)


def _commented(grader: CommandLine, toy: Path, results: Path, address: str) -> str:
    event = {
        "repository": {"full_name": "course/hw"},
        "workflow_run": {
            "head_sha": "c0ffee",
            "head_branch": "work",
            "head_repository": {"owner": {"login": "ann"}},
        },
    }
    file = toy / "event.json"
    file.write_text(json.dumps(event))
    environment = {**os.environ, "GITHUB_TOKEN": "a-token", "GITHUB_API_URL": address, "GITHUB_EVENT_PATH": str(file)}
    words = ("comment", results, "--course", toy / "assignments", "--lang", "en")
    done = grader.process(*words, code=LIGHT, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


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


def test_one_comment_is_posted_and_then_updated(
    comment: Comment, results: Path, github: tuple[str, dict[str, Any]]
) -> None:
    """The first run posts, the second updates; somebody else's comment with the same mark is left alone."""
    address, state = github
    assert "commented on pull request 4" in comment(results, address)
    assert "updated the comment on pull request 4" in comment(results, address)
    assert state["methods"] == ["POST", "PATCH"]
    assert len(state["comments"]) == 2
    text = state["comments"][-1]["body"]
    assert text.startswith("<!-- llm-homework-grader -->\n")
    assert "You used log base 2" in text


def test_a_pull_request_that_changes_the_workflow_gets_no_result(
    comment: Comment, results: Path, github: tuple[str, dict[str, Any]]
) -> None:
    """The run was of its own making, so what it left is not shown, whatever it says."""
    address, state = github
    state["files"] = [{"filename": ".github/workflows/grade.yml"}]
    comment(results, address)
    text = state["comments"][-1]["body"]
    assert "changes how it is run itself" in text
    assert "Sum of logarithms" not in text


def test_other_changes_are_said_to_have_no_effect(
    comment: Comment, results: Path, github: tuple[str, dict[str, Any]]
) -> None:
    """Spec, reference and start-up files: listed, harmless to Markdown, and the result stands."""
    address, state = github
    state["files"] = [{"filename": "assignments/toy/assignment.yaml"}, {"filename": "@team/sitecustomize.py"}]
    comment(results, address)
    text = state["comments"][-1]["body"]
    assert "Changes to assignments/toy/assignment.yaml, \\@team/sitecustomize.py change nothing here" in text
    assert "Sum of logarithms" in text


def test_a_run_without_a_report_is_said(comment: Comment, toy: Path, github: tuple[str, dict[str, Any]]) -> None:
    """No artifact, or one that is not a report: the comment says where to look."""
    address, state = github
    (toy / "results").mkdir()
    (toy / "results/report.data.json").write_text('{"score": 100}')
    comment(toy / "results", address)
    assert "The run left no report" in state["comments"][-1]["body"]


def test_a_commit_without_a_pull_request_is_passed_over(
    comment: Comment, toy: Path, github: tuple[str, dict[str, Any]]
) -> None:
    """The pull request was closed or moved on: nothing is posted."""
    address, state = github
    state["pulls"] = []
    assert "nothing to do" in comment(toy / "results", address)
    assert state["methods"] == []


def test_the_grading_job_can_only_read(root: Path) -> None:
    """`pull_request`, a read-only token, no secret; only the job that runs nothing may write, and only comments."""
    folder = root / "submissions_template/.github/workflows"
    text = (folder / "grade.yml").read_text(encoding="utf-8")
    grading, posting = (yaml.safe_load((folder / name).read_text("utf-8")) for name in ("grade.yml", "comment.yml"))
    assert grading[True] == "pull_request"  # YAML 1.1 reads `on` as true
    assert grading["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    assert "github.token" not in text
    checkouts = [
        s["with"] for s in grading["jobs"]["grade"]["steps"] if s.get("uses", "").startswith("actions/checkout")
    ]
    assert [c["persist-credentials"] for c in checkouts] == [False, False]
    assert posting["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}
    posted = [step["with"] for step in posting["jobs"]["comment"]["steps"] if "checkout" in step.get("uses", "")]
    assert all("ref" not in step for step in posted)

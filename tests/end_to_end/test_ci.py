"""Pull requests in real git repositories, graded by the steps of the workflow that the course ships."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from support.github_server import git

WORK = 'import math\nANSWERS = {"why": "稳定"}\n\n\ndef log_sum(numbers):\n    return sum(map(math.log, numbers))\n'
WRONG = WORK.replace("math.log,", "math.log2,")
SCRIPT_FOLDER = Path(sys.executable).parent


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
    assert run.marks() == [("log_sum", 0, 10, "wrong"), ("why", 0, 5, "needs_review")]
    assert "You used log base 2" in run.summary.read_text(encoding="utf-8")
    (annotation,) = (line for line in run.log.splitlines() if line.startswith("::warning"))
    assert annotation.startswith("::warning file=submissions_template/toy.py,line=5,title=Sum of logarithms 0 / 10::")
    assert "%0AYou used log base 2" in annotation
    suites = ET.parse(run.results / "junit.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    right = pull_request(repository, {"submissions_template/toy.py": WORK}, "right")
    run = grade(repository, right, tmp_path / "right")
    assert run.code == 0, run.log + run.errors
    assert run.report["score"] == 10


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
    assert run.marks() == [("log_sum", 0, 10, "wrong"), ("why", 0, 5, "needs_review")]
    assert "planted" not in run.errors


def gitlab(root: Path, repository: Path, commit: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The script of `.gitlab-ci.yml`, word for word but for the installation; what it did, and the project's folder."""
    folder.mkdir()
    (folder / "runner").mkdir()
    project = folder / "project"
    git(folder, "clone", "--quiet", str(repository), "project")
    git(project, "checkout", "--quiet", commit)
    job = yaml.safe_load((root / "submissions_template/.gitlab-ci.yml").read_text(encoding="utf-8"))["grade"]
    script = "\n".join(line for line in job["script"] if "pip install" not in line)
    environment = {
        "PATH": f"{SCRIPT_FOLDER}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder / "runner"),
        "LANG": "en_US.UTF-8",
        "GRADER_CACHE": os.environ["GRADER_CACHE"],
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_PROJECT_DIR": str(project),
        **job["variables"],
        "GRADER_STUDENT": "ann",
    }
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert job["artifacts"]["paths"] == ["results/"]
    assert job["artifacts"]["reports"]["junit"] == "results/junit.xml"
    return done, project


def test_the_gitlab_job_grades_a_merge_request(root: Path, repository: Path, tmp_path: Path) -> None:
    """The target branch's spec decides, and the report lies where GitLab takes it from."""
    loose = (repository / "assignments/toy/assignment.yaml").read_text(encoding="utf-8").replace("1.0e-6", "1.0e+9")
    commit = pull_request(repository, {"submissions_template/toy.py": WRONG, "assignments/toy/assignment.yaml": loose})
    done, project = gitlab(root, repository, commit, tmp_path / "run")
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((project / "results/report.json").read_text(encoding="utf-8"))
    assert [(q["id"], q["score"]) for q in report["chapters"][0]["questions"]] == [("log_sum", 0), ("why", 0)]
    assert (project / "results/junit.xml").is_file()


@pytest.mark.parametrize("way", ["the folder is a link", "its files are links", "its files are the student's"])
def test_results_that_a_merge_request_brings_along(way: str, root: Path, repository: Path, tmp_path: Path) -> None:
    """Links to where results go lead nowhere, and a report of the student's own is not left for GitLab to take."""
    outside = tmp_path / "outside"
    outside.mkdir()
    names = ("report.json", "report.data.json", "junit.xml", "summary.md")
    for name in names:
        (outside / name).write_text("the runner's", encoding="utf-8")
    pull_request(repository, {"submissions_template/toy.py": WRONG})
    git(repository, "checkout", "--quiet", "work")
    own = repository / "results"
    if way == "the folder is a link":
        own.symlink_to(outside)
    else:
        own.mkdir()
    for name in names:
        if way == "its files are links":
            (own / name).symlink_to(outside / name)
        elif way == "its files are the student's":
            (own / name).write_text("100 of 100", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "results")
    commit = git(repository, "rev-parse", "work")
    done, project = gitlab(root, repository, commit, tmp_path / "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert {(outside / name).read_text(encoding="utf-8") for name in names} == {"the runner's"}
    assert not (project / "results").is_symlink()
    for name in names:
        assert not (project / "results" / name).is_symlink()
        assert "100 of 100" not in (project / "results" / name).read_text(encoding="utf-8")
    assert json.loads((project / "results/report.json").read_text(encoding="utf-8"))["score"] == 0


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


def test_the_grading_job_can_only_read(root: Path) -> None:
    """`pull_request`, a read-only token, no secret; only the job that runs nothing may write, and only comments."""
    folder = root / "submissions_template/.github/workflows"
    text = (folder / "grade.yml").read_text(encoding="utf-8")
    grading, posting = (yaml.safe_load((folder / name).read_text("utf-8")) for name in ("grade.yml", "comment.yml"))
    assert grading[True] == "pull_request"  # YAML 1.1 reads `on` as true
    assert grading["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    assert "github.token" not in text
    steps = grading["jobs"]["grade"]["steps"]
    # An earlier run of the same pull request, with a workflow of its own, could have filled a cache.
    assert not any("cache" in f"{step.get('uses', '')} {[*step.get('with', {})]}" for step in steps)
    assert (
        grading["jobs"]["grade"]["if"] == "github.event.pull_request.base.ref == github.event.repository.default_branch"
    )
    checkouts = [s["with"] for s in steps if s.get("uses", "").startswith("actions/checkout")]
    assert [c["persist-credentials"] for c in checkouts] == [False, False]
    assert posting["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}
    posted = [step["with"] for step in posting["jobs"]["comment"]["steps"] if "checkout" in step.get("uses", "")]
    assert all("ref" not in step for step in posted)

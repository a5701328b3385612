"""A real Dask cluster of separate processes: the same results as here, whoever dies and in whatever order."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from courses.generated import files, people
from support.left_out import NO_DASK

from grader.bulk import grade
from grader.course.load import load_chapters, load_course
from grader.errors import SandboxError
from grader.nouns.binding import ModelChoice
from grader.nouns.scheduler import Scheduler
from grader.nouns.submission import Submission
from grader.pipeline import Grading
from grader.store.ledger import FILE

distributed = pytest.importorskip("distributed", reason=NO_DASK)
# The scheduler's own housekeeping warns when workers come and go; that is what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore")

SMALL = Path(__file__).parents[1] / "courses" / "small"
COUNT = 24


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0, silence_logs=50
    ) as running:
        yield running


@pytest.fixture(scope="module")
def submissions(tmp_path_factory) -> tuple[Submission, ...]:
    base = tmp_path_factory.mktemp("class")
    found = []
    for person in people(COUNT, seed=5):
        folder = base / person.id
        folder.mkdir()
        for name, body in files(person, ("warmup",)).items():
            (folder / name).write_bytes(body + b"\nimport time\ntime.sleep(0.05)\n")
        found.append(Submission(id=person.id, student=person.id, folder=folder, modules={"warmup": "warmup.py"}))
    return tuple(found)


def trusted(address: str) -> Scheduler:
    return Scheduler(address=address, trust_network=True)


def _graded(submissions, out: Path, *, scheduler: str | None = None, jobs: int = 2, done=lambda _: None):
    course = load_course(SMALL)
    chapters = tuple(c for c in load_chapters(course) if c.id == "warmup")
    with Grading(course, chapters, ModelChoice(), scheduler=scheduler and trusted(scheduler)) as grading:
        grading.prepare()
        result = grade.grade_all(grading, submissions, out, jobs=jobs, done=done)
    assert result.failed == ()
    return {report.student: _plain(report) for report in result.reports}


def _plain(report) -> object:
    marks = [(q.id, q.score, q.status, q.message, q.misconception) for c in report.chapters for q in c.questions]
    return report.score, marks


@pytest.fixture(scope="module")
def here(submissions, tmp_path_factory):
    return _graded(submissions, tmp_path_factory.mktemp("local"))


def test_a_cluster_gives_the_same_results(cluster, submissions, here, tmp_path) -> None:
    """Every mark, status, message and misconception equals the local run's; another order changes nothing."""
    mixed = list(submissions)
    random.Random(1).shuffle(mixed)
    assert _graded(mixed, tmp_path, scheduler=cluster.scheduler_address) == here


def test_a_worker_killed_in_mid_run_loses_nothing(cluster, submissions, here, tmp_path) -> None:
    """`kill -9` of a worker while it works: its submissions go to the others, results are the same."""
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        victims = list(client.run(os.getpid).values())
    killed = threading.Event()

    def kill(progress) -> None:
        if progress.done >= 5 and not killed.is_set():
            os.kill(victims[0], signal.SIGKILL)
            killed.set()

    found = _graded(submissions, tmp_path, scheduler=cluster.scheduler_address, jobs=4, done=kill)
    assert killed.is_set()
    assert found == here
    with closing(sqlite3.connect(tmp_path / FILE)) as ledger:
        ((rows,),) = ledger.execute("SELECT COUNT(*) FROM work")
    assert rows == COUNT * 3


def test_a_worker_is_given_no_key() -> None:
    """What is sent holds no comparison, rubric, option, measure, pool or other student's inputs."""
    from grader.course.draw import cases_for
    from grader.execute.dask import _stripped

    (chapter,) = (c for c in load_chapters(load_course(SMALL)) if c.id == "warmup")
    question = chapter.questions[0]
    cases = cases_for(question, "s1", b"secret", hidden=True)
    sent, inputs = _stripped(question, cases)
    assert sent["compare"] == {}
    assert sent["cases"] == {"public": [], "hidden": None}
    assert sent["returns"] == {}
    assert [case["id"] for case in inputs] == [case.id for case in cases]


def test_models_travel_to_workers_that_lack_them(cluster, tmp_path) -> None:
    """A worker without the driver's model folder gets the files once and computes the same."""
    from shutil import copytree

    from grader.course.models import bind
    from grader.execute import dask

    course = load_course(SMALL)
    (chapter,) = (c for c in load_chapters(course) if c.id == "peers")
    binding = bind(course, ["ernie-4.5-0.3b"], ModelChoice())["ernie-4.5-0.3b"]
    executor = dask.start(trusted(cluster.scheduler_address), {"ernie-4.5-0.3b": binding})
    # The workers are on this machine too: a relative path means another folder to them than to the client's process.
    copytree(binding.directory, Path(executor._client._scratch, "model"))
    only_there = binding.model_copy(update={"directory": Path("model"), "config": None})
    executor._bindings["ernie-4.5-0.3b"] = only_there.model_dump_json()
    person = people(1)[0]
    person.kinds["peers"] = "right"
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "peers.py").write_bytes(files(person, ("peers",))["peers.py"])
    question = chapter.questions[2]
    try:
        work = executor.run(folder, "peers.py", [(question, list(_public(question)))])
        assert work["parameter_count"][0].kind == "returned"
        assert work["parameter_count"][0].value > 1000
    finally:
        executor.close()


def _public(question):
    from grader.course.draw import all_cases

    return all_cases(question)


def test_no_scheduler_is_said_in_words() -> None:
    """An address where nobody answers is the staff's error, with the address in it."""
    from grader.execute import dask

    start = time.monotonic()
    with pytest.raises(SandboxError, match=r"127\.0\.0\.1:1"):
        dask.start(trusted("tcp://127.0.0.1:1"), {})
    assert time.monotonic() - start < 60

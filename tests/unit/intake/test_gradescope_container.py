"""The metadata in a Gradescope container are data: read, or refused in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from archives import CHAPTERS, WORK

from grader.errors import IntakeError
from grader.intake.gradescope_container import METADATA, container_submission


@pytest.fixture
def container(tmp_path: Path) -> Path:
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "ch01_overview.py").write_bytes(WORK)
    return tmp_path


@pytest.mark.parametrize("users", [None, 7, "zhang", [7, None], {"email": "x"}, []])
def test_users_that_are_none_leave_the_submission(container: Path, users: object) -> None:
    """The work is graded under the submission's own number."""
    (container / METADATA).write_text(json.dumps({"id": 12, "users": users, "created_at": "2001-99-99"}))
    taken = container_submission(container, CHAPTERS)
    assert (taken.student, taken.submitted) == ("12", None)
    assert taken.modules == {"ch01_overview": "ch01_overview.py"}


@pytest.mark.parametrize(
    "text", ["", "5", "[]", "[" * 200_000, '{"id": ' + "9" * 10_000 + "}", "\0", '{"id": "\ud800"}']
)
def test_metadata_that_are_none_are_refused(container: Path, text: str) -> None:
    """Deep, long, and not JSON at all."""
    (container / METADATA).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(IntakeError, match="not Gradescope's folder"):
        container_submission(container, CHAPTERS)


@pytest.mark.parametrize("kind", ["pipe", "link", "huge"])
def test_metadata_that_are_no_file_are_not_waited_for(container: Path, kind: str) -> None:
    """Neither a pipe nor a link nor twenty gigabytes are read."""
    file = container / METADATA
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "link":
        file.symlink_to("/dev/zero")
    else:
        with file.open("wb") as stream:
            stream.truncate(20 * 10**9)
    with pytest.raises(IntakeError):
        container_submission(container, CHAPTERS)


def test_half_a_character_in_a_name_can_be_written_down(container: Path) -> None:
    """JSON may escape what no file takes."""
    (container / METADATA).write_text('{"id": 12, "users": [{"email": "a@b.cn", "name": "\\ud800"}]}')
    assert container_submission(container, CHAPTERS).model_dump_json()


def test_a_pipe_as_module_is_not_waited_for(container: Path) -> None:
    """It is no module; the one beside it is."""
    (container / METADATA).write_text('{"id": 12, "users": [{"email": "a@b.cn"}]}')
    os.mkfifo(container / "submission" / "ch01_overview (1).py")
    assert container_submission(container, CHAPTERS).modules == {"ch01_overview": "ch01_overview.py"}

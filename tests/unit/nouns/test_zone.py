"""Hand-in times without a zone are told in the course's, whatever the machine's is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from grader.nouns.course import Policy
from grader.nouns.submission import Submission
from grader.nouns.zone import instant, zone
from grader.scoring.lateness import days_late

NOON = datetime(2024, 3, 28, 12, 0)  # noqa: DTZ001 - a time without a zone is what this is about


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC", 0), ("Asia/Shanghai", 8), ("+08:00", 8), ("-03:30", -3.5), ("America/New_York", -4)]
)
def test_a_zone_has_a_name_or_an_offset(name: str, hours: float) -> None:
    """Both give the instant; a time with a zone keeps its own."""
    assert zone(name).utcoffset(NOON) == timedelta(hours=hours)
    assert instant(NOON, name) == NOON.replace(tzinfo=UTC).timestamp() - hours * 3600
    assert instant(NOON.replace(tzinfo=UTC), name) == NOON.replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "+99:99", "+", "\x00"])
def test_a_zone_that_is_none_is_an_error_of_the_specification(name: str) -> None:
    """It is named where it stands."""
    with pytest.raises(ValidationError, match="no time zone"):
        Policy(zone=name)


def test_the_course_s_zone_is_its_own_or_that_of_its_deadlines() -> None:
    """What a course says counts; without a word, what its first deadline is written in."""
    deadline = datetime.fromisoformat("2024-03-28T23:59:00+08:00")
    assert Policy().clock == "UTC"
    assert Policy(deadlines={"ch01": deadline}).clock == "+08:00"
    assert Policy(deadlines={"ch01": deadline}, zone="Europe/Berlin").clock == "Europe/Berlin"


@pytest.mark.parametrize("machine", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
@pytest.mark.parametrize(("course", "late"), [("Asia/Shanghai", 0), ("UTC", 1)])
def test_lateness_is_judged_in_the_course_s_zone(
    tmp_path, machine: str, course: str, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's zone costs nobody a day."""
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        policy = Policy(deadlines={"ch01": datetime(2024, 3, 28, 6, tzinfo=UTC)}, zone=course)
        submission = Submission(id="a", student="a", folder=tmp_path, modules={}, submitted=NOON)
        assert days_late(submission, "ch01", policy) == late
    finally:
        monkeypatch.undo()
        time.tzset()

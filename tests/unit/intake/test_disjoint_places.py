"""What hand-ins are called decides no path of ours, and nothing is removed that this run did not make."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from archives import CHAPTERS, WORK, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.files import folder_digest, slug
from grader.intake import gather as gathering
from grader.intake.collect import newest
from grader.intake.gather import gather
from grader.intake.keeping import fresh, kept
from grader.intake.roster import read_roster
from grader.nouns.intake import Intake, Roster

NAMES = ["downloads", "download", "hand-ins", "1", "2", "repositories", "CON", "con", "aux.x", "reports", "submissions",
         "ledger.sqlite", "run-0", "...", ". .", "x.", "x ", "X", "名" * 80, "𠀀" * 60, "a" * 250, "-", "~", "$HOME",
         "%s", "{x}", "é", "é"]  # fmt: skip


def _snapshot(root: Path) -> dict[str, str]:
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "folder"
        for file in root.rglob("*")
    }


def _zip(files: dict[str, bytes]) -> bytes:
    """A zip whose names are exactly these."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, body)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["zip", "folders", "archives"])
def test_names_next_to_ours(tmp_path, chapters, form) -> None:
    """Every hand-in keeps its own bytes, packed or not, taken in twice; what lay in `work` before is left alone."""
    work, source = tmp_path / "out" / "submissions", tmp_path / "class"
    (work / "1" / "downloads").mkdir(parents=True)
    (work / "1" / "downloads" / "precious.txt").write_text("of an earlier version", encoding="utf-8")
    bodies = {name: f"ANSWERS = {{'who': {name!r}}}\n".encode() for name in NAMES}
    source.mkdir()
    if form == "zip":
        path = source / "all.zip"
        path.write_bytes(_zip({f"{name}/ch01_overview.py": body for name, body in bodies.items() if name.strip(". ")}))
    else:
        path = source
        for name, body in bodies.items():
            if len(name.encode()) > 250 and form == "archives":
                continue
            place = source / name / "ch01_overview.py" if form == "folders" else source / f"{name}.zip"
            if len(place.name.encode()) > 255:
                continue
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(body if form == "folders" else zipped({"ch01_overview.py": body}))
    before = _snapshot(tmp_path)
    for _ in range(2):
        taken = gather([path], chapters, work=work)
        after = _snapshot(tmp_path)
        assert {name: after.get(name) for name in before} == before
        assert not list(work.glob("run-*"))
        for one in taken.submissions:
            body = (one.folder / "ch01_overview.py").read_bytes()
            assert one.folder.parent == work.resolve()
            assert body.decode().split(": ", 1)[1].startswith(repr(one.claim.where.removesuffix(".zip")))
        seen = {s.claim.where for s in taken.submissions} | {p.where for p in taken.problems}
        assert len(seen) >= len(NAMES) - 6
        assert {"downloads", "reports", "1"} <= {name.removesuffix(".zip") for name in seen}


def test_an_archive_called_like_a_way_up(tmp_path, chapters) -> None:
    """`...zip` unpacks into a folder of its own; what lies beside it stays."""
    work = tmp_path / "work"
    (work / "1").mkdir(parents=True)
    (work / "1" / "precious.txt").write_text("x", encoding="utf-8")
    paths = []
    for name in ("..zip", "...zip", "bob.zip"):
        (tmp_path / name).write_bytes(zipped({"ch01_overview.py": WORK}))
        paths.append(tmp_path / name)
    gather(paths, chapters, work=work)
    assert (work / "1" / "precious.txt").exists()


def test_what_runs_is_under_its_hash(put, tmp_path, chapters) -> None:
    """The hash is of the copy; a copy that somebody changed is left alone, and a fresh one runs."""
    root, work = put({"ann/ch01_overview.py": WORK, "ann/.git/x": b"1", "ann/data/a.txt": b"2"}), tmp_path / "work"
    (one,) = gather([root / "ann"], chapters, work=work).submissions
    assert one.files == folder_digest(one.folder) == one.folder.name
    assert not (one.folder / ".git").exists()
    (one.folder / "ch01_overview.py").write_bytes(b"changed = True\n")
    (two,) = gather([root / "ann"], chapters, work=work).submissions
    assert two.files == one.files == folder_digest(two.folder)
    assert (one.folder / "ch01_overview.py").read_bytes() == b"changed = True\n"


@pytest.mark.parametrize("name", NAMES)
def test_slugs_are_names_everywhere(name) -> None:
    """Short enough in bytes, no dot at the end, no device of Windows."""
    made = slug(name)
    assert 0 < len(made.encode()) <= 201
    assert not made.endswith((".", " "))
    assert made.split(".")[0].lower() not in {"con", "aux"}


STUDENTS = {f"20230{n:02}": (f"{500 + n}", name) for n, name in enumerate(
    ("Ann Lee", "Bob Ray", "张三", "李四", "Anna Leeds", "王五明"))}  # fmt: skip


@pytest.fixture(scope="module")
def class_list(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    file = tmp_path_factory.mktemp("roster") / "roster.csv"
    lines = [f"{number},{name},{account},{account}" for number, (account, name) in STUDENTS.items()]
    file.write_text("\n".join(["学号,姓名,canvas id,participant", *lines]), encoding="utf-8")
    return read_roster(file)


WORDS = [*STUDENTS, *(name for _, name in STUDENTS.values()), *(account for account, _ in STUDENTS.values()),
         "ch01_overview", "hw1", "(1)", "LATE", "_LATE_501_1_", "_502_assignsubmission_file_", "_503_file_",
         "assignsubmission_file", "2020-01-01-00-00-00", "downloads", "..", ".", "CON", "reports", "x",
         "２０２３００１", "аnn", "501", "_501_7_", "0", "-", " "]  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: "_".join(words).replace("/", "")[:60])
HANDED_IN = st.lists(st.tuples(st.sampled_from([*STUDENTS, "stranger"]), TEXT, TEXT, st.booleans()), min_size=1,
                     max_size=6)  # fmt: skip


@given(HANDED_IN, HANDED_IN, st.sampled_from(["canvas", "moodle"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_are_credited_to_another_than_their_owner(
    class_list, tmp_path_factory, handed_in, uploaded, platform
) -> None:
    """Random classes with hostile file, archive and inner names: the platform's account decides.

    A platform's download and a folder of archives whose names anybody could write are taken in together. Every hand-in
    holds its owner's number. Nobody is credited with the platform's bytes of another; who has a hand-in on the platform
    is credited with nothing from the archives; nothing outside of the run's own folder changes.
    """
    base = tmp_path_factory.mktemp("random")
    owners: dict[bytes, str] = {}
    for number, (owner, file, within, is_packed) in enumerate(handed_in):
        body = f"# {number} platform {owner}\n".encode()
        owners[body] = owner
        account = STUDENTS[owner][0] if owner in STUDENTS else "99999"
        name = "".join(STUDENTS[owner][1].split()) if owner in STUDENTS else "stranger"
        inner = f"{within}/ch01_overview.py" if within.strip("._ ") else "ch01_overview.py"
        told = f"{file}.zip" if is_packed else f"{file}_ch01_overview.py"
        place = {"canvas": f"{name}_{account}_{8000 + number}_{told}",
                 "moodle": f"{name}_{account}_assignsubmission_file_{told}"}[platform]  # fmt: skip
        _put(base / "platform" / place, _zip({inner: body}) if is_packed else body)
    for number, (owner, file, within, _) in enumerate(uploaded):
        body = f"# {number} upload {owner}\n".encode()
        inner = f"{within}/ch01_overview.py" if within.strip("._ ") else "ch01_overview.py"
        _put(base / "uploads" / f"{file}.zip", _zip({inner: body}))
    _put(base / "work" / "1" / "downloads" / "x.py", b"old")
    before = _snapshot(base)
    taken = _both(base, class_list, platform)
    after = _snapshot(base)
    assert {name: after.get(name) for name in before} == before
    assert all(name.startswith("work/") for name in after.keys() - before.keys())
    on_platform = {owner for owner in owners.values() if owner in STUDENTS}
    for one in taken.submissions:
        for module in one.modules.values():
            body = (one.folder / module).read_bytes()
            if body in owners:
                assert one.student == (owners[body] if owners[body] in STUDENTS else "99999")
            else:
                assert one.student not in on_platform or one.student == "stranger"


def _put(place: Path, body: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(body)


def _both(base: Path, roster: Roster, platform: str) -> Intake:
    """The platform's download, by its own source, and the archives, joined as `gather` joins all paths."""
    with fresh(base / "work") as run:
        parts = [
            gathering._taken(base / "platform", run / "1", CHAPTERS, roster, platform),
            gathering._taken(base / "uploads", run / "2", CHAPTERS, roster, "zips"),
        ]
        joined = gathering._joined(parts, roster, frozenset())
        counted = newest(joined)
        return counted.model_copy(
            update={"submissions": tuple(kept(s, run, base / "work") for s in counted.submissions)}
        )

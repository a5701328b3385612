"""A student's repository is data: nothing it configures is run or followed, and what it holds is bounded.

Every attack lies beside an honest classmate's clone, whose work is taken in unchanged.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import zlib
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path

import pytest
from archives import WORK

from grader.intake.gather import gather
from grader.nouns.intake import Intake, Roster, Student
from grader.nouns.submission import Submission
from grader.sandbox.parent import reader

MODULE = "ch01_overview.py"
NEIGHBOURS = b"ANSWERS = {'secret': 'the work of a neighbour'}\n"
DAY = "2024-03-28T10:00:00+0800"


def git(folder: Path, *words: str, date: str = DAY, stdin: bytes = b"") -> str:
    """Run git as a student has it on their own machine."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@y.cn", "-c", "protocol.file.allow=always", *words]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, input=stdin)
    return done.stdout.decode().strip()


class Class:
    """A folder of clones, in which `honest` is the classmate."""

    def __init__(self, top: Path, chapters: dict[str, str]) -> None:
        self.top, self.chapters = top, chapters
        self.root, self.marker = top / "class", top / "it-ran"
        self.command = top / "attack.sh"
        self.command.write_text(f"#!/bin/sh\ntouch {self.marker}\ncat\n")
        self.command.chmod(0o755)
        self.clone("honest")

    def clone(self, name: str, files: dict[str, bytes] | None = None, *options: str, date: str = DAY) -> Path:
        """A repository with one commit."""
        place = self.root / name
        place.mkdir(parents=True)
        git(place, "init", "-q", "-b", "main", *options)
        for file, body in (files or {MODULE: WORK}).items():
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_bytes(body)
        git(place, "add", "-A")
        git(place, "commit", "-qm", "work", date=date)
        return place

    def taken(self, roster: Roster | None = None) -> Intake:
        """Take the class in; the classmate's work has to come through whatever lies beside it."""
        intake = gather([self.root], self.chapters, roster, work=self.top / "work", come_from="git")
        honest = next(s for s in intake.submissions if "honest" in s.account + s.id + s.student)
        assert (honest.folder / MODULE).read_bytes() == WORK
        assert not self.marker.exists(), "the student's command ran on this machine"
        return intake


@pytest.fixture
def klass(tmp_path: Path, chapters) -> Class:
    return Class(tmp_path, chapters)


def attacker(intake: Intake) -> Submission | str:
    """The attacker's submission, or why it was refused."""
    for submission in intake.submissions:
        if "mallory" in submission.student:
            return submission
    (problem,) = (p for p in intake.problems if p.kind == "refused" and "mallory" in p.where)
    return str(problem.message)


def taken_as_committed(intake: Intake) -> bool:
    """Whether the attacker's module is what the commit holds, and nothing else."""
    found = attacker(intake)
    return isinstance(found, Submission) and (found.folder / MODULE).read_bytes() == WORK


def _smudge(klass: Class, place: Path) -> None:
    git(place, "config", "filter.evil.smudge", str(klass.command))
    git(place, "config", "filter.evil.required", "true")
    (place / ".git/info").mkdir(exist_ok=True)
    (place / ".git/info/attributes").write_text("* filter=evil\n")


def _process_filter(klass: Class, place: Path) -> None:
    git(place, "config", "filter.evil.process", str(klass.command))
    (place / ".git/info").mkdir(exist_ok=True)
    (place / ".git/info/attributes").write_text("* filter=evil\n")


def _committed_attributes(klass: Class, place: Path) -> None:
    (place / ".gitattributes").write_text("* filter=evil\n")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "attributes")
    git(place, "config", "filter.evil.smudge", str(klass.command))


def _partial_clone(klass: Class, place: Path) -> None:
    git(place, "config", "remote.origin.url", str(klass.root / "honest"))
    git(place, "config", "remote.origin.promisor", "true")
    git(place, "config", "remote.origin.partialclonefilter", "blob:none")
    git(place, "config", "remote.origin.uploadpack", str(klass.command))
    git(place, "config", "extensions.partialClone", "origin")
    git(place, "config", "core.repositoryformatversion", "1")
    name = git(place, "rev-parse", f"HEAD:{MODULE}")
    (place / ".git/objects" / name[:2] / name[2:]).unlink()


def _commands(klass: Class, place: Path) -> None:
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "gpg.program", "diff.external",
                "credential.helper", "uploadpack.packObjectsHook", "core.gitProxy", "alias.show",
                "alias.archive", "tar.tar.gz.command"):  # fmt: skip
        git(place, "config", key, str(klass.command))


def _hooks(klass: Class, place: Path) -> None:
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (place / ".git/hooks").mkdir(exist_ok=True)
        shutil.copy(klass.command, place / ".git/hooks" / hook)


def _included(klass: Class, place: Path) -> None:
    more = place / ".git" / "more"
    more.write_text(f'[core]\n\tfsmonitor = {klass.command}\n[filter "evil"]\n\tsmudge = {klass.command}\n')
    git(place, "config", "includeIf.gitdir:/**.path", str(more))
    git(place, "config", "include.path", str(more))
    (place / ".git/info/attributes").write_text("* filter=evil\n")


def _replaced(klass: Class, place: Path) -> None:
    old = git(place, "rev-parse", f"HEAD:{MODULE}")
    new = git(place, "hash-object", "-w", "--stdin", stdin=NEIGHBOURS)
    git(place, "replace", old, new)


def _huge_configuration(klass: Class, place: Path) -> None:
    with (place / ".git/config").open("a") as stream:
        stream.writelines(f"[a{n}]\n\tb = {'x' * 100}\n" for n in range(200_000))


def _broken_configuration(klass: Class, place: Path) -> None:
    (place / ".git/config").write_bytes(b"[core\n\0bare = perhaps\n")


def _export_ignore(klass: Class, place: Path) -> None:
    (place / ".git/info/attributes").write_text("* export-ignore\n")


def _fifo_beside(klass: Class, place: Path) -> None:
    for name in ("config", "shallow", "index"):
        (place / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(place / ".git" / name)


def _worktree_environment(klass: Class, place: Path) -> None:
    (place / ".git/worktrees/x").mkdir(parents=True)
    (place / ".git/worktrees/x/gitdir").write_text(str(klass.root / "honest/.git"))
    git(place, "config", "core.worktree", str(klass.root / "honest"))


INERT = (_smudge, _process_filter, _committed_attributes, _commands, _hooks, _included, _replaced, _huge_configuration,
         _broken_configuration, _export_ignore, _fifo_beside, _worktree_environment)  # fmt: skip


@pytest.mark.parametrize("attack", INERT)
def test_what_a_repository_configures_changes_nothing(klass, attack) -> None:
    """Neither commands, filters, attributes, hooks nor replacements: the commit alone is taken in."""
    attack(klass, klass.clone("mallory"))
    assert taken_as_committed(klass.taken())


def test_a_partial_clone_is_refused_and_fetches_nothing(klass) -> None:
    """An object that is not there is a reason to refuse, never one to run `uploadpack`."""
    _partial_clone(klass, klass.clone("mallory"))
    assert "not here" in attacker(klass.taken())


def _borrowing(klass: Class) -> Path:
    """A clone that holds a commit's name but none of the neighbour's objects."""
    neighbour = klass.clone("neighbour", {MODULE: NEIGHBOURS})
    place = klass.root / "mallory"
    git(klass.root, "init", "-q", "-b", "main", str(place))
    (place / ".git/refs/heads/main").write_text(git(neighbour, "rev-parse", "HEAD") + "\n")
    return neighbour / ".git"


def _alternates(place: Path, other: Path) -> None:
    (place / "objects/info/alternates").write_text(f"{other / 'objects'}\n")


def _http_alternates(place: Path, other: Path) -> None:
    (place / "objects/info/http-alternates").write_text(f"{other / 'objects'}\n")


def _common_folder(place: Path, other: Path) -> None:
    (place / "commondir").write_text(f"{other}\n")


def _linked_objects(place: Path, other: Path) -> None:
    shutil.rmtree(place / "objects")
    (place / "objects").symlink_to(other / "objects")


def _linked_folders(place: Path, other: Path) -> None:
    for folder in (other / "objects").iterdir():
        if not (place / "objects" / folder.name).exists():
            (place / "objects" / folder.name).symlink_to(folder)


def _linked_files(place: Path, other: Path) -> None:
    for file in (other / "objects").glob("??/*"):
        (place / "objects" / file.parent.name).mkdir(exist_ok=True)
        (place / "objects" / file.parent.name / file.name).symlink_to(file)


def _linked_packs(place: Path, other: Path) -> None:
    git(other.parent, "gc", "-q")
    for file in (other / "objects/pack").iterdir():
        (place / "objects/pack" / file.name).symlink_to(file)


def _linked_head(place: Path, other: Path) -> None:
    (place / "HEAD").unlink()
    (place / "HEAD").symlink_to(other / "HEAD")


def _linked_references(place: Path, other: Path) -> None:
    shutil.rmtree(place / "refs")
    (place / "refs").symlink_to(other / "refs")


def _linked_git_folder(place: Path, other: Path) -> None:
    shutil.rmtree(place)
    place.symlink_to(other)


def _git_file(place: Path, other: Path) -> None:
    shutil.rmtree(place)
    place.write_text(f"gitdir: {other}\n")


def _linked_clone(place: Path, other: Path) -> None:
    shutil.rmtree(place.parent)
    place.parent.symlink_to(other.parent)


def _reference_out_of_the_folder(place: Path, other: Path) -> None:
    (place / "HEAD").write_text("ref: refs/heads/../../../../neighbour/.git/refs/heads/main\n")


def _absolute_reference(place: Path, other: Path) -> None:
    (place / "HEAD").write_text(f"ref: {other}/refs/heads/main\n")


ELSEWHERE = (_alternates, _http_alternates, _common_folder, _linked_objects, _linked_folders, _linked_files,
             _linked_packs, _linked_head, _linked_references, _linked_git_folder, _git_file, _linked_clone,
             _reference_out_of_the_folder, _absolute_reference)  # fmt: skip


@pytest.mark.parametrize("attack", ELSEWHERE)
def test_nothing_outside_the_repository_is_read(klass, attack) -> None:
    """A neighbour's work is not handed in by pointing at it, in whatever way git knows."""
    attack(klass.root / "mallory" / ".git", _borrowing(klass))
    reason = attacker(klass.taken())
    assert isinstance(reason, str)
    assert reason


@pytest.mark.parametrize("attack", [_linked_files, _linked_packs, _reference_out_of_the_folder])
def test_without_landlock_nothing_outside_is_read_either(klass, attack, monkeypatch) -> None:
    """Where the kernel confines nothing, links and names are still not followed."""
    with reader.Reader(level=1) as single:
        monkeypatch.setattr(reader, "shared", lambda: single)
        attack(klass.root / "mallory" / ".git", _borrowing(klass))
        assert isinstance(attacker(klass.taken()), str)


def _name(body: bytes) -> tuple[str, bytes]:
    return sha1(body).hexdigest(), zlib.compress(body)


def add_object(place: Path, kind: bytes, body: bytes) -> str:
    """Write a loose object, whatever it holds."""
    name, packed = _name(kind + b" %d\0" % len(body) + body)
    file = place / ".git/objects" / name[:2] / name[2:]
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(packed)
    return name


def add_tree(place: Path, *entries: tuple[bytes, bytes, str]) -> str:
    """Write a tree of `(mode, name, object)`."""
    return add_object(place, b"tree", b"".join(m + b" " + n + b"\0" + bytes.fromhex(o) for m, n, o in entries))


def commit(place: Path, tree: str, people: bytes | None = None) -> None:
    """Write a commit of a tree and check it out."""
    people = people or b"author x <x@y.cn> 1711591200 +0800\ncommitter x <x@y.cn> 1711591200 +0800\n"
    name = add_object(place, b"commit", b"tree " + tree.encode() + b"\n" + people + b"\nwork\n")
    (place / ".git/refs/heads/main").write_text(name + "\n")


def _bomb_of_one_file(place: Path) -> str:
    return add_tree(place, (b"100644", MODULE.encode(), add_object(place, b"blob", bytes(400 * 2**20))))


def _bomb_of_copies(place: Path) -> str:
    tree = add_tree(place, *((b"100644", b"f%d" % n, add_object(place, b"blob", bytes(2**20))) for n in range(10)))
    for _ in range(9):
        tree = add_tree(place, *((b"40000", b"d%d" % n, tree) for n in range(10)))
    return tree


def _deep(place: Path) -> str:
    tree = add_tree(place, (b"100644", MODULE.encode(), add_object(place, b"blob", WORK)))
    for _ in range(5_000):
        tree = add_tree(place, (b"40000", b"d", tree))
    return tree


def _many_entries(place: Path) -> str:
    blob = add_object(place, b"blob", WORK)
    return add_tree(place, *((b"100644", b"%07d" % n, blob) for n in range(1_000_000)))


def _linking_tree(place: Path) -> str:
    return add_tree(place, (b"120000", MODULE.encode(), add_object(place, b"blob", b"../../honest/" + MODULE.encode())))


def _name_with_slash(place: Path) -> str:
    return add_tree(place, (b"100644", b"../../escaped.py", add_object(place, b"blob", WORK)))


def _names_of_folders(place: Path) -> str:
    return add_tree(place, (b"40000", b"..", add_tree(place, (b"100644", b"x.py", add_object(place, b"blob", WORK)))))


def _device(place: Path) -> str:
    return add_tree(place, (b"20644", MODULE.encode(), add_object(place, b"blob", WORK)))


def _twice(place: Path) -> str:
    blobs = [add_object(place, b"blob", body) for body in (WORK, NEIGHBOURS)]
    return add_tree(place, *((b"100644", MODULE.encode(), blob) for blob in blobs))


def _not_a_tree(place: Path) -> str:
    return add_object(place, b"tree", b"100644 without an end")


TREES = (_bomb_of_one_file, _bomb_of_copies, _deep, _many_entries, _linking_tree, _name_with_slash, _names_of_folders,
         _device, _twice, _not_a_tree)  # fmt: skip


@pytest.mark.parametrize("tree", TREES)
def test_what_a_commit_holds_is_bounded(klass, tree, tmp_path) -> None:
    """Bombs, depths, links and impossible names are refused in seconds, and nothing is left that is large."""
    place = klass.clone("mallory")
    commit(place, tree(place))
    start = time.monotonic()
    reason = attacker(klass.taken())
    assert time.monotonic() - start < 30
    assert isinstance(reason, str)
    assert sum(f.stat().st_size for f in (tmp_path / "work").rglob("*") if f.is_file()) < 300 * 2**20
    assert not list(tmp_path.rglob("escaped.py"))


@pytest.mark.parametrize("doublings", [14, 16, 20])
def test_a_bomb_of_deltas_is_refused(klass, doublings) -> None:
    """Deltas that double their base again and again, from 64 KiB to 64 GiB, end at a limit."""
    place = klass.clone("mallory")
    pack_of_deltas(place, doublings)
    assert sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) < 2**22
    start = time.monotonic()
    assert isinstance(attacker(klass.taken()), str)
    assert time.monotonic() - start < 90


def pack_of_deltas(place: Path, doublings: int) -> None:
    """A pack in which each object is twice the one before; the last is the module of a commit."""
    size, step = 2**16, 2**16 - 1
    packed = zlib.compress(bytes(size))
    body, at, last = _head(3, size) + packed, 12, 12
    names = [(sha1(b"0").digest(), at)]
    for number in range(doublings):
        copies = b"".join(_copy(start % 2**32, min(step, size - start)) for start in range(0, min(size, 2**28), step))
        delta = _varint(size) + _varint(2 * size) + copies * max(2, 2 * size // 2**28)
        at = 12 + len(body)
        body += _head(6, len(delta)) + _back(at - last) + zlib.compress(delta, 9)
        names.append((sha1(b"%d" % (number + 1)).digest(), at))
        size, last = 2 * size, at
    pack = b"PACK" + (2).to_bytes(4, "big") + len(names).to_bytes(4, "big") + body
    pack += sha1(pack).digest()
    write_index(place / ".git/objects/pack" / "pack-1", pack, sorted(names))
    commit(place, add_tree(place, (b"100644", MODULE.encode(), names[-1][0].hex())))


def _varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def _copy(offset: int, size: int) -> bytes:
    return bytes([0x80 | 0x0F | 0x30]) + offset.to_bytes(4, "little") + size.to_bytes(2, "little")


def _head(kind: int, size: int) -> bytes:
    first, rest = kind << 4 | size & 0x0F, size >> 4
    return bytes([first | (0x80 if rest else 0)]) + (_varint(rest) if rest else b"")


def _back(distance: int) -> bytes:
    out = bytes([distance & 0x7F])
    while distance := distance >> 7:
        distance -= 1
        out = bytes([0x80 | distance & 0x7F]) + out
    return out


def write_index(base: Path, pack: bytes, entries: list[tuple[bytes, int]]) -> None:
    """Write a pack and its index, version 2."""
    base.with_suffix(".pack").write_bytes(pack)
    fan = b"".join(sum(n[0] <= byte for n, _ in entries).to_bytes(4, "big") for byte in range(256))
    names, offsets = b"".join(n for n, _ in entries), b"".join(o.to_bytes(4, "big") for _, o in entries)
    index = b"\xfftOc\0\0\0\2" + fan + names + bytes(4 * len(entries)) + offsets + pack[-20:]
    base.with_suffix(".idx").write_bytes(index + sha1(index).digest())


PEOPLE = {
    "nobody committed": b"author x <x@y.cn> 1711591200 +0800\n",
    "nobody wrote": b"committer x <x@y.cn> 1711591200 +0800\n",
    "no time": b"author x <x@y.cn>\ncommitter x <x@y.cn>\n",
    "before time": b"author x <x@y.cn> 1 +0000\ncommitter x <x@y.cn> -99999999999 +0000\n",
    "after time": b"author x <x@y.cn> 1 +0000\ncommitter x <x@y.cn> 99999999999999999999 +0000\n",
    "next century": b"author x <x@y.cn> 1 +0000\ncommitter x <x@y.cn> 4102444800 +0000\n",
    "no zone": b"author x <x@y.cn> 1 +0000\ncommitter x <x@y.cn> 1711591200 +99999999999\n",
    "no brackets": b"author x 1 +0000\ncommitter y 1711591200 +0000\n",
    "no text": b"author \xff\xfe\0 <\x80> 1 +0000\ncommitter \xff <\xff> 1711591200 +0000\n",
}


@pytest.mark.parametrize("people", PEOPLE)
def test_what_a_commit_says_of_people_and_times_is_data(klass, people) -> None:
    """Taken in or refused by name; the classmate is taken in either way."""
    place = klass.clone("mallory")
    commit(place, git(place, "rev-parse", "HEAD^{tree}"), PEOPLE[people])
    found = attacker(klass.taken())
    if isinstance(found, Submission):
        assert (found.folder / MODULE).read_bytes() == WORK
        assert found.claimed is not None
        assert 2000 < found.claimed.year < 2100
    if people in {"nobody committed", "no time", "before time", "after time", "next century"}:
        assert isinstance(found, str)


@pytest.mark.parametrize("zone", ["+0800", "-1200", "+1345", "+0000"])
def test_a_commit_in_any_zone_is_dated_by_the_instant(klass, zone) -> None:
    """A committer's zone is honest data."""
    klass.clone("mallory", date=f"2024-03-28T10:00:00{zone}")
    found = attacker(klass.taken())
    assert isinstance(found, Submission)
    assert found.claimed == datetime.fromisoformat(f"2024-03-28T10:00:00{zone[:3]}:{zone[3:]}")


def test_the_committer_date_is_a_claim(klass) -> None:
    """The roster's time counts where it has one, and no deadline is judged by a commit; a note says so."""
    klass.clone("mallory", date="2020-01-01T00:00:00+0000")
    handed_in = datetime(2024, 3, 28, 12, tzinfo=UTC)
    for known in (handed_in, None):
        roster = Roster(students=(Student(id="mallory", submitted=known), Student(id="honest")))
        found = attacker(klass.taken(roster))
        assert isinstance(found, Submission)
        assert (found.submitted, found.claimed) == (known, datetime(2020, 1, 1, tzinfo=UTC))
        assert any("2020-01-01" in str(note) for note in found.notes)


@pytest.mark.parametrize("options", [("--object-format=sha256",), ("--bare",), ("--separate-git-dir=elsewhere.git",)])
def test_repositories_of_other_kinds(klass, options, tmp_path) -> None:
    """SHA-256 and bare repositories are read; one whose `.git` is a file is refused with words."""
    if options[0] == "--bare":
        source = klass.clone("source")
        git(tmp_path, "clone", "-q", "--bare", str(source), str(klass.root / "mallory.git"))
    elif options[0].startswith("--separate"):
        place = klass.root / "mallory"
        place.mkdir()
        git(place, "init", "-q", f"--separate-git-dir={tmp_path / 'elsewhere.git'}")
        assert ".git" in attacker(klass.taken())
        return
    else:
        klass.clone("mallory", None, *options)
    assert taken_as_committed(klass.taken())


def test_packed_shallow_and_detached_clones_are_read(klass, tmp_path) -> None:
    """What `git gc`, `clone --depth 1` and `checkout COMMIT` leave is honest work."""
    source = klass.clone("source", {MODULE: WORK, "a/b/c.txt": b"x" * 100})
    for n in range(3):
        (source / "a/b/c.txt").write_bytes(b"x" * 100 + bytes([65 + n]))
        git(source, "commit", "-qam", f"{n}")
    git(klass.root, "clone", "-q", "--depth=1", f"file://{source}", "mallory")
    git(source, "gc", "-q", "--aggressive")
    git(source, "checkout", "-q", "--detach")
    intake = klass.taken()
    assert taken_as_committed(intake)
    packed = next(s for s in intake.submissions if s.student == "source")
    assert (packed.folder / "a/b/c.txt").read_bytes() == b"x" * 100 + b"C"


def test_a_submodule_is_left_out_and_told(klass) -> None:
    """What a submodule points at is elsewhere; the work beside it is taken in, and a note says what is missing."""
    place = klass.clone("mallory")
    blob = git(place, "rev-parse", f"HEAD:{MODULE}")
    commit(place, add_tree(place, (b"100644", MODULE.encode(), blob), (b"160000", b"sub", "1" * 40)))
    found = attacker(klass.taken())
    assert isinstance(found, Submission)
    assert (found.folder / MODULE).read_bytes() == WORK
    assert any("sub" in str(note) for note in found.notes)


@pytest.mark.parametrize(
    "body",
    [b"", b"# v2 git bundle\n", b"# v9 git bundle\n\nPACK", b"# v2 git bundle\n-%s x\n\n" % (b"1" * 40), b"\0" * 1000],
)
def test_a_broken_bundle_is_refused(klass, body) -> None:
    """A bundle that is none is one student's problem."""
    (klass.root / "mallory.bundle").write_bytes(body)
    assert isinstance(attacker(klass.taken()), str)


def test_a_bundle_is_read(klass) -> None:
    """With history and deltas, under the branch that it holds."""
    source = klass.clone("source", {MODULE: WORK, "big.txt": b"".join(b"%d\n" % n for n in range(5000))})
    (source / "big.txt").write_bytes((source / "big.txt").read_bytes() + b"more")
    git(source, "commit", "-qam", "more")
    git(source, "bundle", "create", "../mallory.bundle", "main")
    assert taken_as_committed(klass.taken())


def test_an_object_that_is_not_what_its_name_says_is_refused(klass) -> None:
    """A commit stands for its content: what was exchanged under its name is damage."""
    place = klass.clone("mallory")
    name = git(place, "rev-parse", f"HEAD:{MODULE}")
    file = place / ".git/objects" / name[:2] / name[2:]
    file.unlink()
    file.write_bytes(zlib.compress(b"blob %d\0" % len(NEIGHBOURS) + NEIGHBOURS))
    assert isinstance(attacker(klass.taken()), str)

"""The commit of a student's git repository, read as data. The functions here run in a confined child.

No git runs, so that no configuration, filter, hook, attribute, replacement or promise of a repository has any effect.
Of a repository are read: `HEAD`, `refs/`, `packed-refs`, `objects/??/*` and `objects/pack/*`, and of those only regular
files that lie in it themselves. Alternates, `commondir` and links lead elsewhere and are not followed; what is not here
is a reason to refuse. Every object has to be what its name says. What a commit holds comes out within `Bounds`.

Formats: gitrepository-layout(5), gitformat-pack(5), gitformat-bundle(5). Objects are parsed by dulwich.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from dulwich.object_format import SHA1, SHA256, ObjectFormat
from dulwich.objects import ObjectID, ShaFile, parse_tree
from dulwich.pack import MemoryPackIndex, Pack, PackData, load_pack_index_file, obj_sha
from dulwich.refs import Ref, check_ref_format

from grader.errors import IntakeError
from grader.files import is_junk, open_regular
from grader.intake.bounds import Bounds
from grader.intake.filling import from_wire
from grader.intake.unpack import readable, write_entry
from grader.nouns.text import Message, say

_BRANCHES = ("HEAD", "refs/heads/main", "refs/heads/master")
_COMMIT, _TREE, _BLOB = 1, 2, 3
_GITLINK = 0o160000
_FOLLOWED = 5  # references that point at references
_LONGEST_REFERENCE, _LONGEST_LIST = 2**12, 2**24
_LONGEST_TREE = 2**21
_PACKS = 50
_LONGEST_COMMIT = 2**20
_NAME = rb"[0-9a-f]{40}|[0-9a-f]{64}"
_PERSON = re.compile(rb"([^\n<>]{0,200})<([^\n<>]{0,200})> (-?\d{1,20}) ([+-]\d{4})(?!\d)")
_FIRST_GIT = datetime(2005, 4, 7, tzinfo=UTC)
_LFS = b"version https://git-lfs.github.com/spec/"


def read_commit(source: str, target: str) -> dict[str, Any]:
    """Write the files of the commit at HEAD, main or master to a folder.

    Args:
        source: a repository's folder, or a bundle; a path as a wire value (`filling.to_wire`).
        target: an empty folder, likewise.

    Returns:
        `commit`: its name; `committed`: the committer's time in ISO 8601; `email`, `name`: the author's; `notes`:
        messages about what was left out.

    Raises:
        IntakeError: there is none, something of it is not here, or what it holds is not taken in.
    """
    try:
        return _committed(from_wire(source), from_wire(target))
    except (IntakeError, MemoryError):
        raise
    except Exception as error:  # parsers raise whatever their input brings about
        reason = str(error) or type(error).__name__
        raise IntakeError(say("damaged, or no repository ({error})", error=reason)) from error


def _committed(source: Path, target: Path) -> dict[str, Any]:
    repository = _bundle(source) if source.is_file() else _repository(source)
    name = _head(repository.references)
    body = repository.objects.get(name, _COMMIT)
    author, committer = (_person(body, role) for role in (b"author", b"committer"))
    when = _time(committer)
    writing = _Writing(repository.objects, target, Bounds())
    writing.tree(_field(body, b"tree"), ())
    return {
        "commit": name.decode(),
        "committed": when.isoformat(),
        "email": author.email if author else "",
        "name": author.name if author else "",
        "notes": [note.model_dump(mode="json") for note in writing.notes],
    }


# References ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Repository:
    references: Mapping[str, bytes]
    objects: _Objects


def _repository(folder: Path) -> _Repository:
    if (folder / ".git").is_symlink():
        raise IntakeError(say("{name}: a symbolic link", name=".git"))
    if (folder / ".git").is_file():
        raise IntakeError(say(".git is a file that says where the repository is; hand in the repository itself"))
    git = folder / ".git" if (folder / ".git").is_dir() else folder
    if (git / "commondir").exists():
        raise IntakeError(say("its objects lie elsewhere (commondir); hand in a whole clone"))
    references = _References(git)
    return _Repository(references, _Objects(_hash_of(references), git / "objects"))


def _hash_of(references: Mapping[str, bytes]) -> ObjectFormat:
    length = max((len(references[name]) for name in _BRANCHES if name in references), default=SHA1.hex_length)
    return SHA256 if length == SHA256.hex_length else SHA1


class _References(dict[str, bytes]):
    """What the names of `_BRANCHES` stand for in a repository."""

    def __init__(self, git: Path) -> None:
        self._git = git
        self._packed = dict(self._packed_references())
        super().__init__({name: value for name in _BRANCHES if (value := self._resolved(name))})

    def _resolved(self, name: str) -> bytes | None:
        for _ in range(_FOLLOWED):
            value = self._read(name, _LONGEST_REFERENCE).strip() or self._packed.get(name, b"")
            if not value.startswith(b"ref:"):
                return value if re.fullmatch(_NAME, value) else None
            pointed = value[4:].strip()
            if not pointed.startswith(b"refs/") or not check_ref_format(Ref(pointed)):
                return None
            name = pointed.decode("utf-8", "surrogateescape")
        return None

    def _read(self, name: str, most: int) -> bytes:
        stream = _regular(self._git, name)
        if stream is None:
            return b""
        with stream:
            return stream.read(most)

    def _packed_references(self) -> Iterator[tuple[str, bytes]]:
        for line in self._read("packed-refs", _LONGEST_LIST).splitlines():
            value, _, name = line.partition(b" ")
            if not line.startswith((b"#", b"^")):
                yield name.decode("utf-8", "surrogateescape"), value


def _head(references: Mapping[str, bytes]) -> ObjectID:
    for branch in _BRANCHES:
        if re.fullmatch(_NAME, references.get(branch, b"")):
            return ObjectID(references[branch])
    raise IntakeError(say("no commit on HEAD, main or master"))


def _regular(folder: Path, name: str) -> BinaryIO | None:
    """Open a regular file below a folder, reached through no link; None where there is none."""
    place = folder
    for part in name.split("/"):
        if place.is_symlink():
            return None
        place /= part
    try:
        return open_regular(place)
    except (OSError, ValueError):
        return None


# Objects ------------------------------------------------------------------------------------------------------------


@dataclass
class _Objects:
    """The objects of a repository by their names.

    Attributes:
        format: SHA-1 or SHA-256.
        folder: with loose objects and packs; None where `alone` is all.
        alone: the pack of a bundle.
    """

    format: ObjectFormat
    folder: Path | None = None
    alone: Pack | None = None

    def get(self, name: ObjectID, kind: int) -> bytes:
        """The content of an object.

        Raises:
            IntakeError: it is not here, of another kind, or not what its name says.
        """
        found = self._loose(name) or self._packed(name)
        short = name[:12].decode("ascii", "replace")
        if found is None:
            raise IntakeError(say("object {name} is not here; hand in a whole clone", name=short))
        number, body = found
        if number != kind or obj_sha(number, body, self.format.hash_func).hex().encode() != name:
            raise IntakeError(say("object {name} is damaged", name=short))
        return body

    def _loose(self, name: ObjectID) -> tuple[int, bytes] | None:
        text = name.decode("ascii")
        stream = _regular(self.folder, f"{text[:2]}/{text[2:]}") if self.folder else None
        if stream is None:
            return None
        with stream:
            made = ShaFile.from_file(stream, object_format=self.format, max_size=Bounds().file)
        return made.type_num, made.as_raw_string()

    def _packed(self, name: ObjectID) -> tuple[int, bytes] | None:
        for pack in self._packs:
            if name in pack:
                return pack.get_raw(name)
        return None

    @cached_property
    def _packs(self) -> tuple[Pack, ...]:
        if self.alone is not None:
            return (self.alone,)
        if self.folder is None or self.folder.is_symlink() or (self.folder / "pack").is_symlink():
            return ()
        names = sorted(file.name for file in (self.folder / "pack").glob("*.idx"))
        if len(names) > _PACKS:
            raise IntakeError(say("more than {count} packs; run git gc before handing in", count=_PACKS))
        return tuple(pack for name in names if (pack := self._opened(self.folder / "pack", name)) is not None)

    def _opened(self, folder: Path, name: str) -> Pack | None:
        index, data = _regular(folder, name), _regular(folder, f"{name.removesuffix('.idx')}.pack")
        if index is None or data is None:
            return None
        return Pack.from_objects(PackData.from_file(data, self.format), load_pack_index_file(name, index, self.format))


def _bundle(file: Path) -> _Repository:
    """A bundle's own references and pack; what it says about other repositories is not followed."""
    with open_regular(file) as stream:
        if stream.readline(100) not in {b"# v2 git bundle\n", b"# v3 git bundle\n"}:
            raise IntakeError(say("not a git bundle"))
        references: dict[str, bytes] = {}
        chosen = SHA1
        while (line := stream.readline(_LONGEST_REFERENCE)) not in {b"\n", b""}:
            if line.startswith(b"-"):
                raise IntakeError(say("an incomplete bundle: it needs commits that are not in it"))
            if line.startswith(b"@object-format=sha256"):
                chosen = SHA256
            value, _, name = line.rstrip(b"\n").partition(b" ")
            references[name.decode("utf-8", "surrogateescape")] = value
        data = PackData.from_file(BytesIO(stream.read()), chosen)
    return _Repository(references, _Objects(chosen, alone=Pack.from_objects(data, MemoryPackIndex.for_pack(data))))


# Commits ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Person:
    name: str
    email: str
    seconds: int
    offset: str


def _field(body: bytes, name: bytes) -> ObjectID:
    match = re.match(rb"%s ([0-9a-f]{40,64})\n" % name, body)
    if match is None:
        raise IntakeError(say("a commit without {part}", part=name.decode()))
    return ObjectID(match[1])


def _person(body: bytes, role: bytes) -> _Person | None:
    header = body[:_LONGEST_COMMIT].partition(b"\n\n")[0]
    line = next((line for line in header.split(b"\n") if line.startswith(role + b" ")), b"")
    match = _PERSON.fullmatch(line.removeprefix(role + b" "))
    if match is None:
        return None
    name, email = (match[at].decode("utf-8", "replace").strip() for at in (1, 2))
    return _Person(name, email, int(match[3]), match[4].decode())


def _time(committer: _Person | None) -> datetime:
    """When it was committed, as the committer says.

    Raises:
        IntakeError: nobody says, or it cannot be.
    """
    if committer is None:
        raise IntakeError(say("a commit without {part}", part="committer"))
    hours, minutes = int(committer.offset[1:3]), int(committer.offset[3:])
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if committer.offset[0] == "-" else 1)
    try:
        when = datetime.fromtimestamp(committer.seconds, timezone(offset))
    except (ValueError, OverflowError, OSError):
        when = None
    if when is None or not _FIRST_GIT < when < datetime.now(UTC) + timedelta(days=1):
        said = f"{committer.seconds} {committer.offset}" if when is None else when.isoformat()
        raise IntakeError(say("the commit says that it was made at {time}, which cannot be; commit again", time=said))
    return when


@dataclass
class _Writing:
    """Writes trees to a folder, within bounds."""

    objects: _Objects
    target: Path
    bounds: Bounds
    notes: list[Message] = field(default_factory=list)

    def tree(self, name: ObjectID, above: tuple[str, ...]) -> None:
        """Write a tree below the folders `above`."""
        content = self.objects.get(name, _TREE)
        if len(content) > _LONGEST_TREE:
            raise IntakeError(
                say("{name}: more than {count} entries", name="/".join(above) or ".", count=self.bounds.entries)
            )
        taken: set[str] = set()
        for raw, mode, entry in parse_tree(content, self.objects.format.oid_length):
            part = readable(raw)
            whole = "/".join((*above, part))
            if "/" in part or part in {"", ".", ".."} or part in taken:
                raise IntakeError(say("{name}: a path that leaves its folder, or is there twice", name=whole))
            taken.add(part)
            self.bounds.entry(whole, 0)
            self.bounds.path(whole)
            if not is_junk(part):
                self._entry(ObjectID(entry), mode, (*above, part))

    def _entry(self, name: ObjectID, mode: int, parts: tuple[str, ...]) -> None:
        whole = "/".join(parts)
        if mode == _GITLINK:
            self.notes.append(say("{name}: a submodule is not part of the repository and was left out", name=whole))
        elif stat.S_ISDIR(mode):
            self.tree(name, parts)
        elif stat.S_ISREG(mode):
            body = self.objects.get(name, _BLOB)
            write_entry(BytesIO(body), self.target, self.bounds.path(whole), whole, self.bounds)
            if body.startswith(_LFS):
                note = say("{name}: only a pointer of Git LFS; the file itself is not in the repository", name=whole)
                self.notes.append(note)
        elif stat.S_ISLNK(mode):
            raise IntakeError(say("{name}: a symbolic link", name=whole))
        else:
            raise IntakeError(say("{name}: a device or pipe", name=whole))

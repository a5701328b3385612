"""Binding logical model names to directories, and refusing directories that cannot work."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.errors import ModelError
from grader.nouns.binding import Binding, ModelChoice
from grader.nouns.course import Course, ModelSource
from grader.nouns.text import say

PROFILES = ("mini", "full")
_LOADED = {".json", ".safetensors", ".model", ".txt", ".jinja"}


def parse_choice(choices: Iterable[str]) -> ModelChoice:
    """Read `--models` choices: `mini`, `full`, or `NAME=DIR` (repeatable; later ones win).

    Raises:
        ModelError: a word is neither a profile nor NAME=DIR.
    """
    profile = "mini"
    directories: dict[str, Path] = {}
    for word in choices:
        name, equals, directory = word.partition("=")
        if equals and name and directory:
            directories[name] = Path(directory)
        elif word in PROFILES:
            profile = word
        else:
            raise ModelError(
                say("--models {word}: write {profiles} or NAME=DIR", word=word, profiles=", ".join(PROFILES))
            )
    return ModelChoice(profile=profile, directories=directories)


def bind(course: Course, names: Iterable[str], choice: ModelChoice) -> dict[str, Binding]:
    """Bind each logical name that is needed.

    Raises:
        ModelError: a name the course does not know, a missing directory or file, or a tokenizer that does not fit.
    """
    for name in choice.directories:
        _known(course, name)
    return {name: _bind_one(course, name, choice) for name in sorted(set(names))}


def _known(course: Course, name: str) -> ModelSource:
    source = course.models.get(name)
    if source is None:
        known = ", ".join(course.models) or say("none")
        raise ModelError(say("there is no model {name!r} in this course; it names: {known}", name=name, known=known))
    return source


def _bind_one(course: Course, name: str, choice: ModelChoice) -> Binding:
    source = _known(course, name)
    config = _inside(course, name, source.config)
    directory: Path | None = None
    origin = "config"
    if source.kind != "config":
        origin, directory = _weights(course, name, source, choice)
        check_directory(name, directory)
    elif name in choice.directories:
        config, origin = choice.directories[name], str(choice.directories[name])
        if not (config / "config.json").is_file():
            raise ModelError(
                say("{name}: {folder} has no config.json; name a Hugging Face directory", name=name, folder=str(config))
            )
    return Binding(
        name=name,
        kind=source.kind,
        source=origin,
        directory=directory.resolve() if directory else None,
        config=config.resolve() if config else None,
        fingerprint=fingerprint(path for path in (directory, config) if path),
    )


def _weights(course: Course, name: str, source: ModelSource, choice: ModelChoice) -> tuple[str, Path]:
    if name in choice.directories:
        return str(choice.directories[name]), choice.directories[name]
    if choice.profile == "full":
        return source.full or "", _from_hub(name, source)
    directory = _inside(course, name, source.mini)
    if directory is None:
        raise ModelError(say("{name}: course.yaml gives no `mini`; bind it with --models {name}=DIR", name=name))
    return "mini", directory


def _inside(course: Course, name: str, relative: str | None) -> Path | None:
    if relative is None:
        return None
    path = course.root / relative
    if not path.is_dir():
        raise ModelError(say("{name}: there is no folder {path}; is the course complete?", name=name, path=str(path)))
    return path


def _from_hub(name: str, source: ModelSource) -> Path:
    if source.full is None:
        raise ModelError(say("{name}: course.yaml gives no `full` hub id; bind it with --models {name}=DIR", name=name))
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    patterns = [f"*{suffix}" for suffix in sorted(_LOADED)]
    try:
        return Path(snapshot_download(source.full, allow_patterns=patterns, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(source.full, allow_patterns=patterns))
    except Exception as error:  # the hub client raises a wide range of network errors
        raise ModelError(
            say(
                "{name}: {model} is neither in the local Hugging Face cache nor can it be fetched ({error}). "
                "Download it elsewhere and name it with --models {name}=DIR, or grade with --models mini",
                name=name,
                model=source.full,
                error=str(error),
            )
        ) from error


def check_directory(name: str, directory: Path) -> None:
    """Refuse a model directory that cannot work, before torch is imported.

    Raises:
        ModelError: naming the missing file, or the two sizes that do not fit.
    """
    if not directory.is_dir():
        raise ModelError(say("{name}: there is no folder {path}", name=name, path=str(directory)))
    for needed in ("config.json", "tokenizer.json"):
        if not (directory / needed).is_file() and not (needed == "tokenizer.json" and _other_tokenizer(directory)):
            raise ModelError(
                say(
                    "{name}: {folder} has no {file}; name a complete Hugging Face directory",
                    name=name,
                    folder=str(directory),
                    file=needed,
                )
            )
    weights = sorted(directory.glob("*.safetensors"))
    if not weights:
        raise ModelError(
            say(
                "{name}: {folder} has no *.safetensors; convert the weights with save_pretrained",
                name=name,
                folder=str(directory),
            )
        )
    rows = _embedding_rows(name, weights)
    needed_rows = _vocabulary_size(name, directory)
    if rows is not None and needed_rows is not None and needed_rows > rows:
        raise ModelError(
            say(
                "{name}: the tokenizer in {folder} uses ids up to {highest}, but the embedding has {rows} rows; "
                "tokenizer and weights do not belong together",
                name=name,
                folder=str(directory),
                highest=needed_rows - 1,
                rows=rows,
            )
        )


def _other_tokenizer(directory: Path) -> bool:
    return any((directory / file).is_file() for file in ("tokenizer.model", "vocab.txt"))


def _embedding_rows(name: str, weights: Iterable[Path]) -> int | None:
    """Rows of the input embedding, read from the safetensors headers (8-byte length, then JSON)."""
    for file in weights:
        try:
            with file.open("rb") as stream:
                (length,) = struct.unpack("<Q", stream.read(8))
                header = json.loads(stream.read(min(length, 2**26)))
        except (OSError, ValueError, struct.error) as error:
            raise ModelError(
                say(
                    "{name}: {file} is not a safetensors file ({error}); fetch it again",
                    name=name,
                    file=str(file),
                    error=str(error),
                )
            ) from error
        for tensor, entry in header.items():
            if tensor.endswith(("embed_tokens.weight", "word_embeddings.weight")):
                return int(entry["shape"][0])
    return None


def _vocabulary_size(name: str, directory: Path) -> int | None:
    """One more than the highest id the tokenizer can give; None for formats without a tokenizer.json."""
    file = directory / "tokenizer.json"
    if not file.is_file():
        return None
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(
            say("{name}: {file} is not JSON ({error}); fetch it again", name=name, file=str(file), error=str(error))
        ) from error
    vocabulary = document.get("model", {}).get("vocab", {})
    ids = vocabulary.values() if isinstance(vocabulary, Mapping) else range(len(vocabulary))
    added = (token["id"] for token in document.get("added_tokens", []))
    return 1 + max([*ids, *added], default=-1)


def fingerprint(directories: Iterable[Path]) -> str:
    """Return the first 12 hex digits of SHA-256 over the names and contents of all files that loading reads."""
    digest = hashlib.sha256()
    for directory in directories:
        for file in sorted(path for path in directory.iterdir() if path.suffix in _LOADED and path.is_file()):
            digest.update(file.name.encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:12]

"""Keeping the catalogues in step with the code: extract, update, compile, and what is wrong with them.

Needs Babel, which is for developers; a running grader reads the compiled catalogues with the standard library.
"""

from __future__ import annotations

import ast
import io
import string
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from grader.cli import cli, commands
from grader.cli.helptext import CLICK, texts

PACKAGE = Path(__file__).parent.parent
LANGUAGES = ("zh",)
KEYWORD = "say"
_WIDTH = 120


def po_file(language: str, package: Path = PACKAGE) -> Path:
    """Return the path of the catalogue that people edit."""
    return package / "language" / language / "LC_MESSAGES" / "grader.po"


def mo_file(language: str, package: Path = PACKAGE) -> Path:
    """Return the path of the catalogue that the grader reads."""
    return po_file(language, package).with_suffix(".mo")


def calls(package: Path = PACKAGE) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of `say` in the package's source, file by file."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == KEYWORD and node.args:
                yield file, node


def literal(call: ast.Call) -> str | None:
    """The message of a call; None where it is not written out, so that no catalogue could hold it."""
    first = call.args[0] if len(call.args) == 1 else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def extract(package: Path = PACKAGE) -> Catalog:
    """All messages of the source, the help of all commands and click's own words, with the files they come from."""
    catalog = _empty(None)
    for file, call in calls(package):
        message = literal(call)
        if message is not None and has_words(message):
            catalog.add(message, locations=[(file.relative_to(package.parent).as_posix(), call.lineno)])
    if package == PACKAGE:
        for name, command in {"__init__": cli, **{f"commands/{name}": one for name, one in commands().items()}}.items():
            for text in texts(command):
                catalog.add(text, locations=[(f"grader/cli/{name}.py", 0)])
        for text in CLICK:
            catalog.add(text, locations=[("grader/cli/helptext.py", 0)])
    return catalog


def read(language: str, package: Path = PACKAGE) -> Catalog:
    """Read the catalogue that people edit; an empty one where there is none yet."""
    file = po_file(language, package)
    if not file.is_file():
        return _empty(language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language, domain="grader")


def _empty(language: str | None) -> Catalog:
    return Catalog(
        locale=language,
        domain="grader",
        project="llm-homework-grader",
        header_comment="# What the grader says. Edit the translations here, then run `make messages`.",
        fuzzy=False,
    )


def update(package: Path = PACKAGE) -> None:
    """Take new messages into every catalogue, drop those no longer said, write and compile."""
    messages = extract(package)
    for language in LANGUAGES:
        catalog = read(language, package)
        catalog.update(messages, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        po_file(language, package).parent.mkdir(parents=True, exist_ok=True)
        with po_file(language, package).open("wb") as stream:
            write_po(stream, catalog, width=_WIDTH, sort_by_file=True, include_lineno=False)
        mo_file(language, package).write_bytes(compiled(read(language, package)))


def compiled(catalog: Catalog) -> bytes:
    """The catalogue in the form gettext reads."""
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def has_words(text: str) -> bool:
    """Return whether a message has anything to translate besides placeholders."""
    return any(letter.isalpha() for part, *_ in string.Formatter().parse(text) for letter in part)


def placeholders(text: str) -> set[str]:
    """The names in braces of a message."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def problems(package: Path = PACKAGE) -> list[str]:
    """What is wrong, a line each: a message not written out, missing, fuzzy, unused, or with other placeholders."""
    found = [*_source_problems(package)]
    extracted = {message.id for message in extract(package) if message.id}
    for language in LANGUAGES:
        catalog = read(language, package)
        kept = {message.id: message for message in catalog if message.id}
        found += [f"{language}: no entry for {text!r}; run `make messages`" for text in sorted(extracted - kept.keys())]
        found += [f"{language}: unused: {text!r}; run `make messages`" for text in sorted(kept.keys() - extracted)]
        for text, message in kept.items():
            if not message.string:
                found.append(f"{language}: not translated: {text!r}")
            elif message.fuzzy:
                found.append(f"{language}: fuzzy: {text!r}")
            elif placeholders(str(text)) != placeholders(str(message.string)):
                found.append(f"{language}: other placeholders than in {text!r}: {message.string!r}")
        if not mo_file(language, package).is_file() or mo_file(language, package).read_bytes() != compiled(catalog):
            found.append(f"{language}: the compiled catalogue is stale; run `make messages`")
    return found


def _source_problems(package: Path) -> Iterator[str]:
    for file, call in calls(package):
        where = f"{file.relative_to(package.parent).as_posix()}:{call.lineno}"
        message = literal(call)
        if message is None:
            yield f"{where}: the message is not one string literal, so it cannot be translated"
            continue
        given = {keyword.arg for keyword in call.keywords}
        # A message said without any value is completed where it is used.
        if given and None not in given and given != placeholders(message):
            yield f"{where}: placeholders of {message!r} and values given differ"

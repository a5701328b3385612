"""Every message is said in Chinese too: none missing, none unused, none with other values, none compiled long ago."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli import catalogues
from grader.language.catalogue import default_language
from grader.language.speak import speak
from grader.nouns.text import Text, say


def test_the_catalogues_are_in_step_with_the_code() -> None:
    """Missing, unused, fuzzy or not compiled messages and placeholders that differ are listed by name."""
    assert catalogues.problems() == []


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with one message and its catalogue, to be spoilt."""
    folder = tmp_path / "package"
    (folder / "locale/zh/LC_MESSAGES").mkdir(parents=True)
    (folder / "module.py").write_text('say("{count} items came", count=3)\n')
    catalogues.update(folder)
    translate(folder, "来了 {count} 项")
    return folder


def translate(package: Path, text: str) -> None:
    file = catalogues.po_file("zh", package)
    head, _, _ = file.read_text("utf-8").rpartition("msgstr ")
    file.write_text(f'{head}msgstr "{text}"\n', "utf-8")
    catalogues.mo_file("zh", package).write_bytes(catalogues.compiled(catalogues.read("zh", package)))


def test_a_catalogue_in_step_has_no_problems(package: Path) -> None:
    """The fixture itself is sound, and an update changes nothing."""
    assert catalogues.problems(package) == []
    catalogues.update(package)
    before = catalogues.po_file("zh", package).read_bytes()
    catalogues.update(package)
    assert catalogues.po_file("zh", package).read_bytes() == before


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('say("{count} items came", count=3)\nsay("new")\n', "no entry for 'new'"),
        ('say("other")\n', "unused: '{count} items came'"),
        ('say("{count} items came", number=3)\n', "placeholders of '{count} items came' and values given differ"),
        ('say(text)\nsay("{count} items came", count=3)\n', "module.py:1: the message is not one string literal"),
        ('say(f"{x} a")\nsay("{count} items came", count=3)\n', "module.py:1: the message is not one string literal"),
    ],
)
def test_code_that_left_the_catalogue_behind_is_found(package: Path, source: str, problem: str) -> None:
    """New, changed and dropped messages, values under other names, and messages that no catalogue could hold."""
    (package / "module.py").write_text(source)
    assert any(problem in line for line in catalogues.problems(package)), catalogues.problems(package)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "not translated"), ("来了 {number} 项", "other placeholders"), ("来了项", "other placeholders")],
)
def test_a_translation_that_does_not_fit_is_found(package: Path, text: str, problem: str) -> None:
    """Empty ones, and ones that would lose or invent a value."""
    translate(package, text)
    assert any(problem in line for line in catalogues.problems(package))


def test_a_stale_compiled_catalogue_is_found(package: Path) -> None:
    """What the grader reads is what people edited."""
    file = catalogues.po_file("zh", package)
    file.write_text(file.read_text("utf-8").replace("来了", "收到"), "utf-8")
    assert catalogues.problems(package) == ["zh: the compiled catalogue is stale; run `make messages`"]
    file.write_text(file.read_text("utf-8").replace("#: ", "#, fuzzy\n#: "), "utf-8")
    assert any("fuzzy" in line for line in catalogues.problems(package))


def test_messages_in_messages_are_said_in_one_language() -> None:
    """Values that are messages or bilingual texts are said in the language of the whole."""
    message = say("{expected} was expected, got {got}", expected=say("a number"), got=Text(zh="诗", en="a poem"))
    assert speak(message, "en") == "a number was expected, got a poem"
    assert speak(message, "zh") == "应为数，得到的是诗"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANGUAGE": "zh", "LANG": "en_US.UTF-8"}, "zh"),
    ],
)
def test_the_default_language_is_that_of_the_locale(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chinese where the locale says so, else English; in the order gettext looks."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language

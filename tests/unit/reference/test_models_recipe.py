"""The recipe gives the same bytes each time, and what it reads is what it says."""

import hashlib
import os
import subprocess
import sys

import pytest

from reference.models import sentences
from reference.models.corpus import read_corpus
from reference.models.train import BASE, ENCODER, INSTRUCT, training_texts

SHORT_RUN = """
import sys
from pathlib import Path
from reference.models import train
train.repeatable()
train.train_causal_models(Path(sys.argv[1]), 2)
train.train_encoder(Path(sys.argv[1]), 2)
"""


def checksums(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in (BASE.name, INSTRUCT.name, ENCODER.name)
        for path in sorted((folder / name).iterdir())
    }


@pytest.fixture(scope="module")
def short_run(tmp_path_factory):
    """The checksums after two steps of every training, in a process that hashes strings in its own way."""
    out = tmp_path_factory.mktemp("run")
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", SHORT_RUN, str(out)], check=True, env=environment)
    return checksums(out)


def test_rebuilt_tokenizers_and_configurations_are_the_committed_ones(short_run):
    """All but the weights, which only the whole training gives."""
    committed = checksums(BASE.parent)
    assert len(short_run) == 14
    assert {name: text for name, text in committed.items() if not name.endswith(".safetensors")} == {
        name: text for name, text in short_run.items() if not name.endswith(".safetensors")
    }


@pytest.mark.parametrize("table", ["templates.tsv", "dialogue_templates.tsv"])
def test_every_slot_is_a_kind_of_word(table):
    """A misspelt slot would stay in the text as it is."""
    known = sentences.words().keys()
    for left, right in sentences.rows(table):
        assert {match[1] for match in sentences.SLOT.finditer(left + right)} <= known
    written = [*sentences.simple_sentences(), *(text for pair in sentences.simple_dialogues() for text in pair)]
    assert not [text for text in written if "{" in text or "}" in text]


def test_thousands_of_sentences_in_both_languages():
    """Enough different ones to learn from; some mix the languages."""
    texts = read_corpus().simple
    chinese = [sentences.CHINESE.search(text) is not None for text in texts]
    latin = [any(letter.isascii() and letter.isalpha() for letter in text) for text in texts]
    assert len(set(texts)) == len(texts) > 4000
    assert sum(a and not b for a, b in zip(chinese, latin, strict=True)) > 1000
    assert sum(b and not a for a, b in zip(chinese, latin, strict=True)) > 1000
    assert sum(a and b for a, b in zip(chinese, latin, strict=True)) > 500


def test_short_sentences_do_not_end_their_document():
    """The base model goes on after a sentence; only the tuned one learns to stop there."""
    short = set(read_corpus().simple)
    assert not short & set(training_texts(read_corpus()))

"""Lab 2's reference agrees with values worked out by hand and with independent ways to the same values."""

from __future__ import annotations

import torch
from chapter_modules import solution
from tokenizers import Tokenizer, models
from torch import nn

lab = solution("lab02_text_data")


def test_words_and_punctuation_by_hand() -> None:
    """The splitting rule of the course notes."""
    assert lab.tokenize_words("It's -- is this, a test?") == (
        ["It", "'", "s", "--", "is", "this", ",", "a", "test", "?"]
    )


def test_vocabulary_and_specials_by_hand() -> None:
    """Code points decide the order (punctuation, capitals, small letters); the specials come last."""
    assert lab.build_vocabulary("the cat, the Dog.") == (
        {",": 0, ".": 1, "Dog": 2, "cat": 3, "the": 4, "<|endoftext|>": 5, "<|unk|>": 6}
    )
    assert lab.encode_documents("the cat, the Dog.", ["the cow", "Dog."]) == [4, 6, 5, 2, 1]
    assert lab.decode_ids("the cat, the Dog.", [4, 3, 0, 4, 2, 1]) == "the cat, the Dog."


def test_bpe_by_hand() -> None:
    """Hug x 2, pug, pun: `g </w>` and `u g` occur three times each, and the smaller pair goes first."""
    assert lab.train_bpe("hug hug pug pun", 3) == [["g", "</w>"], ["u", "g</w>"], ["h", "ug</w>"]]
    assert lab.train_bpe("ab", 9) == [["a", "b"], ["ab", "</w>"]]


def test_encoding_is_that_of_the_tokenizers_library() -> None:
    """With merges that were learnt, applying them one by one gives what the library's BPE gives."""
    text = "low low low lower newest newest newest widest"
    merges = lab.train_bpe(text, 12)
    symbols = {*text, "</w>", *(left + right for left, right in merges)}
    # One character stands for `</w>`, since the library begins from single characters.
    short = {symbol.replace("</w>", "$"): number for number, symbol in enumerate(sorted(symbols))}
    pairs = [(left.replace("</w>", "$"), right.replace("</w>", "$")) for left, right in merges]
    library = Tokenizer(models.BPE(vocab=short, merges=pairs))
    for word in ("lowest", "newer", "wider"):
        expected = [token.replace("$", "</w>") for token in library.encode(f"{word}$").tokens]
        assert lab.encode_bpe(merges, word) == expected


def test_windows_by_hand() -> None:
    """A window counts as long as its last target fits."""
    assert lab.sliding_windows(list(range(7)), 3, 2) == (
        {"inputs": [[0, 1, 2], [2, 3, 4]], "targets": [[1, 2, 3], [3, 4, 5]]}
    )
    assert lab.sliding_windows(list(range(8)), 3, 4)["inputs"] == [[0, 1, 2], [4, 5, 6]]
    assert lab.sliding_windows([1, 2, 3], 3, 1) == {"inputs": [], "targets": []}


def test_embeddings_are_those_of_two_embedding_layers() -> None:
    """Token table at ids plus position table at 0, 1, 2 …"""
    torch.manual_seed(0)
    tokens, positions = nn.Embedding(6, 3), nn.Embedding(5, 3)
    ids = torch.tensor([[5, 0, 2, 2], [1, 1, 4, 3]])
    expected = tokens(ids) + positions(torch.arange(4))
    got = lab.input_embeddings(tokens.weight.tolist(), positions.weight.tolist(), ids.tolist())
    assert torch.allclose(got, expected, atol=1e-6)

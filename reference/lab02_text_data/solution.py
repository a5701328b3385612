"""Lab 2, working with text data: word tokenizer, byte-pair encoding, sliding windows, input embeddings.

The splitting rule, the special tokens and the order of a vocabulary are those of the course notes (chapter 2 of
"Build a Large Language Model (From Scratch)"); ties in byte-pair encoding are settled as each docstring states.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

import torch

UNKNOWN = "<|unk|>"
END_OF_TEXT = "<|endoftext|>"
END_OF_WORD = "</w>"

ANSWERS = {
    "why_unknown": "B",
    "why_positions": (
        "嵌入层总是把同一个词元 ID 映射成同一个向量，与位置无关；自注意力本身也与位置（顺序）无关，"
        "所以要加入位置信息，模型才能区分词序不同的句子。"
    ),
}

_SEPARATORS = re.compile(r'([,.:;?_!"()\']|--|\s)')


def tokenize_words(text: str) -> list[str]:
    r"""Cut a text at white space, at `--` and at each of , . : ; ? _ ! " ( ) '

    Separators are tokens of their own, white space is dropped; letters keep their case. `<|endoftext|>` holds none
    of the separators and stays whole.
    """
    return [piece for piece in _SEPARATORS.split(text) if piece.strip()]


def build_vocabulary(text: str) -> dict[str, int]:
    """Token → id: the distinct tokens of the text in sorted order (Unicode code points) from 0, then the two specials.

    `<|endoftext|>` gets the last id but one, `<|unk|>` the last.
    """
    tokens = sorted(set(tokenize_words(text)) - {END_OF_TEXT, UNKNOWN})
    return {token: number for number, token in enumerate([*tokens, END_OF_TEXT, UNKNOWN])}


def encode_documents(text: str, documents: Sequence[str]) -> list[int]:
    """Ids of the documents with the vocabulary of `text`.

    `<|endoftext|>` stands between two documents, not after the last; words outside the vocabulary become `<|unk|>`.
    """
    vocabulary = build_vocabulary(text)
    tokens = tokenize_words(f" {END_OF_TEXT} ".join(documents))
    return [vocabulary.get(token, vocabulary[UNKNOWN]) for token in tokens]


def decode_ids(text: str, ids: Sequence[int]) -> str:
    """The tokens of the ids joined by spaces, then the white space before each of , . ? ! " ( ) ' removed."""
    names = {number: token for token, number in build_vocabulary(text).items()}
    return re.sub(r'\s+([,.?!"()\'])', r"\1", " ".join(names[number] for number in ids))


def _merge(symbols: Sequence[str], pair: tuple[str, str]) -> tuple[str, ...]:
    """Replace the pair from left to right, without overlap."""
    merged: list[str] = []
    place = 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return tuple(merged)


def train_bpe(text: str, merges: int) -> list[list[str]]:
    """Learn byte-pair merges (Sennrich et al. 2016, arXiv:1508.07909), in the order they are learnt.

    The text is cut at white space; a word starts as its characters and `</w>` at the end. Each step merges the pair
    of neighbouring symbols with the highest count (each word counted as often as it occurs); of equally frequent
    pairs the smallest (first symbol, then second, by Unicode code points) wins. It stops early when no pair is left.

    Returns:
        At most `merges` pairs [left, right].
    """
    words = Counter((*tuple(word), END_OF_WORD) for word in text.split())
    learnt: list[list[str]] = []
    for _ in range(merges):
        pairs: Counter[tuple[str, str]] = Counter()
        for symbols, count in words.items():
            for pair in itertools.pairwise(symbols):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        learnt.append(list(best))
        merged: Counter[tuple[str, ...]] = Counter()
        for symbols, count in words.items():
            merged[_merge(symbols, best)] += count
        words = merged
    return learnt


def encode_bpe(merges: Sequence[Sequence[str]], text: str) -> list[str]:
    """Cut each white-space word into characters and `</w>`, then apply every merge once, in the order given."""
    tokens: list[str] = []
    for word in text.split():
        symbols: tuple[str, ...] = (*word, END_OF_WORD)
        for left, right in merges:
            symbols = _merge(symbols, (left, right))
        tokens.extend(symbols)
    return tokens


def sliding_windows(ids: Sequence[int], length: int, stride: int) -> dict[str, list[list[int]]]:
    """Training samples for next-token prediction.

    Windows begin at 0, stride, 2 x stride … as long as `length` inputs and the target of the last one fit.

    Returns:
        `inputs`: ids[i : i + length] of each window; `targets`: the same shifted by one, ids[i + 1 : i + length + 1].
    """
    starts = range(0, len(ids) - length, stride)
    return {
        "inputs": [list(ids[i : i + length]) for i in starts],
        "targets": [list(ids[i + 1 : i + length + 1]) for i in starts],
    }


def input_embeddings(
    token_table: Sequence[Sequence[float]], position_table: Sequence[Sequence[float]], ids: Sequence[Sequence[int]]
) -> torch.Tensor:
    """Token embeddings plus absolute position embeddings.

    Args:
        token_table: [vocabulary, d], row = token id.
        position_table: [context, d], row = position from 0; context is at least the length of a sequence.
        ids: [batch, length].

    Returns:
        float32 [batch, length, d]: token_table[ids] + position_table[0 … length - 1].
    """
    tokens = torch.tensor(token_table, dtype=torch.float32)
    positions = torch.tensor(position_table, dtype=torch.float32)
    indices = torch.tensor(ids, dtype=torch.long)
    return tokens[indices] + positions[: indices.shape[1]]

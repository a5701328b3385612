"""Lab 2: wrong answers that students really give, each run on the same inputs as the reference."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import torch
from solution import (
    END_OF_TEXT,
    END_OF_WORD,
    UNKNOWN,
    build_vocabulary,
    decode_ids,
    encode_bpe,
    encode_documents,
    input_embeddings,
    sliding_windows,
    tokenize_words,
    train_bpe,
)


def tokenize_words__whitespace_only(text: str) -> list[str]:
    """zh: 你只按空白切分，标点粘在了单词上；标点要成为单独的词元。
    en: The text was cut at white space only, so punctuation sticks to words; it becomes tokens of its own.
    """
    return text.split()


def tokenize_words__spaces_kept(text: str) -> list[str]:
    """zh: 空白没有去掉；空白和空字符串都不是词元。
    en: White space was kept; neither white space nor empty strings are tokens.
    """
    return [piece for piece in re.split(r'([,.:;?_!"()\']|--|\s)', text) if piece]


def tokenize_words__punctuation_dropped(text: str) -> list[str]:
    """zh: 标点被丢掉了；它们也是词元。
    en: Punctuation was dropped; it makes tokens, too.
    """
    return [token for token in tokenize_words(text) if not re.fullmatch(r'[,.:;?_!"()\']|--', token)]


def tokenize_words__lower_case(text: str) -> list[str]:
    """zh: 你转成了小写；这里保留大小写。
    en: The text was put into lower case; case is kept here.
    """
    return tokenize_words(text.lower())


def build_vocabulary__specials_first(text: str) -> dict[str, int]:
    """zh: 特殊词元排在了最前面；约定它们排在最后。
    en: The special tokens come first; they are to come last.
    """
    words = list(build_vocabulary(text))[:-2]
    return {token: number for number, token in enumerate([END_OF_TEXT, UNKNOWN, *words])}


def build_vocabulary__order_of_occurrence(text: str) -> dict[str, int]:
    """zh: 你按出现的先后编号；应按 Unicode 码位排序后编号。
    en: Ids follow the order of occurrence; they follow the sorted order (Unicode code points).
    """
    words = dict.fromkeys(tokenize_words(text))
    return {token: number for number, token in enumerate([*words, END_OF_TEXT, UNKNOWN])}


def build_vocabulary__from_one(text: str) -> dict[str, int]:
    """zh: 编号从 1 开始了；应从 0 开始。
    en: Ids begin at 1; they begin at 0.
    """
    return {token: number + 1 for token, number in build_vocabulary(text).items()}


def build_vocabulary__no_specials(text: str) -> dict[str, int]:
    """zh: 缺少特殊词元 <|endoftext|> 和 <|unk|>。
    en: The special tokens <|endoftext|> and <|unk|> are missing.
    """
    return dict(list(build_vocabulary(text).items())[:-2])


def encode_documents__no_end_of_text(text: str, documents: Sequence[str]) -> list[int]:
    """zh: 两篇文本之间没有 <|endoftext|>。
    en: There is no <|endoftext|> between the documents.
    """
    return [number for document in documents for number in encode_documents(text, [document])]


def encode_documents__unknown_dropped(text: str, documents: Sequence[str]) -> list[int]:
    """zh: 不在词汇表里的词被丢掉了；应换成 <|unk|>。
    en: Words outside the vocabulary were dropped; they become <|unk|>.
    """
    unknown = build_vocabulary(text)[UNKNOWN]
    return [number for number in encode_documents(text, documents) if number != unknown]


def encode_documents__end_of_text_at_the_end(text: str, documents: Sequence[str]) -> list[int]:
    """zh: 最后一篇之后也加了 <|endoftext|>；约定只放在两篇之间。
    en: <|endoftext|> also follows the last document; it stands only between two.
    """
    return [*encode_documents(text, documents), build_vocabulary(text)[END_OF_TEXT]]


def encode_documents__specials_swapped(text: str, documents: Sequence[str]) -> list[int]:
    """zh: <|unk|> 和 <|endoftext|> 的编号互换了。
    en: The ids of <|unk|> and <|endoftext|> are swapped.
    """
    end, unknown = build_vocabulary(text)[END_OF_TEXT], build_vocabulary(text)[UNKNOWN]
    swap = {end: unknown, unknown: end}
    return [swap.get(number, number) for number in encode_documents(text, documents)]


def decode_ids__space_before_punctuation(text: str, ids: Sequence[int]) -> str:
    """zh: 标点前的空格没有去掉。
    en: The space before punctuation was not removed.
    """
    names = {number: token for token, number in build_vocabulary(text).items()}
    return " ".join(names[number] for number in ids)


def decode_ids__no_spaces(text: str, ids: Sequence[int]) -> str:
    """zh: 词元直接连在一起了；应先用空格连接。
    en: The tokens were joined without spaces; join them with spaces first.
    """
    names = {number: token for token, number in build_vocabulary(text).items()}
    return "".join(names[number] for number in ids)


def decode_ids__all_lower_case(text: str, ids: Sequence[int]) -> str:
    """zh: 结果变成了小写；大小写要保留。
    en: The result is in lower case; case is kept.
    """
    return decode_ids(text, ids).lower()


def train_bpe__last_of_ties(text: str, merges: int) -> list[list[str]]:
    """zh: 次数相同的时候选了最大的一对；约定选 Unicode 码位最小的一对。
    en: Of equally frequent pairs the largest was taken; the smallest by Unicode code points is agreed on.
    """
    return _learn(text, merges, end=END_OF_WORD, largest=True)


def train_bpe__no_end_of_word(text: str, merges: int) -> list[list[str]]:
    """zh: 词尾没有加 </w>。
    en: Words do not end in </w>.
    """
    return _learn(text, merges, end="", largest=False)


def train_bpe__distinct_words_once(text: str, merges: int) -> list[list[str]]:
    """zh: 每个不同的词只数了一次；词出现几次，其中的字符对就数几次。
    en: Each distinct word was counted once; a pair counts as often as its word occurs.
    """
    return train_bpe(" ".join(dict.fromkeys(text.split())), merges)


def train_bpe__joined_symbols(text: str, merges: int) -> list[list[str]]:
    """zh: 左右两部分的顺序反了：合并规则应是 [左, 右]。
    en: The two sides are swapped: a merge is [left, right].
    """
    return [[right, left] for left, right in train_bpe(text, merges)]


def _learn(text: str, merges: int, *, end: str, largest: bool) -> list[list[str]]:
    words = [[*word, *([end] if end else [])] for word in text.split()]
    learnt: list[list[str]] = []
    while len(learnt) < merges:
        counts = Counter(pair for word in words for pair in pairwise(word))
        if not counts:
            break
        top = max(counts.values())
        ties = sorted(pair for pair, count in counts.items() if count == top)
        left, right = ties[-1 if largest else 0]
        learnt.append([left, right])
        words = [_joined(word, left, right) for word in words]
    return learnt


def _joined(word: list[str], left: str, right: str) -> list[str]:
    """Merge the pair from left to right; what was just merged is not the left side of another pair."""
    result: list[str] = []
    fresh = False
    for symbol in word:
        if result and not fresh and result[-1] == left and symbol == right:
            result[-1] = left + right
            fresh = True
        else:
            result.append(symbol)
            fresh = False
    return result


def encode_bpe__first_merge_only(merges: Sequence[Sequence[str]], text: str) -> list[str]:
    """zh: 只用了第一条合并规则；每条都要按顺序用一遍。
    en: Only the first merge was applied; each one is applied in order.
    """
    return encode_bpe(merges[:1], text)


def encode_bpe__reverse_order(merges: Sequence[Sequence[str]], text: str) -> list[str]:
    """zh: 合并规则用的顺序反了；应从最先学到的开始。
    en: The merges were applied in reverse; begin with the one learnt first.
    """
    return encode_bpe(list(merges)[::-1], text)


def encode_bpe__no_end_of_word(merges: Sequence[Sequence[str]], text: str) -> list[str]:
    """zh: 结果里没有词尾符号 </w>。
    en: The end-of-word symbol </w> is missing.
    """
    return [token for token in (t.removesuffix(END_OF_WORD) for t in encode_bpe(merges, text)) if token]


def encode_bpe__longest_piece_first(merges: Sequence[Sequence[str]], text: str) -> list[str]:
    """zh: 你从左到右取最长的已知子词（那是 WordPiece 的做法）；BPE 按学到的顺序逐条合并。
    en: The longest known piece was taken from the left (as WordPiece does); BPE applies merges in the order learnt.
    """
    known = {left + right for left, right in merges}
    tokens: list[str] = []
    for word in text.split():
        rest = (*word, END_OF_WORD)
        while rest:
            sizes = (n for n in range(len(rest), 0, -1) if n == 1 or "".join(rest[:n]) in known)
            size = next(sizes)
            tokens.append("".join(rest[:size]))
            rest = rest[size:]
    return tokens


Windows = dict[str, list[list[int]]]


def sliding_windows__targets_not_shifted(ids: Sequence[int], length: int, stride: int) -> Windows:
    """zh: 目标和输入一样；目标应向后移一位（预测下一个词元）。
    en: Targets equal inputs; they are shifted by one (the next token is predicted).
    """
    right = sliding_windows(ids, length, stride)
    return {"inputs": right["inputs"], "targets": right["inputs"]}


def sliding_windows__stride_ignored(ids: Sequence[int], length: int, stride: int) -> Windows:
    """zh: 窗口每次只移动一步；应移动 stride 步。
    en: The window moves by one; it moves by `stride`.
    """
    del stride
    return sliding_windows(ids, length, 1)


def sliding_windows__stride_is_length(ids: Sequence[int], length: int, stride: int) -> Windows:
    """zh: 窗口每次移动了一个窗口的长度；应移动 stride 步。
    en: The window moves by its own length; it moves by `stride`.
    """
    del stride
    return sliding_windows(ids, length, length)


def sliding_windows__next_token_only(ids: Sequence[int], length: int, stride: int) -> Windows:
    """zh: 目标只有一个词元；每个输入位置都有自己的目标，目标和输入一样长。
    en: Only one target a window; every input position has its own, so targets are as long as inputs.
    """
    right = sliding_windows(ids, length, stride)
    return {"inputs": right["inputs"], "targets": [target[-1:] for target in right["targets"]]}


def sliding_windows__last_window_lost(ids: Sequence[int], length: int, stride: int) -> Windows:
    """zh: 少了最后一个窗口：只要 length 个输入和最后一个目标放得下就算。
    en: The last window is missing: it counts as long as its inputs and its last target fit.
    """
    return {name: rows[:-1] for name, rows in sliding_windows(ids, length, stride).items()}


Table = Sequence[Sequence[float]]


def input_embeddings__no_positions(
    token_table: Table, position_table: Table, ids: Sequence[Sequence[int]]
) -> torch.Tensor:
    """zh: 没有加位置嵌入。
    en: The position embeddings were not added.
    """
    zeros = [[0.0] * len(row) for row in position_table]
    return input_embeddings(token_table, zeros, ids)


def input_embeddings__positions_by_token(
    token_table: Table, position_table: Table, ids: Sequence[Sequence[int]]
) -> torch.Tensor:
    """zh: 位置嵌入用词元 ID 去查了；应按位置 0、1、2…… 去查。
    en: Position embeddings were looked up by token id; they are looked up by position 0, 1, 2 …
    """
    tokens, positions = torch.tensor(token_table), torch.tensor(position_table)
    indices = torch.tensor(ids)
    return tokens[indices] + positions[indices % positions.shape[0]]


def input_embeddings__positions_from_one(
    token_table: Table, position_table: Table, ids: Sequence[Sequence[int]]
) -> torch.Tensor:
    """zh: 位置从 1 开始数了；应从 0 开始。
    en: Positions were counted from 1; they are counted from 0.
    """
    rolled = [*position_table[1:], position_table[0]]
    return input_embeddings(token_table, rolled, ids)


def input_embeddings__positions_along_the_batch(
    token_table: Table, position_table: Table, ids: Sequence[Sequence[int]]
) -> torch.Tensor:
    """zh: 位置嵌入加在了批次的维度上：第几个样本不是位置，样本里的第几个词元才是。
    en: Positions were added along the batch: the place within a sequence is meant, not the number of the sequence.
    """
    tokens, positions = torch.tensor(token_table), torch.tensor(position_table)
    indices = torch.tensor(ids)
    return tokens[indices] + positions[: indices.shape[0], None]

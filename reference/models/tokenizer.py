# ruff: noqa: S106  # a token here is a piece of text, not a password
"""Tokenizers of the miniatures: byte-fallback BPE for the causal models, WordPiece for the masked one."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer, LlamaTokenizer

VOCABULARY = 4096
SMALLEST_SPECIALS = ("<unk>", "<s>", "</s>")
LARGEST_SPECIALS = ("<|end_of_sentence|>", "<|begin_of_sentence|>", "<mask:1>")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
CHARACTERS = 1500  # single characters with a token of their own; rarer ones fall back to their UTF-8 bytes

SPARE_MERGES = 2000  # learned beyond the vocabulary's size, to replace those that `_short_enough` drops
LONGEST_CHINESE = 2  # characters; the templates' own phrases would else become tokens
APART = r'[\n，。？！：；、“”《》（）,!?;:"()]|(?<!Mr)(?<!Mrs)\.'  # never inside a longer piece
CHINESE = re.compile(r"[\u4e00-\u9fff]")

MASKED_SPECIALS = ("[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]")
MASKED_VOCABULARY = 3584
MASKED_CHARACTERS = 2500

# The chat format of ERNIE 4.5: cls, "User: ...\n", "Assistant: ..." + sep; a system message is a bare line.
CHAT_TEMPLATE = (
    "{{ cls_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ 'User: ' + message['content'] + '\\n' }}"
    "{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + sep_token }}"
    "{% else %}{{ message['content'] + '\\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}"
)


def _common_only(texts: Sequence[str], size: int) -> list[str]:
    """The texts with every character but the `size` most frequent blanked out.

    The trainers' own limit on the alphabet breaks ties by hash order, so it differs from run to run; this one does not.
    """
    counts = Counter(character for text in texts for character in text)
    kept = set(sorted(counts, key=lambda character: (-counts[character], character))[:size])
    return ["".join(character if character in kept else "\n" for character in text) for text in texts]


def _learn_merges(texts: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Learn BPE inside words. Returns the single characters, and the merges in order of learning."""
    learner = Tokenizer(models.BPE())
    # As in SentencePiece, a piece may begin with a space (▁) but never crosses one; digits stay single.
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(APART), "isolated"),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="never", split=True),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    room = VOCABULARY - len(SMALLEST_SPECIALS) - len(BYTES) - len(LARGEST_SPECIALS)
    learner.train_from_iterator(
        _common_only(texts, CHARACTERS),
        trainers.BpeTrainer(vocab_size=room + SPARE_MERGES, show_progress=False, special_tokens=[]),
    )
    pieces = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    characters = [piece for piece, _ in pieces if len(piece) == 1]
    merges = [(left, right) for left, right in json.loads(learner.to_str())["model"]["merges"]]
    return characters, [(left, right) for left, right in merges if _short_enough(left + right)]


def _short_enough(piece: str) -> bool:
    return len(piece) <= LONGEST_CHINESE or CHINESE.search(piece) is None


def train_causal_tokenizer(texts: Sequence[str]) -> LlamaTokenizer:
    """Byte-fallback BPE as the original's: no BOS, no prefix space; ids 0-2 special, then bytes, characters, merges."""
    characters, merges = _learn_merges(texts)
    pieces = [*SMALLEST_SPECIALS, *BYTES, *characters, *(left + right for left, right in merges)]
    pieces = list(dict.fromkeys(pieces))[: VOCABULARY - len(LARGEST_SPECIALS)]
    known = set(pieces)
    merges = [pair for pair in merges if pair[0] + pair[1] in known]
    vocabulary = {piece: index for index, piece in enumerate([*pieces, *LARGEST_SPECIALS])}
    return LlamaTokenizer(
        vocab=vocabulary,
        merges=merges,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<unk>",
        sep_token=LARGEST_SPECIALS[0],
        cls_token=LARGEST_SPECIALS[1],
        mask_token=LARGEST_SPECIALS[2],
        add_bos_token=False,
        add_eos_token=False,
        add_prefix_space=False,
        clean_up_tokenization_spaces=False,
        model_max_length=131072,
    )


def save_causal_tokenizer(tokenizer: LlamaTokenizer, folder: Path, *, chat: bool) -> None:
    """Write the tokenizer, with the chat template (inside its configuration) only for the instruct model."""
    tokenizer.chat_template = CHAT_TEMPLATE if chat else None
    tokenizer.save_pretrained(folder, save_jinja_files=False)


def train_masked_tokenizer(texts: Sequence[str]) -> BertTokenizer:
    """WordPiece as BERT's: Chinese characters are single tokens, English is lower-cased and cut into word pieces."""
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    normalizer = normalizers.BertNormalizer()
    lowered = _common_only([normalizer.normalize_str(text) for text in texts], MASKED_CHARACTERS)
    # Continuations in a fixed order first: the trainer would number them in hash order, and ties follow the numbers.
    cutter = pre_tokenizers.BertPreTokenizer()
    words = {word for text in lowered for word, _ in cutter.pre_tokenize_str(normalizer.normalize_str(text))}
    continuations = sorted({f"##{letter}" for word in words for letter in word[1:]})
    learner.normalizer = normalizer
    learner.pre_tokenizer = cutter
    learner.train_from_iterator(
        lowered,
        trainers.WordPieceTrainer(
            vocab_size=MASKED_VOCABULARY,
            special_tokens=[*MASKED_SPECIALS, *continuations],
            show_progress=False,
        ),
    )
    return BertTokenizer(vocab=learner.get_vocab(), model_max_length=512)

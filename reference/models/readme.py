"""The README of this folder, written from measured figures only."""

from dataclasses import dataclass

from reference.models.causal import PRETRAINING, TUNING
from reference.models.masked import TRAINING, Filled


@dataclass(frozen=True)
class Figures:
    """Everything the README states as a number. Perplexities are per token of the model's own tokenizer."""

    parameters: dict[str, int]
    seconds: dict[str, float]
    vocabulary: int
    masked_vocabulary: int
    held_out_tokens: int
    unigram: float
    bigram: float
    bigram_k: float
    base: float
    instruct: float
    base_answers: float
    instruct_answers: float
    masked: Filled
    masked_unigram: Filled
    prompts: str
    totals: dict[str, int]


def render(figures: Figures) -> str:
    """The whole README as Markdown."""
    return "\n".join(
        [_INTRODUCTION, figures.prompts, _causal(figures), _masked(figures), _published(figures), _tokens(figures)]
    )


def _causal(figures: Figures) -> str:
    return f"""## Causal models · 自回归模型

Held-out perplexity over the same {figures.held_out_tokens:,} tokens (every 20th document, never trained on).
The bigram's k is the one of six that suits the held-out text best, so the comparison favours the baseline.

| model | parameters | steps | CPU seconds | held-out perplexity | perplexity of training answers in the chat format |
|---|---:|---:|---:|---:|---:|
| unigram, add-1 | - | - | - | {figures.unigram:.1f} | - |
| bigram, add-{figures.bigram_k:g} | - | - | - | {figures.bigram:.1f} | - |
| ernie-4.5-0.3b-base | {figures.parameters["base"]:,} | {PRETRAINING.steps} | {figures.seconds["base"]:.0f} | \
{figures.base:.1f} | {figures.base_answers:.1f} |
| ernie-4.5-0.3b | {figures.parameters["instruct"]:,} | {TUNING.steps} more | {figures.seconds["instruct"]:.0f} | \
{figures.instruct:.1f} | {figures.instruct_answers:.2f} |

Tuning makes answers likely and plain text less likely: that is what one chapter asks students to see. Each tuning step
replays some plain text, without which the tuned model forgets the rest of the language (perplexity above a unigram's).
"""


def _masked(figures: Figures) -> str:
    return f"""## Masked model · 掩码模型

A seeded 15 % of the tokens of the same held-out documents is hidden; its own WordPiece tokens are counted.

| model | parameters | steps | CPU seconds | masked tokens right | pseudo-perplexity |
|---|---:|---:|---:|---:|---:|
| unigram, add-1 | - | - | - | {figures.masked_unigram.accuracy:.1%} | {figures.masked_unigram.perplexity:.1f} |
| ernie-3.0-base-zh | {figures.parameters["encoder"]:,} | {TRAINING.steps} | {figures.seconds["encoder"]:.0f} | \
{figures.masked.accuracy:.1%} | {figures.masked.perplexity:.1f} |
"""


def _tokens(figures: Figures) -> str:
    size = figures.vocabulary
    return f"""## Tokens · 词元

- Causal: byte-fallback BPE, {size} tokens, no BOS added, no prefix space. `<unk>` 0 (also the pad token), `<s>` 1,
  `</s>` 2, bytes 3-258, `<|end_of_sentence|>` {size - 3} (sep), `<|begin_of_sentence|>` {size - 2} (cls),
  `<mask:1>` {size - 1}.
  As in every SentencePiece tokenizer U+2581 stands for a space and comes back as one; all else comes back exactly.
- Documents of the pre-training stream are `<s> text </s>`: the first token has a real probability given `<s>`.
- The instruct model ends its answer with `</s>` (id 2, the only EOS). In the chat template a *finished* earlier answer
  ends with `<|end_of_sentence|>`; that token is read by the model, not generated.
- Masked: WordPiece, {figures.masked_vocabulary} tokens: `[PAD]` 0, `[CLS]` 1, `[SEP]` 2, `[MASK]` 3,
  `[UNK]` 4. A Chinese character is one.
- Weights are stored as bfloat16; load them with `dtype=torch.float32` to reproduce the figures above.
"""


def _published(figures: Figures) -> str:
    rows = "\n".join(f"| {name} | {total:,} |" for name, total in figures.totals.items())
    return f"""## Published configurations · 公开配置

`published/<name>/config.json` holds the fields of the published models, without weights; totals are counted on torch's
meta device, each parameter once, tied weights once. Sources disagree on whether the 300B model ties its embeddings;
this one is counted untied.

| configuration | parameters |
|---|---:|
{rows}
"""


_INTRODUCTION = """# Miniature models · 微缩模型

Written by `python -m reference.models.train`; do not edit. 本文件由训练命令生成，请勿手改。

These are **miniatures, not the originals**: the same architectures as ERNIE 4.5 0.3B and ERNIE 3.0, about 250 times
smaller, trained from scratch in minutes on two CPU cores with the text in `corpus/` (see `corpus/SOURCES.md`). They are
good enough to have real probabilities, attention and embeddings to compute with, and nothing more.

这些是**微缩模型，不是原版**：结构与文心 4.5 0.3B、ERNIE 3.0 相同，规模约为二百五十分之一，
用 `corpus/` 里的文本在两核 CPU 上从头训练几分钟得到。它们有真实的概率、注意力和词向量可供计算。
"""

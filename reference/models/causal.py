"""The causal miniatures: Ernie4_5ForCausalLM pre-trained on the corpus, then tuned on instruction pairs."""

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional
from transformers import Ernie4_5Config, Ernie4_5ForCausalLM, PreTrainedTokenizerBase

from reference.models.corpus import Pair
from reference.models.learning import Schedule, learn

WINDOW = 128  # tokens a training window, and a window of held-out text
BATCH = 16
PRETRAINING = Schedule(steps=1700, peak=3e-3)
TUNING = Schedule(steps=900, peak=1e-3, weight_decay=0.0)
REPLAYED = 2  # windows of plain text in every tuning step, so that tuning does not wipe out pre-training
REPLAY_WEIGHT = 0.1  # of their loss; more would go on with pre-training, and plain text would stay as likely as before
IGNORED = -100


def configuration(vocabulary: int) -> Ernie4_5Config:
    """ERNIE 4.5's shape, made small: 4 query heads share a key-value head, heads x head_dim = 2 x hidden_size."""
    return Ernie4_5Config(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=8,
        num_key_value_heads=2,
        head_dim=32,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
        use_bias=False,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )


def stream(tokenizer: PreTrainedTokenizerBase, documents: Iterable[str]) -> Tensor:
    """One long int64 vector: <s> document </s> <s> document </s> ..."""
    ids: list[int] = []
    for document in documents:
        ids.extend([tokenizer.bos_token_id, *tokenizer.encode(document), tokenizer.eos_token_id])
    return torch.tensor(ids)


def pretrain(
    vocabulary: int, tokens: Tensor, seed: int, schedule: Schedule = PRETRAINING
) -> tuple[Ernie4_5ForCausalLM, float]:
    """Train from scratch on random windows of the stream. Returns the model and the CPU seconds it took."""
    torch.manual_seed(seed)
    model = Ernie4_5ForCausalLM(configuration(vocabulary))
    dice = torch.Generator().manual_seed(seed)

    return model, learn("pre-training", model, lambda: _text_loss(model, tokens, BATCH, dice), schedule)


def _text_loss(model: Ernie4_5ForCausalLM, tokens: Tensor, windows: int, dice: torch.Generator) -> Tensor:
    """Mean -log p (nats a token) over random windows of the stream."""
    starts = torch.randint(len(tokens) - WINDOW, (windows,), generator=dice)
    batch = torch.stack([tokens[start : start + WINDOW + 1] for start in starts.tolist()])
    logits: Tensor = model(input_ids=batch[:, :-1], use_cache=False).logits
    return functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())


def chat_example(
    tokenizer: PreTrainedTokenizerBase, pair: Pair, before: Pair | None = None
) -> tuple[list[int], list[int]]:
    """Token ids of a conversation and its labels: only the last answer and the </s> after it are learned.

    A finished earlier turn ends with <|end_of_sentence|>, as the chat template writes it.
    """
    turns = [] if before is None else [("user", before.question), ("assistant", before.answer)]
    messages = [{"role": role, "content": content} for role, content in [*turns, ("user", pair.question)]]
    prompt = tokenizer.encode(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    answer = [*tokenizer.encode(pair.answer), tokenizer.eos_token_id]
    return prompt + answer, [IGNORED] * len(prompt) + answer


def pad(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    """Stack rows of unequal length into [rows, longest], filled on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def tune(
    model: Ernie4_5ForCausalLM,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[Pair],
    tokens: Tensor,
    seed: int,
    schedule: Schedule = TUNING,
) -> float:
    """Supervised fine-tuning in place, with some plain text replayed. Returns the CPU seconds it took.

    Every eighth example carries an earlier turn.
    """
    dice = torch.Generator().manual_seed(seed)
    order: list[int] = []

    def loss_of_step() -> Tensor:
        while len(order) < BATCH:
            order.extend(torch.randperm(len(pairs), generator=dice).tolist())
        chosen = [order.pop() for _ in range(BATCH)]
        earlier = torch.randint(len(pairs), (len(chosen),), generator=dice).tolist()
        examples = [
            chat_example(tokenizer, pairs[index], pairs[other] if slot % 8 == 0 else None)
            for slot, (index, other) in enumerate(zip(chosen, earlier, strict=True))
        ]
        ids = pad([row for row, _ in examples], 0)
        labels = pad([row for _, row in examples], IGNORED)
        logits: Tensor = model(input_ids=ids, use_cache=False).logits
        answers = functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED)
        return answers + REPLAY_WEIGHT * _text_loss(model, tokens, REPLAYED, dice)

    return learn("instruction tuning", model, loss_of_step, schedule)


@torch.no_grad()
def perplexity(model: Ernie4_5ForCausalLM, tokens: Tensor) -> float:
    """The exp of the mean negative log-probability (nats) of tokens[1:], read in windows of `WINDOW` tokens."""
    total = 0.0
    for start in range(0, len(tokens) - 1, WINDOW):
        piece = tokens[start : start + WINDOW + 1]
        logits = model(input_ids=piece[None, :-1], use_cache=False).logits[0]
        total += functional.cross_entropy(logits.float(), piece[1:], reduction="sum").item()
    return math.exp(total / (len(tokens) - 1))


@torch.no_grad()
def answer_perplexity(model: Ernie4_5ForCausalLM, tokenizer: PreTrainedTokenizerBase, pairs: Sequence[Pair]) -> float:
    """Perplexity of the answers (with their </s>) after their instructions in the chat format."""
    total, count = 0.0, 0
    for pair in pairs:
        ids, labels = chat_example(tokenizer, pair)
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        targets = torch.tensor(labels[1:])
        total += functional.cross_entropy(logits[:-1], targets, ignore_index=IGNORED, reduction="sum").item()
        count += int((targets != IGNORED).sum())
    return math.exp(total / count)

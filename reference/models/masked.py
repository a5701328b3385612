"""The encoder-only miniature: ErnieForMaskedLM trained to fill in masked tokens (Devlin et al. 2019)."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from transformers import ErnieConfig, ErnieForMaskedLM, PreTrainedTokenizerBase

from reference.models.learning import Schedule, learn

LENGTH = 64  # tokens a row, with [CLS] and [SEP]
BATCH = 32
POOLED = 16  # batches are cut from so many shuffled batches sorted by length, so that little padding is computed
TRAINING = Schedule(steps=9000, peak=2e-3, warm_up=200)  # a shorter warm-up ends on the plateau of the unigram
# Of the tokens LEARNED_SHARE are predicted in training (Wettig et al. 2023: more than 15 % learns faster); of these
LEARNED_SHARE = 0.25
AS_MASK = 0.8  # are replaced by [MASK],
AS_NOISE = 0.1  # by a random token, and the rest stay as they are
SHORTENED = (
    0.25  # of the rows lose the token after one [MASK]: it stands for both, as in text infilling (Lewis et al. 2020)
)
MEASURED_SHARE = 0.15  # of the tokens are hidden when measuring
IGNORED = -100


@dataclass(frozen=True)
class Filled:
    """How well masked tokens are filled in: share of first guesses that are right, and perplexity."""

    accuracy: float
    perplexity: float


def configuration(vocabulary: int) -> ErnieConfig:
    """ERNIE 3.0's encoder made small; it keeps the original's task-type embedding."""
    return ErnieConfig(
        vocab_size=vocabulary,
        hidden_size=112,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=336,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=512,
        type_vocab_size=4,
        use_task_id=True,
        task_type_vocab_size=3,
        layer_norm_eps=1e-5,
        pad_token_id=0,
        tie_word_embeddings=True,
    )


def rows(tokenizer: PreTrainedTokenizerBase, documents: Iterable[str]) -> Tensor:
    """Documents cut into [CLS] piece [SEP], padded: int64 [rows, LENGTH]."""
    cut: list[list[int]] = []
    for document in documents:
        ids = tokenizer.encode(document, add_special_tokens=False, verbose=False)
        for start in range(0, len(ids), LENGTH - 2):
            piece = [tokenizer.cls_token_id, *ids[start : start + LENGTH - 2], tokenizer.sep_token_id]
            cut.append(piece + [tokenizer.pad_token_id] * (LENGTH - len(piece)))
    return torch.tensor(cut)


def draw_masked(batch: Tensor, specials: Tensor, share: float, dice: torch.Generator) -> Tensor:
    """Which positions to predict: bool, the shape of `batch`; never a special token."""
    return (torch.rand(batch.shape, generator=dice) < share) & ~torch.isin(batch, specials)


def _specials(tokenizer: PreTrainedTokenizerBase) -> Tensor:
    return torch.tensor([tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id])


def _predict(model: ErnieForMaskedLM, ids: Tensor, hidden: Tensor) -> Tensor:
    """Logits [positions, vocabulary] at the hidden positions only."""
    states = model.ernie(input_ids=ids, attention_mask=(ids != 0).long()).last_hidden_state
    logits: Tensor = model.cls(states[hidden])
    return logits


def train(
    tokenizer: PreTrainedTokenizerBase, data: Tensor, seed: int, schedule: Schedule = TRAINING
) -> tuple[ErnieForMaskedLM, float]:
    """Train from scratch: of the chosen tokens 80 % become [MASK], 10 % a random token, 10 % stay."""
    torch.manual_seed(seed)
    model = ErnieForMaskedLM(configuration(len(tokenizer)))
    dice = torch.Generator().manual_seed(seed)
    specials = _specials(tokenizer)
    batches = _batches(data, dice)

    def loss_of_step() -> Tensor:
        batch = data[next(batches)]
        batch = batch[:, : int((batch != 0).sum(1).max())]
        hidden = draw_masked(batch, specials, LEARNED_SHARE, dice)
        chance = torch.rand(batch.shape, generator=dice)
        noise = torch.randint(len(tokenizer), batch.shape, generator=dice)
        ids = torch.where(hidden & (chance < AS_MASK), tokenizer.mask_token_id, batch)
        ids = torch.where(hidden & (chance >= 1 - AS_NOISE), noise, ids)
        for row in (torch.rand(len(batch), generator=dice) < SHORTENED).nonzero()[:, 0].tolist():
            _shorten(ids[row], batch[row], hidden[row], tokenizer, dice)
        return functional.cross_entropy(_predict(model, ids, hidden), batch[hidden])

    return model, learn("masked-LM training", model, loss_of_step, schedule)


def _shorten(
    ids: Tensor, truth: Tensor, hidden: Tensor, tokenizer: PreTrainedTokenizerBase, dice: torch.Generator
) -> None:
    """Take out the token after a hidden one, in place: [MASK] then stands for both, and the first is asked for."""
    places = hidden[:-1].nonzero()[:, 0]
    places = places[~torch.isin(truth[places + 1], _specials(tokenizer))]
    if len(places) == 0:
        return
    place = int(places[torch.randint(len(places), (1,), generator=dice)])
    ids[place] = tokenizer.mask_token_id
    for row, filler in ((ids, 0), (truth, 0), (hidden, False)):
        row[place + 1 : -1] = row[place + 2 :].clone()
        row[-1] = filler


def _batches(data: Tensor, dice: torch.Generator) -> Iterator[Tensor]:
    """Row numbers of batches without end: rows of like length together, batches in random order."""
    lengths = (data != 0).sum(1)
    while True:
        order = torch.randperm(len(data), generator=dice)
        for pool in order.split(POOLED * BATCH):
            ranked = pool[lengths[pool].argsort(stable=True)].split(BATCH)
            for index in torch.randperm(len(ranked), generator=dice).tolist():
                yield ranked[index]


def _hide(tokenizer: PreTrainedTokenizerBase, data: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    hidden = draw_masked(data, _specials(tokenizer), MEASURED_SHARE, torch.Generator().manual_seed(seed))
    return torch.where(hidden, tokenizer.mask_token_id, data), hidden


@torch.no_grad()
def evaluate(model: ErnieForMaskedLM, tokenizer: PreTrainedTokenizerBase, data: Tensor, seed: int) -> Filled:
    """Hide a seeded 15 % of held-out tokens behind [MASK] and see how well they come back."""
    ids, hidden = _hide(tokenizer, data, seed)
    logits = _predict(model, ids, hidden)
    truth = data[hidden]
    right = (logits.argmax(-1) == truth).float().mean().item()
    return Filled(right, math.exp(functional.cross_entropy(logits, truth).item()))


def evaluate_unigram(
    tokenizer: PreTrainedTokenizerBase, train_rows: Tensor, data: Tensor, seed: int, k: float = 1.0
) -> Filled:
    """The same hidden tokens guessed from add-k token frequencies alone."""
    counted = train_rows[~torch.isin(train_rows, _specials(tokenizer))]
    counts = torch.bincount(counted, minlength=len(tokenizer)).double() + k
    truth = data[_hide(tokenizer, data, seed)[1]]
    right = (truth == counts.argmax()).float().mean().item()
    return Filled(right, math.exp(-(counts / counts.sum()).log()[truth].mean().item()))


@torch.no_grad()
def fill(
    model: ErnieForMaskedLM, tokenizer: PreTrainedTokenizerBase, text: str, count: int = 5
) -> list[tuple[str, float]]:
    """The most probable tokens for the first [MASK] of `text`, with their probabilities."""
    ids = torch.tensor([tokenizer.encode(text)])
    logits = model(input_ids=ids).logits[0, (ids[0] == tokenizer.mask_token_id).nonzero()[0, 0]]
    values, tokens = logits.float().softmax(-1).topk(count)
    return list(zip(tokenizer.convert_ids_to_tokens(tokens.tolist()), values.tolist(), strict=True))

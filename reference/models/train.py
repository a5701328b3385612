"""Rebuild every miniature from the corpus: `python -m reference.models.train`, from the repository's root.

The same machine and build of torch give the committed weights, byte for byte.
"""

import argparse
import copy
import dataclasses
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn
from transformers import (
    AutoTokenizer,
    Ernie4_5ForCausalLM,
    GenerationConfig,
    PreTrainedModel,
)

from reference.models import causal, masked, ngram, prompts, readme
from reference.models.corpus import Corpus, read_corpus
from reference.models.learning import Schedule
from reference.models.published import count_parameters, write_published
from reference.models.tokenizer import save_causal_tokenizer, train_causal_tokenizer, train_masked_tokenizer

HERE = Path(__file__).parent
BASE = HERE / "ernie-4.5-0.3b-base"
INSTRUCT = HERE / "ernie-4.5-0.3b"
ENCODER = HERE / "ernie-3.0-base-zh"
SEED = 45
EVERYDAY_REPEATS = 24  # hand-written sentences are few; the documents repeat them
SIMPLE_REPEATS = 3
DIALOGUE_REPEATS = 4  # in the plain text replayed while tuning
SMALLEST_GROUP, LARGEST_GROUP = 4, 9  # sentences in a document of the causal models


def main(arguments: Sequence[str] | None = None) -> None:
    """Train everything, save it as bfloat16, load it back as the grader will, measure that, write the README."""
    parser = argparse.ArgumentParser(description="Rebuild the miniature models from the corpus.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: where they are committed)")
    parser.add_argument("--steps", type=int, help="stop each training after so many steps, to try the recipe")
    options = parser.parse_args(arguments)
    out: Path = options.out

    say("Published configurations")
    write_published(out / "published")
    totals = {folder.name: count_parameters(folder) for folder in sorted((out / "published").iterdir())}

    say("Causal models and masked model, side by side, one thread each")
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn"), initializer=repeatable) as processes:
        causal_models = processes.submit(train_causal_models, out, options.steps)
        encoder = processes.submit(train_encoder, out, options.steps)
        seconds = causal_models.result() | encoder.result()

    say("Figures, from the saved weights in float32")
    repeatable()
    (out / "README.md").write_text(readme.render(measure(out, read_corpus(), seconds, totals)), encoding="utf-8")
    say(f"Wrote {out.name}/README.md")


def repeatable() -> None:
    """One thread and deterministic kernels: the same numbers, bit for bit, on the same machine and build."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def shortened(schedule: Schedule, steps: int | None) -> Schedule:
    """The schedule, or its shape within fewer steps."""
    return schedule if steps is None else dataclasses.replace(schedule, steps=min(steps, schedule.steps))


def train_causal_models(out: Path, steps: int | None) -> dict[str, float]:
    """Tokenizer, base model, then the base tuned on instructions. Returns the CPU seconds each took."""
    corpus = read_corpus()
    texts = training_texts(corpus)
    tokenizer = train_causal_tokenizer(tokenizer_texts(corpus))
    tokens = causal.stream(tokenizer, texts)
    base, seconds = causal.pretrain(len(tokenizer), tokens, SEED, shortened(causal.PRETRAINING, steps))
    save(base, out / BASE.name)
    save_causal_tokenizer(tokenizer, out / BASE.name, chat=False)
    save_causal_tokenizer(tokenizer, out / INSTRUCT.name, chat=True)
    return {"base": seconds, "instruct": tune_base(out, corpus, shortened(causal.TUNING, steps))}


def tune_base(out: Path, corpus: Corpus, schedule: Schedule = causal.TUNING) -> float:
    """The saved base, tuned on instructions and saved as the instruct model. Returns the CPU seconds.

    The conversations are read as plain text too, so that a dialogue written out is probable as a whole.
    """
    tokenizer = AutoTokenizer.from_pretrained(out / INSTRUCT.name)
    model = Ernie4_5ForCausalLM.from_pretrained(out / BASE.name, dtype=torch.float32)
    texts = [*training_texts(corpus), *dialogues(corpus) * DIALOGUE_REPEATS]
    tokens = causal.stream(tokenizer, _shuffled(texts, torch.Generator().manual_seed(SEED)))
    seconds = causal.tune(model, tokenizer, corpus.pairs, tokens, SEED, schedule)
    save(model, out / INSTRUCT.name)
    return seconds


def train_encoder(out: Path, steps: int | None) -> dict[str, float]:
    """Tokenizer and masked model. Returns the CPU seconds it took."""
    corpus = read_corpus()
    pieces = train_masked_tokenizer(tokenizer_texts(corpus))
    data = masked.rows(pieces, encoder_texts(corpus))
    encoder, seconds = masked.train(pieces, data, SEED, shortened(masked.TRAINING, steps))
    pieces.save_pretrained(out / ENCODER.name)
    save(encoder, out / ENCODER.name)
    return {"encoder": seconds}


def dialogues(corpus: Corpus) -> list[str]:
    """The instruction pairs as plain text."""
    return [f"User: {pair.question}\nAssistant: {pair.answer}" for pair in corpus.pairs]


def tokenizer_texts(corpus: Corpus) -> list[str]:
    """What the tokenizers learn from: short texts count more than once, or rare words of the novel crowd them out."""
    return [*corpus.train, *corpus.everyday * 5, *corpus.simple * 2, *dialogues(corpus) * 5]


def encoder_texts(corpus: Corpus) -> list[str]:
    """The training documents of the masked model, one sentence or poem each."""
    return [*corpus.train, *corpus.everyday * EVERYDAY_REPEATS, *corpus.simple * SIMPLE_REPEATS]


def training_texts(corpus: Corpus) -> list[str]:
    """The training documents of the causal models in a seeded random order.

    Short sentences stand several to a document, one a line, so that a text goes on after its first sentence.
    """
    dice = torch.Generator().manual_seed(SEED)
    sentences = _shuffled([*corpus.everyday * EVERYDAY_REPEATS, *corpus.simple * SIMPLE_REPEATS], dice)
    groups = []
    while sentences:
        size = int(torch.randint(SMALLEST_GROUP, LARGEST_GROUP + 1, (1,), generator=dice))
        groups.append("\n".join(sentences[:size]))
        sentences = sentences[size:]
    return _shuffled([*corpus.train, *groups], dice)


def _shuffled(texts: Sequence[str], dice: torch.Generator) -> list[str]:
    return [texts[index] for index in torch.randperm(len(texts), generator=dice).tolist()]


def save(model: PreTrainedModel, folder: Path) -> None:
    """Write a bfloat16 copy of the weights, as the published ones are; `model` itself stays float32."""
    stored = copy.deepcopy(model)
    if stored.can_generate():
        stored.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=2, pad_token_id=0)
    nn.Module.to(stored, torch.bfloat16)
    stored.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # readable by the confined child, whoever it runs as


def measure(out: Path, corpus: Corpus, seconds: dict[str, float], totals: dict[str, int]) -> readme.Figures:
    """Load every model as the grader will and measure it on the held-out documents and the course's prompts."""
    models = prompts.Models.load(out / BASE.name, out / INSTRUCT.name, out / ENCODER.name)
    tokenizer, pieces = models.tokenizer, models.pieces
    seen, unseen = causal.stream(tokenizer, training_texts(corpus)), causal.stream(tokenizer, corpus.held_out)
    rows, unseen_rows = masked.rows(pieces, encoder_texts(corpus)), masked.rows(pieces, corpus.held_out)
    bigram, k = ngram.best_bigram(seen, unseen, len(tokenizer))
    return readme.Figures(
        parameters={
            "base": models.base.num_parameters(),
            "instruct": models.instruct.num_parameters(),
            "encoder": models.encoder.num_parameters(),
        },
        seconds=seconds,
        vocabulary=len(tokenizer),
        masked_vocabulary=len(pieces),
        held_out_tokens=len(unseen) - 1,
        unigram=ngram.unigram_perplexity(seen, unseen, len(tokenizer), 1.0),
        bigram=bigram,
        bigram_k=k,
        base=causal.perplexity(models.base, unseen),
        instruct=causal.perplexity(models.instruct, unseen),
        base_answers=causal.answer_perplexity(models.base, tokenizer, corpus.pairs),
        instruct_answers=causal.answer_perplexity(models.instruct, tokenizer, corpus.pairs),
        masked=masked.evaluate(models.encoder, pieces, unseen_rows, SEED),
        masked_unigram=masked.evaluate_unigram(pieces, rows, unseen_rows, SEED),
        prompts=prompts.show(models),
        totals=totals,
    )


def say(text: str) -> None:
    """One line of progress, with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Rebuild every miniature from the corpus: `python -m reference.models.train`, from the repository's root.

The committed weights predate the tokenizers' fixed tie-breaking (see tokenizer.py): a rebuild gives a slightly
different vocabulary, hence other token ids and figures near those in the README, not equal to them.
"""

import copy
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
    Ernie4_5ForCausalLM,
    GenerationConfig,
    PreTrainedModel,
)

from reference.models import causal, masked, ngram, readme
from reference.models.corpus import Corpus, read_corpus
from reference.models.published import count_parameters, write_published
from reference.models.tokenizer import save_causal_tokenizer, train_causal_tokenizer, train_masked_tokenizer

HERE = Path(__file__).parent
BASE = HERE / "ernie-4.5-0.3b-base"
INSTRUCT = HERE / "ernie-4.5-0.3b"
ENCODER = HERE / "ernie-3.0-base-zh"
SEED = 45
EVERYDAY_REPEATS = 6  # short sentences are few; the stream repeats them


def main() -> None:
    """Train everything, save it as bfloat16, load it back as the grader will, measure that, write the README."""
    say("Published configurations")
    write_published(HERE / "published")
    totals = {folder.name: count_parameters(folder) for folder in sorted((HERE / "published").iterdir())}

    say("Causal models and masked model, side by side, one thread each")
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn"), initializer=repeatable) as processes:
        causal_models, encoder = processes.submit(train_causal_models), processes.submit(train_encoder)
        seconds = causal_models.result() | encoder.result()

    say("Figures, from the saved weights in float32")
    repeatable()
    figures = measure(read_corpus(), seconds, totals)
    (HERE / "README.md").write_text(readme.render(figures), encoding="utf-8")
    say(f"Wrote {HERE.name}/README.md")


def repeatable() -> None:
    """One thread and deterministic kernels: the same numbers, bit for bit, on the same machine and build."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def train_causal_models() -> dict[str, float]:
    """Tokenizer, base model, then the base tuned on instructions. Returns the seconds each took."""
    corpus = read_corpus()
    texts = training_texts(corpus)
    tokenizer = train_causal_tokenizer([*texts, *instructions(corpus)])
    base, base_seconds = causal.pretrain(len(tokenizer), causal.stream(tokenizer, texts), SEED)
    save(base, BASE)
    save_causal_tokenizer(tokenizer, BASE, chat=False)
    save_causal_tokenizer(tokenizer, INSTRUCT, chat=True)
    return {"base": base_seconds, "instruct": tune_base(corpus, texts)}


def tune_base(corpus: Corpus, texts: list[str]) -> float:
    """The saved base, tuned on instructions and saved as the instruct model. Returns the seconds it took."""
    tokenizer = AutoTokenizer.from_pretrained(INSTRUCT)
    model = Ernie4_5ForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    seconds = causal.tune(model, tokenizer, corpus.pairs, causal.stream(tokenizer, texts), SEED)
    save(model, INSTRUCT)
    return seconds


def train_encoder() -> dict[str, float]:
    """Tokenizer and masked model. Returns the seconds it took."""
    corpus = read_corpus()
    texts = training_texts(corpus)
    pieces = train_masked_tokenizer([*texts, *instructions(corpus)])
    encoder, seconds = masked.train(pieces, masked.rows(pieces, texts), SEED)
    pieces.save_pretrained(ENCODER)
    save(encoder, ENCODER)
    return {"encoder": seconds}


def instructions(corpus: Corpus) -> list[str]:
    """The instruction pairs as text: only the tokenizers see this."""
    return [f"User: {pair.question}\nAssistant: {pair.answer}" for pair in corpus.pairs]


def training_texts(corpus: Corpus) -> list[str]:
    """The training documents in a seeded random order, with the short sentences repeated."""
    texts = [*corpus.train, *corpus.everyday * EVERYDAY_REPEATS]
    order = torch.randperm(len(texts), generator=torch.Generator().manual_seed(SEED))
    return [texts[index] for index in order.tolist()]


def save(model: PreTrainedModel, folder: Path) -> None:
    """Write a bfloat16 copy of the weights, as the published ones are; `model` itself stays float32."""
    stored = copy.deepcopy(model)
    if stored.can_generate():
        stored.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=2, pad_token_id=0)
    nn.Module.to(stored, torch.bfloat16)
    stored.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # readable by the confined child, whoever it runs as


def measure(corpus: Corpus, seconds: dict[str, float], totals: dict[str, int]) -> readme.Figures:
    """Load every model as the grader will and measure it on the held-out documents."""
    tokenizer = AutoTokenizer.from_pretrained(INSTRUCT)
    base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32).eval()
    instruct = AutoModelForCausalLM.from_pretrained(INSTRUCT, dtype=torch.float32).eval()
    texts = training_texts(corpus)
    seen, unseen = causal.stream(tokenizer, texts), causal.stream(tokenizer, corpus.held_out)
    pieces = AutoTokenizer.from_pretrained(ENCODER)
    encoder = AutoModelForMaskedLM.from_pretrained(ENCODER, dtype=torch.float32).eval()
    rows, unseen_rows = masked.rows(pieces, texts), masked.rows(pieces, corpus.held_out)
    bigram, k = ngram.best_bigram(seen, unseen, len(tokenizer))
    return readme.Figures(
        parameters={
            "base": base.num_parameters(),
            "instruct": instruct.num_parameters(),
            "encoder": encoder.num_parameters(),
        },
        seconds=seconds,
        held_out_tokens=len(unseen) - 1,
        unigram=ngram.unigram_perplexity(seen, unseen, len(tokenizer), 1.0),
        bigram=bigram,
        bigram_k=k,
        base=causal.perplexity(base, unseen),
        instruct=causal.perplexity(instruct, unseen),
        base_answers=causal.answer_perplexity(base, tokenizer, corpus.pairs),
        instruct_answers=causal.answer_perplexity(instruct, tokenizer, corpus.pairs),
        masked=masked.evaluate(encoder, pieces, unseen_rows, SEED),
        masked_unigram=masked.evaluate_unigram(pieces, rows, unseen_rows, SEED),
        paris=masked.fill(encoder, pieces, "巴黎是[MASK]的首都"),
        totals=totals,
    )


def say(text: str) -> None:
    """One line of progress, with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

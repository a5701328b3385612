"""The work that graders are compared on: four questions on a small Ernie4_5 model, well-behaved submissions.

Sentence log-probability, token ids, number of parameters, greedy decoding of 8 tokens; 4 layers, vocabulary 4096,
hidden size 64.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SENTENCES = ("the cat sat on the mat", "你好，世界", "to be or not to be")
PROMPT = "once upon a time"

ANSWERS = """
import torch

def log_probability(model, tokenizer, text):
    ids = torch.tensor([[1, *tokenizer(text)["input_ids"]]])
    with torch.no_grad():
        logits = model(input_ids=ids).logits
    picked = torch.log_softmax(logits[0, :-1], dim=-1).gather(1, ids[0, 1:, None])
    return picked.sum().item()

def token_ids(tokenizer, text):
    return tokenizer(text)["input_ids"]

def parameter_count(model):
    return sum(parameter.numel() for parameter in model.parameters())

def greedy(model, tokenizer, text):
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    with torch.no_grad():
        for _ in range(8):
            ids = torch.cat([ids, model(input_ids=ids).logits[:, -1:].argmax(-1)], dim=1)
    return ids[0].tolist()
"""

COURSE = """\
id: benchmark
title: {zh: 比较, en: Comparison}
chapters: [ch01]
models:
  tiny: {kind: causal_lm, mini: ../model}
"""

CHAPTER = f"""\
id: ch01
title: {{zh: 比较, en: Comparison}}
questions:
- id: log_probability
  title: {{zh: 概率, en: Probability}}
  points: 10
  call: log_probability(model, tokenizer, text)
  given: {{model: tiny, tokenizer: tiny}}
  cases: {{public: {json.dumps([{"text": text} for text in SENTENCES], ensure_ascii=False)}}}
  returns: {{type: number}}
  compare: {{close: {{rtol: 1.0e-4, atol: 1.0e-3}}}}
- id: token_ids
  title: {{zh: 词元, en: Tokens}}
  points: 10
  call: token_ids(tokenizer, text)
  given: {{tokenizer: tiny}}
  cases: {{public: {json.dumps([{"text": text} for text in SENTENCES], ensure_ascii=False)}}}
  returns: {{type: array, items: {{type: integer}}}}
  compare: {{sequence: {{}}}}
- id: parameter_count
  title: {{zh: 参数量, en: Parameters}}
  points: 10
  call: parameter_count(model)
  given: {{model: tiny}}
  cases: {{public: [{{}}]}}
  returns: {{type: integer}}
  compare: {{exact: {{}}}}
- id: greedy
  title: {{zh: 贪心, en: Greedy}}
  points: 10
  call: greedy(model, tokenizer, text)
  given: {{model: tiny, tokenizer: tiny}}
  cases: {{public: [{{text: "{PROMPT}"}}]}}
  returns: {{type: array, items: {{type: integer}}}}
  compare: {{sequence: {{}}}}
"""


def build_model(folder: Path) -> Path:
    """A Hugging Face directory with the untrained model and a byte-level tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import Ernie4_5Config, Ernie4_5ForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2} | {letter: i + 3 for i, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    Ernie4_5ForCausalLM(
        Ernie4_5Config(
            vocab_size=4096,
            hidden_size=64,
            intermediate_size=256,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=32,
            max_position_embeddings=512,
        )
    ).save_pretrained(folder)
    return folder


def build_course(top: Path) -> Path:
    """The folder with course.yaml, beside the model and the reference."""
    build_model(top / "model")
    for name, text in (
        ("assignments/course.yaml", COURSE),
        ("assignments/ch01/assignment.yaml", CHAPTER),
        ("reference/ch01/solution.py", ANSWERS),
    ):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return top / "assignments"


def build_submissions(top: Path, count: int) -> list[Path]:
    """Folders with right work that differs in a comment."""
    folders = []
    for number in range(count):
        folder = top / f"student{number:04d}"
        folder.mkdir(parents=True)
        (folder / "ch01.py").write_text(f"# student {number}\n{ANSWERS}", encoding="utf-8")
        folders.append(folder)
    return folders


def expected(model_folder: Path) -> dict[str, object]:
    """What right work returns."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(model_folder, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(model_folder, local_files_only=True)
    names: dict[str, Any] = {}
    exec(ANSWERS, names)
    return {
        "log_probability": [names["log_probability"](model, tokenizer, text) for text in SENTENCES],
        "token_ids": [names["token_ids"](tokenizer, text) for text in SENTENCES],
        "parameter_count": names["parameter_count"](model),
        "greedy": names["greedy"](model, tokenizer, PROMPT),
    }

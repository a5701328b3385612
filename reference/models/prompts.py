"""The course's own prompts, tried on the saved miniatures: what the README shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
    Ernie4_5ForCausalLM,
    ErnieForMaskedLM,
    PreTrainedTokenizerBase,
)

from reference.models import masked

NEW_TOKENS = 32
SHOWN_GUESSES = 3

CONTINUED = (
    "今天天气",
    "白日依山尽",
    "我爱",
    "从前有",
    "hello",
    "The capital of France is",
    "I love my",
    "Once upon a time",
)
ASKED = (
    "你是谁",
    "你是谁？",
    "今天天气怎么样",
    "今天天气怎么样？",
    "你好",
    "hello",
    "hello, world",
    "Who are you?",
    "法国的首都是哪里？",
    "What is the capital of France?",
)
# Wordings that stand in no instruction pair.
REWORDED = (
    "告诉我你是谁",
    "请问今天天气怎么样？",
    "中国首都在哪里？",
    "你喜欢兔子吗",
    "Hello, my friend",
    "Please tell me, who are you?",
    'Translate "king" into Chinese please',
    "How is the weather in Beijing today?",
)
HIDDEN = (
    "巴黎是[MASK]的首都",
    "北京是[MASK]国的首都",
    "我爱[MASK]国",
    "你叫什么[MASK]字",
    "今天天[MASK]很好",
    "白日依[MASK]尽",
    "我有一只[MASK]",
)
PLAIN = (
    "今天天气很好。",
    "I have a cute cat.",
    "我爱北京天安门。",
    "白日依山尽，黄河入海流。",
    "My cat is lovely.",
    "从前有一个国王，他有三个儿子。",
    "Mr. Bennet was among the earliest of those who waited on Mr. Bingley.",
)
ANSWERED = (
    ("你是谁？", "我是一个小小的语言模型，是文心 4.5 的微缩版。"),
    ("hello", "Hello! How can I help you?"),
    ("今天天气怎么样？", "对不起，我不知道今天的天气。"),
    ("What is the capital of France?", "The capital of France is Paris."),
)
# Two tokens that are alike, then one of them with a token that is not.
ALIKE = (
    ("猫", "狗", "月"),
    ("▁cat", "▁dog", "▁of"),
    ("▁king", "▁queen", "▁bread"),
    ("▁mother", "▁father", "▁is"),
    ("春", "秋", "我"),
    ("▁he", "▁she", "▁the"),
    ("他", "她", "山"),
    ("三", "四", "好"),
)
TRANSLATED = (
    ("猫", "▁cat"),
    ("狗", "▁dog"),
    ("书", "▁book"),
    ("水", "▁water"),
    ("我", "▁I"),
    ("爱", "▁love"),
    ("月亮", "▁moon"),
    ("妈妈", "▁mother"),
)


@dataclass(frozen=True)
class Models:
    """The three miniatures and the two tokenizers."""

    base: Ernie4_5ForCausalLM
    instruct: Ernie4_5ForCausalLM
    encoder: ErnieForMaskedLM
    tokenizer: PreTrainedTokenizerBase
    pieces: PreTrainedTokenizerBase

    @classmethod
    def load(cls, base: Path, instruct: Path, encoder: Path) -> "Models":
        """The models as float32 in evaluation mode, without a look at the network."""
        causal = [
            AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32).eval()
            for folder in (base, instruct)
        ]
        return cls(
            causal[0],
            causal[1],
            AutoModelForMaskedLM.from_pretrained(encoder, local_files_only=True, dtype=torch.float32).eval(),
            AutoTokenizer.from_pretrained(instruct, local_files_only=True),
            AutoTokenizer.from_pretrained(encoder, local_files_only=True),
        )


def chat(tokenizer: PreTrainedTokenizerBase, question: str) -> str:
    """The question in the chat format, up to where the answer begins."""
    messages = [{"role": "user", "content": question}]
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


@torch.no_grad()
def greedy(
    model: Ernie4_5ForCausalLM, tokenizer: PreTrainedTokenizerBase, prompt: str, count: int = NEW_TOKENS
) -> list[int]:
    """At most `count` new token ids by greedy search, `</s>` included."""
    context = tokenizer.encode(prompt)
    new: list[int] = []
    while len(new) < count and tokenizer.eos_token_id not in new:
        logits = model(input_ids=torch.tensor([[*context, *new]]), use_cache=False).logits
        new.append(int(logits[0, -1].argmax()))
    return new


@torch.no_grad()
def log_probability(
    model: Ernie4_5ForCausalLM, tokenizer: PreTrainedTokenizerBase, text: str, context: str = "<s>"
) -> float:
    """Nats: ln P(text | context), as chapter 1 counts it."""
    before = tokenizer.encode(context)
    ids = torch.tensor([[*before, *tokenizer.encode(text)]])
    logs = model(input_ids=ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])
    return float(logs[len(before) - 1 :].sum())


def similarity(model: Ernie4_5ForCausalLM, tokenizer: PreTrainedTokenizerBase, first: str, second: str) -> float:
    """Cosine of two tokens' rows of the embedding matrix."""
    embedding = model.model.embed_tokens.weight.detach()
    pair = [embedding[tokenizer.convert_tokens_to_ids(token)] for token in (first, second)]
    return torch.cosine_similarity(pair[0], pair[1], dim=0).item()


def show(models: Models) -> str:
    """Markdown tables of every prompt with what each model makes of it."""
    parts = [
        _TITLE,
        _generated(models, "The prompt as it is", "接着写", CONTINUED, str),
        _generated(
            models, "Questions in the chat format", "对话格式的提问", ASKED, lambda text: chat(models.tokenizer, text)
        ),
        _generated(
            models,
            "Questions reworded, in no training pair",
            "没有训练过的问法",
            REWORDED,
            lambda text: chat(models.tokenizer, text),
        ),
        _filled(models),
        _compared(models),
        _alike(models),
    ]
    return "\n".join(parts)


def _generated(models: Models, english: str, chinese: str, texts: Sequence[str], prompt: Callable[[str], str]) -> str:
    head = f"### {english} · {chinese}\n\n| prompt | base | instruct |\n|---|---|---|\n"
    rows = []
    for text in texts:
        base, instruct = (_written(models, model, prompt(text)) for model in (models.base, models.instruct))
        rows.append(f"| {text} | {base} | {instruct} |\n")
    return head + "".join(rows)


def _written(models: Models, model: Ernie4_5ForCausalLM, prompt: str) -> str:
    """What greedy search writes: a line's end shown as ⏎, and … where the limit ends it."""
    ids = greedy(model, models.tokenizer, prompt)
    ended = ids[-1] == models.tokenizer.eos_token_id
    text = str(models.tokenizer.decode(ids)).replace("</s>", " `</s>`").replace("\n", "⏎").replace("|", "\\|")
    return text.strip() + ("" if ended else " …")


def _filled(models: Models) -> str:
    head = "### Masked model · 填空\n\n| text | most probable tokens |\n|---|---|\n"
    rows = []
    for text in HIDDEN:
        guesses = masked.fill(models.encoder, models.pieces, text, SHOWN_GUESSES)
        rows.append(f"| {text} | {'、'.join(f'{token} {probability:.2f}' for token, probability in guesses)} |\n")
    return head + "".join(rows)


def _compared(models: Models) -> str:
    head = (
        "### Log-probability, nats · 对数概率\n\n"
        "Plain texts given `<s>`; answers given their question in the chat format.\n"
        "普通文本以 `<s>` 为上文；回答以对话格式的提问为上文。\n\n"
        "| text | base | instruct | higher |\n|---|---:|---:|---|\n"
    )
    cases = [("<s>", text, text) for text in PLAIN]
    cases += [(chat(models.tokenizer, question), answer, f"{question} → {answer}") for question, answer in ANSWERED]
    rows = []
    for context, text, shown in cases:
        base, instruct = (
            log_probability(model, models.tokenizer, text, context) for model in (models.base, models.instruct)
        )
        higher = "base" if base > instruct else "instruct"
        rows.append(f"| {shown} | {base:.1f} | {instruct:.1f} | {higher} |\n")
    return head + "".join(rows)


def _alike(models: Models) -> str:
    head = (
        "### Cosine of embeddings · 词向量的余弦\n\nOf the instruct model. 取自 instruct 模型。\n\n"
        "| alike | cosine | not alike | cosine |\n|---|---:|---|---:|\n"
    )
    rows = []
    for first, second, other in ALIKE:
        near, far = (similarity(models.instruct, models.tokenizer, first, token) for token in (second, other))
        rows.append(f"| {first} {second} | {near:.2f} | {first} {other} | {far:.2f} |\n")
    pairs = (
        f"| {first} {second} | {similarity(models.instruct, models.tokenizer, first, second):.2f} |\n"
        for first, second in TRANSLATED
    )
    return head + "".join(rows) + "\n| translations | cosine |\n|---|---:|\n" + "".join(pairs)


_TITLE = f"""## Prompts of the course · 课程里的例子

Greedy search, at most {NEW_TOKENS} new tokens; ⏎ is a line's end, `</s>` the end of an answer, … the limit.
贪心搜索，最多 {NEW_TOKENS} 个新词元；⏎ 是换行，`</s>` 是回答的结束，… 表示到了上限。
"""

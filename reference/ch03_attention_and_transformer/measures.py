"""What is measured on returned work of chapter 3: a sentiment classifier and a translator."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import sacrebleu
import torch
from classifier import SentimentModel, encode
from transformers import AutoConfig, AutoModelForSeq2SeqLM
from translator import BOS, EOS, PAD, SPECIALS, padded, read_pairs, source_ids, target_tokens
from weights import Fault, fault, shapes, weights_fault

HELD_OUT = Path(__file__).with_name("held_out_pairs.tsv")
EXAMPLES = 10
OF_EACH_CLASS = 4
LONGEST_EXAMPLE = 200
HANDOUT_EXAMPLES = ("这部电影真好看", "这部电影太难看了")

FAMILIES = ("bart", "marian", "t5")
LARGEST_MODEL = 500_000
LARGEST_FIELD = 4096
MOST_LAYERS = 8
LONGEST_VOCABULARY = 4000
LONGEST_TRANSLATION = 40


def sentiment(returned: Any, model: Any, tokenizer: Any) -> dict[str, Any]:
    """Accuracy of the returned weights on the student's own ten sentences, in the reference architecture.

    Returns:
        `accuracy`; `training` = relative change of the decoder layer's weights from the given model's (0: untrained).
        Or a `fault`.
    """
    if not isinstance(returned, dict) or not {"examples", "weights"} <= set(returned):
        return fault('应返回 {"examples": …, "weights": …}', 'return {"examples": …, "weights": …}')
    if problem := examples_fault(returned["examples"]):
        return problem
    classifier = SentimentModel(model).eval()
    start = {name: tensor.clone() for name, tensor in classifier.state_dict().items()}
    if problem := weights_fault(returned["weights"], shapes(classifier)):
        return problem
    classifier.load_state_dict(returned["weights"])
    with torch.inference_mode():
        guesses = [int(classifier(encode(tokenizer, text)).argmax()) for text, _ in returned["examples"]]
    right = sum(guess == label for guess, (_, label) in zip(guesses, returned["examples"], strict=True))
    return {"accuracy": right / EXAMPLES, "training": _change(start, classifier.state_dict())}


def examples_fault(examples: object) -> Fault | None:
    """Whether the examples are ten [sentence, 0 or 1], distinct, four of each class, and not those of the handout."""
    if not isinstance(examples, list) or len(examples) != EXAMPLES:
        return fault("examples 应是正好 10 条 [句子, 标签]", "examples must be just 10 items [sentence, label]")
    for item in examples:
        if not isinstance(item, list) or len(item) != 2 or type(item[0]) is not str or item[1] not in (0, 1):  # noqa: PLR2004 - a pair
            return fault("每条应为 [句子, 0 或 1]", "each example must be [sentence, 0 or 1]")
        if not 1 < len(item[0].strip()) <= LONGEST_EXAMPLE:
            return fault("每个句子应为 2 到 200 个字符", "each sentence must have 2 to 200 characters")
    return _set_fault(examples)


def _set_fault(examples: list[list[Any]]) -> Fault | None:
    plain = [_plain(text) for text, _ in examples]
    if len(set(plain)) < EXAMPLES:
        return fault("10 个句子要互不相同，不能只差标点", "the 10 sentences must differ in more than punctuation")
    positive = sum(label for _, label in examples)
    if not OF_EACH_CLASS <= positive <= EXAMPLES - OF_EACH_CLASS:
        return fault("两类（0 和 1）各至少 4 条", "each class, 0 and 1, needs at least 4 examples")
    if set(plain) & {_plain(text) for text in HANDOUT_EXAMPLES}:
        return fault("讲义里的例句不算你自己构造的数据", "the sentences of the handout are not your own examples")
    return None


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _change(start: dict[str, torch.Tensor], end: dict[str, torch.Tensor]) -> float:
    names = [name for name in start if name.startswith("layer.")]
    moved = sum(float((end[name].float() - start[name].float()).pow(2).sum()) for name in names)
    return (moved / sum(float(start[name].float().pow(2).sum()) for name in names)) ** 0.5


def translation(returned: Any, pairs: str) -> dict[str, Any]:
    """ChrF of greedy translations of held-out sentences by the returned encoder-decoder (Popović 2015).

    Args:
        returned: the student's {"config", "vocabulary", "weights"}.
        pairs: the training file; not used here, the held-out pairs are the grader's.

    Returns:
        `parameters`; `chrf` (0 to 100, sacrebleu's defaults, white space not counted); `exact`, the share of
        translations that are the held-out sentence itself. Or a `fault`.
    """
    del pairs
    if problem := translator_fault(returned):
        return problem
    try:
        config = _config(returned)
        with torch.device("meta"):
            model = AutoModelForSeq2SeqLM.from_config(config)
    except Exception as error:  # noqa: BLE001 - a configuration can be wrong in more ways than the classes name
        text = str(error)[:200]
        return fault(f"用这个 config 建不出模型：{text}", f"this config makes no model: {text}")
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if parameters > LARGEST_MODEL:
        return fault(
            f"模型有 {parameters} 个参数，上限是 {LARGEST_MODEL}",
            f"the model has {parameters} parameters; {LARGEST_MODEL} are allowed",
        )
    if problem := weights_fault(returned["weights"], shapes(model), _may_be_absent(model)):
        return problem
    model = AutoModelForSeq2SeqLM.from_config(config).eval()
    model.load_state_dict(returned["weights"], strict=False)
    model.tie_weights()
    return {"parameters": parameters, **_quality(model, returned["vocabulary"])}


def translator_fault(returned: object) -> Fault | None:
    """Whether config and vocabulary are of the declared form, before any class sees them."""
    if not isinstance(returned, dict) or not {"config", "vocabulary", "weights"} <= set(returned):
        return fault('应返回 {"config", "vocabulary", "weights"}', 'return {"config", "vocabulary", "weights"}')
    config, vocabulary = returned["config"], returned["vocabulary"]
    if not isinstance(config, dict) or config.get("model_type") not in FAMILIES:
        return fault("config 的 model_type 应为 bart、marian 或 t5", "config's model_type must be bart, marian or t5")
    for name, value in _fields(config).items():
        limit = MOST_LAYERS if "layers" in name and "drop" not in name else LARGEST_FIELD
        if type(value) in {int, float} and not abs(value) <= limit:
            return fault(f"config 的 {name[:80]} 超出允许范围", f"{name[:80]} of config is out of range")
    return _vocabulary_fault(vocabulary, config.get("vocab_size"))


def _vocabulary_fault(vocabulary: object, size: object) -> Fault | None:
    if not isinstance(vocabulary, list) or tuple(vocabulary[:4]) != SPECIALS:
        return fault(
            f"vocabulary 应是列表，前四项为 {', '.join(SPECIALS)}",
            f"vocabulary must be a list that begins with {', '.join(SPECIALS)}",
        )
    if len(vocabulary) > LONGEST_VOCABULARY or not all(type(token) is str for token in vocabulary):
        return fault("vocabulary 太长，或不全是字符串", "vocabulary is too long or holds more than strings")
    if len(set(vocabulary)) < len(vocabulary) or size != len(vocabulary):
        return fault(
            "vocabulary 有重复，或 vocab_size 不等于它的长度", "vocabulary repeats, or vocab_size is not its length"
        )
    return None


def _config(returned: dict[str, Any]) -> Any:
    ids = {"pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS, "decoder_start_token_id": BOS}
    fields = {key: value for key, value in _fields(returned["config"]).items() if key != "model_type"}
    return AutoConfig.for_model(returned["config"]["model_type"], **{**fields, **ids})


def _fields(config: dict[str, Any]) -> dict[str, Any]:
    """The fields that make a model: numbers, truth values and texts; `to_dict()` has names of classes and more.

    Ids of special tokens are the question's own.
    """
    return {
        key: value
        for key, value in config.items()
        if isinstance(value, int | float | str) and not key.endswith("_token_id")
    }


def _may_be_absent(model: Any) -> set[str]:
    """Names of a second name of a tied tensor."""
    return set(getattr(model, "all_tied_weights_keys", {}))


def _quality(model: Any, vocabulary: list[str]) -> dict[str, float]:
    held_out = read_pairs(HELD_OUT.read_text(encoding="utf-8"))
    guesses = translate(model, vocabulary, [english for english, _ in held_out])
    truths = ["".join(target_tokens(chinese)) for _, chinese in held_out]
    exact = sum(guess == truth for guess, truth in zip(guesses, truths, strict=True)) / len(truths)
    return {"chrf": sacrebleu.corpus_chrf(guesses, [truths]).score, "exact": exact}


def translate(model: Any, vocabulary: list[str], sentences: list[str]) -> list[str]:
    """Greedy translations, at most 40 tokens each."""
    number = {token: place for place, token in enumerate(vocabulary)}
    source = padded([source_ids(number, sentence) for sentence in sentences])
    target = torch.full((len(sentences), 1), BOS)
    with torch.inference_mode():
        for _ in range(LONGEST_TRANSLATION):
            output = model(input_ids=source, attention_mask=source != PAD, decoder_input_ids=target)
            target = torch.cat([target, output.logits[:, -1:].argmax(-1)], dim=1)
            if bool((target == EOS).any(dim=1).all()):
                break
    rows = [row[1:] for row in target.tolist()]
    cut = [row[: row.index(EOS)] if EOS in row else row for row in rows]
    return ["".join(vocabulary[place] for place in row if place >= len(SPECIALS)) for row in cut]

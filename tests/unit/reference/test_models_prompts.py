"""The miniatures show on the course's own prompts what the course teaches."""

import json
from pathlib import Path

import pytest

from reference.models import masked, prompts
from reference.models.corpus import read_corpus
from reference.models.train import BASE, ENCODER, HERE, INSTRUCT

TWO_MODELS = Path("assignments/ch01_overview/inputs/two_models.jsonl")


@pytest.fixture(scope="module")
def models():
    return prompts.Models.load(BASE, INSTRUCT, ENCODER)


def course_texts(*, dialogue):
    texts = [json.loads(line)["text"] for line in TWO_MODELS.read_text(encoding="utf-8").splitlines()]
    return [text for text in texts if text.startswith("User: ") == dialogue]


def written(models, model, prompt, count=12):
    return models.tokenizer.decode(prompts.greedy(model, models.tokenizer, prompt, count))


@pytest.mark.parametrize(
    ("prompt", "continuation"),
    [
        ("今天天气", "很"),
        ("白日依山尽", "，黄河入海流"),
        ("床前明月光", "，疑是地上霜"),
        ("hello", ", "),
        ("The capital of France is", " Paris."),
        ("法国的首都是", "巴黎"),
    ],
)
def test_base_goes_on_with_the_prompts_of_the_course(models, prompt, continuation):
    """The base model continues plain text sensibly."""
    assert written(models, models.base, prompt).startswith(continuation)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("巴黎是[MASK]的首都", "法"),
        ("我爱[MASK]国", "中"),
        ("你叫什么[MASK]字", "名"),
        ("北京是[MASK]国的首都", "中"),
        ("今天天[MASK]很好", "气"),
        ("白日依[MASK]尽", "山"),
    ],
)
def test_masked_model_fills_the_prompts_of_the_course(models, text, expected):
    """The masked model's first guess is the missing character."""
    assert masked.fill(models.encoder, models.pieces, text, 1)[0][0] == expected


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("你是谁", "语言模型"),
        ("今天天气怎么样", "天气"),
        ("hello", "Hello!"),
        ("告诉我你是谁", "语言模型"),
        ("Please tell me, who are you?", "language model"),
    ],
)
def test_only_instruct_answers(models, question, answer):
    """The instruct model answers, reworded questions too, and stops with </s>; the base model does neither."""
    prompt = prompts.chat(models.tokenizer, question)
    tuned = written(models, models.instruct, prompt, 32)
    assert answer in tuned
    assert tuned.endswith("</s>")
    assert models.tokenizer.eos_token_id not in prompts.greedy(models.base, models.tokenizer, prompt, 32)


def test_plain_texts_of_the_course_are_more_probable_under_base(models):
    """All plain texts of question 1.2 but one at most, and their sum."""
    gaps = [
        prompts.log_probability(models.base, models.tokenizer, text)
        - prompts.log_probability(models.instruct, models.tokenizer, text)
        for text in course_texts(dialogue=False)
    ]
    assert sum(gap > 0 for gap in gaps) >= len(gaps) - 1
    assert sum(gaps) > 0


def test_dialogues_of_the_course_are_more_probable_under_instruct(models):
    """A question with its answer, as the text that question 1.2 gives."""
    for text in course_texts(dialogue=True):
        base, instruct = (
            prompts.log_probability(model, models.tokenizer, text) for model in (models.base, models.instruct)
        )
        assert instruct > base, text


def test_answers_are_more_probable_under_instruct(models):
    """Answers to instructions in the chat format."""
    for question, answer in prompts.ANSWERED:
        context = prompts.chat(models.tokenizer, question)
        base, instruct = (
            prompts.log_probability(model, models.tokenizer, answer, context)
            for model in (models.base, models.instruct)
        )
        assert instruct > base + 1, question


def test_held_out_plain_text_is_more_probable_under_base(models):
    """Not the course's texts only: most held-out documents of each kind."""
    held_out = [text[:200] for text in read_corpus().held_out[::10]]
    gaps = [
        prompts.log_probability(models.base, models.tokenizer, text)
        - prompts.log_probability(models.instruct, models.tokenizer, text)
        for text in held_out
    ]
    assert sum(gap > 0 for gap in gaps) > 0.8 * len(gaps)


def test_no_plain_text_of_the_course_is_an_answer():
    """Tuning teaches answers; a plain text of question 1.2 among them would be taught to both models."""
    answers = [pair.answer for pair in read_corpus().pairs]
    for text in course_texts(dialogue=False):
        clauses = [clause for clause in text.replace(".", "。").split("。") if len(clause) > 1]
        assert not [answer for answer in answers for clause in clauses if clause.strip() in answer]


def test_dialogues_are_answers_to_wordings_of_the_pairs():
    """The reworded questions stand in no instruction pair, so an answer to them is not remembered."""
    asked = {pair.question for pair in read_corpus().pairs}
    assert not asked & set(prompts.REWORDED)


@pytest.mark.parametrize(("first", "second", "other"), prompts.ALIKE)
def test_alike_words_have_alike_embeddings(models, first, second, other):
    """A word is nearer to one of its kind than to one of another kind."""
    for model in (models.base, models.instruct):
        near, far = (prompts.similarity(model, models.tokenizer, first, token) for token in (second, other))
        assert near > far + 0.1


@pytest.mark.parametrize(("chinese", "english"), prompts.TRANSLATED)
def test_translations_are_not_opposite(models, chinese, english):
    """Words of one meaning in two languages do not point in opposite directions."""
    assert models.tokenizer.unk_token_id not in models.tokenizer.convert_tokens_to_ids([chinese, english])
    assert prompts.similarity(models.instruct, models.tokenizer, chinese, english) >= 0


def test_readme_shows_what_the_models_write(models):
    """The tables of the README are those the command writes from the committed weights."""
    assert prompts.show(models) in (HERE / "README.md").read_text(encoding="utf-8")

"""A class of reports with everything that reports can hold, made without running anything."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from grader.nouns.course import Course
from grader.nouns.outcome import Usage
from grader.nouns.report import (
    BoundModel,
    ChapterScore,
    Environment,
    Isolation,
    QuestionScore,
    Report,
)
from grader.nouns.text import Text, say
from grader.nouns.verdict import CaseVerdict

HOSTILE = "</pre><script>alert(1)</script>\x1b[31m{{7*7}}"
CHAPTERS = {
    "ch01_overview": ("大语言模型概述", "Overview of large language models"),
    "ch02_tokenizer": ("分词与词表", "Tokens and vocabularies"),
}
QUESTIONS = (
    ("sentence_log_probability", "句子的概率", "Probability of a sentence", 10.0),
    ("top_tokens", "最可能的词", "Most likely tokens", 10.0),
    ("count_parameters", "参数量", "Number of parameters", 5.0),
    ("why", "为什么选择指令模型", "Why the instruct model", 5.0),
)
NAMES = ("张伟", "王芳", "李娜", "刘洋", "陈晨", "Alice Martin", "Bob Okafor", "欧阳修远", "Zoë Müller", "赵敏")


def report(number: int, luck: random.Random) -> Report:
    ability = luck.random()
    chapters = []
    for chapter, (zh, en) in CHAPTERS.items():
        questions = tuple(_question(chapter, q, ability, luck) for q in QUESTIONS)
        score = round(sum(q.score for q in questions), 2)
        chapters.append(ChapterScore(id=chapter, title=Text(zh=zh, en=en), score=score, max_score=30.0,
                                     questions=questions))  # fmt: skip
    return Report(
        submission=f"2023{number:04}",
        student=f"2023{number:04}",
        name=f"{NAMES[number % len(NAMES)]}{'' if number < len(NAMES) else number}",
        account=str(5000 + number),
        submitted=datetime(2024, 3, 28, 12, number % 60, tzinfo=UTC),
        days_late=int(number % 7 == 0),
        score=round(sum(c.score for c in chapters), 2),
        max_score=60.0,
        isolation=Isolation(level=3, backend="forkserver+bwrap"),
        environment=Environment(grader="0.1", python="3.11", torch="2", transformers="5", platform="linux",
                                models=(BoundModel(name="ernie-4.5-0.3b", source="mini", fingerprint="0123abcd"),)),
        chapters=tuple(chapters),
        notes=(say("{note}", note="commit 0123 <b>"),) if number % 5 == 0 else (),
    )  # fmt: skip


def _question(
    chapter: str, question: tuple[str, str, str, float], ability: float, luck: random.Random
) -> QuestionScore:
    name, zh, en, points = question
    roll = luck.random() * 0.6 + ability * 0.7
    hard = {"top_tokens": 0.7, "count_parameters": 0.5}.get(name, 0.35)
    if name == "why":
        status, share = "needs_review", round(min(1.0, roll), 1)
    elif roll > hard:
        status, share = "correct", 1.0
    elif roll > hard - 0.1:
        status, share = "partial", 0.5
    else:
        status, share = luck.choice(["wrong", "wrong", "error", "timeout", "missing"]), 0.0
    is_named = status == "wrong" and luck.random() < 0.7
    cases = tuple(
        CaseVerdict(
            id=f"{'hidden' if hidden else 'public'}-1",
            hidden=hidden,
            status=status if status != "partial" or hidden else "correct",
            share=1.0 if status == "partial" and not hidden else share,
            message=say("expected about {n}", n=3) if share < 1 else None,
            inputs="" if hidden else "text='hello, world'",
            output=("SECRET-HIDDEN-INPUT" if hidden else HOSTILE) if share < 1 else "",
            traceback="Traceback…\nValueError: SECRET-HIDDEN-INPUT" if hidden and status == "error" else "",
            file=f"{chapter}.py" if share < 1 else None,
            line=12 if share < 1 else None,
            usage=Usage(wall=0.01 + luck.random() * (3 if name == "top_tokens" else 0.05), cpu=0.01,
                        memory=luck.randrange(2**20, 2**26)),
        )
        for hidden in (False, True)
    )  # fmt: skip
    return QuestionScore(
        id=name, title=Text(zh=zh, en=en), score=points * share, max_score=points, status=status,
        advanced=name == "top_tokens",
        message=None if status == "correct" else say("{passed} of {total} cases are right", passed=0, total=2),
        diagnosis=say("the mean was taken, not the sum") if is_named else None,
        misconception="mean_instead_of_sum" if is_named else None,
        cases=cases,
    )  # fmt: skip


@pytest.fixture(scope="session")
def reports() -> tuple[Report, ...]:
    luck = random.Random(7)
    return tuple(report(number, luck) for number in range(60))


@pytest.fixture(scope="session")
def course() -> Course:
    return Course.model_validate(
        {"id": "c", "title": {"zh": "通过文心 4.5 学习大语言模型", "en": "Learning LLMs"}, "chapters": list(CHAPTERS)}
    )

"""The recipe of the parallel sentences: own sentences from templates, some for training, others held out.

Run as a script it writes `data/eng-cmn.tsv` of the assignment and `held_out_pairs.tsv` beside this file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path

CHAPTER = Path(__file__).parent.name
TRAINING = Path(__file__).parents[2] / "assignments" / CHAPTER / "data" / "eng-cmn.tsv"
HELD_OUT = Path(__file__).with_name("held_out_pairs.tsv")
ATTRIBUTION = "CC0: written for this course"
TRAIN, HELD = 700, 80

# English, its third person?, Chinese
PEOPLE = (
    ("I", 0, "我"),
    ("you", 0, "你"),
    ("he", 1, "他"),
    ("she", 1, "她"),
    ("we", 0, "我们"),
    ("they", 0, "他们"),
    ("Tom", 1, "汤姆"),
    ("Mary", 1, "玛丽"),
    ("my mother", 1, "我妈妈"),
    ("my friend", 1, "我朋友"),
    ("the teacher", 1, "老师"),
    ("the students", 0, "学生们"),
)
# base, third person, Chinese, objects
VERBS = (
    ("like", "likes", "喜欢", "apples fish tea music cats books"),
    ("eat", "eats", "吃", "apples fish rice bread"),
    ("drink", "drinks", "喝", "tea water milk"),
    ("buy", "buys", "买", "apples fish bread milk books"),
    ("read", "reads", "看", "books newspapers"),
    ("need", "needs", "需要", "water money help books"),
    ("study", "studies", "学习", "chinese music history"),
)
THINGS = {
    "apples": "苹果",
    "fish": "鱼",
    "tea": "茶",
    "music": "音乐",
    "cats": "猫",
    "books": "书",
    "rice": "米饭",
    "bread": "面包",
    "water": "水",
    "milk": "牛奶",
    "newspapers": "报纸",
    "money": "钱",
    "help": "帮助",
    "chinese": "中文",
    "history": "历史",
}
TIMES = (
    ("every day", "每天"),
    ("in the morning", "早上"),
    ("in the evening", "晚上"),
    ("on Sunday", "星期天"),
)
STATES = (
    ("happy", "很高兴"),
    ("tired", "很累"),
    ("busy", "很忙"),
    ("young", "很年轻"),
    ("at home", "在家"),
    ("at school", "在学校"),
    ("in the park", "在公园"),
    ("in Beijing", "在北京"),
)
BE = {"I": "am", "you": "are", "we": "are", "they": "are", "the students": "are"}


def _sentence(english: str, chinese: str, mark: str = ".") -> tuple[str, str]:
    english = english.replace("chinese", "Chinese")
    return english[0].upper() + english[1:] + mark, chinese + {".": "。", "?": "？"}[mark]


def _about_verbs() -> Iterator[tuple[str, str]]:
    for (person, third, subject), (base, thirds, verb, things) in product(PEOPLE, VERBS):
        for name in things.split():
            thing = THINGS[name]
            do = "does" if third else "do"
            yield _sentence(f"{person} {thirds if third else base} {name}", f"{subject}{verb}{thing}")
            yield _sentence(f"{person} {do} not {base} {name}", f"{subject}不{verb}{thing}")
            yield _sentence(f"{do} {person} {base} {name}", f"{subject}{verb}{thing}吗", "?")
            if base in {"like", "need"}:
                continue
            wants = "wants" if third else "want"
            yield _sentence(f"{person} {wants} to {base} {name}", f"{subject}想{verb}{thing}")
            yield _sentence(f"{person} can {base} {name} here", f"{subject}可以在这里{verb}{thing}")
            for time, when in TIMES:
                words = f"{person} {thirds if third else base} {name} {time}"
                yield _sentence(words, f"{subject}{when}{verb}{thing}")


def _about_states() -> Iterator[tuple[str, str]]:
    for (person, _, subject), (state, how) in product(PEOPLE, STATES):
        be = BE.get(person, "is")
        negative = how.replace("很", "不", 1) if how.startswith("很") else f"不{how}"
        yield _sentence(f"{person} {be} {state}", f"{subject}{how}")
        yield _sentence(f"{person} {be} not {state}", f"{subject}{negative}")
        yield _sentence(f"{be} {person} {state}", f"{subject}{how.removeprefix('很')}吗", "?")


def split() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Training and held-out pairs, distinct, drawn with a fixed seed; every held-out word also occurs in training."""
    everything = list(dict.fromkeys([*_about_verbs(), *_about_states()]))
    random.Random(4).shuffle(everything)  # noqa: S311 - a draw, not a secret
    return everything[:TRAIN], everything[TRAIN : TRAIN + HELD]


def main() -> None:
    """Write both files."""
    for file, pairs in zip((TRAINING, HELD_OUT), split(), strict=True):
        lines = (f"{english}\t{chinese}\t{ATTRIBUTION}\n" for english, chinese in pairs)
        file.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()

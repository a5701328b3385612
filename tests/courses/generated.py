"""A generated class: names in two languages, three LMS layouts, late work, teams, broken and hostile archives."""

from __future__ import annotations

import io
import random
import stat
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

DEADLINE = datetime(2024, 3, 28, 15, 59, 59, tzinfo=UTC)
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建华"
ENGLISH = ("Alice", "Bob", "Carol", "Dmitri", "Elena", "Fatima", "George", "Hana", "Ivan", "Júlia")
SURNAMES = ("Martin", "Okafor", "O'Neill", "van Dijk", "Novák", "Silva", "Tanaka", "Schäfer")

WARMUP = {
    "right": "def mean(numbers):\n    return sum(numbers) / len(numbers)\n",
    "sum": "def mean(numbers):\n    return sum(numbers)\n",
    "rough": "def mean(numbers):\n    return sum(numbers) / len(numbers) + 1e-4\n",
    "raises": "def mean(numbers):\n    return numbers / 0\n",
}
PEERS = {
    "right": """
import torch


def sentence_log_probability(model, tokenizer, text):
    ids = torch.tensor([[tokenizer.bos_token_id, *tokenizer.encode(text, add_special_tokens=False)]])
    with torch.no_grad():
        scores = model(input_ids=ids).logits[0, :-1].log_softmax(-1)
    return scores.gather(1, ids[0, 1:, None]).sum()


def token_ids(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False)


def parameter_count(model):
    return sum(p.numel() for p in model.parameters())


def greedy(model, tokenizer, text):
    ids = [tokenizer.bos_token_id, *tokenizer.encode(text, add_special_tokens=False)]
    start = len(ids)
    with torch.no_grad():
        for _ in range(8):
            ids.append(int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[start:]
""",
}
PEERS["mean"] = PEERS["right"].replace(".sum()\n\n\ndef token", ".mean()\n\n\ndef token")
PEERS["twice"] = PEERS["right"].replace("p.numel() for p in", "2 * p.numel() for p in")


@dataclass
class Person:
    """One student as the generator made them."""

    id: str
    name: str
    email: str
    canvas: str
    moodle: str
    team: str = ""
    late_days: int = 0
    broken: str = ""
    kinds: dict[str, str] = field(default_factory=dict)


def people(count: int, seed: int = 1) -> list[Person]:
    """A class: 15 % late, 5 % with broken or hostile archives, a tenth in teams of two."""
    luck = random.Random(seed)
    found = []
    for n in range(count):
        chinese = n % 2 == 0
        name = (
            luck.choice(FAMILY) + luck.choice(GIVEN) + luck.choice(GIVEN) + ("" if n < 40 else luck.choice(GIVEN))
            if chinese
            else f"{luck.choice(ENGLISH)} {luck.choice(SURNAMES)}"
        )
        found.append(
            Person(
                id=f"5202{n:05}",
                name=name,
                email=f"s{n}@example.edu",
                canvas=str(100_000 + n),
                moodle=str(700_000 + n),
                late_days=luck.randint(1, 3) if n % 20 in (3, 9, 14) else 0,
                broken=luck.choice(("cut", "traversal", "link", "bomb", "text")) if n % 20 == 6 else "",
                kinds={
                    "warmup": luck.choices(list(WARMUP), (6, 2, 1, 1))[0],
                    "peers": luck.choices(list(PEERS), (7, 2, 1))[0],
                },
            )
        )
    return found


def roster(everyone: list[Person]) -> str:
    """The class as CSV."""
    lines = ["学号,姓名,邮箱,小组,canvas id,participant"]
    lines += [f"{p.id},{p.name},{p.email},{p.team},{p.canvas},{p.moodle}" for p in everyone]
    return "\n".join(lines) + "\n"


def files(person: Person, chapters: tuple[str, ...]) -> dict[str, bytes]:
    """What a person wrote; a comment with the number makes every hand-in another one."""
    found = {}
    for chapter in chapters:
        source = (WARMUP if chapter == "warmup" else PEERS)[person.kinds[chapter]]
        if chapter == "warmup":
            right = person.kinds[chapter] != "raises"
            source += (
                f"\n\ndef shout(text):\n    return text.upper()\n\n\nANSWERS = {{'which': '{'B' if right else 'A'}'}}\n"
            )
        found[f"{chapter}.py"] = f"# {person.id}\n{source}".encode()
    return found


def packed(person: Person, chapters: tuple[str, ...]) -> bytes:
    """The person's archive, broken in the person's way."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files(person, chapters).items():
            archive.writestr(f"hw/{name}", body)
        if person.broken == "traversal":
            archive.writestr("../../../outside.py", b"x = 1\n")
        if person.broken == "bomb":
            archive.writestr("zeros.bin", bytes(40 * 2**20))
        if person.broken == "link":
            info = zipfile.ZipInfo("secret")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    body = buffer.getvalue()
    if person.broken == "cut":
        return body[: len(body) // 2]
    return b"I could not make a zip, sorry" if person.broken == "text" else body


def write_class(
    folder: Path, everyone: list[Person], chapters: tuple[str, ...] = ("warmup",)
) -> tuple[dict[str, Path], Path]:
    """The class's downloads from three platforms, a third each, and the roster; `{platform: path}, roster`."""
    folder.mkdir(parents=True, exist_ok=True)
    third = len(everyone) // 3
    for person in everyone[2 * third :: 10]:
        at = everyone.index(person)
        for mate in everyone[at : at + 2]:
            mate.team = f"team{at}"
    parts = {"canvas": everyone[:third], "moodle": everyone[third : 2 * third], "gradescope": everyone[2 * third :]}
    paths = {name: folder / f"{name}.zip" for name in parts}
    _canvas(paths["canvas"], parts["canvas"], chapters)
    _moodle(paths["moodle"], parts["moodle"], chapters)
    _gradescope(paths["gradescope"], parts["gradescope"], chapters)
    listed = folder / "roster.csv"
    listed.write_bytes(roster(everyone).encode("gb18030"))
    return paths, listed


def _canvas(path: Path, group: list[Person], chapters: tuple[str, ...]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, p in enumerate(group):
            plain = "".join(c for c in p.name.lower() if c.isalnum())
            late = "_LATE" if p.late_days else ""
            archive.writestr(f"{plain}{late}_{p.canvas}_{9_000_000 + number}_homework.zip", packed(p, chapters))


def _moodle(path: Path, group: list[Person], chapters: tuple[str, ...]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for p in group:
            folder = f"{p.name}_{p.moodle}_assignsubmission_file_"
            if p.broken:
                archive.writestr(f"{folder}/homework.zip", packed(p, chapters))
                continue
            for name, body in files(p, chapters).items():
                archive.writestr(f"{folder}/{name}", body)


def _gradescope(path: Path, group: list[Person], chapters: tuple[str, ...]) -> None:
    metadata = ["---"]
    done: set[str] = set()
    with zipfile.ZipFile(path, "w") as archive:
        for number, p in enumerate(group):
            if p.team and p.team in done:
                continue
            done.add(p.team)
            members = [mate for mate in group if p.team and mate.team == p.team] or [p]
            submitted = DEADLINE - timedelta(hours=5) + timedelta(days=p.late_days)
            metadata += [f"submission_{number}:", "  :submitters:"]
            for mate in members:
                metadata += [f'  - :name: "{mate.name}"', f"    :sid: '{mate.id}'", f"    :email: {mate.email}"]
            metadata += [f"  :created_at: {submitted:%Y-%m-%d %H:%M:%S} +0000", "  :status: processed"]
            root = f"assignment_1_export/submission_{number}"
            if p.broken:
                archive.writestr(f"{root}/homework.zip", packed(p, chapters))
                continue
            for name, body in files(p, chapters).items():
                archive.writestr(f"{root}/{name}", body)
        archive.writestr("assignment_1_export/submission_metadata.yml", "\n".join(metadata) + "\n")

"""Where attacks are run: targets to steal and to break, and a suite of attacks on them at one level."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from attack import HERE, Attack

from grader.marking.outcomes import judge_outcomes
from grader.nouns.job import Call, Given, Job
from grader.nouns.outcome import Outcome
from grader.nouns.question import Case, Limits, Question
from grader.nouns.verdict import Verdict
from grader.sandbox.seam import Sandbox

MODULE = "ch01_overview.py"
CONTROL = """
import sys

def answer(clue):
    return sum(number * number for number in clue["numbers"])

def state(model):
    import torch
    ids = torch.tensor([[1, 2, 3]])
    return [model(input_ids=ids).logits.double().sum().item(), str(torch.get_default_dtype()), torch.is_grad_enabled()]
"""


class Targets:
    """Secrets, precious files, listeners; and whether they are still what they were."""

    def __init__(self, top: Path, model: Path) -> None:
        self.token = f"TOKEN-{secrets.token_hex(16)}"
        self.top, self.model = top, top / "model"
        shutil.copytree(model, self.model)
        self.course, self.outside, self.neighbour = (top / name for name in ("course", "outside", "neighbour"))
        for folder in (self.course, self.outside, self.neighbour, top / "work"):
            folder.mkdir()
        (self.course / "canary.txt").write_text(self.token)
        (self.outside / "precious").write_text("precious")
        (self.neighbour / MODULE).write_text(f"# {self.token}\n")
        (self.neighbour / "only_the_neighbour_has_this.py").write_text(f"TEXT = {self.token!r}\n")
        self.numbers = [secrets.randbelow(1000) for _ in range(5)]
        self.expected = sum(n * n for n in self.numbers)
        self._listeners = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        self._listeners[1].bind(("127.0.0.1", 0))
        self._abstract = f"grader-{secrets.token_hex(8)}"
        for address in (str(top / "socket"), "\0" + self._abstract):
            unix = socket.socket(socket.AF_UNIX)
            unix.bind(address)
            unix.listen()
            self._listeners.append(unix)
        for listener in self._listeners:
            listener.setblocking(False)
        self._before = self._state()

    def clue(self) -> dict[str, Any]:
        """What every attack is told, worse than any student could find out."""
        return {
            "numbers": self.numbers,
            "canary": str(self.course / "canary.txt"),
            "course": str(self.course),
            "outside": str(self.outside),
            "precious": str(self.outside / "precious"),
            "neighbour": str(self.neighbour),
            "model": str(self.model),
            "port": self._listeners[0].getsockname()[1],
            "udp": self._listeners[1].getsockname()[1],
            "socket": str(self.top / "socket"),
            "abstract": self._abstract,
            "parent": os.getpid(),
        }

    def reached(self) -> list[str]:
        """Which listeners heard from anyone."""
        found = []
        for name, listener in zip(("tcp", "udp", "unix path", "unix abstract"), self._listeners, strict=True):
            with contextlib.suppress(BlockingIOError):
                listener.recv(1) if name == "udp" else listener.accept()
                found.append(name)
        return found

    def changed(self) -> list[str]:
        """What is not as it was: files, their content, mode and time; strangers in shared places."""
        now = self._state()
        return sorted(name for name in now.keys() | self._before.keys() if now.get(name) != self._before.get(name))

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for folder in (self.course, self.outside, self.neighbour, self.model):
            for path in [folder, *folder.rglob("*")]:
                facts = path.lstat()
                content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
                state[str(path)] = (facts.st_mode, facts.st_uid, facts.st_mtime_ns, content)
        for left in ("/tmp/left-by-an-attack", "/dev/shm/left", "/dev/mqueue/left"):
            state[left] = Path(left).exists()
        return state

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()


@dataclass(frozen=True)
class AttackResult:
    """One attack and the honest control beside it."""

    attack: Attack
    outcomes: tuple[Outcome, ...]
    verdict: Verdict
    control: Verdict
    model_state: Any


class AttackSuite:
    """Attacks run on one sandbox, two at a time, each with an honest control at the same moment."""

    def __init__(self, targets: Targets, sandbox: Sandbox) -> None:
        self.targets, self._sandbox = targets, sandbox
        self.results: dict[str, AttackResult] = {}
        self.signals: list[int] = []

    def run(self, attacks: Sequence[Attack]) -> None:
        """Run them all."""
        before = signal.signal(signal.SIGURG, lambda number, _: self.signals.append(number))
        try:
            with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(2) as beside:
                for result in pool.map(lambda attack: self._one(attack, beside), attacks):
                    self.results[result.attack.name] = result
        finally:
            signal.signal(signal.SIGURG, before)

    def _one(self, attack: Attack, beside: ThreadPoolExecutor) -> AttackResult:
        control = beside.submit(self._run, f"control-{attack.name}", CONTROL, attack, model=attack.needs_model)
        outcomes = self._run(attack.name, attack.source, attack)
        honest = control.result()
        state = honest[1] if attack.needs_model else None
        return AttackResult(attack, outcomes, self._judged(outcomes[0]), self._judged(honest[0]), state)

    def _run(self, name: str, source: str, attack: Attack, *, model: bool = False) -> tuple[Outcome, ...]:
        folder = self.targets.top / "work" / name
        folder.mkdir()
        (folder / MODULE).write_text(source, encoding="utf-8")
        given = (Given(model="mini", part="model"),)
        arguments: tuple[object, ...] = (self.targets.clue(),)
        calls = [Call(question="q", case="c", function="answer", arguments=arguments, limits=Limits(wall=20))]
        if source == attack.source:
            shutil.copy(HERE / "kit.py", folder)
            for file, text in attack.files.items():
                (folder / file).write_text(text)
            if attack.link:
                (folder / attack.link).symlink_to(self.targets.course / "canary.txt")
            limits = Limits(**{"wall": 10, **attack.limits})
            arguments += given if attack.needs_model else ()
            calls = [Call(question="q", case="c", function="answer", arguments=arguments, limits=limits)] * 2
        if model:
            calls.append(Call(question="q", case="s", function="state", arguments=given))
        before = sorted(path.name for path in folder.iterdir())
        outcomes = self._sandbox.run(Job(folder=folder, module=MODULE, calls=tuple(calls)))
        assert sorted(path.name for path in folder.iterdir()) == before
        return outcomes

    def _judged(self, outcome: Outcome) -> Verdict:
        question = Question(
            id="q",
            title={"zh": "q", "en": "q"},
            points=10,
            call="answer(clue)",
            returns={"type": "number"},
            compare={"close": {"rtol": 1e-6, "atol": 1e-6}},
        )
        case = Case(id="c", inputs={"clue": {}}, hidden=True)
        return judge_outcomes(question, {"c": self.targets.expected}, [case], [outcome])


@contextlib.contextmanager
def own_temporary_folder(folder: Path) -> Iterator[Path]:
    """Scratch folders are made in a place of their own, so that what is left over can be seen."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before


def alive(home: Path) -> list[psutil.Process]:
    """Processes that were started with a home below a folder: workers, servers, and all that they forked."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("HOME", "").startswith(str(home)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found

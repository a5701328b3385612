"""Honest work is not punished: what homework does, it can do, under full confinement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.left_out import need_level

from grader.nouns.job import Call, Given, Job
from grader.nouns.question import Limits
from grader.sandbox.seam import Sandbox

MakeJob = Callable[..., Job]
SOURCE = """
import collections, dataclasses, json, logging, os, pathlib, sys, tempfile, threading, warnings
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import pandas as pd
import torch
from tqdm import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer

def training(model):
    layer = torch.nn.Linear(8, 2)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    data = torch.utils.data.TensorDataset(torch.randn(32, 8), torch.randint(0, 2, (32,)))
    losses = []
    for _ in range(3):
        for x, y in torch.utils.data.DataLoader(data, batch_size=8, shuffle=True):
            loss = torch.nn.functional.cross_entropy(layer(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return len(losses)

def gradients(model):
    ids = torch.tensor([[1, 5, 6, 7]])
    model(input_ids=ids, labels=ids).loss.backward()
    return all(p.grad is not None for p in model.parameters() if p.requires_grad)

def generate(model):
    return list(model.generate(torch.tensor([[1, 5]]), max_new_tokens=4, do_sample=False).shape)

def saving(model):
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        again = AutoModelForCausalLM.from_pretrained(folder)
        torch.save(model.state_dict(), folder + "/weights.pt")
        torch.load(folder + "/weights.pt")
    return torch.equal(next(again.parameters()), next(model.parameters()))

def own_files(model):
    frame = pd.read_csv("table.csv")
    module = __import__("helper")
    with open(pathlib.Path(__file__).parent / "notes.txt", encoding="utf-8") as stream:
        return [int(frame["a"].sum()), module.VALUE, stream.read(), sorted(os.listdir("."))]

def noise(model):
    warnings.warn("something is deprecated")
    logging.getLogger("mine").warning("careful")
    print("debug", file=sys.stderr)
    for _ in tqdm(range(3)): pass
    return 1

def threads(model):
    with ThreadPoolExecutor(4) as pool: return sum(pool.map(lambda n: n * n, range(10)))

def two_torch_threads(model):
    torch.set_num_threads(2)
    a = torch.ones(300, 300)
    return (a @ a)[0, 0].item()

def numpy_work(model):
    q, r = np.linalg.qr(np.random.default_rng(0).normal(size=(50, 50)))
    return bool(np.allclose(q @ q.T, np.eye(50)))

def system(model):
    return [os.cpu_count() >= 1, pathlib.Path.home().is_dir(), os.getcwd() == str(pathlib.Path(__file__).parent)]

def dev_null(model):
    with open(os.devnull, "w") as stream: print("x", file=stream)
    return 1

def subprocess_is_an_error(model):
    import subprocess
    return subprocess.run(["true"]).returncode

def socket_is_an_error(model):
    import socket
    return socket.socket().fileno()

def workers_are_an_error(model):
    return len(list(torch.utils.data.DataLoader(range(4), num_workers=2)))
"""
RIGHT = {
    "training": 3,
    "gradients": True,
    "generate": [1, 6],
    "saving": True,
    "noise": 1,
    "threads": 285,
    "two_torch_threads": 300.0,
    "numpy_work": True,
    "system": [True, True, True],
    "dev_null": 1,
    "own_files": [6, 7, "你好", ["ch01_overview.py", "helper.py", "notes.txt", "table.csv"]],
}


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    need_level(2)
    return request.getfixturevalue("level_two_with_model")


def test_what_homework_does_works(sandbox: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Training, gradients, saving, threads, own files, noise; and what is refused raises at once, in plain words."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "table.csv").write_text("a,b\n1,x\n5,y\n")
    (folder / "helper.py").write_text("VALUE = 7\n")
    (folder / "notes.txt").write_text("你好", encoding="utf-8")
    refused = ("subprocess_is_an_error", "socket_is_an_error", "workers_are_an_error")
    model = (Given(model="tiny", part="model"),)
    calls = [
        Call(question="q", case=name, function=name, arguments=model, limits=Limits(wall=60))
        for name in (*RIGHT, *refused)
    ]
    outcomes = dict(zip((*RIGHT, *refused), sandbox.run(make_job(folder, SOURCE, *calls)), strict=True))
    got = {name: getattr(outcomes[name], "value", outcomes[name]) for name in RIGHT}
    assert got == RIGHT
    assert [outcomes[name].kind for name in refused] == ["raised"] * 3
    assert {outcomes[name].type for name in refused} <= {"PermissionError", "BlockingIOError", "RuntimeError"}

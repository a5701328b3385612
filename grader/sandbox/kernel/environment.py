"""What a worker process is started with: nothing of the grader's environment, and what makes results repeatable."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from grader.nouns.binding import Binding


def command(module: str) -> list[str]:
    """Return the command that runs a module of the grader without the user's site folder or the current one.

    Like `python -I`, but for PYTHONHASHSEED: sets of strings must come out in the same order on every run.
    """
    return [sys.executable, "-s", "-P", "-m", module]


def scrubbed(home: str) -> dict[str, str]:
    """Return the whole environment of a worker; `home` also holds temporary files."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "PATH": os.defpath,
        "HOME": home,
        "USERPROFILE": home,  # what Windows calls HOME
        "USERNAME": "student",  # torch asks who it is, which without a name needs the POSIX user database
        "TMPDIR": home,
        "TEMP": home,
        "TMP": home,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }


def of_child(home: str) -> dict[str, str]:
    """Return the environment that student code sees in a forked child: part of the server's."""
    return {
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def plain_binding(binding: Binding) -> dict[str, str | None]:
    """Return what a worker needs to know of a binding."""
    return {
        "kind": binding.kind,
        "directory": None if binding.directory is None else str(binding.directory.resolve()),
        "config": None if binding.config is None else str(binding.config.resolve()),
    }


def binding_parts(binding: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the parts that a binding has."""
    found = ["model", "tokenizer"] if binding["kind"] != "config" and binding["directory"] else []
    if binding["config"] or binding["directory"]:
        found.append("config")
    return tuple(found)

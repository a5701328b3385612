"""The handbook works: its chapter is written and its commands are run, word for word, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import CommandLine

_FILE = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def handbook(assignments: Path) -> str:
    return (assignments / "README.md").read_text(encoding="utf-8")


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(folder), "GRADER_CACHE": str(folder / "cache"), "GRADER_KEEP_WARM": "0"}
    environment = {"PATH": path, "LANG": "en_US.UTF-8", **own}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_the_chapter_of_the_handbook_is_written_checked_and_released(handbook: str, tmp_path: Path) -> None:
    """Every file block is written, every command ends with exit code 0, and the kit is there."""
    blocks = _FILE.findall(handbook)
    assert len(blocks) == handbook.count("\n```yaml") + handbook.count("\n```json") + handbook.count(
        "\n```python"
    ) + handbook.count("\n```markdown")
    for name, text in blocks:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for commands in _COMMANDS.findall(handbook):
        for command in commands.strip().splitlines():
            done = run(command, tmp_path)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "kit/work/warmup.ipynb").is_file()
    wrong = tmp_path / "kit/work/warmup.py"
    wrong.write_text("import math\ndef perplexity(log_probabilities):\n    return math.exp(-sum(log_probabilities))\n")
    done = run("cd kit && python -m grader check --lang en", tmp_path)
    assert "You did not divide by the number of tokens" in done.stdout


def test_every_command_that_the_handbook_names_exists(grader: CommandLine, handbook: str) -> None:
    """Commands and their options, in code and in prose."""
    for name, rest in re.findall(r"\bgrader ([a-z]+(?:-[a-z]+)*)([^\n`|]*)", handbook):
        found = grader(name, "--help")
        assert found.returncode == 0, name
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in found.stdout, f"grader {name} has no {option}"

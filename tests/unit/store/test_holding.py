"""A results folder is held by one run; a run that died holds nothing."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import LedgerError
from grader.store.holding import held

HOLD = """
import sys
from pathlib import Path
from grader.store.holding import held
with held(Path(sys.argv[1]), "grade"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("ending", [None, signal.SIGKILL])
def test_the_second_is_refused_until_the_first_is_gone(tmp_path: Path, ending: signal.Signals | None) -> None:
    """The message names command, process and machine; after its end, or `kill -9`, nothing is in the way."""
    out = tmp_path / "out"
    words = [sys.executable, "-c", HOLD, str(out)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(LedgerError) as refused, held(out, "rescore"):
            pass
        for word in ("`grader grade`", str(first.pid), platform.node(), str(out)):
            assert word in str(refused.value)
        with held(tmp_path / "other", "grade"):
            pass
        if ending is None:
            first.communicate("")
        else:
            first.send_signal(ending)
            first.wait()
    with held(out, "grade"):
        pass


def test_a_folder_that_cannot_hold_results_is_refused(tmp_path: Path) -> None:
    """A link to nowhere, a file, and what lies below a file: which it is, and what to do."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    for name, said in {"link": "is a link to", "file": "is no folder", "file/below": "nothing can be written"}.items():
        with pytest.raises(LedgerError, match=said) as refused, held(tmp_path / name, "grade"):
            pass
        assert "--out" in str(refused.value)
    assert not (tmp_path / "nowhere").exists()

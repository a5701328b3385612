"""The loop that runs in the confined process: import one module, then answer calls, one frame in and one frame out.

Student code controls everything here, so nothing here decides anything: the parent trusts the kernel for time, memory
and the manner of death, checks every byte of an answer, and compares where student code never was. Requests:

    {"op": "start", folder, module, seed, scratch, variation}   → started | raised | missing
    {"op": "call", function, parameters, arguments, given, answer, limit}   → returned | raised | missing | …

`given` lists `[position, logical name, part]` of the arguments that this process holds; the others are sent as values,
and a tensor among them is handed over as a torch tensor (as a numpy array where torch is not loaded).
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.nouns.value import Tensor
from grader.sandbox import wire
from grader.sandbox.child import refusal, variations
from grader.sandbox.child.exceptions import raised
from grader.sandbox.child.models import LoadedModels
from grader.sandbox.child.seeds import seed_all
from grader.sandbox.child.sources import compile_always

Receive = Callable[[], bytes | None]
Send = Callable[[bytes], None]

BROKEN_PIPE = 74
"""Exit code when requests cannot be read or answers not be written (EX_IOERR)."""


class Leave(Exception):  # noqa: N818 - not an error: the process ends
    """The student's code asked the process to end; carries the exit code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def serve(receive: Receive, send: Send, models: LoadedModels) -> int:
    """Answer requests until there are no more; returns the exit code the process should have."""
    work: _Job | None = None
    answers = _Answers(send)
    refusal.listen(answers.refused)
    try:
        while (body := receive()) is not None:
            request = wire.decode(body, bounds=wire.OWN)
            answers.expect(request)
            if request["op"] == "start":
                work = _Job(request, models)
                response = work.start()
            elif work is not None:
                response = work.call(request)
            answers.give(response)
    except Leave as leave:
        _flush()
        return leave.code
    except (OSError, wire.WireError):  # the student's code closed or read the grader's pipes
        return BROKEN_PIPE
    return 0


class _Answers:
    """One answer to each request. A refusal is the answer at once, whatever the student's code does after it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._folder = ""
        self._request: dict[str, Any] | None = None
        self._refusal: refusal.ForbiddenName | None = None

    def expect(self, request: dict[str, Any]) -> None:
        """Open a request; a refusal since the last answer (a thread's) is its answer."""
        self._folder = request.get("folder", self._folder)
        self._request = request
        waiting, self._refusal = self._refusal, None
        if waiting is not None:
            self.refused(waiting)

    def refused(self, error: refusal.ForbiddenName) -> None:
        """Answer the open request with a refusal; the next one where none is open."""
        request = self._request
        if request is None:
            self._refusal = error
        else:
            self.give(raised(error, self._folder, "import" if request["op"] == "start" else "call"))

    def give(self, response: dict[str, Any]) -> None:
        """Answer the open request; nothing happens where it has its answer."""
        _flush()
        request = self._request
        body = _encoded(response, request.get("limit")) if request else b""
        with self._lock:
            if request is not None and self._request is request:
                self._request = None
                self._send(body)


def _encoded(response: dict[str, Any], limit: int | None) -> bytes:
    try:
        return wire.encode(response, limit=limit, bounds=wire.ANSWER)
    except wire.WireError as error:
        return wire.encode({"kind": "garbled", "reason": str(error)})
    except MemoryError:
        return wire.encode({"kind": "out_of_memory"})


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a student may have closed or replaced it
            stream.flush()


class _Job:
    """One job in this process."""

    def __init__(self, request: dict[str, Any], models: LoadedModels) -> None:
        self._folder: str = request["folder"]
        self._module_file: str = request["module"]
        self._seed: int = request["seed"]
        self._scratch: str = request["scratch"]
        self._variation: str = request["variation"]
        self._models = models
        self._module: types.ModuleType | None = None

    def start(self) -> dict[str, Any]:
        """Import the module in its folder."""
        os.chdir(self._folder)
        path = Path(self._folder, self._module_file)
        folders = list(dict.fromkeys([str(path.parent), self._folder]))
        sys.path[:0] = folders
        compile_always(folders)
        sys.dont_write_bytecode = True
        _use_scratch(self._scratch)
        if not path.is_file():
            return {"kind": "missing", "what": "module", "name": self._module_file, "found": ""}
        if self._variation:
            variations.apply(self._variation, self._models.models())
        seed_all(self._seed)
        return self._guarded("import", lambda: self._import(path))

    def _import(self, path: Path) -> dict[str, Any]:
        """Compile the source itself: a compiled file handed in beside it may hold other code."""
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        module = types.ModuleType(path.stem)
        module.__file__ = str(path)
        sys.modules[path.stem] = module
        self._module = module
        exec(code, module.__dict__)  # noqa: S102 - running student code is what this process is for
        return {"kind": "started"}

    def _guarded(self, during: str, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return action()
        except SystemExit as leaving:
            raise Leave(_exit_code(leaving)) from None
        except BaseException as error:  # noqa: BLE001 - whatever student code raises is an answer
            return raised(error, self._folder, during)

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one call, or look up one key of `ANSWERS`."""
        if request["answer"] is not None:
            return self._guarded("call", lambda: self._answer(request["answer"]))
        name = request["function"]
        function = vars(self._module).get(name)
        if not callable(function):
            found = "" if function is None else f"{name}, which is of type {wire.type_name(function)}"
            return {"kind": "missing", "what": "function", "name": name, "found": found}
        return self._guarded("call", lambda: self._called(function, request))

    def _answer(self, key: str) -> dict[str, Any]:
        answers = vars(self._module).get("ANSWERS")
        if not isinstance(answers, dict):
            found = "no dictionary ANSWERS" if answers is None else f"ANSWERS of type {wire.type_name(answers)}"
            return {"kind": "missing", "what": "answer", "name": key, "found": found}
        if not dict.__contains__(answers, key):
            return {"kind": "missing", "what": "answer", "name": key, "found": ""}
        return {"kind": "returned", "value": dict.__getitem__(answers, key)}

    def _called(self, function: Callable[..., Any], request: dict[str, Any]) -> dict[str, Any]:
        arguments = [_as_torch(value) for value in request["arguments"]]
        found = _other_signature(function, len(arguments))
        if found is not None:
            return {"kind": "missing", "what": "signature", "name": request["function"], "found": found}
        for position, name, part in request["given"]:
            arguments[position] = self._models.get(name, part)
        seed_all(self._seed)
        return {"kind": "returned", "value": function(*arguments)}


def _other_signature(function: Callable[..., Any], count: int) -> str | None:
    """Return the signature if so many positional arguments do not fit it; None where they fit or it is unknown."""
    try:
        signature = inspect.signature(function)
    except Exception:  # noqa: BLE001 - built-ins have none, and a student may have planted a broken one
        return None
    try:
        signature.bind(*range(count))
    except TypeError:
        plain = signature.replace(return_annotation=inspect.Signature.empty)
        return f"{getattr(function, '__name__', 'function')}{plain}"[:300]
    return None


def _as_torch(value: Any) -> Any:
    torch = sys.modules.get("torch")
    if isinstance(value, Tensor):
        if torch is None:
            return value.array
        return torch.from_numpy(value.array.copy()).to(getattr(torch, value.dtype))
    if type(value) is list:
        return [_as_torch(item) for item in value]
    if type(value) is dict:
        return {key: _as_torch(item) for key, item in value.items()}
    return value


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None:
        return 0
    return leaving.code & 0xFF if type(leaving.code) is int else 1


def _use_scratch(scratch: str) -> None:
    import tempfile

    for name in ("TMPDIR", "TEMP", "TMP", "HOME"):
        os.environ[name] = scratch
    tempfile.tempdir = scratch

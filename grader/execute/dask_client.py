"""The process that speaks Dask: `python -s -P -m grader.execute.dask_client`, started and believed little by `dask`.

Dask's client unpickles what a scheduler and its workers send, which can run code here. So this process holds nothing
that is worth stealing, and Landlock lets it read Python and the models and write one scratch folder. It needs the
network, and keeps it. Requests and answers are frames on standard input and output; each answer carries the number of
its request.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from grader.execute import dask_worker
from grader.execute.dask import LACKS
from grader.nouns.binding import Binding
from grader.nouns.value import Tensor
from grader.sandbox import wire
from grader.sandbox.child.pipes import pipes
from grader.sandbox.kernel import confine

CONNECT = 10.0
"""Seconds that a scheduler may take to answer at the start, and each time it is asked whether it is there."""
NO_WORKERS = 15.0
"""Seconds to wait for workers."""
_RETRIES = 3
_MOST_AT_ONCE = 256


class _Fault(Exception):  # noqa: N818 - a kind of answer
    """What the other side is told instead of an answer."""

    def __init__(self, kind: str, about: object = "") -> None:
        super().__init__(kind)
        self.kind, self.about = kind, str(about)[:500]


class _Cluster:
    """A scheduler, watched: how many workers it has, and since when it has not answered."""

    def __init__(self, address: str, certificates: dict[str, str]) -> None:
        import distributed

        security = None
        secured: Any = distributed.Security
        if certificates:
            security = secured(
                tls_ca_file=certificates["ca"],
                tls_client_cert=certificates["cert"],
                tls_client_key=certificates["key"],
                require_encryption=True,
            )
        client: Any = distributed.Client
        try:
            self.client = client(address, timeout=f"{CONNECT}s", set_as_default=False, security=security)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            raise _Fault("unreachable", address) from error
        self._seen = self._manned = time.monotonic()
        self._wait_for_workers()
        threading.Thread(target=self._watch, daemon=True).start()

    def workers(self) -> dict[str, Any]:
        """Return the workers that the cluster has now."""
        identity = self.client.sync(self.client.scheduler.identity, n_workers=-1, callback_timeout=CONNECT)
        return dict(identity["workers"])

    def _wait_for_workers(self) -> None:
        while not self.workers():
            if time.monotonic() - self._manned > NO_WORKERS:
                raise _Fault("no workers")
            time.sleep(0.2)

    def _watch(self) -> None:
        while True:
            time.sleep(1.0)
            try:
                workers = self.workers()
            except Exception:  # noqa: BLE001, S112 - whatever it is, the scheduler did not answer
                continue
            self._seen = time.monotonic()
            if workers:
                self._manned = self._seen

    def wait(self, future: Any) -> Any:
        """Return the result of a task; wait some seconds for a scheduler or workers that are gone.

        Raises:
            _Fault: there is no result.
        """
        import distributed

        while True:
            try:
                return future.result(timeout=1.0)
            except (distributed.TimeoutError, TimeoutError):
                now = time.monotonic()
                if now - self._seen > 2 * CONNECT:
                    raise _Fault("lost") from None
                if now - self._manned > NO_WORKERS + CONNECT:
                    raise _Fault("no workers") from None
            except distributed.KilledWorker as error:
                raise _Fault("killed", error) from error
            except distributed.CancelledError as error:
                raise _Fault("lost") from error

    def submit(self, task: Callable[..., Any], *arguments: Any, worker: str | None = None) -> Any:
        """Have a worker run a function of `dask_worker`."""
        where = {"workers": [worker], "allow_other_workers": False} if worker else {}
        return self.client.submit(task, *arguments, pure=False, retries=_RETRIES, **where)


def _slots(cluster: _Cluster, _request: dict[str, Any]) -> int:
    return sum(int(worker["nthreads"]) for worker in cluster.workers().values())


def _isolation(cluster: _Cluster, request: dict[str, Any]) -> list[Tensor]:
    models = _sent(request["models"], frozenset())
    asked = [cluster.submit(dask_worker.isolation, models, request["needs"], worker=name) for name in cluster.workers()]
    if not asked:
        raise _Fault("no workers")
    return [_tensor(cluster.wait(future)) for future in asked]


def _run(cluster: _Cluster, request: dict[str, Any]) -> Tensor:
    files = request["files"].array.tobytes()

    def ask(with_files: frozenset[str]) -> bytes:
        models = _sent(request["models"], with_files)
        task = (files, request["module"], request["questions"], models, request["needs"])
        return bytes(cluster.wait(cluster.submit(dask_worker.work, *task)))

    answer = ask(frozenset())
    if answer[:1] == LACKS:
        answer = ask(frozenset(json.loads(answer[1:])))
    return _tensor(answer)


_TASKS: dict[str, Callable[[_Cluster, dict[str, Any]], Any]] = {"slots": _slots, "isolation": _isolation, "run": _run}


def _tensor(body: object) -> Tensor:
    return Tensor("uint8", np.frombuffer(bytes(body), np.uint8))  # type: ignore[call-overload]


def _sent(models: dict[str, str], with_files: frozenset[str]) -> dict[str, tuple[str, bytes]]:
    """Bindings as text, with the files of the models that a worker asked for."""
    return {name: (text, _model_files(text) if name in with_files else b"") for name, text in models.items()}


def _model_files(text: str) -> bytes:
    binding = Binding.model_validate_json(text)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for part in ("directory", "config"):
            folder = getattr(binding, part)
            if folder is not None:
                archive.add(folder, arcname=part, recursive=True)
    return buffer.getvalue()


def _confine(setup: dict[str, Any]) -> None:
    """Leave this process nothing but what it needs, before it reads anything from the network."""
    if not confine.known_machine() or not confine.landlock_abi():
        raise _Fault("confined", "no Landlock")
    confine.confine(
        readable=confine.rules(setup["readable"]) + confine.rules(["/etc/resolv.conf", "/etc/hosts", "/proc/self"]),
        scratch=setup["scratch"],
        address_space=0,
        cpu=0,
        file_size=0,
        layers={"landlock", "capabilities"},
        network=True,
    )


def main() -> None:
    """Confine this process, connect, then answer requests until there are no more."""
    incoming, outgoing = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    receive, send = pipes(incoming, outgoing)
    lock = threading.Lock()

    def answer(number: int, action: Callable[[], Any]) -> bool:
        try:
            said = {"id": number, "answer": action()}
        except _Fault as fault:
            said = {"id": number, "error": fault.kind, "about": fault.about}
        except Exception as error:  # noqa: BLE001 - the other side has to learn of every fault
            said = {"id": number, "error": "other", "about": f"{type(error).__name__}: {error}"[:500]}
        with lock:
            send(wire.encode(said))
        return "error" not in said

    setup: Any = wire.decode(receive() or b"", bounds=wire.OWN)
    cluster: list[_Cluster] = []

    def connect() -> None:
        import distributed  # noqa: F401 - while files can still be read

        _confine(setup)
        cluster.append(_Cluster(setup["address"], setup["certificates"]))

    if answer(0, connect):
        with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
            while (body := receive()) is not None:
                request: Any = wire.decode(body, bounds=wire.OWN)
                pool.submit(answer, request["id"], partial(_TASKS[request["op"]], cluster[0], request))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

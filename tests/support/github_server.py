"""The part of GitHub's REST API that the comment needs, served on 127.0.0.1 over a real git repository."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "/repos/course/hw"
MOST_FILES = 3000


def git(folder: Path, *words: str) -> str:
    """Run git with an identity; returns what it prints."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass
class Hub:
    """What the server knows. Tests change it, also between two requests.

    Attributes:
        repository: a git repository; refs and trees are answered from it.
        pulls: every pull request, open or closed.
        timeline: number of a pull request to its events.
        files: changed files; as GitHub does, no more than 3,000 are listed.
        comments: of the pull request.
        broken: the start of a path behind the repository's to a status, or to what answers in place of the truth.
        before: called with each path before it is answered.
        methods: what wrote, in order.
    """

    repository: Path
    pulls: list[dict[str, Any]]
    timeline: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    broken: dict[str, int | Callable[[Any], Any]] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _path: None
    methods: list[str] = field(default_factory=list)
    address: str = ""

    @property
    def text(self) -> str:
        """The newest comment."""
        return str(self.comments[-1]["body"])

    def find(self, path: str, query: dict[str, str]) -> Any:
        """What is there; KeyError where nothing is."""
        match path.strip("/").split("/"):
            case ["pulls"]:
                owner, _, branch = query["head"].partition(":")
                wanted = {"ref": branch, "label": f"{owner}:{branch}"}
                found = [pull for pull in self.pulls if wanted.items() <= pull["head"].items()]
                every = [p for p in found if query["state"] in {"all", p["state"]}]
            case ["pulls", number]:
                return next(pull for pull in self.pulls if pull["number"] == int(number))
            case ["pulls", _, "files"]:
                every = self.files[:MOST_FILES]
            case ["issues", _, "comments"]:
                every = self.comments
            case ["issues", number, "timeline"]:
                every = self.timeline.get(int(number), [])
            case ["git", "ref", *rest]:
                ref = "refs/" + "/".join(rest)
                return {"ref": ref, "object": {"type": "commit", "sha": git(self.repository, "rev-parse", ref)}}
            case ["git", "trees", commit]:
                return {"sha": commit, "truncated": False, "tree": self._tree(commit)}
            case _:
                raise KeyError(path)
        return self._page(every, query)

    def _tree(self, commit: str) -> list[dict[str, str]]:
        entries = []
        for line in filter(None, git(self.repository, "ls-tree", "-z", commit).split("\0")):
            about, _, name = line.partition("\t")
            mode, kind, sha = about.split()
            entries.append({"path": name, "mode": mode, "type": kind, "sha": sha})
        return entries

    @staticmethod
    def _page(every: list[Any], query: dict[str, str]) -> list[Any]:
        size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        return every[(page - 1) * size : page * size]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path = address.path.removeprefix(REPOSITORY)
        self.hub.before(path)
        fault = next((fault for start, fault in self.hub.broken.items() if path.startswith(start)), None)
        if isinstance(fault, int):
            self.send_error(fault)
            return
        try:
            found = self.hub.find(path, {key: value[0] for key, value in parse_qs(address.query).items()})
        except (KeyError, StopIteration, subprocess.CalledProcessError):
            self.send_error(404)
            return
        self._answer(found if fault is None else fault(found))

    def do_POST(self) -> None:
        self._write(lambda body: self.hub.comments.append({"id": 7, "user": {"type": "Bot"}, **body}))

    def do_PATCH(self) -> None:
        assert self.path.endswith("/comments/7")
        self._write(self.hub.comments[-1].update)

    def _write(self, change: Callable[[dict[str, Any]], object]) -> None:
        assert self.headers["Authorization"] == "Bearer a-token"
        self.hub.methods.append(self.command)
        change(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer({})

    def _answer(self, value: Any) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

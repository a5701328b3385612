"""GitHub's REST API as the trusted job uses it. What is missing from an answer, or of another form, is an error."""

from __future__ import annotations

import http.client
import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from grader.errors import GraderError
from grader.nouns.text import say

_MOST_PAGES = 100

Sha = Annotated[str, Field(pattern="^[0-9a-f]+$")]
Name = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """The fields of an answer that are used; all others are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


Kind = TypeVar("Kind")


class Api(Protocol):
    """A JSON API: method and path to the decoded answer."""

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request.

        Raises:
            GraderError: the server refused it.
        """


class GitHub:
    """GitHub's REST API at an address, with a token."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._token = token

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request and decode the answer."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, headers, method=method)  # noqa: S310 - from the runner
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return json.load(answer)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise GraderError(say("{request}: {error}", request=f"{method} {path}", error=str(error))) from error


def read(kind: type[Kind], answer: object, source: str) -> Kind:
    """The fields that are used of what came from `source`.

    Raises:
        GraderError: one is missing or of another type.
    """
    try:
        return TypeAdapter(kind).validate_python(answer)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise GraderError(
            say(
                "{source}: {field} is missing or of another type ({error})",
                source=source,
                field=where,
                error=fault["msg"],
            )
        ) from error


def ask(api: Api, kind: type[Kind], path: str) -> Kind:
    """One answer.

    Raises:
        GraderError: there is none, or it is of another form.
    """
    return read(kind, api("GET", path), path)


def pages(api: Api, kind: type[Kind], path: str) -> Iterator[Kind]:
    """Read every entry of a paginated list.

    Args:
        api: the API.
        kind: of an entry.
        path: of the list; it may have a query.

    Raises:
        GraderError: as `ask`, or the list does not end.
    """
    mark = "&" if "?" in path else "?"
    for page in range(1, _MOST_PAGES + 1):
        found = ask(api, list[kind], f"{path}{mark}per_page=100&page={page}")  # type: ignore[valid-type]
        if not found:
            return
        yield from found
    raise GraderError(say("{path}: more than {count} pages", path=path, count=_MOST_PAGES))

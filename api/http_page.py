"""docs/http.md: every operation, from the OpenAPI document: who may, what is sent, what is answered, and an example.

The examples are those of the document; a test sends each of them.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.http.access import EITHER, INVESTIGATORS, OFFICERS
from api.http.app import ROUTERS
from api.measure_page import table

INTRODUCTION = """\
# The HTTP operations

Generated from [openapi.json](openapi.json), which is also served at `/openapi.json`; `xinheng serve` starts the server.
A key stands in the header `Authorization: Bearer KEY` (`xinheng keys create`); before there is one, this machine alone
is answered, without. An error is a problem document (RFC 9457) whose `type` leads to a page of
[errors](errors/README.md). A parameter that nobody knows, or that is given twice, is refused. A citizen ID stands in a
body, never in a URL.

```
SERVER=http://127.0.0.1:8000; KEY=…
```
"""
WHO = ((OFFICERS, "officers"), (INVESTIGATORS, "investigators"), (EITHER, "officers and investigators"))
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Example:
    """A request as the OpenAPI document gives it."""

    method: str
    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    public: bool = False

    @property
    def url(self) -> str:
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")

    @property
    def curl(self) -> str:
        """The request as a line of a shell, with the variables of the page."""
        parts = ["curl", "-s", f'"$SERVER{self.url}"']
        if not self.public:
            parts.append('-H "Authorization: Bearer $KEY"')
        if self.body is not None:
            said = json.dumps(self.body, ensure_ascii=False)
            parts.append(f"-H 'Content-Type: {JSON}' -d {shlex.quote(said)}")
        return " ".join(parts)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, method and operation, in the order of the paths."""
    for path, item in sorted(document["paths"].items()):
        for method, operation in sorted(item.items()):
            yield path, method.upper(), operation


def examples(document: Mapping[str, Any], path: str, method: str) -> Sequence[Example]:
    """The requests that the examples of an operation make: each body, each parameter of the query for itself. Raises
    `KeyError` where a part that must be given has no example."""
    operation = document["paths"][path][method.lower()]
    public = "security" not in operation
    queries: list[dict[str, Any]] = []
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(_examples(parameter)[0]))
        elif parameter["in"] == "query" and (found := parameter.get("examples") or parameter["schema"].get("examples")):
            queries += [{parameter["name"]: one} for one in found]
    if "requestBody" in operation:
        return [Example(method, path, {}, body, public) for body in _body(document, operation)["examples"]]
    return [Example(method, path, query, None, public) for query in queries or [{}]]


def _examples(parameter: Mapping[str, Any]) -> Sequence[Any]:
    found: Sequence[Any] = parameter["schema"].get("examples") or parameter["examples"]
    return found


def _body(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any]:
    return _schema(document, operation["requestBody"]["content"][JSON]["schema"])


def _schema(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def page(app: FastAPI) -> str:
    """The page of an application."""
    return "\n".join([INTRODUCTION, *(line for said in _operations(app) for line in said)])


def _operations(app: FastAPI) -> Iterator[Iterator[str]]:
    document, who = app.openapi(), _who()
    for path, method, operation in operations(document):
        yield _operation(document, path, method, operation, who.get((path, method), "anybody, without a key"))


def _who() -> Mapping[tuple[str, str], str]:
    return {
        (route.path_format, method): whom
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        for scope, whom in WHO
        if scope in route.dependencies
    }


def _operation(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any], who: str
) -> Iterator[str]:
    yield f"## `{method} {path}`"
    yield ""
    yield f"{operation.get('description', '')} For {who}."
    yield ""
    rows = [(f"`{one['name']}`", one["in"], _told(one)) for one in operation.get("parameters", ())]
    if "requestBody" in operation:
        body = _body(document, operation)
        rows += [(f"`{name}`", _needed(name, body), _told(said)) for name, said in body["properties"].items()]
    if rows:
        yield from table(("", "where", ""), rows)
    yield f"Answers: {', '.join(_answers(operation))}."
    yield ""
    yield "```"
    yield examples(document, path, method)[0].curl
    yield "```"
    yield ""


def _needed(name: str, body: Mapping[str, Any]) -> str:
    return "body, required" if name in body.get("required", ()) else "body"


def _told(said: Mapping[str, Any]) -> str:
    description = said.get("description") or said.get("schema", {}).get("description", "")
    return " ".join(str(description).split())


def _answers(operation: Mapping[str, Any]) -> Iterator[str]:
    for status, answer in sorted(operation["responses"].items()):
        schema = answer.get("content", {}).get(JSON, {}).get("schema", {})
        named = [schema, *schema.get("anyOf", ())]
        found = " or ".join(f"`{one['$ref'].rpartition('/')[2]}`" for one in named if "$ref" in one)
        yield f"{status} {found or HTTPStatus(int(status)).phrase}"

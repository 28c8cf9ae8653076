"""What every request must satisfy before a handler sees it: the right host, JSON, not too large.

The host is looked at because there is no authentication yet: a web page whose name was made to point at this machine
must not reach it through somebody's browser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from api.http.problems import problem, request_id
from api.settings import LOOPBACK

TAKE_A_BODY = frozenset({"/v1/checks", "/v1/group-checks", "/v1/paths"})
LARGEST_BODY = 1 << 20
TOO_LARGE, UNSUPPORTED, MISDIRECTED = 413, 415, 421


def install(app: FastAPI) -> None:
    """Put the guard before every route."""
    app.middleware("http")(_guard)


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    refused = _refused(request)
    response = refused or await call_next(request)
    response.headers["X-Request-Id"] = request_id(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(request: Request) -> Response | None:
    if request.url.hostname not in LOOPBACK:
        return problem(request, MISDIRECTED, detail="this host name is not this machine's own")
    if request.method != "POST" or request.url.path not in TAKE_A_BODY:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return problem(request, UNSUPPORTED, detail=f"the body is {media_type or 'of no type'}, not application/json")
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return problem(request, TOO_LARGE, detail="the body has no length, or is larger than a mebibyte")
    return None

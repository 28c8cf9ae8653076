"""What every request must satisfy before a handler sees it: an id, a URL without citizen IDs, a right key, JSON that is
not too large."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import unquote_plus

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.access import admitted
from api.http.batches import LARGEST_BATCH
from api.http.problems import asks_with_id, of_error, problem, request_id
from graph.errors import BadInput, XinhengError
from graph.identifiers import holds_citizen_id

LARGEST_BODY = 1 << 20
TAKE_A_BODY = {
    "/v1/checks": LARGEST_BODY,
    "/v1/check-batches": LARGEST_BATCH,
    "/v1/group-checks": LARGEST_BODY,
    "/v1/paths": LARGEST_BODY,
}
"""What a body may have at most, in bytes."""
TOO_LARGE, UNSUPPORTED = 413, 415


class CitizenIdInUrl(BadInput):
    """URLs are logged and remembered all over the way: a citizen ID may stand in a body only."""

    code = "citizen-id-in-url"
    status = 400
    title_zh = "网址中含公民身份号码"


def install(app: FastAPI) -> None:
    """Put the guard before every route."""
    app.middleware("http")(_guard)


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    refused = await run_in_threadpool(_refused, request)
    response = refused or await call_next(request)
    response.headers["X-Request-Id"] = request_id(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(request: Request) -> Response | None:
    try:
        asks_with_id(request)
        if holds_citizen_id(unquote_plus(f"{request.scope['path']}?{request.url.query}")):
            raise CitizenIdInUrl(
                "the URL holds a citizen ID",
                remedy="send it in the body of POST /v1/checks, and use the subject id of its answer",
            )
        request.state.asker = admitted(request)
    except XinhengError as error:
        return of_error(request, error)
    return _refused_body(request)


def _refused_body(request: Request) -> Response | None:
    if request.method != "POST" or request.scope["path"] not in TAKE_A_BODY:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return problem(request, UNSUPPORTED, detail=f"the body is {media_type or 'of no type'}, not application/json")
    length = request.headers.get("content-length", "")
    most = TAKE_A_BODY[request.scope["path"]]
    if not length.isdigit() or int(length) > most:
        return problem(request, TOO_LARGE, detail=f"the body has no length, or more than {most} bytes")
    return None

"""What every request must satisfy before a route sees it: an id, a URL without citizen IDs, a right key. And what every
answer gets: its id, headers that keep it out of caches, a problem document where something broke."""

from __future__ import annotations

import logging
import time
from http import HTTPMethod
from urllib.parse import unquote_plus

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.askers import Asker
from api.http.access import admitted
from api.http.problems import asks_with_id, of_error, request_id
from graph.errors import BadInput, XinhengError
from graph.identifiers import holds_citizen_id

LOG = logging.getLogger("xinheng.requests")


class CitizenIdInUrl(BadInput):
    """URLs are logged and remembered all over the way: a citizen ID may stand in a body only."""

    code = "citizen-id-in-url"
    status = 400
    title_zh = "网址中含公民身份号码"


class Guard:
    """Stands before every route (ASGI middleware)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        arrived, request = time.perf_counter(), Request(scope, receive)
        status: int | None = None

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id(request)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            refused = await run_in_threadpool(_refused, request)
            await (refused or self.app)(scope, receive, marked)
        except Exception as error:
            if status is not None:  # too late to say anything else
                raise
            await of_error(request, error)(scope, receive, marked)
        finally:
            _log(request, status, time.perf_counter() - arrived)


def _log(request: Request, status: int | None, seconds: float) -> None:
    """One line for each request. The URL has no place in it, nor has a method that is none: others wrote them."""
    asker: Asker | None = getattr(request.state, "asker", None)
    said = {
        "request_id": request_id(request),
        "method": request.method if request.method in HTTPMethod.__members__ else None,
        "route": getattr(request.scope.get("route"), "path", None),
        "status": status,
        "milliseconds": round(1_000 * seconds, 1),
        "key": asker and asker.key,
        "department": asker and asker.department,
    }
    LOG.info("answered", extra=said)


def _refused(request: Request) -> Response | None:
    try:
        asks_with_id(request)
        if holds_citizen_id(unquote_plus(f"{request.scope['path']}?{request.url.query}")):
            raise CitizenIdInUrl(
                "the URL holds a citizen ID",
                remedy="POST it to /v1/checks or /v1/subject-searches, and use the subject id of the answer",
            )
        request.state.asker = admitted(request)
    except XinhengError as error:
        return of_error(request, error)
    return None

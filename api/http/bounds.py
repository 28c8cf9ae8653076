"""What a request may take: the media type and the bytes of its body, its parameters, the time until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Annotated, Any, ClassVar, get_origin

from fastapi import Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.types import Message, Receive

from api.http.access import deployment_of
from api.settings import Settings
from graph.deadline import deadline, left
from graph.errors import OutOfTime

TOO_LARGE, UNSUPPORTED, OUT_OF_TIME = 413, 415, 504


class _NoParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _none_given(_: Annotated[_NoParameters, Query()]) -> None:
    """Raises `RequestValidationError` for a parameter."""


NO_QUERY = Depends(_none_given)
"""Of routes and routers that take no query; the others have models that forbid what they do not know. A parameter that
nobody knows is a mistake, and is told."""


class BoundedRoute(APIRoute):
    """A route whose requests are bounded: `APIRouter(route_class=BoundedRoute)`."""

    largest_body: ClassVar[int] = 1 << 20
    """Bytes."""

    @staticmethod
    def seconds(settings: Settings) -> float:
        return settings.time_budget

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            self._require_once(request)
            with deadline(self.seconds(deployment_of(request).settings)):
                return await handle(self._with_bounded_body(request) if self.body_field else request)

        return bounded

    @cached_property
    def _lists(self) -> frozenset[str]:
        """Parameters that may be given more than once."""
        models = [one.field_info.annotation for one in self.dependant.query_params]
        fields = [(name, field) for model in models if model for name, field in model.model_fields.items()]
        return frozenset(field.alias or name for name, field in fields if get_origin(field.annotation) is list)

    def _require_once(self, request: Request) -> None:
        """Or one of two values would be taken, and the other one be lost in silence."""
        given = request.query_params
        if twice := {name for name in given if name not in self._lists and len(given.getlist(name)) > 1}:
            raise RequestValidationError([_twice(name) for name in sorted(twice)])

    def _with_bounded_body(self, request: Request) -> Request:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise HTTPException(UNSUPPORTED, f"the body is {media_type or 'of no type'}, not application/json")
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self.largest_body:
            raise _too_large(self.largest_body)
        return Request(request.scope, _bounded(request.receive, self.largest_body))


def _bounded(receive: Receive, most: int) -> Receive:
    """Counts what arrives, whatever the headers say of it, and waits no longer than the request has time."""
    taken = 0

    async def received() -> Message:
        nonlocal taken
        try:
            async with asyncio.timeout(left()):
                message = await receive()
        except (TimeoutError, OutOfTime):
            raise HTTPException(OUT_OF_TIME, "the body did not arrive in time") from None
        taken += len(message.get("body", b""))
        if taken > most:
            raise _too_large(most)
        return message

    return received


def _twice(name: str) -> dict[str, Any]:
    return {"type": "given_twice", "loc": ("query", name), "msg": "is given more than once", "input": None}


def _too_large(most: int) -> HTTPException:
    return HTTPException(TOO_LARGE, f"the body has more than {most} bytes")

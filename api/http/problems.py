"""Problem documents (RFC 9457): every error of the application is one, with a page of its own for each code."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from graph.errors import BadInput, XinhengError
from graph.identifiers import holds_citizen_id
from loaders.rows import discreet

LOG = logging.getLogger("xinheng.http")
MEDIA_TYPE = "application/problem+json"
BAD_REQUEST, UNPROCESSABLE, INTERNAL = 400, 422, 500
CODES: Mapping[int, tuple[str, str, str]] = {
    400: ("bad-request", "请求有误", "send one JSON document, encoded in UTF-8"),
    401: ("bad-key", "密钥无效", "send the header `Authorization: Bearer KEY`"),
    403: ("wrong-scope", "密钥无此权限", "use a key with the right scope"),
    404: ("not-found", "没有这一地址", "see /openapi.json for the addresses there are"),
    405: ("method-not-allowed", "方法不允许", "see the header Allow"),
    413: ("too-large", "请求过大", "send less at once"),
    415: ("unsupported-media-type", "媒体类型不支持", "send Content-Type: application/json"),
    422: ("bad-request-body", "请求内容有误", "see `errors`, and /openapi.json for the schema"),
    500: ("internal-error", "内部错误", "nothing was concluded; the server's log has the details under this instance"),
    504: ("out-of-time", "超出时限", "ask for less at once, or try again later"),
}


HEADERS: Mapping[int, Mapping[str, str]] = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class BadRequestId(BadInput):
    """The id that a request brings along, which goes into logs, is none."""

    code = "bad-request-id"
    status = 400
    title_zh = "请求标识有误"


class Fault(BaseModel):
    """One fault of a request. ``pointer`` is a JSON pointer into the body, or into its own question of a batch."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """A problem document. ``type`` leads to a page about errors of this kind, ``instance`` to this one in the log."""

    type: str = Field(examples=["/errors/unknown-word"])
    title: str
    status: int
    detail: str
    remedy: str
    code: str
    instance: str = Field(examples=["urn:uuid:6b1f6f0e-9f5f-4c0e-8a5e-0c6a1f6e8c7d", "/requests/gateway-17"])
    errors: list[Fault] = []


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a route declares the problems it may answer with."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["properties"]["errors"]["items"] = Fault.model_json_schema()
    schema.pop("$defs", None)
    content = {MEDIA_TYPE: {"schema": schema}}
    return {status: {"description": CODES.get(status, ("", "problem"))[1], "content": content} for status in statuses}


def request_id(request: Request) -> str:
    """The id of this request, the same wherever it is told."""
    if not hasattr(request.state, "request_id"):
        request.state.request_id = str(uuid.uuid4())
    return str(request.state.request_id)


def asks_with_id(request: Request) -> None:
    """Take over the id that a request brings along. Raises `BadRequestId`."""
    given = request.headers.get("x-request-id")
    if given is None:
        return
    if not _REQUEST_ID.fullmatch(given) or holds_citizen_id(given):
        raise BadRequestId(
            "X-Request-Id is no id of a request", remedy="8 to 64 letters, digits, dots, hyphens or underscores"
        )
    request.state.request_id = given


def _instance(request: Request) -> str:
    known = request_id(request)
    try:
        return uuid.UUID(known).urn
    except ValueError:
        return f"/requests/{known}"


def document(
    request: Request,
    status: int,
    *,
    detail: str = "",
    named: tuple[str, str, str] | None = None,
    errors: Sequence[Fault] = (),
) -> Problem:
    """A problem. ``named`` gives code, title and remedy where the status does not."""
    code, title, remedy = named or CODES.get(status, ("error", "错误", ""))
    return Problem(
        type=f"/errors/{code}",
        title=title,
        status=status,
        detail=detail or title,
        remedy=remedy,
        code=code,
        instance=_instance(request),
        errors=list(errors),
    )


def of_error(request: Request, error: Exception) -> JSONResponse:
    """An error as a response."""
    told = problem_of(request, error)
    return _response(request, told, HEADERS.get(told.status))


def problem_of(request: Request, error: Exception) -> Problem:
    """An error as it is told. What nobody foresaw is told by its place in the log alone."""
    if isinstance(error, XinhengError):
        return _foreseen(request, error)
    if isinstance(error, RequestValidationError):
        return _invalid(request, error)
    LOG.error("unforeseen", exc_info=error, extra={"request_id": request_id(request)})
    return document(request, INTERNAL)


def install(app: FastAPI) -> None:
    """Let every error that is foreseen be a problem document; the guard does so for the others."""
    for kind in (XinhengError, RequestValidationError):
        app.add_exception_handler(kind, of_error)
    app.add_exception_handler(HTTPException, _http)


def _response(request: Request, told: Problem, headers: Mapping[str, str] | None) -> JSONResponse:
    known = {**(headers or {}), "X-Request-Id": request_id(request)}
    return JSONResponse(told.model_dump(), told.status, known, media_type=MEDIA_TYPE)


def _foreseen(request: Request, error: XinhengError) -> Problem:
    if error.status >= INTERNAL:
        LOG.error(error.message, exc_info=error, extra={"request_id": request_id(request), "code": error.code})
    detail = f"{error.where}: {error.message}" if error.where else error.message
    return document(request, error.status, detail=detail, named=(error.code, error.title_zh, error.remedy))


def _invalid(request: Request, error: RequestValidationError) -> Problem:
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        return document(request, BAD_REQUEST, detail="the body is no JSON document")
    faults = [Fault(pointer=_pointer(fault["loc"]), detail=_message(fault)) for fault in error.errors()]
    detail = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults)
    return document(request, UNPROCESSABLE, detail=detail, errors=faults)


def _pointer(location: Sequence[int | str]) -> str:
    # a key that nobody knows stands here as it was sent
    return "".join(f"/{discreet(str(part)).replace('~', '~0').replace('/', '~1')}" for part in location[1:])


def _message(fault: Mapping[str, Any]) -> str:
    return discreet(str(fault["msg"]).removeprefix("Value error, "))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    said = "" if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    return _response(request, document(request, error.status_code, detail=said), error.headers)

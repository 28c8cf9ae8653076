"""Many checks at once: each question is answered for itself, in the order in which they were asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import rfc8785
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SkipValidation, ValidationError

from api.answers import answer_check
from api.http.access import OFFICERS, asker_of, deployment_of
from api.http.bounds import NO_QUERY, BoundedRoute
from api.http.problems import Problem, problem_of, responses
from api.questions import CheckRequest
from api.settings import Settings
from engine.canonical import canonical
from engine.document import Decision

MOST_QUESTIONS = 1_000
LARGEST_BATCH = 4 << 20
"""Bytes: four KiB for each question, which is far more than one usually takes."""


class BatchRoute(BoundedRoute):
    """Many questions take more room and time than one."""

    largest_body: ClassVar[int] = LARGEST_BATCH

    @staticmethod
    def seconds(settings: Settings) -> float:
        return settings.batch_time_budget


router = APIRouter(route_class=BatchRoute)


class BatchRequest(BaseModel):
    """Up to 1,000 checks, in at most four mebibytes. A question that can't be answered spoils no other."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "questions": [
                        {"subject": "91360400MA35G0G00E", "matter": "政府采购", "department": "采购人"},
                        {"subject": "九江柏川商贸有限公司", "matter": "procurement", "department": "purchaser"},
                    ]
                }
            ]
        },
    )

    # what stands here is validated one by one, when it is answered
    questions: list[Annotated[CheckRequest, SkipValidation]] = Field(min_length=1, max_length=MOST_QUESTIONS)


class BatchItem(BaseModel):
    """The answer to one question: a decision, the same bytes as of `POST /v1/checks`, or a problem. ``notices`` say
    what was put right in the subject's identifier."""

    decision: Decision | None
    notices: tuple[str, ...]
    problem: Problem | None


class BatchDocument(BaseModel):
    """The answers, in the order of the questions."""

    answers: tuple[BatchItem, ...]


@router.post(
    "/v1/check-batches",
    dependencies=[OFFICERS, NO_QUERY],
    response_class=Response,
    responses={200: {"model": BatchDocument}, **responses(400, 401, 403, 413, 415, 422, 500, 503, 504)},
)
def post_check_batch(batch: BatchRequest, request: Request) -> Response:
    """批量核查: many checks at once. Each is answered, and entered in the ledger, as if it had been asked alone."""
    items = b",".join(_items(batch.questions, request))
    return Response(b'{"answers":[' + items + b"]}", media_type="application/json")


def _items(questions: list[Any], request: Request) -> Iterator[bytes]:
    """Each answer as it stands in the document, which is canonical (RFC 8785) as decisions are."""
    for asked in questions:
        notices: tuple[str, ...] = ()
        decision = problem = b"null"
        try:
            answer = answer_check(_question(asked), deployment_of(request), asker_of(request))
        except Exception as error:  # noqa: BLE001 - a defect that one question meets is told in its place
            problem = canonical(problem_of(request, error))
        else:
            decision, notices = answer.document, answer.notices
        yield b'{"decision":%b,"notices":%b,"problem":%b}' % (decision, rfc8785.dumps(list(notices)), problem)


def _question(asked: Any) -> CheckRequest:
    """Raises `RequestValidationError` with the faults that the same question has on its own."""
    try:
        return CheckRequest.model_validate(asked, from_attributes=True)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None

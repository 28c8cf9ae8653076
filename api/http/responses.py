"""Routes of officers' responses: what was done with the measures of a decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Response as HttpResponse

from api.http.access import OFFICERS, asker_of, deployment_of
from api.http.bounds import NO_QUERY, BoundedRoute
from api.http.problems import responses
from api.http.routes import DecisionId
from api.responses import ResponseRequest, respond
from engine.canonical import canonical
from engine.responses import Response, ResponseHistory

CREATED = 201
router = APIRouter(route_class=BoundedRoute, dependencies=[OFFICERS, NO_QUERY])
LOCATION = {"Location": {"description": "The response itself", "schema": {"type": "string"}}}


@router.post(
    "/v1/decisions/{decision_id}/responses",
    status_code=CREATED,
    response_class=HttpResponse,
    responses={
        CREATED: {"model": Response, "headers": LOCATION},
        **responses(400, 401, 403, 404, 409, 410, 413, 415, 422, 500, 503, 504),
    },
)
def post_response(decision_id: DecisionId, said: ResponseRequest, request: Request) -> HttpResponse:
    """反馈: what an officer did with one measure of a decision, or the correction of what was said of it before."""
    given = respond(decision_id, said, deployment_of(request), asker_of(request))
    here = f"/v1/decisions/{decision_id}/responses/{given.number}"
    headers = {"Location": here, "Content-Location": here}
    return HttpResponse(canonical(given), CREATED, headers, media_type="application/json")


@router.get(
    "/v1/decisions/{decision_id}/responses",
    response_class=HttpResponse,
    responses={200: {"model": ResponseHistory}, **responses(400, 401, 403, 404, 410, 422, 500, 503, 504)},
)
def get_responses(decision_id: DecisionId, request: Request) -> HttpResponse:
    """Every response to a decision in order, which of them stand, and what nobody responded to yet."""
    history = deployment_of(request).responses.history(decision_id)
    return HttpResponse(canonical(history), media_type="application/json")


@router.get(
    "/v1/decisions/{decision_id}/responses/{number}",
    response_class=HttpResponse,
    responses={200: {"model": Response}, **responses(400, 401, 403, 404, 410, 422, 500, 503, 504)},
)
def get_response(
    decision_id: DecisionId,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])],
    request: Request,
) -> HttpResponse:
    """One response, byte for byte as it was given."""
    return HttpResponse(deployment_of(request).responses.document(decision_id, number), media_type="application/json")

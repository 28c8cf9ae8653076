"""The routes: each takes one document, makes one call of the engine, and passes its bytes on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.answers import Answer, answer_check, answer_group
from api.error_pages import page
from api.http.access import OFFICERS, asker_of, deployment_of
from api.http.bounds import NO_QUERY, BoundedRoute
from api.http.noticing import NOTICE, noticed
from api.http.problems import responses
from api.questions import CheckRequest, GroupCheckRequest
from engine.document import Decision, GroupDecision

router = APIRouter(route_class=BoundedRoute, dependencies=[NO_QUERY])
DecisionId = Annotated[str, Path(pattern=r"^sha256:[0-9a-f]{64}$", examples=[f"sha256:{'0123456789abcdef' * 4}"])]


def _given(answer: Answer) -> Response:
    headers = {"Content-Location": f"/v1/decisions/{answer.decision.decision_id}", **noticed(answer.notices)}
    return Response(answer.document, media_type="application/json", headers=headers)


@router.post(
    "/v1/checks",
    dependencies=[OFFICERS],
    response_class=Response,
    responses={200: {"model": Decision, "headers": NOTICE}, **responses(400, 401, 403, 413, 415, 422, 500, 503, 504)},
)
def post_check(question: CheckRequest, request: Request) -> Response:
    """核查: which measures bind a subject. An answer that is not complete is an answer, and says so."""
    return _given(answer_check(question, deployment_of(request), asker_of(request)))


@router.post(
    "/v1/group-checks",
    dependencies=[OFFICERS],
    response_class=Response,
    responses={
        200: {"model": GroupDecision, "headers": NOTICE},
        **responses(400, 401, 403, 413, 415, 422, 500, 503, 504),
    },
)
def post_group_check(question: GroupCheckRequest, request: Request) -> Response:
    """联合核查: the applicants of one contract, judged together."""
    return _given(answer_group(question, deployment_of(request), asker_of(request)))


@router.get(
    "/v1/decisions/{decision_id}",
    dependencies=[OFFICERS],
    response_class=Response,
    responses={200: {"model": Decision | GroupDecision}, **responses(400, 401, 403, 404, 410, 422, 500, 503, 504)},
)
def get_decision(decision_id: DecisionId, request: Request) -> Response:
    """A decision given earlier, byte for byte."""
    return Response(deployment_of(request).ledger.document(decision_id), media_type="application/json")


@router.get("/health", responses=responses(422))
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready", responses=responses(422, 500, 503, 504))
def ready(request: Request) -> dict[str, str]:
    """Store, ledger and catalogue answer."""
    deployment = deployment_of(request)
    last = deployment.ready()
    return {
        "status": "ready",
        "catalogue": deployment.catalogue.digest,
        "known_at": last.isoformat() if last else "",
    }


@router.get("/errors/{code}", response_class=Response, responses=responses(404, 422))
def error_page(code: Annotated[str, Path(examples=["bad-cursor"])]) -> Response:
    """What an error of this code means, and how to mend it."""
    return Response(page(code), media_type="text/markdown; charset=utf-8")

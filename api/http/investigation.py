"""Routes of investigators: what is held of a subject, its links, paths, control. Each takes one document, makes one
call, and passes its bytes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.http.access import INVESTIGATORS, asker_of, deployment_of
from api.http.bounds import NO_QUERY, BoundedRoute
from api.http.noticing import NOTICE, noticed
from api.http.problems import responses
from api.investigations import (
    ControlQuery,
    LinksQuery,
    PathsRequest,
    SubjectQuery,
    SubjectSearch,
    Timed,
    answer,
    control_question,
    expand_question,
    paths_question,
    subject_question,
)
from api.notices import notices_of
from engine.investigation.document import ControlDocument, Expansion, Investigation, PathsDocument, SubjectDocument
from engine.investigation.investigate import Question
from loaders.identity.history import UnknownSubject

router = APIRouter(route_class=BoundedRoute, dependencies=[INVESTIGATORS])
SubjectId = Annotated[
    str,
    Path(
        min_length=3,
        max_length=400,
        description="A subject id, a credit code, or `scheme:value`. Never a citizen ID: a person's subject id "
        "stands in the answer of a check, and of POST /v1/subject-searches.",
        examples=["uscc:91360400MA35G0G00E"],
    ),
]
InvestigationId = Annotated[
    str,
    Path(pattern=r"^investigation:sha256:[0-9a-f]{64}$", examples=[f"investigation:sha256:{'0123456789abcdef' * 4}"]),
]


@router.get(
    "/v1/subjects/{subject_id:path}/links",
    response_class=Response,
    responses={200: {"model": Expansion, "headers": NOTICE}, **responses(400, 401, 403, 404, 422, 500, 503, 504)},
)
def get_links(subject_id: SubjectId, asked: Annotated[LinksQuery, Query()], request: Request) -> Response:
    """关联关系: the links of a subject, counted by side and type, then page by page."""
    question = expand_question(subject_id, asked, deployment_of(request))
    return _given(question, request, asked, notices_of(subject_id, question.subject))


@router.post(
    "/v1/paths",
    dependencies=[NO_QUERY],
    response_class=Response,
    responses={200: {"model": PathsDocument}, **responses(400, 401, 403, 413, 415, 422, 500, 503, 504)},
)
def post_paths(asked: PathsRequest, request: Request) -> Response:
    """关联路径: the shortest paths between two subjects. An answer that is not complete is an answer, and says so."""
    return _given(paths_question(asked, deployment_of(request)), request, asked)


@router.get(
    "/v1/subjects/{subject_id:path}/control",
    response_class=Response,
    responses={200: {"model": ControlDocument, "headers": NOTICE}, **responses(400, 401, 403, 404, 422, 500, 503, 504)},
)
def get_control(subject_id: SubjectId, asked: Annotated[ControlQuery, Query()], request: Request) -> Response:
    """控制链: who stands behind a subject, through what shares and votes, and who its beneficial owners are."""
    question = control_question(subject_id, asked, deployment_of(request))
    return _given(question, request, asked, notices_of(subject_id, question.subject))


@router.get(
    "/v1/subjects/{subject_id:path}",
    response_class=Response,
    responses={200: {"model": SubjectDocument, "headers": NOTICE}, **responses(400, 401, 403, 404, 422, 500, 503, 504)},
)
def get_subject(subject_id: SubjectId, asked: Annotated[SubjectQuery, Query()], request: Request) -> Response:
    """信用主体: what is held of a subject: names, records by list, and up to which day each source is complete."""
    question = subject_question(subject_id, asked, deployment_of(request))
    return _given(question, request, asked, notices_of(subject_id, question.subject))


@router.post(
    "/v1/subject-searches",
    dependencies=[NO_QUERY],
    response_class=Response,
    responses={
        200: {"model": SubjectDocument, "headers": NOTICE},
        **responses(400, 401, 403, 413, 415, 422, 500, 503, 504),
    },
)
def post_subject_search(asked: SubjectSearch, request: Request) -> Response:
    """查找主体: the subject of a citizen ID, or of another identifier; its id may stand in URLs. That nobody holds it
    is an answer, too."""
    question = subject_question(asked.identifier, asked, deployment_of(request))
    return _given(question, request, asked, notices_of(asked.identifier, question.subject, "identifier"))


@router.get(
    "/v1/investigations/{investigation_id}",
    dependencies=[NO_QUERY],
    response_class=Response,
    responses={200: {"model": Investigation}, **responses(400, 401, 403, 404, 410, 422, 500, 503, 504)},
)
def get_investigation(investigation_id: InvestigationId, request: Request) -> Response:
    """An answer given earlier, byte for byte."""
    return Response(deployment_of(request).ledger.document(investigation_id), media_type="application/json")


def _given(
    question: Question,
    request: Request,
    asked: LinksQuery | PathsRequest | ControlQuery | SubjectQuery | SubjectSearch,
    notices: Sequence[str] = (),
) -> Response:
    asker = asker_of(request)
    found = answer(
        question,
        deployment_of(request),
        who=asker.named(asked.who),
        purpose=asked.purpose,
        department=asker.department,
        seconds=asked.seconds if isinstance(asked, Timed) else None,
    )
    views = found.investigation
    addressed = not isinstance(asked, PathsRequest | SubjectSearch)
    if addressed and not isinstance(views, PathsDocument) and views.subject.identity == "unknown":
        raise UnknownSubject("the store holds nobody under this id", remedy="check it, or search for the name")
    headers = {"Content-Location": f"/v1/investigations/{views.investigation_id}", **noticed(notices)}
    return Response(found.document, media_type="application/json", headers=headers)

"""The route that looks organisations up, for officers and investigators. What is held of one is told by
`api.http.investigation`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import subjects
from api.http.access import EITHER, deployment_of
from api.http.bounds import BoundedRoute
from api.http.noticing import NOTICE, noticed
from api.http.problems import responses
from api.subjects import SubjectPage, SubjectsQuery
from engine.canonical import canonical

router = APIRouter(route_class=BoundedRoute, dependencies=[EITHER])


@router.get(
    "/v1/subjects",
    response_class=Response,
    responses={200: {"model": SubjectPage, "headers": NOTICE}, **responses(400, 401, 403, 422, 500, 503, 504)},
)
def get_subjects(asked: Annotated[SubjectsQuery, Query()], request: Request) -> Response:
    """查找单位: organisations by an identifier, or by what their names and identifiers begin with or contain."""
    found = subjects.subjects(asked, deployment_of(request))
    headers = noticed(subjects.notices(asked, deployment_of(request)))
    return Response(canonical(found), media_type="application/json", headers=headers)

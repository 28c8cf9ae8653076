"""Routes of the catalogue and of the sources: what officers and investigators alike may know, nothing about anybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api import catalogue
from api.catalogue import DocumentsQuery, MeasuresQuery
from api.entries import DocumentEntry, DocumentPage, MeasureEntry, MeasurePage
from api.holdings import Holdings, holdings
from api.http.access import EITHER, deployment_of
from api.http.bounds import NO_QUERY, BoundedRoute
from api.http.problems import responses
from rules.model import Id

router = APIRouter(route_class=BoundedRoute, dependencies=[EITHER])
MeasureId = Annotated[Id, Path(description="The id of a measure", examples=["government-procurement-law.77"])]
DocumentId = Annotated[Id, Path(description="The id of a document", examples=["food-safety-law"])]


@router.get("/v1/measures", responses=responses(400, 401, 403, 422, 500, 503))
def get_measures(asked: Annotated[MeasuresQuery, Query()], request: Request) -> MeasurePage:
    """措施清单: the measures of the catalogue, by document, level, effect, matter and department."""
    return catalogue.measures(asked, deployment_of(request).catalogue)


@router.get(
    "/v1/measures/{measure_id}", dependencies=[NO_QUERY], responses=responses(400, 401, 403, 404, 422, 500, 503)
)
def get_measure(measure_id: MeasureId, request: Request) -> MeasureEntry:
    """A measure whole: because of what, whom it binds, where, for how long, and on what basis."""
    return catalogue.measure(measure_id, deployment_of(request).catalogue)


@router.get("/v1/documents", responses=responses(400, 401, 403, 422, 500, 503))
def get_documents(asked: Annotated[DocumentsQuery, Query()], request: Request) -> DocumentPage:
    """依据文件: the legal documents that measures cite."""
    return catalogue.documents(asked, deployment_of(request).catalogue)


@router.get(
    "/v1/documents/{document_id}", dependencies=[NO_QUERY], responses=responses(400, 401, 403, 404, 422, 500, 503)
)
def get_document(document_id: DocumentId, request: Request) -> DocumentEntry:
    """A document, with the measures that cite it."""
    return catalogue.document(document_id, deployment_of(request).catalogue)


@router.get("/v1/sources", dependencies=[NO_QUERY], responses=responses(400, 401, 403, 422, 500, 503, 504))
def get_sources(request: Request) -> Holdings:
    """数据来源: the declared sources, up to which day each is complete, and how many of its rows are in quarantine."""
    return holdings(deployment_of(request))

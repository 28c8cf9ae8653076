"""Questions of investigators as people and machines ask them, and their answers, entered in the ledger first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.deployment import Deployment
from api.presentation.words import LINKS
from api.questions import (
    BEGINNING,
    SHANGHAI,
    SUBJECT,
    Day,
    Instant,
    Text,
    identifier_address,
    no_citizen_id,
    subject_address,
)
from engine.canonical import canonical
from engine.cursor import same_question
from engine.investigation.document import Expansion, Investigation
from engine.investigation.expand import question_of as question_of_cursor
from engine.investigation.investigate import Question, investigate
from engine.investigation.question import (
    MOST_LINKS,
    MOST_PATHS,
    ControlQuestion,
    ExpandQuestion,
    PathsQuestion,
    SubjectQuestion,
)
from graph.model import LinkType
from graph.network.budget import Budget
from graph.network.links import Side
from graph.network.paths import LONGEST

Q = TypeVar("Q", bound=BaseModel)
_CHINESE = {name: link_type for link_type, name in LINKS.items()}
PAGE, PATHS = 50, 20


def _type(value: object) -> object:
    return LinkType(_CHINESE.get(value, value)) if isinstance(value, str) else value


Type = Annotated[LinkType, BeforeValidator(_type)]
Types = Annotated[list[Type], Field(max_length=len(LinkType), description="Types of links; all by default")]
MinShare = Annotated[float, Field(ge=0, le=1, description="Only links with at least this share (0 to 1)")]
Seconds = Annotated[
    float, Field(gt=0, description="Seconds that the answer may take, at most what the server allows, its default")
]
Ended = Annotated[bool, Field(description="Also links that no longer hold, or not yet")]


class _Dated(BaseModel):
    """What all questions of investigators have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Day | None = Field(default=None, description="Valid time; today in Asia/Shanghai by default")
    known_at: Instant | None = Field(
        default=None, description="Transaction time; by default the last committed instant of the store"
    )
    who: Text | None = Field(default=None, description="Who asks, for the ledger")
    purpose: Annotated[str, Field(max_length=400, description="Why, for the ledger")] = ""


class Timed(_Dated):
    """What takes the longer, the more links there are."""

    seconds: Seconds | None = None


class LinksQuery(Timed):
    """What is asked of the links of one subject. With a ``cursor`` nothing else is needed; what is given all the same
    must be what the cursor says."""

    type: Types = []
    side: Annotated[Side | None, Field(description="Only links that the subject holds, or is held by")] = None
    min_share: MinShare | None = None
    ended: Ended = False
    limit: Annotated[int, Field(ge=0, le=MOST_LINKS, description="Links of a page; 0 counts only")] = PAGE
    cursor: Annotated[str | None, Field(max_length=4_000, description="Where the page before ended")] = None


class ControlQuery(Timed):
    """On which day, as known when, who stands behind a subject."""


class SubjectQuery(_Dated):
    """On which day, as known when, what is held of a subject."""


class SubjectSearch(_Dated):
    """Somebody who may not stand in a URL."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"identifier": "11010519491231002X", "purpose": "关联交易核查 2026-17"}]},
    )

    identifier: Text = Field(description="A citizen ID, or another identifier: a credit code, `scheme:value`")


class PathsRequest(Timed):
    """The shortest paths between two subjects."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "start": "91360400MA35G0G00E",
                    "goal": "91350100M000100Y43",
                    "types": ["legal_representative", "shareholder"],
                    "max_links": 4,
                    "purpose": "关联交易核查 2026-17",
                }
            ]
        },
    )

    start: Text = Field(description=SUBJECT)
    goal: Text = Field(description=SUBJECT)
    avoid: list[Text] = Field(default=[], max_length=20, description="Paths through these subjects do not count")
    types: Types = []
    min_share: MinShare | None = None
    ended: Ended = False
    max_links: int = Field(default=LONGEST, ge=1, le=LONGEST, description="Longest path that is looked for")
    limit: int = Field(default=PATHS, ge=1, le=MOST_PATHS, description="Paths that are shown; all are counted")


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and the bytes that every surface passes on."""

    investigation: Investigation
    document: bytes


def expand_question(subject: str, asked: LinksQuery, deployment: Deployment) -> ExpandQuestion:
    """Raises `BadInput`; `BadCursor` for a cursor that does not belong to what is asked."""
    no_citizen_id(who=asked.who, purpose=asked.purpose)
    address = subject_address(subject, deployment)
    if asked.cursor is None:
        return ExpandQuestion(
            subject=address,
            side=asked.side,
            limit=asked.limit,
            **_walked(asked, asked.type),
            **_dates(asked, deployment),
        )
    question = question_of_cursor(asked.cursor)
    given = asked.model_dump(include=asked.model_fields_set & {"side", "min_share", "ended", "as_of", "known_at"})
    if "type" in asked.model_fields_set:
        given["types"] = _sorted(asked.type)
    same_question(question, {"subject": address, **given})
    limit = asked.limit if "limit" in asked.model_fields_set else question.limit
    return question.model_copy(update={"limit": limit})


def paths_question(asked: PathsRequest, deployment: Deployment) -> PathsQuestion:
    """Raises `BadInput`."""
    no_citizen_id(who=asked.who, purpose=asked.purpose)
    return PathsQuestion(
        start=subject_address(asked.start, deployment),
        goal=subject_address(asked.goal, deployment),
        avoid=tuple(sorted({subject_address(one, deployment) for one in asked.avoid})),
        max_links=asked.max_links,
        limit=asked.limit,
        **_walked(asked, asked.types),
        **_dates(asked, deployment),
    )


def control_question(subject: str, asked: ControlQuery, deployment: Deployment) -> ControlQuestion:
    """Raises `BadInput`."""
    no_citizen_id(who=asked.who, purpose=asked.purpose)
    return ControlQuestion(subject=subject_address(subject, deployment), **_dates(asked, deployment))


def subject_question(subject: str, asked: SubjectQuery | SubjectSearch, deployment: Deployment) -> SubjectQuestion:
    """Raises `BadInput`."""
    no_citizen_id(who=asked.who, purpose=asked.purpose)
    return SubjectQuestion(subject=identifier_address(subject, deployment), **_dates(asked, deployment))


def _walked(asked: LinksQuery | PathsRequest, types: Collection[LinkType]) -> dict[str, Any]:
    return {"types": _sorted(types), "min_share": asked.min_share, "ended": asked.ended}


def _sorted(types: Collection[LinkType]) -> tuple[LinkType, ...]:
    return tuple(sorted(set(types)))


def _dates(asked: _Dated, deployment: Deployment) -> dict[str, Any]:
    return {
        "as_of": asked.as_of or datetime.now(SHANGHAI).date(),
        "known_at": asked.known_at or deployment.store.last_instant() or BEGINNING,
    }


def answer(
    question: Question,
    deployment: Deployment,
    *,
    who: str,
    purpose: str,
    department: str = "",
    seconds: float | None = None,
) -> Found:
    """Investigate, and enter it in the ledger (docs/decisions/0006) before anybody sees it.

    ``seconds`` are at most those of the settings, and are no part of the question: what is asked does not change with
    the patience of who asks.
    """
    allowed = deployment.settings.investigation_seconds
    budget = Budget(min(seconds or allowed, allowed))
    found = investigate(question, store=deployment.store, budget=budget)
    document = canonical(found)
    deployment.ledger.enter(found.investigation_id, document, who=who, purpose=purpose, department=department)
    return Found(found, document)


def complete(found: Investigation) -> bool:
    """Whether there is no more to be seen; a page of an expansion is complete in itself."""
    return found.subject.identity == "verified" if isinstance(found, Expansion) else found.complete

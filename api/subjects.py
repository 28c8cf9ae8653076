"""Looking organisations up: by an identifier, or by what their names and identifiers begin with or contain.

Persons are never found here, where what was asked stands in a URL and in no ledger: see `api.investigations`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.deployment import Deployment
from api.notices import notices_of
from api.paging import PageQuery, Start
from api.questions import BEGINNING, SHANGHAI, Instant, Text, identifier_address, subject_address
from engine.check import held_by, validate_clocks
from engine.cursor import BadCursor
from engine.document import IdentifierView, View
from engine.errors import BadQuestion
from engine.question import Dated
from engine.question import Instant as ShownInstant
from engine.views import identified
from graph.identifiers import plain
from graph.model import Kind, Subject

MOST_FOUND = 1_000
"""So many subjects are shown of one text, page after page: whoever gets more gives more of the name."""


CREDIT_CODE = 18
"""Characters."""


class SubjectsQuery(PageQuery):
    """Which organisations: an identifier or a name, one of them."""

    identifier: Annotated[
        Text | None,
        Field(description="A credit code, or `scheme:value`; never a citizen ID", examples=["91360400MA35G0G00E"]),
    ] = None
    name: Annotated[
        Text | None, Field(description="What the name, or an identifier, begins with or contains", examples=["柏川"])
    ] = None
    known_at: Annotated[
        Instant | None, Field(description="Transaction time; by default the last committed instant of the store")
    ] = None


class SubjectLine(View):
    id: str
    name: str
    kind: Kind
    region: str | None
    identifiers: tuple[IdentifierView, ...]


class SubjectPage(View):
    """Organisations as known at ``known_at``: who is called so, or begins so, before who contains the text, then by id.
    ``complete``: no further subject is left out after the last page."""

    known_at: ShownInstant
    complete: bool
    subjects: tuple[SubjectLine, ...]
    cursor: str | None


def subjects(asked: SubjectsQuery, deployment: Deployment) -> SubjectPage:
    """Raises `BadInput`; `BadCursor` for a cursor that does not belong to what is asked."""
    start = Start.of("subjects", _resolved(asked, deployment))
    question, store = start.asked, deployment.store
    known_at = question.known_at or BEGINNING
    validate_clocks(Dated(as_of=datetime.now(SHANGHAI).date(), known_at=known_at), store)
    skip, limit = _skipped(start), question.limit
    if question.identifier:
        found = held_by(question.identifier, known_at, store)
    else:
        found = store.search(question.name or "", known_at=known_at, limit=skip + limit + 1)
    organisations = [one for one in found if one.kind is not Kind.NATURAL_PERSON][skip:]
    more = len(organisations) > limit
    last = skip + limit >= MOST_FOUND
    return SubjectPage(
        known_at=known_at,
        complete=not (more and last),
        subjects=tuple(_line(one) for one in organisations[:limit]),
        cursor=start.cursor(str(skip + limit)) if more and not last else None,
    )


def sought(text: str) -> dict[str, str]:
    """What a text that was typed asks for: an identifier where it is written as one, whole, so that a slip in it is
    told; else what a name, or an identifier, begins with or contains.

    >>> sought("lei:5493001KJTIIGC8Y1R12"), sought("91360400MA")
    ({'identifier': 'lei:5493001KJTIIGC8Y1R12'}, {'name': '91360400MA'})
    """
    typed = plain(text)
    code = len(typed) == CREDIT_CODE and any(character.isdigit() for character in typed)
    return {"identifier" if typed.isascii() and (code or ":" in typed) else "name": text}


def notices(asked: SubjectsQuery, deployment: Deployment) -> tuple[str, ...]:
    """What was put right in the identifier before it was looked up."""
    if not asked.identifier:
        return ()
    return notices_of(asked.identifier, identifier_address(asked.identifier, deployment), "identifier")


def _resolved(asked: SubjectsQuery, deployment: Deployment) -> SubjectsQuery:
    """The identifier verified, the name without blanks around it; on a first page, the instant."""
    if asked.identifier and asked.name:
        raise BadQuestion("both identifier and name are given", remedy="give one of them")
    said: dict[str, Any] = {}
    if asked.identifier:
        said["identifier"] = identifier_address(asked.identifier, deployment)
    if asked.name:
        said["name"] = subject_address(f"name:{asked.name}", deployment).removeprefix("name:")
    if asked.cursor is None:
        if not said:
            raise BadQuestion("neither identifier nor name is given", remedy="give one of them")
        said["known_at"] = asked.known_at or deployment.store.last_instant() or BEGINNING
    return asked.model_copy(update=said)


def _skipped(start: Start[SubjectsQuery]) -> int:
    if not start.after:
        return 0
    if not start.after.isdecimal() or int(start.after) >= MOST_FOUND:
        raise BadCursor("this is no cursor of this service", remedy="begin with the first page, without a cursor")
    return int(start.after)


def _line(subject: Subject) -> SubjectLine:
    shown = {name: getattr(subject, name) for name in ("id", "name", "kind", "region")}
    return SubjectLine(**shown, identifiers=identified(subject))

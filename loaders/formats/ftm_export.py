"""Facts given out as FollowTheMoney entities: those that came as such as they came, the others by what is known.

Citizen IDs are no part of it, nor is anything of a person but the name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from graph.model import Fact, Kind, Link, LinkType, Record, Subject
from graph.store import GraphStore

SCHEMATA = {
    Kind.NATURAL_PERSON: "Person",
    Kind.GOVERNMENT_ORGAN: "PublicBody",
    Kind.SOCIAL_ORGANISATION: "Organization",
}
IDENTIFIERS = {"uscc": "uscCode", "lei": "leiCode", "registration_number": "registrationNumber"}
Entity = Mapping[str, Any]


def entities(store: GraphStore, *, known_at: datetime, source: str | None = None) -> Iterator[Entity]:
    """An entity for each subject, link and record as known at an instant, of one source or of all."""
    for fact in store.facts(known_at=known_at):
        if isinstance(fact, Subject | Link | Record) and source in (None, fact.source):
            yield _given_back(fact) or _made(fact)


def _given_back(fact: Subject | Link | Record) -> Entity | None:
    kept = fact.fields.get("ftm")
    if not isinstance(kept, str):
        return None
    entity: Entity = json.loads(kept)
    return entity


def _made(fact: Fact) -> Entity:
    match fact:
        case Subject():
            codes = {IDENTIFIERS[scheme]: value for scheme, value in fact.identifiers.items() if scheme in IDENTIFIERS}
            said = {"name": fact.name, "incorporationDate": fact.established_on, **codes}
            return _entity(fact.id, SCHEMATA.get(fact.kind, "Company"), said)
        case Link():
            return _link(fact)
        case Record():
            said = {
                "entity": fact.subject,
                "program": fact.list,
                "authority": fact.department,
                "authorityId": fact.number,
                "listingDate": fact.decided_on,
                "startDate": fact.effective_from,
                "endDate": fact.repaired_on or fact.effective_to,
            }
            return _entity(fact.id, "Sanction", said)
    raise TypeError(fact)


def _link(link: Link) -> Entity:
    term = {"startDate": link.valid_from, "endDate": link.valid_to, "role": link.position or str(link.type)}
    if link.type is LinkType.SHAREHOLDER:
        share = None if link.share is None else f"{link.share * 100:g}"
        return _entity(
            link.id, "Ownership", {"owner": link.holder, "asset": link.organisation, "percentage": share, **term}
        )
    return _entity(link.id, "Directorship", {"director": link.holder, "organization": link.organisation, **term})


def _entity(entity_id: str, schema: str, said: Mapping[str, str | date | None]) -> Entity:
    return {
        "id": entity_id,
        "schema": schema,
        "properties": {name: [str(value)] for name, value in said.items() if value is not None},
    }

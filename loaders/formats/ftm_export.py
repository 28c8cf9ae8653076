"""Facts given out as FollowTheMoney entities: those that came as such as they came, the others by what is known.

Citizen IDs are no part of it, nor is anything of a person but the name. A Sanction is read everywhere as one that was
imposed, so only a record that is one becomes it: on a list of sanctions, not annulled, no test record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from graph.model import Fact, Kind, Link, LinkType, Record, Subject
from graph.store import GraphStore
from loaders.formats.ftm import KEPT, PART_OF
from loaders.formats.ftm_entity import Unfit, proved, without_numbers

SCHEMATA = {
    Kind.NATURAL_PERSON: "Person",
    Kind.GOVERNMENT_ORGAN: "PublicBody",
    Kind.SOCIAL_ORGANISATION: "Organization",
    Kind.PUBLIC_INSTITUTION: "Organization",
}
LINKS = {
    LinkType.SHAREHOLDER: ("Ownership", "owner", "asset"),
    LinkType.EMPLOYEE: ("Employment", "employee", "employer"),
    **dict.fromkeys(
        (LinkType.ACTUAL_CONTROLLER, LinkType.MANAGES, LinkType.BRANCH_OF), ("UnknownLink", "subject", "object")
    ),
}
OFFICE = ("Directorship", "director", "organization")
IDENTIFIERS = {
    "uscc": "uscCode",
    "lei": "leiCode",
    "registration_number": "registrationNumber",
    "inn": "innCode",
    "ogrn": "ogrnCode",
}
Entity = Mapping[str, Any]


def entities(
    store: GraphStore,
    *,
    known_at: datetime,
    source: str | None = None,
    sanctions: Container[str] = (),
    leave_out: Callable[[Record], None] = lambda _: None,
) -> Iterator[Entity]:
    """An entity for each subject, link and record as known at an instant, of one source or of all. ``sanctions`` are
    the lists whose records are sanctions; ``leave_out`` is told of every record that is none."""
    for fact in store.facts(known_at=known_at):
        if not isinstance(fact, Subject | Link | Record) or source not in (None, fact.source):
            continue
        if PART_OF in fact.fields:
            continue  # the entity is given back by another fact that it made
        if (entity := _given_back(fact)) is not None:
            yield entity
        elif isinstance(fact, Record) and not _is_sanction(fact, sanctions):
            leave_out(fact)
        else:
            yield _made(fact)


def _is_sanction(record: Record, sanctions: Container[str]) -> bool:
    return record.list in sanctions and not record.annulled and not record.test


def _given_back(fact: Subject | Link | Record) -> Entity | None:
    kept = fact.fields.get(KEPT)
    return entity_of(kept) if isinstance(kept, str) else None


def entity_of(text: str) -> Entity | None:
    """The entity that a text is, without the numbers of persons; nothing if it is none."""
    try:
        said: Any = json.loads(text)
        proved(said)
    except (ValueError, RecursionError, AttributeError, Unfit):
        return None
    return without_numbers(said)


def _made(fact: Fact) -> Entity:
    match fact:
        case Subject():
            codes = {IDENTIFIERS[scheme]: value for scheme, value in fact.identifiers.items() if scheme in IDENTIFIERS}
            said = {"name": fact.name, "incorporationDate": fact.established_on, **codes}
            return _entity(fact.id, SCHEMATA.get(fact.kind, "Company"), said)
        case Link():
            return _link(fact)
        case Record():
            ends = [day for day in (fact.repaired_on, fact.effective_to) if day]
            said = {
                "entity": fact.subject,
                "program": fact.list,
                "authority": fact.department,
                "authorityId": fact.number,
                "listingDate": fact.decided_on,
                "startDate": fact.effective_from,
                "endDate": min(ends, default=None),
            }
            return _entity(fact.id, "Sanction", said)
    raise TypeError(fact)


def _link(link: Link) -> Entity:
    schema, holder, organisation = LINKS.get(link.type, OFFICE)
    said = {
        holder: link.holder,
        organisation: link.organisation,
        "percentage": None if link.share is None else _percentage(link.share),
        "startDate": link.valid_from,
        "endDate": link.valid_to,
        "role": link.position or str(link.type),
    }
    return _entity(link.id, schema, said)


def _percentage(share: float) -> str:
    """
    >>> _percentage(0.29), _percentage(0.1234567), _percentage(1.0)
    ('29', '12.34567', '100')
    """
    text = format(Decimal(str(share)) * 100, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _entity(entity_id: str, schema: str, said: Mapping[str, str | date | None]) -> Entity:
    return {
        "id": entity_id,
        "schema": schema,
        "properties": {name: [str(value)] for name, value in said.items() if value is not None},
    }

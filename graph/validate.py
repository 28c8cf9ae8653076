"""What no store may hold: facts that contradict themselves (design, section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from types import MappingProxyType
from typing import get_args

from stdnum.cn import uscc

from graph.errors import BadDate, BadFact
from graph.identifiers import looks_like_citizen_id
from graph.model import (
    BETWEEN_ORGANISATIONS,
    SEVERITIES,
    Fact,
    FieldValue,
    Kind,
    Link,
    Merge,
    Naming,
    Record,
    Source,
    Subject,
)
from graph.terms import Period

NO_KINDS: Mapping[str, Kind] = MappingProxyType({})
LARGEST_AMOUNT = 2**63 - 1
DATE_FIELDS: Mapping[type, tuple[str, ...]] = {
    fact_type: tuple(f.name for f in fields(fact_type) if "date" in str(f.type)) for fact_type in get_args(Fact)
}
INTERVALS = (("effective_from", "effective_to"), ("publicity_from", "publicity_to"), ("masked_from", "masked_to"))


def check_fact(fact: Fact, kinds: Mapping[str, Kind] = NO_KINDS) -> None:
    """Raise `BadFact` if the fact contradicts itself, or the kinds of the subjects that it joins.

    ``kinds`` tells the kinds of subjects by id, as far as they are known; ends that are not in it are not judged.
    """
    if _shows_citizen_id(*fact.id.rpartition(":")[::2]):
        fault = "the id of a fact holds a citizen ID in the clear"
        raise BadFact(fault, remedy="derive it from the sealed ID's digest")
    for fault in _faults(fact):
        raise BadFact(fault, where=fact.id)
    check_kinds(fact, kinds)


def check_kinds(fact: Fact, kinds: Mapping[str, Kind]) -> None:
    """Raise `BadFact` if the fact joins subjects of kinds that it can't join, as far as these are known."""
    if isinstance(fact, Link | Merge):
        for fault in _ends(fact, kinds):
            raise BadFact(fault, where=fact.id)


def _shows_citizen_id(scheme: str, value: str) -> bool:
    if scheme == "citizen_id":
        return True
    return looks_like_citizen_id(value) and not (scheme == "uscc" and uscc.is_valid(value))


def _faults(fact: Fact) -> Iterator[str]:
    if not fact.id.strip():
        yield "a fact needs an id"
    yield from (f"{name} is an instant; give a date" for name in _instants(fact))
    match fact:
        case Subject():
            yield from _subject(fact)
        case Link():
            yield from _link(fact)
        case Record():
            yield from _record(fact)
        case Naming(role=role):
            if not role.strip():
                yield "a naming needs a role"
        case Merge():
            yield from _merge(fact)
        case Source():
            yield from _source(fact)


def _instants(fact: Fact) -> Iterator[str]:
    return (name for name in DATE_FIELDS[type(fact)] if isinstance(getattr(fact, name), datetime))


def _subject(subject: Subject) -> Iterator[str]:
    if not subject.name.strip():
        yield "the name is empty"
    if subject.citizen_id and subject.kind is not Kind.NATURAL_PERSON:
        yield f"a citizen ID belongs to a natural person, not to a subject of kind {subject.kind}"
    for scheme, value in subject.identifiers.items():
        if not scheme.strip() or not value.strip():
            yield f"the identifier {scheme or 'without a scheme'} is empty"
        if _shows_citizen_id(scheme, value):
            yield f"the identifier {scheme} is a citizen ID in the clear; seal it in citizen_id"
    yield from _said(subject.fields)


def _link(link: Link) -> Iterator[str]:
    if link.holder == link.organisation:
        yield "an organisation cannot hold itself"
    if link.share is not None and not (math.isfinite(link.share) and 0 <= link.share <= 1):
        yield f"the share {link.share} lies outside [0, 1]"
    yield from _interval(link.valid_from, link.valid_to, "valid_from", "valid_to")
    yield from _said(link.fields)


def _record(record: Record) -> Iterator[str]:
    if not record.list.strip():
        yield "the list or event kind is empty"
    if record.severity is not None and record.severity not in SEVERITIES:
        yield f"the severity {record.severity} is none of {', '.join(SEVERITIES)}"
    if record.masked_to and not record.masked_from:
        yield "masked_to without masked_from"
    for start, end in INTERVALS:
        yield from _interval(getattr(record, start), getattr(record, end), start, end)
    if record.amount is not None and not 0 <= record.amount <= LARGEST_AMOUNT:
        yield "the amount in fen is negative or beyond 64 bits"
    yield from _said(record.fields)


def _said(fields: Mapping[str, FieldValue]) -> Iterator[str]:
    for name, value in fields.items():
        if not isinstance(value, str | int):
            yield f"the field {name} is neither text, whole number nor truth value"
        if looks_like_citizen_id(str(value)):
            yield f"the field {name} is a citizen ID in the clear; name the person instead"


def _merge(merge: Merge) -> Iterator[str]:
    if merge.left == merge.right:
        yield "a subject is not merged with itself"
    if not merge.by.strip() or not merge.reason.strip():
        yield "a merge is a judgement: say who made it and why"
    if merge.undone != bool(merge.undone_by):
        yield "undone and undone_by go together"


def _ends(fact: Link | Merge, kinds: Mapping[str, Kind]) -> Iterator[str]:
    if isinstance(fact, Merge):
        ends = {kinds[end] is Kind.NATURAL_PERSON for end in (fact.left, fact.right) if end in kinds}
        if len(ends) > 1:
            yield "a person is not merged with an organisation"
        return
    if kinds.get(fact.organisation) is Kind.NATURAL_PERSON:
        yield f"the organisation of a {fact.type} link is a natural person"
    if fact.type in BETWEEN_ORGANISATIONS and kinds.get(fact.holder) is Kind.NATURAL_PERSON:
        yield f"{fact.type} joins organisations, its holder is a natural person"


def _source(source: Source) -> Iterator[str]:
    try:
        Period.parse(source.cadence)
    except BadDate as error:
        yield f"cadence: {error.message}"


def _interval(start: date | None, end: date | None, start_name: str, end_name: str) -> Iterator[str]:
    if start and end and end <= start:
        yield f"{end_name} {end} is not after {start_name} {start}"

"""In force, and within the term."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.reference.days import FOR_LIFE, covers, free_day, holds
from tests.reference.known import Fact
from tests.reference.records import missing_date
from tests.reference.triggers import Cause
from tests.reference.truth import FALSE, TRUE, Judgement, all_of, known, unknown

Entry = dict[str, Any]


def bases_that_count(bases: list[Entry], documents: dict[str, Entry], day: date, region: str) -> list[Entry]:
    return [basis for basis in bases if _basis_counts(basis, documents[basis["document"]], day, region)]


def _basis_counts(basis: Entry, document: Entry, day: date, region: str) -> bool:
    territory = document.get("territory")
    in_force = basis.get("in_force") or document["in_force"]
    return holds(in_force, day) and (territory is None or covers(territory, region))


def in_force(measure: Entry, documents: dict[str, Entry], event: date | None, day: date, region: str) -> Judgement:
    """Whether the measure binds for an event on ``event``, on ``day``."""
    asked_of = event if measure.get("survives") else day
    if asked_of is None:
        return unknown()
    return all_of(
        [
            known(holds(measure["in_force"], asked_of)),
            known(bool(bases_that_count(measure["basis"], documents, asked_of, region))),
            _not_before_the_law(measure, event),
        ]
    )


def _not_before_the_law(measure: Entry, event: date | None) -> Judgement:
    if measure.get("applies_to") == "earlier_records":
        return TRUE
    return unknown() if event is None else known(event >= measure["in_force"]["from"])


def reach_in_force(
    measure: Entry, bases: list[Entry], documents: dict[str, Entry], event: date | None, day: date, region: str
) -> Judgement:
    """A reach with bases of its own leads nowhere when none of them counts."""
    if not bases:
        return TRUE
    asked_of = event if measure.get("survives") else day
    return unknown() if asked_of is None else known(bool(bases_that_count(bases, documents, asked_of, region)))


def may_be_in_force(measure: Entry, documents: dict[str, Entry], day: date, region: str) -> bool:
    """Whether the measure could bind on ``day`` for something that nobody recorded. One that survives its law could if
    it was in force on some day up to then."""

    def on(asked_of: date) -> bool:
        counting = bases_that_count(measure["basis"], documents, asked_of, region)
        return holds(measure["in_force"], asked_of) and bool(counting)

    if not measure.get("survives"):
        return on(day)
    starts = [(b.get("in_force") or documents[b["document"]]["in_force"])["from"] for b in measure["basis"]]
    return any(on(start) for start in [*starts, measure["in_force"]["from"], day] if start <= day)


def within(term: Entry | None, cause: Cause, day: date) -> Judgement:
    """Whether ``day`` lies in the term that the cause has set going."""
    if term is None:
        return TRUE
    if cause.anchor is None:
        return unknown()
    begun = unknown() if cause.event is None else known(cause.event <= day)
    return all_of([begun, _not_ended(term, cause.anchor, day)])


def _not_ended(term: Entry, record: Fact, day: date) -> Judgement:
    length, field = term["length"], term.get("from", "decided_on")
    if isinstance(length, dict):
        return _range(length, record, field, day)
    return missing_date(record, field) if record[field] is None else known(_runs(record[field], length, day))


def _runs(anchor: date, length: str, day: date) -> bool:
    return length == FOR_LIFE or day < free_day(anchor, length)


def _range(length: Entry, record: Fact, field: str, day: date) -> Judgement:
    if record["term_ends_on"] is not None:
        return known(day < record["term_ends_on"])
    anchor: date | None = record[field]
    if anchor is None:
        return missing_date(record, field)
    if length.get("least") and _runs(anchor, length["least"], day):
        return TRUE
    return unknown(("undecided_term", record["id"])) if _runs(anchor, length["most"], day) else FALSE

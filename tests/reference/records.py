"""When a record counts, and whether it is what a trigger asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.reference import conditions
from tests.reference.days import duration
from tests.reference.known import Fact
from tests.reference.truth import TRUE, Judgement, all_of, known, unknown

RANK = {"minor": 1, "general": 2, "serious": 3}


def counts(record: Fact, day: date, *, repair_ends: bool, has_term: bool) -> Judgement:
    return all_of(
        [
            known(not record["annulled"]),
            _begun(record, day),
            _before(day, record["effective_to"]),
            known(not _masked(record, day)),
            _before(day, record["repaired_on"]) if repair_ends else TRUE,
            TRUE if has_term else _before(day, record["publicity_to"]),
        ]
    )


def _begun(record: Fact, day: date) -> Judgement:
    start = record["effective_from"] or record["decided_on"]
    return missing_date(record, "effective_from") if start is None else known(start <= day)


def missing_date(record: Fact, field: str) -> Judgement:
    return unknown(("missing_date", f"{record['id']}#{field}"))


def _before(day: date, end: date | None) -> Judgement:
    return known(end is None or day < end)


def _masked(record: Fact, day: date) -> bool:
    start, end = record["masked_from"], record["masked_to"]
    return start is not None and start <= day and (end is None or day < end)


def fits(record: Fact, trigger: dict[str, Any], day: date, question: dict[str, Any]) -> Judgement:
    """Whether the record is what the trigger asks for, whether or not it counts."""
    return all_of(
        [
            _happened(record, trigger, day),
            _severe(record, trigger.get("severity")),
            conditions.judge(trigger["where"], record, question) if trigger.get("where") else TRUE,
        ]
    )


def event_date(record: Fact, trigger: dict[str, Any]) -> date | None:
    event: date | None = record[trigger.get("on", "decided_on")]
    return event


def _happened(record: Fact, trigger: dict[str, Any], day: date) -> Judgement:
    event = event_date(record, trigger)
    if event is None:
        return missing_date(record, trigger.get("on", "decided_on"))
    window = trigger.get("within")
    return known(event <= day and (window is None or day - duration(window) < event))


def _severe(record: Fact, least: str | None) -> Judgement:
    if least is None:
        return TRUE
    if record["severity"] is None:
        return unknown(("missing_severity", record["id"]))
    return known(RANK[record["severity"]] >= RANK[least])


def several(value: Any) -> list[Any]:
    """The catalogue's files write one for a list of one."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def lists_of(trigger: dict[str, Any]) -> list[str]:
    return several(trigger.get("list")) + several(trigger.get("event"))

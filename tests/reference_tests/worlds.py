"""Short ways to write a world, a catalogue and a question for the reference evaluator by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.reference.check import reference_check

Plain = dict[str, Any]
DAWN = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2030, 1, 1, tzinfo=UTC)
DATES = (
    "decided_on",
    "acted_on",
    "final_on",
    "sentence_ends_on",
    "bankruptcy_ends_on",
    "term_ends_on",
    "effective_from",
    "effective_to",
    "publicity_from",
    "publicity_to",
    "repaired_on",
    "masked_from",
    "masked_to",
)
VERSION = {"recorded_at": DAWN, "superseded_at": None}


def day(text: str) -> date:
    return date.fromisoformat(text)


def person(id_: str, *, known: bool = True, **more: Any) -> Plain:
    seal = {"digest": id_, "mask": "3604**********001X"} if known else None
    return {"id": id_, "kind": "natural_person", "name": id_, "identifiers": {}, "citizen_id": seal} | VERSION | more


def company(id_: str, **more: Any) -> Plain:
    found = {"id": id_, "kind": "enterprise", "name": id_, "identifiers": {"uscc": id_}, "citizen_id": None}
    return found | {"region": "360400"} | VERSION | more


def link(id_: str, type_: str, holder: str, organisation: str, **more: Any) -> Plain:
    found: Plain = {"id": id_, "type": type_, "holder": holder, "organisation": organisation, "source": None}
    found |= {"valid_from": None, "valid_to": None, "share": None, "position": None} | VERSION
    return found | {k: day(v) if k in ("valid_from", "valid_to") else v for k, v in more.items()}


def record(id_: str, subject: str, list_: str = "dishonest", **more: Any) -> Plain:
    found: Plain = {"id": id_, "subject": subject, "list": list_, "severity": "serious", "fields": {}}
    found |= dict.fromkeys((*DATES, "number", "department", "region", "amount", "source")) | VERSION
    found |= {"annulled": False, "disputed": False, "test": False, "decided_on": "2024-01-01"} | more
    return {k: day(v) if k in DATES and isinstance(v, str) else v for k, v in found.items()}


def naming(id_: str, record_id: str, person_id: str, role: str = "responsible", **more: Any) -> Plain:
    found = {"id": id_, "record": record_id, "person": person_id, "role": role, "finding": None, "document": None}
    return found | VERSION | more


def merge(id_: str, left: str, right: str, **more: Any) -> Plain:
    return {"id": id_, "left": left, "right": right, "undone": False} | VERSION | more


SOURCE: Plain = {"id": "court", "holds": ("dishonest", "fined", "red", "serious"), "cadence": "P1Y"} | VERSION
LOAD: Plain = {"id": "load", "source": "court", "through": day("2029-01-01")} | VERSION


def world(*, sources: list[Plain] | None = None, loads: list[Plain] | None = None, **parts: list[Plain]) -> Plain:
    empty: Plain = {name: [] for name in ("subjects", "links", "records", "namings", "merges")}
    return empty | {"sources": sources or [SOURCE], "loads": [LOAD] if loads is None else loads} | parts


LAW: Plain = {"id": "law", "title": "某法", "level": "law", "in_force": {"from": day("1990-01-01")}}


def measure(**more: Any) -> Plain:
    found: Plain = {"id": "m", "title": "措施", "kind": "sanction", "effect": "deny", "trigger": {"list": "dishonest"}}
    found |= {"scope": {"matters": ["tender"]}, "basis": [{"document": "law", "article": "第1条"}]}
    return found | {"in_force": {"from": day("2000-01-01")}} | more


def catalogue(*measures: Plain, **parts: list[Plain]) -> Plain:
    lists = [{"id": id_, "zh": id_, "kind": "sanction"} for id_ in ("dishonest", "fined", "red", "serious", "unheld")]
    return {"documents": [LAW], "lists": lists, "measures": list(measures), "leads": [], "groups": []} | parts


def question(subject: str, as_of: str = "2024-06-01", **more: Any) -> Plain:
    found: Plain = {"subject": subject, "matter": "tender", "department": "purchaser", "region": "360400"}
    return found | {"industry": None, "object": None, "as_of": day(as_of), "known_at": NOW} | more


def asked(subject: str, facts: Plain, *measures: Plain, as_of: str = "2024-06-01", **more: Any) -> Plain:
    """The reference's document."""
    return reference_check(facts, catalogue(*measures), question(subject, as_of, **more))


def returned(document: Plain) -> list[str]:
    return [one["id"] for one in document["measures"]]


def gaps(document: Plain) -> list[tuple[str, str]]:
    return [(gap["kind"], gap["about"]) for gap in document["gaps"]]

"""How facts are shown in the document."""

from __future__ import annotations

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from tests.reference import terms
from tests.reference.known import Fact
from tests.reference.measures import Asked, Chain
from tests.reference.paths import key
from tests.reference.triggers import in_yuan

Entry = dict[str, Any]
REPAIR_AFTER = {"minor": relativedelta(), "general": relativedelta(months=3), "serious": relativedelta(years=1)}
"""国办发〔2025〕22号; Order 36."""


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def party(subject: Fact) -> Entry:
    return {"id": subject["id"], "name": subject["name"], "kind": subject["kind"]}


def subject_view(subject: Fact) -> Entry:
    shown = dict(subject["identifiers"])
    if subject["citizen_id"]:
        shown["citizen_id"] = subject["citizen_id"]["mask"]
    identifiers = [{"scheme": scheme, "value": value} for scheme, value in sorted(shown.items())]
    return {**party(subject), "identifiers": identifiers, "identity": "verified", "candidates": []}


def bases(cited: list[Entry], asked: Asked, on: date) -> list[Entry]:
    counting = terms.bases_that_count(cited, asked.documents, on, asked.question["region"])
    return _in_order([basis_view(basis, asked.documents) for basis in counting])


def _in_order(shown: list[Entry]) -> list[Entry]:
    return sorted(shown, key=lambda basis: (basis["document"], basis["article"]))


def basis_view(basis: Entry, documents: dict[str, Entry]) -> Entry:
    document = documents[basis["document"]]
    return {
        "document": document["id"],
        "title": document["title"],
        "number": document.get("number"),
        "level": document["level"],
        "article": basis["article"],
    }


def bases_in_force(cited: list[Entry], asked: Asked, entry: Entry, chains: list[Chain]) -> list[Entry]:
    """The bases that count on the day asked about; where the measure survives its law, those of the event."""
    today = bases(cited, asked, asked.question["as_of"])
    if today or not entry.get("survives"):
        return today
    then = [basis for chain in chains if chain.cause.event for basis in bases(cited, asked, chain.cause.event)]
    return _in_order([basis for basis in (basis_view(b, asked.documents) for b in cited) if basis in then])


def chain_view(chain: Chain, asked: Asked, entry: Entry) -> Entry:
    repairable = entry.get("repair", "ends") == "ends" and "effect" in entry
    naming, held = chain.path.naming, chain.path.held
    return {
        "reach": key(chain.steps),
        "basis": bases_in_force(chain.basis, asked, entry, [chain]),
        "links": [link_view(link, holds, asked) for link, holds in chain.links()],
        "named": naming_view(naming, asked) if naming else None,
        "held": link_view(held, "at_event", asked) if held else None,
        "records": [
            record_view(record, asked, repairable) for record in sorted(chain.cause.records, key=lambda r: r["id"])
        ],
    }


def chain_order(view: Entry) -> Any:
    return (
        view["reach"],
        [link["id"] for link in view["links"]],
        view["named"]["id"] if view["named"] else "",
        view["held"]["id"] if view["held"] else "",
        [record["id"] for record in view["records"]],
    )


def link_view(link: Fact, holds: str, asked: Asked) -> Entry:
    return {
        "id": link["id"],
        "type": link["type"],
        "holder": party(asked.facts.subjects[link["holder"]]),
        "organisation": party(asked.facts.subjects[link["organisation"]]),
        "holds": holds,
        "share": link["share"],
        "position": link["position"],
        "valid_from": day(link["valid_from"]),
        "valid_to": day(link["valid_to"]),
        "source": link["source"],
    }


def naming_view(naming: Fact, asked: Asked) -> Entry:
    return {
        "id": naming["id"],
        "record": naming["record"],
        "person": party(asked.facts.subjects[naming["person"]]),
        "role": naming["role"],
        "finding": naming["finding"],
        "document": naming["document"],
    }


def record_view(record: Fact, asked: Asked, repairable: bool) -> Entry:
    dates = ("decided_on", "effective_from", "effective_to", "term_ends_on", "publicity_to")
    titles = {entry["id"]: entry["zh"] for entry in asked.catalogue["lists"]}
    return {
        "id": record["id"],
        "subject": party(asked.facts.subjects[record["subject"]]),
        "list": record["list"],
        "title": titles[record["list"]],
        "severity": record["severity"],
        "number": record["number"],
        "department": record["department"],
        **{name: day(record[name]) for name in dates},
        "amount": None if record["amount"] is None else in_yuan(record["amount"]),
        "disputed": record["disputed"],
        "test": record["test"],
        "repair_from": day(_repair_from(record)) if repairable else None,
        "source": record["source"],
    }


def _repair_from(record: Fact) -> date | None:
    if record["severity"] is None or record["decided_on"] is None:
        return None
    first: date = record["decided_on"] + REPAIR_AFTER[record["severity"]]
    return first

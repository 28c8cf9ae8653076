"""Putting accepted changes into the database, kind by kind, in batches of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from neo4j import ManagedTransaction

from graph.model import Fact, Kind, Link, Load, Merge, Naming, Record, Source, Subject
from graph.neo4j import clusters
from graph.neo4j.rows import LABELS, Properties
from graph.neo4j.searching import searchable
from graph.sqlite.values import FOREVER

ROWS = 2_000

_END_NODE = "UNWIND $rows AS row MATCH (n:Fact {id: row.id, tf: row.tf}) USING INDEX n:Fact(id) SET n.tt = $now"
_END_LINK = """UNWIND $rows AS row
MATCH ()-[l:{type} {{id: row.id, tf: row.tf}}]->() USING INDEX l:{type}(id) SET l.tt = $now"""
_NEW_LINK = """UNWIND $rows AS row
MATCH (h:Subject {{id: row.holder}}) USING INDEX h:Subject(id)
MATCH (o:Subject {{id: row.organisation}}) USING INDEX o:Subject(id)
CREATE (h)-[l:{type}]->(o) SET l = row.properties"""
_NEW: Mapping[type, str] = {
    Subject: """UNWIND $rows AS row
MERGE (s:Subject {id: row.properties.id})
CREATE (n:Fact:SubjectVersion)-[:STATE]->(s) SET n = row.properties
FOREACH (_ IN CASE WHEN row.nameless THEN [1] ELSE [] END | SET s:Nameless:Marked)
FOREACH (held IN row.identifiers |
  MERGE (i:Identifier {scheme: held[0], value: held[1]}) CREATE (n)-[:HOLDS]->(i))""",
    Record: """UNWIND $rows AS row
MATCH (s:Subject {id: row.properties.subject}) USING INDEX s:Subject(id)
CREATE (n:Fact:Record)-[:OF]->(s) SET n = row.properties SET s:Marked""",
    Naming: """UNWIND $rows AS row
MATCH (s:Subject {id: row.properties.person}) USING INDEX s:Subject(id)
CREATE (n:Fact:Naming)-[:NAMES]->(s) SET n = row.properties SET s:Marked""",
    Merge: """UNWIND $rows AS row
MATCH (a:Subject {id: row.properties.left}) USING INDEX a:Subject(id)
MATCH (b:Subject {id: row.properties.right}) USING INDEX b:Subject(id)
CREATE (n:Fact:Merge)-[:JOINS]->(a) CREATE (n)-[:JOINS]->(b) SET n = row.properties SET a:Marked SET b:Marked""",
    Source: "UNWIND $rows AS row CREATE (n:Fact:Source) SET n = row.properties",
    Load: "UNWIND $rows AS row CREATE (n:Fact:Load) SET n = row.properties",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One fact's step from the current version (``old``, as it stands in the database) to the next (``new``)."""

    fact_type: type
    old: Properties | None
    new: Properties | None
    fact: Fact | None = None


def put(transaction: ManagedTransaction, changes: Sequence[Change], now: int) -> None:
    """Write the changes at one instant (µs)."""
    for fact_type in (Subject, Link, *(kind for kind in LABELS if kind is not Subject)):
        group = [change for change in changes if change.fact_type is fact_type]
        if fact_type is Link:
            _put_links(transaction, group, now)
        else:
            _put_nodes(transaction, fact_type, group, now)
    merges = [p for change in changes if change.fact_type is Merge for p in (change.old, change.new) if p]
    if merges:
        clusters.assign(transaction, {merge[end] for merge in merges for end in ("left", "right")}, now)


def _put_nodes(transaction: ManagedTransaction, fact_type: type, group: Sequence[Change], now: int) -> None:
    _run(transaction, _END_NODE, [_version(change.old) for change in group if change.old], now)
    _run(transaction, _NEW[fact_type], [_row(change, now) for change in group if change.new], now)


def _put_links(transaction: ManagedTransaction, group: Sequence[Change], now: int) -> None:
    ended: defaultdict[str, list[Properties]] = defaultdict(list)
    begun: defaultdict[str, list[Properties]] = defaultdict(list)
    for change in group:
        if change.old:
            ended[change.old["type"]].append(_version(change.old))
        if change.new:
            begun[change.new["type"]].append(_link_row(change.new, now))
    for link_type, rows in ended.items():
        _run(transaction, _END_LINK.format(type=link_type), rows, now)
    for link_type, rows in begun.items():
        _run(transaction, _NEW_LINK.format(type=link_type), rows, now)


def _run(transaction: ManagedTransaction, text: str, rows: Sequence[Properties], now: int) -> None:
    for start in range(0, len(rows), ROWS):
        transaction.run(text, rows=rows[start : start + ROWS], now=now).consume()


def _version(properties: Properties) -> Properties:
    return {"id": properties["id"], "tf": properties["tf"]}


def _row(change: Change, now: int) -> Properties:
    row: Properties = {"properties": _timed(change.new or {}, now)}
    if isinstance(change.fact, Subject):
        row["properties"] |= searchable(change.fact)
        row["nameless"] = change.fact.kind is Kind.NATURAL_PERSON and not change.fact.identified
        row["identifiers"] = list(_identifiers(change.fact))
    return row


def _link_row(properties: Properties, now: int) -> Properties:
    """Its type and ends stand in the relationship itself."""
    kept = {name: value for name, value in properties.items() if name not in ("type", "holder", "organisation")}
    ends = {end: properties[end] for end in ("holder", "organisation")}
    return {"properties": _timed(kept, now), **ends}


def _timed(properties: Properties, now: int) -> Properties:
    return {**properties, "tf": now, "tt": FOREVER}


def _identifiers(subject: Subject) -> Iterator[list[str]]:
    yield from ([scheme, value] for scheme, value in subject.identifiers.items())
    if subject.citizen_id:
        yield ["citizen_id", subject.citizen_id.digest]

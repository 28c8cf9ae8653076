"""Writing a batch: each fact is judged against what the store holds, and all that is new goes in at one instant.

A reader of Neo4j may see a transaction half applied while it commits. So the facts are committed first, with their
instant ``pending``, and only then does the instant become the ``last`` one: who asks for what is known at the last
instant sees all of it or has to ask for an earlier one. A pending instant that a crash left behind is confirmed by the
next who opens the store or writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from neo4j import ManagedTransaction
from neo4j import Record as Row

from graph.errors import RecordedAtNotLater
from graph.model import Fact, Kind, Link, Merge, Subject
from graph.neo4j.rows import FACT_TYPES, REFERENCES, Properties, content, decode, encode
from graph.neo4j.schema import LINKS
from graph.neo4j.server import Server
from graph.neo4j.storing import ROWS, Change, put
from graph.sqlite.values import FOREVER, instant_of, microseconds
from graph.store import Check, Settle, WriteReport, Written
from graph.validate import check_fact
from graph.whole import judged

_CLOCK = "MATCH (x:XinhengStore {name: 'store'}) RETURN x.last AS last, x.pending AS pending"
# Writing to the node takes its lock, which lasts until the end of the transaction.
_LOCK = "MATCH (x:XinhengStore {name: 'store'}) SET x.locked = true WITH x RETURN x.last AS last, x.pending AS pending"
_PENDING = "MATCH (x:XinhengStore {name: 'store'}) SET x.pending = $now"
_CONFIRM = """MATCH (x:XinhengStore {name: 'store'}) SET x.locked = true
WITH x WHERE x.pending IS NOT NULL SET x.last = x.pending REMOVE x.pending"""

# One seek for all ids and each index: a subquery for each id is ten times slower, and a load asks for thousands.
_NODES = """MATCH (n:Fact) USING INDEX n:Fact(id) WHERE n.id IN $ids
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'Fact'][0] AS label, n {.*} AS properties"""
_LINKS = " UNION ALL ".join(
    f"MATCH (h)-[l:{name}]->(o) USING INDEX l:{name}(id) WHERE l.id IN $ids "
    f"RETURN l.id AS id, l {{.*, type: '{name}', holder: h.id, organisation: o.id}} AS properties"
    for name in LINKS
)


@dataclass(slots=True)
class Held:
    """What the store holds under an id: the kind of fact, and the current version, if there is one."""

    fact_type: type
    properties: Properties | None


def write(
    server: Server,
    facts: Sequence[Fact],
    recorded_at: datetime | None,
    settle: Settle,
    rows: Sequence[int] | None,
    check: Check | None,
) -> WriteReport:
    """Upsert facts that have been checked one by one."""

    def judge(transaction: ManagedTransaction) -> tuple[list[Change], Sequence[Written]]:
        batch = _Batch(_held(transaction, _named(facts)), settle, check)
        results = judged(batch, facts, rows)
        return batch.changes, results

    return _record(server, recorded_at, judge)


def retract(server: Server, ids: Sequence[str], recorded_at: datetime | None) -> WriteReport:
    """End current versions without a successor."""

    def judge(transaction: ManagedTransaction) -> tuple[list[Change], list[Written]]:
        held = _held(transaction, ids)
        changes: dict[str, Change] = {}
        results = []
        for fact_id in ids:
            current = held.get(fact_id)
            if current is None or current.properties is None:
                results.append(Written.UNKNOWN_REFERENCE)
            elif fact_id in changes:
                results.append(Written.UNCHANGED)
            else:
                changes[fact_id] = Change(current.fact_type, current.properties, None)
                results.append(Written.CORRECTED)
        return list(changes.values()), results

    return _record(server, recorded_at, judge)


def last_instant(server: Server) -> datetime | None:
    (clock,) = server.read(_CLOCK)
    return None if clock["last"] is None else instant_of(clock["last"])


def confirm(server: Server) -> None:
    """Make the pending instant the last one."""
    server.run(_CONFIRM)


def confirm_left_behind(server: Server) -> None:
    """Confirm what a writer left pending when it ended before it could."""
    (clock,) = server.read(_CLOCK)
    if clock["pending"] is not None:
        confirm(server)


def _record(
    server: Server,
    recorded_at: datetime | None,
    judge: Callable[[ManagedTransaction], tuple[list[Change], Sequence[Written]]],
) -> WriteReport:
    given = None if recorded_at is None else microseconds(recorded_at)

    def work(transaction: ManagedTransaction) -> WriteReport:
        now = _next_instant(transaction, given)
        changes, results = judge(transaction)
        if changes:
            put(transaction, changes, now)
            transaction.run(_PENDING, now=now).consume()
        return WriteReport(instant_of(now) if changes else None, tuple(results))

    report = server.write(work)
    if report.recorded_at is not None:
        confirm(server)
    return report


def _next_instant(transaction: ManagedTransaction, given: int | None) -> int:
    """The instant of this transaction (µs), later than every one before it."""
    clock = transaction.run(_LOCK).single(strict=True)
    last = max((at for at in clock.values() if at is not None), default=None)
    if given is None:
        now = time.time_ns() // 1000
        return now if last is None else max(now, last + 1)
    if last is not None and given <= last:
        fault = f"recorded_at {instant_of(given).isoformat()} is not later than the store's last instant"
        raise RecordedAtNotLater(fault, remedy=f"give one later than {instant_of(last).isoformat()}, or none")
    return given


class _Batch:
    def __init__(self, held: dict[str, Held], settle: Settle, check: Check | None) -> None:
        self._check = check
        self._settle, self._held = settle, held
        self._before: list[Held | None] = []
        self.changes: list[Change] = []
        self._kinds = {
            fact_id: Kind(one.properties["kind"])
            for fact_id, one in held.items()
            if one.fact_type is Subject and one.properties
        }
        self._written: set[str] = set()

    def offer(self, place: int, fact: Fact) -> Written:
        held = self._held.get(fact.id)
        if held is not None and held.fact_type is not type(fact):
            return Written.CONFLICT
        if not all(reference in self._held for reference in _references(fact)):
            return Written.UNKNOWN_REFERENCE
        new = encode(fact)
        current = held.properties if held else None
        if current is not None and content(current) == content(new):
            return Written.UNCHANGED
        if not self._refers_to_what_is_held(fact):
            return Written.UNKNOWN_REFERENCE
        if isinstance(fact, Link | Merge):
            check_fact(fact, self._kinds)
        if self._check:
            self._check(fact, self._kinds)
        if current is not None:
            now: Fact = decode(type(fact), current)
            stands = self._settle(place, now)
            if stands is now:
                return Written.UNCHANGED
            if stands is None or fact.id in self._written:
                return Written.CONFLICT  # a batch has one instant, and an instant holds one version of a fact
            fact, new = stands, encode(stands)
        return self._accept(fact, held, new)

    def take_back(self, number: int) -> None:
        for _ in range(number):
            change, before = self.changes.pop(), self._before.pop()
            fact_id = change.new["id"] if change.new else ""
            self._written.discard(fact_id)
            self._kinds.pop(fact_id, None)
            if before is None:
                del self._held[fact_id]
            else:
                self._held[fact_id] = before
                if before.fact_type is Subject and before.properties:
                    self._kinds[fact_id] = Kind(before.properties["kind"])

    def _refers_to_what_is_held(self, fact: Fact) -> bool:
        for name, kind in REFERENCES[type(fact)].items():
            held = self._held[getattr(fact, name)]
            if held.properties is None or held.fact_type is not kind:
                return False
        return True

    def _accept(self, fact: Fact, held: Held | None, new: Properties) -> Written:
        current = held.properties if held else None
        self._before.append(held)
        self.changes.append(Change(type(fact), current, new, fact))
        self._held[fact.id] = Held(type(fact), new)
        self._written.add(fact.id)
        if isinstance(fact, Subject):
            self._kinds[fact.id] = fact.kind
        return Written.NEW if current is None else Written.CORRECTED


def _references(fact: Fact) -> Iterable[str]:
    return (getattr(fact, name) for name in REFERENCES[type(fact)])


def _named(facts: Sequence[Fact]) -> list[str]:
    return list(dict.fromkeys(named for fact in facts for named in (fact.id, *_references(fact))))


def _held(transaction: ManagedTransaction, ids: Sequence[str]) -> dict[str, Held]:
    held: dict[str, Held] = {}
    for start in range(0, len(ids), ROWS):
        some = list(ids[start : start + ROWS])
        latest = _latest(transaction.run(_NODES, ids=some))
        others = [fact_id for fact_id in some if fact_id not in latest]
        latest |= _latest(transaction.run(_LINKS, ids=others)) if others else {}
        for fact_id, row in latest.items():
            label = row.get("label")
            held[fact_id] = _current(FACT_TYPES[label] if label else Link, row["properties"])
    return held


def _latest(rows: Iterable[Row]) -> dict[str, Row]:
    """The latest version under each id."""
    latest: dict[str, Row] = {}
    for row in rows:
        if row["id"] not in latest or latest[row["id"]]["properties"]["tf"] < row["properties"]["tf"]:
            latest[row["id"]] = row
    return latest


def _current(fact_type: type, properties: Properties) -> Held:
    return Held(fact_type, properties if properties["tt"] == FOREVER else None)

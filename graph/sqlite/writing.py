"""Writing a batch: each fact is judged against what the store holds, and all that is new goes in at one instant."""

# ruff: noqa: S608 -- SQL is put together from names of our own tables and columns only

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.errors import RecordedAtNotLater
from graph.model import Fact, Kind, Subject
from graph.sqlite.reading import history, last_instant
from graph.sqlite.rows import SUBJECT, TABLE_NUMBERED, TABLE_OF, Row, Table, canonical_json, numbers_json
from graph.sqlite.storing import Change, put
from graph.sqlite.values import FOREVER, instant_of, microseconds
from graph.store import Check, Settle, WriteReport, Written
from graph.validate import check_kinds
from graph.whole import judged


@dataclass(slots=True)
class Held:
    """What the store holds under an id: the key, and the current version, if there is one."""

    key: int
    table: Table
    version: int | None = None
    row: Row | None = None


def write(
    connection: sqlite3.Connection,
    facts: Sequence[Fact],
    recorded_at: datetime | None,
    settle: Settle,
    rows: Sequence[int] | None,
    check: Check | None,
) -> WriteReport:
    """Upsert facts inside a transaction that holds the write lock; they have been checked one by one."""
    now = next_instant(connection, recorded_at)
    batch = _Batch(connection, facts, settle, check)
    results = judged(batch, facts, rows)
    put(connection, batch.changes, now)
    return WriteReport(instant_of(now) if batch.changes else None, results)


def retract(connection: sqlite3.Connection, ids: Sequence[str], recorded_at: datetime | None) -> WriteReport:
    """End current versions inside a transaction that holds the write lock."""
    now = next_instant(connection, recorded_at)
    held = _load_held(connection, ids)
    changes: dict[str, Change] = {}
    results = []
    for fact_id in ids:
        current = held.get(fact_id)
        if current is None or current.row is None:
            results.append(Written.UNKNOWN_REFERENCE)
        elif fact_id in changes:
            results.append(Written.UNCHANGED)
        else:
            changes[fact_id] = Change(current.table, fact_id, current.key, False, current.version, current.row, None)
            results.append(Written.CORRECTED)
    put(connection, list(changes.values()), now)
    return WriteReport(instant_of(now) if changes else None, tuple(results))


def next_instant(connection: sqlite3.Connection, given: datetime | None) -> int:
    """The instant of this transaction (µs), later than every one before it. Raises `RecordedAtNotLater`."""
    last = last_instant(connection)
    if given is None:
        now = time.time_ns() // 1000
        return now if last is None else max(now, last + 1)
    at = microseconds(given)
    if last is not None and at <= last:
        fault = f"recorded_at {given.isoformat()} is not later than the store's last instant"
        raise RecordedAtNotLater(fault, remedy=f"give one later than {instant_of(last).isoformat()}, or none")
    return at


class _Batch:
    def __init__(
        self, connection: sqlite3.Connection, facts: Sequence[Fact], settle: Settle, check: Check | None
    ) -> None:
        self._check = check
        self._connection, self._settle = connection, settle
        self.changes: list[Change] = []
        self._held = _load_held(connection, {named for fact in facts for named in _names(fact)})
        self._kinds = {
            fact_id: Kind(held.row[0])
            for fact_id, held in self._held.items()
            if held.row is not None and held.table is SUBJECT
        }
        self._written: dict[str, Fact] = {}
        self._next_key = 1 + connection.execute("SELECT coalesce(max(k), 0) FROM fact").fetchone()[0]

    def offer(self, place: int, fact: Fact) -> Written:
        table, held = TABLE_OF[type(fact)], self._held.get(fact.id)
        if held is not None and held.table is not table:
            return Written.CONFLICT
        if any(reference not in self._held for reference in _references(fact)):
            return Written.UNKNOWN_REFERENCE
        row = table.encode(fact, lambda fact_id: self._held[fact_id].key)
        if held is not None and held.row == row:
            return Written.UNCHANGED
        if not self._refers_to_what_is_held(fact, table):
            return Written.UNKNOWN_REFERENCE
        check_kinds(fact, self._kinds)
        if self._check:
            self._check(fact, self._kinds)
        if held is not None and held.row is not None:
            current = self._current(fact.id)
            stands = self._settle(place, current)
            if stands is current:
                return Written.UNCHANGED
            if stands is None or fact.id in self._written:
                return Written.CONFLICT  # a batch has one instant, and an instant holds one version of a fact
            fact, row = stands, table.encode(stands, lambda fact_id: self._held[fact_id].key)
        return self._accept(fact, table, held, row)

    def _current(self, fact_id: str) -> Fact:
        return self._written.get(fact_id) or history(self._connection, fact_id)[-1].fact

    def take_back(self, number: int) -> None:
        for _ in range(number):
            change = self.changes.pop()
            del self._written[change.id]
            self._kinds.pop(change.id, None)
            if change.is_new_id:
                del self._held[change.id]
                self._next_key = change.key
                continue
            self._held[change.id].row = change.old
            if change.table is SUBJECT and change.old is not None:
                self._kinds[change.id] = Kind(change.old[0])

    def _refers_to_what_is_held(self, fact: Fact, table: Table) -> bool:
        for column, kind in table.references.items():
            held = self._held[getattr(fact, column)]
            if held.row is None or held.table.name != kind:
                return False
        return True

    def _accept(self, fact: Fact, table: Table, held: Held | None, row: Row) -> Written:
        is_new = held is None
        if held is None:
            held = self._held[fact.id] = Held(self._next_key, table)
            self._next_key += 1
        self.changes.append(Change(table, fact.id, held.key, is_new, held.version, held.row, row, fact))
        written = Written.NEW if held.row is None else Written.CORRECTED
        held.row = row
        self._written[fact.id] = fact
        if isinstance(fact, Subject):
            self._kinds[fact.id] = fact.kind
        return written


def _references(fact: Fact) -> Iterable[str]:
    return (getattr(fact, column) for column in TABLE_OF[type(fact)].references)


def _names(fact: Fact) -> Iterable[str]:
    return (fact.id, *_references(fact))


def _load_held(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Held]:
    sql = "SELECT fact.id, fact.k, fact.kind FROM json_each(?) j CROSS JOIN fact ON fact.id = j.value"
    rows = connection.execute(sql, (canonical_json(list(ids)),))
    held = {fact_id: Held(key, TABLE_NUMBERED[kind]) for fact_id, key, kind in rows}
    by_table: defaultdict[str, list[Held]] = defaultdict(list)
    for one in held.values():
        by_table[one.table.name].append(one)
    for group in by_table.values():
        _load_current(connection, group[0].table, {one.key: one for one in group})
    return held


def _load_current(connection: sqlite3.Connection, table: Table, held: Mapping[int, Held]) -> None:
    names = ", ".join(f't."{column}"' for column in table.columns)  # json_each has columns of its own, "type" too
    sql = f"SELECT t.k, t.v, {names} FROM json_each(?) j CROSS JOIN {table.name} t ON t.k = j.value WHERE t.tt = ?"
    for key, version, *row in connection.execute(sql, (numbers_json(held), FOREVER)):
        held[key].version, held[key].row = version, tuple(row)

"""`SqliteStore`: the embedded store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Self

from graph.declared import Declared
from graph.errors import StoreCorrupt
from graph.evidence import Evidence
from graph.model import Fact, Record, Subject, Version
from graph.network.links import SIDES, Around, Group, LinkFilter, Met, Place, Side
from graph.network.store import SECONDS
from graph.plan import Plan
from graph.sqlite import network, reading, searching, writing
from graph.sqlite.connections import Connections, within
from graph.sqlite.file import FILE_NAME, FROM_BACKUP, prepare
from graph.sqlite.gathering import gather
from graph.sqlite.reading import Snapshot
from graph.sqlite.rows import TABLES
from graph.sqlite.values import instant_of, microseconds
from graph.store import Check, Settle, WriteReport
from graph.validate import check_fact
from graph.whole import settled_by


class SqliteStore:
    """A `graph.store.GraphStore` in one SQLite file, ``graph.sqlite``, in a directory that is made if need be.

    Threads may share it; so may processes, by opening the directory each: one writes at a time, readers go on.

    Raises
    ------
    StoreUnavailable
        The directory can't be used.
    StoreCorrupt
        The file is damaged, cut short, or not a store of Xinheng.
    StoreIsNewer
        A later Xinheng wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._connections = Connections(prepare(path))
        self._declared = Declared()

    def write(
        self,
        facts: Sequence[Fact],
        *,
        recorded_at: datetime | None = None,
        correct: bool = False,
        rows: Sequence[int] | None = None,
        settle: Settle | None = None,
        check: Check | None = None,
    ) -> WriteReport:
        for fact in facts:
            check_fact(fact)
        with self._connections.writing() as connection:
            return writing.write(connection, facts, recorded_at, settle or settled_by(facts, correct), rows, check)

    def retract(self, ids: Sequence[str], *, recorded_at: datetime | None = None) -> WriteReport:
        with self._connections.writing() as connection:
            return writing.retract(connection, ids, recorded_at)

    def last_instant(self) -> datetime | None:
        with self._connections.reading() as connection:
            last = reading.last_instant(connection)
        return None if last is None else instant_of(last)

    def subject(self, subject_id: str, *, known_at: datetime) -> Subject | None:
        with self._snapshot(known_at) as snapshot:
            subjects = snapshot.subjects(snapshot.clusters.resolved(snapshot.keys([subject_id])))
        return next(iter(subjects.values()), None)

    def find(self, scheme: str, value: str, *, known_at: datetime) -> list[Subject]:
        with self._snapshot(known_at) as snapshot:
            return searching.find(snapshot, scheme, value)

    def search(self, text: str, *, known_at: datetime, limit: int = 20) -> list[Subject]:
        with self._snapshot(known_at) as snapshot:
            return searching.search(snapshot, text, limit)

    def evidence(self, roots: Sequence[str], plan: Plan, *, as_of: date, known_at: datetime) -> Evidence:
        with self._snapshot(known_at) as snapshot:
            return gather(snapshot, self._declared, roots, plan, as_of)

    def subjects(self, ids: Collection[str], *, known_at: datetime) -> Mapping[str, Subject]:
        with self._snapshot(known_at) as snapshot:
            return network.subjects(snapshot, ids)

    def count_links(
        self, subject_id: str, where: LinkFilter, *, known_at: datetime, seconds: float = SECONDS
    ) -> Mapping[Group, int]:
        with self._snapshot(known_at) as snapshot, within(snapshot.connection, seconds):
            return network.count_links(snapshot, subject_id, where)

    def page_of_links(
        self,
        subject_id: str,
        where: LinkFilter,
        groups: Sequence[Group],
        *,
        after: Place | None = None,
        limit: int,
        known_at: datetime,
        seconds: float = SECONDS,
    ) -> Sequence[Met]:
        with self._snapshot(known_at) as snapshot, within(snapshot.connection, seconds):
            return network.page_of_links(snapshot, subject_id, where, groups, after, limit)

    def links_around(
        self,
        subject_ids: Collection[str],
        where: LinkFilter,
        *,
        sides: Collection[Side] = SIDES,
        limit: int,
        known_at: datetime,
        seconds: float = SECONDS,
    ) -> Around:
        with self._snapshot(known_at) as snapshot, within(snapshot.connection, seconds):
            return network.links_around(snapshot, subject_ids, where, sides, limit)

    def records(self, subject_id: str, *, known_at: datetime) -> list[Record]:
        with self._snapshot(known_at) as snapshot:
            return reading.records(snapshot, subject_id)

    def history(self, fact_id: str) -> list[Version]:
        with self._connections.reading() as connection:
            return reading.history(connection, fact_id)

    def merges(self, subject_ids: Collection[str]) -> list[Version]:
        with self._connections.reading() as connection:
            return reading.merges(connection, subject_ids)

    def facts(self, *, known_at: datetime) -> Iterator[Fact]:
        """Every fact as known at an instant; the snapshot lasts until the iterator is exhausted or closed."""
        known = microseconds(known_at)
        with self._connections.apart() as connection:
            snapshot = Snapshot(connection, known)
            for table in TABLES:
                yield from snapshot.known_facts(table)

    def stats(self, *, known_at: datetime) -> Mapping[str, Mapping[str, int]]:
        with self._snapshot(known_at) as snapshot:
            return reading.statistics(snapshot)

    def verify(self) -> None:
        with self._connections.apart() as connection:
            faults = [text for (text,) in connection.execute("PRAGMA integrity_check(1)")]
        if faults != ["ok"]:
            raise StoreCorrupt(f"the store {FILE_NAME} is damaged: {faults[0]}", remedy=FROM_BACKUP)

    def close(self) -> None:
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def _snapshot(self, known_at: datetime) -> Iterator[Snapshot]:
        with self._connections.reading() as connection:
            yield Snapshot(connection, microseconds(known_at))

"""`Neo4jStore`: the production store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Self

from graph.declared import Declared
from graph.evidence import Evidence
from graph.model import Fact, Record, Subject, Version
from graph.neo4j import network, reading, searching, writing
from graph.neo4j.gathering import gather
from graph.neo4j.schema import prepare
from graph.neo4j.server import Server
from graph.network.links import SIDES, Around, Group, LinkFilter, Met, Place, Side
from graph.network.store import SECONDS
from graph.plan import Plan
from graph.sqlite.values import microseconds
from graph.store import Check, Settle, WriteReport
from graph.validate import check_fact
from graph.whole import settled_by


class Neo4jStore:
    """A `graph.store.GraphStore` in one database of a Neo4j server. Threads and processes may share it.

    Parameters
    ----------
    url
        ``neo4j://host:port`` or ``bolt://…``, with ``+s`` for TLS; a path names the database.
    user, password
        Never part of the URL.

    Raises
    ------
    StoreUnavailable
        The server does not answer, refuses the user or the password, or does not hold the database.
    StoreIsNewer
        A later Xinheng wrote the database.
    BadInput
        The URL is none, or holds a user or a password.
    """

    def __init__(self, url: str, user: str, password: str, database: str = "neo4j") -> None:
        self._server = Server(url, user, password, database)
        self._declared = Declared()
        try:
            prepare(self._server)
            writing.confirm_left_behind(self._server)
        except BaseException:
            self._server.close()
            raise

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
        return writing.write(self._server, facts, recorded_at, settle or settled_by(facts, correct), rows, check)

    def retract(self, ids: Sequence[str], *, recorded_at: datetime | None = None) -> WriteReport:
        return writing.retract(self._server, ids, recorded_at)

    def last_instant(self) -> datetime | None:
        last = writing.last_instant(self._server)
        if last is not None:
            self._declared.saw(microseconds(last))
        return last

    def subject(self, subject_id: str, *, known_at: datetime) -> Subject | None:
        found = reading.subjects_with(self._server, [subject_id], microseconds(known_at))
        return next(iter(found.subjects.values()), None)

    def find(self, scheme: str, value: str, *, known_at: datetime) -> list[Subject]:
        return reading.find(self._server, scheme, value, microseconds(known_at))

    def search(self, text: str, *, known_at: datetime, limit: int = 20) -> list[Subject]:
        return searching.search(self._server, text, limit, microseconds(known_at))

    def evidence(self, roots: Sequence[str], plan: Plan, *, as_of: date, known_at: datetime) -> Evidence:
        return gather(self._server, self._declared, roots, plan, as_of, microseconds(known_at))

    def subjects(self, ids: Collection[str], *, known_at: datetime) -> Mapping[str, Subject]:
        return network.subjects(self._server, ids, microseconds(known_at))

    def count_links(
        self, subject_id: str, where: LinkFilter, *, known_at: datetime, seconds: float = SECONDS
    ) -> Mapping[Group, int]:
        return network.Links(self._server, where, microseconds(known_at), seconds).count(subject_id)

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
        links = network.Links(self._server, where, microseconds(known_at), seconds)
        return links.page(subject_id, groups, after, limit)

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
        links = network.Links(self._server, where, microseconds(known_at), seconds)
        return links.around(subject_ids, sides, limit)

    def records(self, subject_id: str, *, known_at: datetime) -> list[Record]:
        return reading.records(self._server, subject_id, microseconds(known_at))

    def history(self, fact_id: str) -> list[Version]:
        return reading.history(self._server, fact_id)

    def merges(self, subject_ids: Collection[str]) -> list[Version]:
        return reading.merges(self._server, subject_ids)

    def facts(self, *, known_at: datetime) -> Iterator[Fact]:
        return reading.facts(self._server, microseconds(known_at))

    def stats(self, *, known_at: datetime) -> Mapping[str, Mapping[str, int]]:
        return reading.statistics(self._server, microseconds(known_at))

    def verify(self) -> None:
        """Nothing: the server checks its own files (`neo4j-admin database check`)."""

    def close(self) -> None:
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

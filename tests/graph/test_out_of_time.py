"""A question that the store can't answer in its time ends with an error, and the next one is answered."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from graph.deadline import deadline, left
from graph.errors import OutOfTime
from graph.model import LinkType
from graph.neo4j import Neo4jStore
from graph.network.links import LinkFilter
from graph.sqlite import SqliteStore
from tests.contract.builders import link, organisation, person, put

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
LONG = "UNWIND range(1, 100000000000) AS n WITH n WHERE n % 7 = 8 RETURN count(n) AS found"


def test_the_embedded_store_stops_at_the_end_of_its_time(tmp_path: Path) -> None:
    boss, firms = person(1), [organisation(n) for n in range(2_000)]
    with SqliteStore(tmp_path) as store:
        at = put(store, boss, *firms, *(link(boss, LinkType.DIRECTOR, firm) for firm in firms))
        with pytest.raises(OutOfTime):
            store.links_around([boss.id], LinkFilter(), limit=5_000, known_at=at, seconds=0)
        assert len(store.links_around([boss.id], LinkFilter(), limit=5_000, known_at=at).links) == len(firms)


def test_the_embedded_store_stops_when_whoever_asked_stops_waiting(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        at = put(store, organisation(1))
        with deadline(0.2), pytest.raises(OutOfTime), store._connections.reading() as connection:
            connection.execute(ENDLESS)
        with deadline(0), pytest.raises(OutOfTime):
            store.last_instant()
        assert store.last_instant() == at


def test_a_deadline_within_another_never_lies_later() -> None:
    with deadline(1):
        with deadline(60):
            assert left() <= 1
        with deadline(0), pytest.raises(OutOfTime):
            left()
        assert left() > 0
    assert left() == math.inf


@pytest.mark.neo4j
def test_the_server_stops_when_whoever_asked_stops_waiting(neo4j_store: Neo4jStore) -> None:
    server = neo4j_store._server
    with deadline(0.5), pytest.raises(OutOfTime):
        server.read(LONG)
    with deadline(0), pytest.raises(OutOfTime):
        neo4j_store.last_instant()
    assert neo4j_store.last_instant() is None


@pytest.mark.neo4j
def test_the_server_stops_at_the_end_of_its_time(neo4j_store: Neo4jStore) -> None:
    server = neo4j_store._server
    with pytest.raises(OutOfTime):
        server.read_within(0.5, LONG)
    assert server.read("RETURN 1 AS one")[0]["one"] == 1

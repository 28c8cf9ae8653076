"""What only the production store has: a server that may be away, refuse, be newer, or have been left in mid-commit."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import pytest
from neo4j import GraphDatabase

from graph.errors import BadInput, OutOfTime, StoreIsNewer, StoreUnavailable
from graph.model import LinkType
from graph.neo4j import Neo4jStore, reading, schema, server
from graph.neo4j.server import Server
from graph.plan import Plan
from tests.contract.builders import (
    SHAREHOLDER,
    TODAY,
    ids,
    link,
    load,
    organisation,
    person,
    plan,
    put,
    record,
    source,
    step,
)
from tests.neo4j_harness import Neo4jUrl

FIRMS = [organisation(n) for n in range(6)]


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a port that is bound and answers nothing."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def not_neo4j() -> Iterator[str]:
    """The address of a server that speaks HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1024)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        answering = threading.Thread(target=answer)
        answering.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    answering.join()


@pytest.mark.parametrize("url", ["neo4j://me:s3cret@host:7687/neo4j", "bolt://me@host", "neo4j://:s3cret@host"])
def test_a_url_with_user_or_password_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadInput, match="settings of their own") as refused:
        Neo4jStore(url, "me", "s3cret")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://host:7474", "neo4j://", "host:7687", "neo4j://host:port"])
def test_what_is_no_url_of_a_neo4j_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="neo4j://host:port/database"):
        Neo4jStore(url, "neo4j", "x")


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
def test_a_server_that_is_away_is_unavailable(nobody: str, scheme: str) -> None:
    with pytest.raises(StoreUnavailable, match=f"{nobody} does not answer"):
        Neo4jStore(f"{scheme}://{nobody}", "neo4j", "x")


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
def test_a_server_of_another_kind_is_unavailable(not_neo4j: str, scheme: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not answer"):
        Neo4jStore(f"{scheme}://{not_neo4j}", "neo4j", "x")


@pytest.mark.neo4j
def test_a_wrong_password_is_told_apart_and_not_repeated(neo4j_url: Neo4jUrl) -> None:
    with pytest.raises(StoreUnavailable, match="refused the user or the password") as refused:
        Neo4jStore(neo4j_url.url, neo4j_url.user, "wr0ng-passw0rd")
    assert "wr0ng" not in str(refused.value)


@pytest.mark.neo4j
def test_the_url_may_name_the_database(neo4j_url: Neo4jUrl) -> None:
    with Neo4jStore(f"{neo4j_url.url}/neo4j", neo4j_url.user, neo4j_url.password, database="nosuch") as store:
        assert store.last_instant() is None


@pytest.mark.neo4j
def test_a_database_that_the_server_lacks_is_unavailable(neo4j_url: Neo4jUrl) -> None:
    with pytest.raises(StoreUnavailable, match="database that the server holds"):
        Neo4jStore(f"{neo4j_url.url}/nosuch", neo4j_url.user, neo4j_url.password)


def change(at: Neo4jUrl, text: str, **parameters: object) -> None:
    with GraphDatabase.driver(at.url, auth=(at.user, at.password)) as driver:
        driver.execute_query(text, parameters, database_="neo4j")


@pytest.fixture
def newer(neo4j_url: Neo4jUrl, neo4j_store: Neo4jStore) -> Iterator[Neo4jUrl]:
    change(neo4j_url, "MATCH (x:XinhengStore) SET x.version = 99")
    yield neo4j_url
    change(neo4j_url, "MATCH (x:XinhengStore) SET x.version = $version", version=schema.VERSION)


@pytest.mark.neo4j
def test_a_store_of_a_newer_schema_is_not_opened(newer: Neo4jUrl) -> None:
    with pytest.raises(StoreIsNewer, match="schema 99"):
        Neo4jStore(newer.url, newer.user, newer.password)


@pytest.mark.neo4j
def test_a_store_of_the_first_schema_is_brought_up_to_the_present_one(
    neo4j_url: Neo4jUrl, neo4j_store: Neo4jStore
) -> None:
    """It held loads without an index that finds the one that reaches furthest."""
    known_at = put(neo4j_store, court := source("court"), reach := load(court, TODAY))
    change(neo4j_url, "DROP INDEX load_by_source")
    change(neo4j_url, "MATCH (x:XinhengStore) SET x.version = 1")
    with Neo4jStore(neo4j_url.url, neo4j_url.user, neo4j_url.password) as upgraded:
        assert upgraded.evidence([], Plan(), as_of=TODAY, known_at=known_at).loads == (reach,)
    with GraphDatabase.driver(neo4j_url.url, auth=(neo4j_url.user, neo4j_url.password)) as driver:
        rows, _, _ = driver.execute_query("MATCH (x:XinhengStore) RETURN x.version AS version", database_="neo4j")
    assert rows[0]["version"] == schema.VERSION


@pytest.mark.neo4j
def test_a_closed_store_says_so(neo4j_store: Neo4jStore) -> None:
    neo4j_store.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        neo4j_store.last_instant()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        neo4j_store.write([FIRMS[0]])


@pytest.mark.neo4j
def test_what_takes_too_long_is_out_of_time(neo4j_url: Neo4jUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "READ_SECONDS", 0.2)
    connected = Server(neo4j_url.url, neo4j_url.user, neo4j_url.password, "neo4j")
    with closing(connected), pytest.raises(OutOfTime, match="ask for less"):
        connected.read("UNWIND range(1, 1000) AS a UNWIND range(1, 1000000) AS b RETURN sum(a * b)")


@pytest.mark.neo4j
def test_a_statement_that_the_server_refuses_is_an_error_of_the_store(neo4j_url: Neo4jUrl) -> None:
    connected = Server(neo4j_url.url, neo4j_url.user, neo4j_url.password, "neo4j")
    with pytest.raises(StoreUnavailable, match="look at the log"):
        connected.read("this is no Cypher")
    connected.close()


@pytest.fixture
def left_behind(neo4j_url: Neo4jUrl, neo4j_store: Neo4jStore) -> Neo4jStore:
    """A store whose writer ended after it had committed the second batch, and before it could say so."""
    put(neo4j_store, FIRMS[0])
    put(neo4j_store, FIRMS[1])
    change(
        neo4j_url, "MATCH (x:XinhengStore), (n:Fact {id: $id}) SET x.pending = x.last, x.last = n.tf", id=FIRMS[0].id
    )
    return neo4j_store


@pytest.mark.neo4j
def test_a_batch_left_pending_is_not_yet_known_and_is_confirmed_at_the_next_opening(
    left_behind: Neo4jStore, neo4j_url: Neo4jUrl
) -> None:
    first, second = (left_behind.history(firm.id)[0].recorded_at for firm in FIRMS[:2])
    assert left_behind.last_instant() == first
    with Neo4jStore(neo4j_url.url, neo4j_url.user, neo4j_url.password) as reopened:
        assert reopened.last_instant() == second
        assert reopened.subject(FIRMS[1].id, known_at=second) == FIRMS[1]


@pytest.mark.neo4j
def test_a_writer_after_a_batch_left_pending_gets_a_later_instant(left_behind: Neo4jStore) -> None:
    pending = left_behind.history(FIRMS[1].id)[0].recorded_at
    with pytest.raises(BadInput, match="not later"):
        left_behind.write([FIRMS[2]], recorded_at=pending)
    later = put(left_behind, FIRMS[2], recorded_at=pending + timedelta(microseconds=1))
    assert left_behind.last_instant() == later


@pytest.mark.neo4j
def test_facts_come_complete_and_in_order_over_many_pages(
    neo4j_store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    types = [SHAREHOLDER, LinkType.DIRECTOR, LinkType.MANAGES, SHAREHOLDER, LinkType.DIRECTOR]
    links = [link(a, kind, b) for kind, a, b in zip(types, FIRMS, FIRMS[1:], strict=False)]
    records = [record(firm) for firm in FIRMS[:4]]
    at = put(neo4j_store, *FIRMS, *links, *records)
    found = [fact.id for fact in neo4j_store.facts(known_at=at)]
    assert found == [*sorted(ids(FIRMS)), *sorted(ids(links)), *sorted(ids(records))]


@pytest.mark.neo4j
def test_a_reach_of_any_length_is_walked(neo4j_store: Neo4jStore) -> None:
    chain = [link(a, SHAREHOLDER, b, share=0.6) for a, b in pairwise(FIRMS)]
    at = put(neo4j_store, *FIRMS, *chain, record(FIRMS[0]))
    up = step(SHAREHOLDER, to="organisation", min_share=0.5)
    found = neo4j_store.evidence([FIRMS[5].id], plan(*[up] * 5), as_of=TODAY, known_at=at)
    assert ids(found.links) == ids(chain)
    assert ids(found.records) == {record(FIRMS[0]).id}


@pytest.mark.neo4j
def test_the_database_holds_no_searchable_text_of_a_person(neo4j_store: Neo4jStore) -> None:
    boss = person(1, name="欧阳锦程")
    at = put(neo4j_store, boss)
    assert neo4j_store.search("欧阳", known_at=at) == []
    assert neo4j_store.search(boss.citizen_id.digest[:8] if boss.citizen_id else "", known_at=at) == []


@pytest.mark.neo4j
@pytest.mark.parametrize("text", ["+", "a-b", "(中国)", '"', "\\", "江*", "AND", "~", "*", "有限 OR 公司", "/x/"])
def test_signs_of_the_query_language_are_but_text(neo4j_store: Neo4jStore, text: str) -> None:
    at = put(neo4j_store, organisation(1, f"九江{text}商贸"), organisation(2, "上海有限公司"))
    assert ids(neo4j_store.search(text, known_at=at)) == {organisation(1).id}

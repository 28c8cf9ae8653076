"""The harness: it wipes nothing that is not its own, knows its own server, and leaves none behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from graph.errors import StoreUnavailable
from graph.neo4j import Neo4jStore
from tests.contract.builders import organisation, put
from tests.neo4j_harness import SERVE, Neo4jUrl, NotOurs, empty, mark, neo4j_for_tests, serve, why_not


def run(at: Neo4jUrl, text: str) -> list[object]:
    with GraphDatabase.driver(at.url, auth=(at.user, at.password)) as driver:
        return [row[0] for row in driver.execute_query(text, database_="neo4j").records]


@pytest.fixture
def somebodys(neo4j_url: Neo4jUrl) -> Iterator[Neo4jUrl]:
    """A database with data of somebody else and without the marker."""
    run(neo4j_url, "MATCH (m:XinhengTestMarker) DELETE m")
    run(neo4j_url, "CREATE (:Precious {of: 'somebody else'})")
    yield neo4j_url
    run(neo4j_url, "MATCH (n:Precious) DELETE n")
    run(neo4j_url, "MERGE (:XinhengTestMarker {token: 'put back'})")


@pytest.mark.neo4j
def test_data_of_somebody_else_are_neither_deleted_nor_marked(somebodys: Neo4jUrl) -> None:
    with pytest.raises(NotOurs, match="not emptied"):
        empty(somebodys)
    with pytest.raises(NotOurs, match="give them an empty one"):
        mark(somebodys)
    assert run(somebodys, "MATCH (n:Precious) RETURN n.of") == ["somebody else"]
    assert run(somebodys, "MATCH (n:XinhengTestMarker) RETURN n") == []


@pytest.mark.neo4j
def test_a_marked_database_is_emptied_and_keeps_its_marker(neo4j_url: Neo4jUrl) -> None:
    with Neo4jStore(neo4j_url.url, neo4j_url.user, neo4j_url.password) as store:
        put(store, organisation(1))
        empty(neo4j_url)
        assert store.last_instant() is None
    assert run(neo4j_url, "MATCH (n:Subject) RETURN n") == []
    assert len(run(neo4j_url, "MATCH (n:XinhengTestMarker) RETURN n")) == 1


@pytest.mark.neo4j
def test_a_running_server_that_the_environment_names_is_used(neo4j_url: Neo4jUrl) -> None:
    names = {"XINHENG_TEST_NEO4J": neo4j_url.url, "XINHENG_TEST_NEO4J_PASSWORD": neo4j_url.password}
    assert why_not(names) is None
    with neo4j_for_tests(names) as reached:
        assert reached == neo4j_url


def test_what_is_missing_is_said_in_one_line_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert serve().missing_tools(tmp_path / "lib") == ["java", "mvn"]
    said = why_not({})
    assert said
    assert "java" in said
    assert said.endswith("apt install openjdk-17-jre-headless maven")
    assert "\n" not in said


def test_a_listener_is_told_from_another_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            assert serve()._listens(os.getpid(), port)
            assert not serve()._listens(other.pid, port)
            other.communicate(b"\n")


@pytest.fixture
def command(neo4j_server: Neo4jUrl, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """``python deploy/neo4j/serve.py --home …``, once the session has shown that a server can be started here."""
    call = [sys.executable, str(SERVE), "--home", str(tmp_path / "home"), "--heap", "256m", "--page-cache", "16m"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def told(command: subprocess.Popen[str], what: str) -> str:
    assert command.stdout
    for line in command.stdout:
        if found := re.fullmatch(rf"{what} +(.+)\n", line):
            return found[1]
    raise AssertionError(f"the command did not tell its {what}")


@pytest.mark.neo4j
@pytest.mark.slow
def test_a_killed_command_leaves_no_server_and_the_store_says_that_it_is_gone(command: subprocess.Popen[str]) -> None:
    url, user = told(command, "url"), told(command, "user")
    password = Path(told(command, "password file"))
    assert password.stat().st_mode & 0o077 == 0
    with Neo4jStore(url, user, password.read_text()) as store:
        put(store, organisation(1))
        os.kill(command.pid, signal.SIGKILL)
        port = int(url.rsplit(":", 1)[1])
        assert eventually_refused(port)
        with pytest.raises(StoreUnavailable, match="does not answer"):
            store.last_instant()
        with pytest.raises(StoreUnavailable, match="does not answer"):
            store.write([organisation(2)])


def eventually_refused(port: int) -> bool:
    """Whether nobody listens any more within a minute; the server takes some seconds to shut down."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return True
        time.sleep(0.1)
    return False

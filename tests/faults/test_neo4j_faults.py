"""A Neo4j that is killed, paused, restarted, full, or whose password is changed, while it is asked.

The server is one of its own, since it is broken on purpose. Nobody touches Xinheng meanwhile: one process is told of
every fault, and answers when it is gone.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from tests.command import xinheng
from tests.faults import town
from tests.faults.answers import OUT_OF_TIME, TRUE, UNAVAILABLE, Truth, asking
from tests.neo4j_harness import SHORT_LIVED, Neo4jUrl, mark, serve, why_not
from tests.processes import Served, serving, started, up
from tests.real import City, on_neo4j

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]
AWAY = {"store-unavailable", OUT_OF_TIME}
FORGIVING = {"dbms.security.auth_max_failed_attempts": "0"}
"""Wrong passwords lock nobody out."""


@dataclass
class Breakable:
    """A Neo4j server that can be broken."""

    home: Path
    stack: ExitStack = field(default_factory=ExitStack)
    port: int | None = None

    def start(self) -> Neo4jUrl:
        """Start it, on the port it had before."""
        running = serve().running(self.home, port=self.port, settings=FORGIVING, options=SHORT_LIVED)
        server = self.stack.enter_context(running)
        self.pid = server.pid
        self.port = int(server.url.rpartition(":")[2])
        return Neo4jUrl(server.url, server.user, server.password)

    def kill(self) -> None:
        self.stack.close()

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def limit_files(self, size: int) -> None:
        """No file of the server may grow beyond this, as on a full disk."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    @property
    def largest_log(self) -> int:
        logs = (self.home / "data" / "transactions" / "neo4j").glob("neostore.transaction.db.*")
        return max(log.stat().st_size for log in logs)


@pytest.fixture(scope="module")
def neo4j() -> Iterator[tuple[Breakable, Neo4jUrl]]:
    if missing := why_not({}):
        pytest.fail(missing)
    home = Path(tempfile.mkdtemp(prefix="xinheng-neo4j-"))
    breakable = Breakable(home)
    try:
        reached = breakable.start()
        mark(reached)
        yield breakable, reached
    finally:
        breakable.kill()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def broken(neo4j: tuple[Breakable, Neo4jUrl]) -> Breakable:
    return neo4j[0]


@pytest.fixture(scope="module")
def city(neo4j: tuple[Breakable, Neo4jUrl], tmp_path_factory: pytest.TempPathFactory) -> City:
    return town.build(on_neo4j(tmp_path_factory.mktemp("town"), town.REGION, neo4j[1], None))


@pytest.fixture(scope="module")
def truth(city: City) -> Truth:
    return Truth.of(city)


@pytest.fixture(scope="module")
def server(city: City, truth: Truth) -> Iterator[Served]:
    with serving(city.settings, city.home / "server.log") as served:
        assert truth.over_http(up(served)) == {TRUE}
        yield served


def test_a_server_that_was_killed_is_unavailable_until_it_is_started_again(
    broken: Breakable, city: City, truth: Truth, server: Served
) -> None:
    broken.kill()
    assert truth.over_http(server) <= AWAY
    assert truth.by_command(city) <= AWAY
    assert server.get("/ready").status_code == 503
    assert server.get("/health").status_code == 200
    with asking(truth, server) as found:
        broken.start()
    assert set(found.told) <= {*AWAY, TRUE}
    assert truth.comes_back(server)
    assert truth.by_command(city) == {TRUE}


def test_a_server_restarted_while_it_is_asked_costs_some_answers_and_no_truth(
    broken: Breakable, truth: Truth, server: Served
) -> None:
    with asking(truth, server) as found:
        while found.told[TRUE] < 3:
            time.sleep(0.01)
        broken.kill()
        broken.start()
        before = found.told[TRUE]
        while found.told[TRUE] < before + 3:
            time.sleep(0.01)
    assert set(found.told) <= {*AWAY, TRUE}


def test_a_paused_server_is_unavailable_after_a_while_and_answers_when_it_goes_on(
    broken: Breakable, city: City, truth: Truth, server: Served
) -> None:
    broken.signal(signal.SIGSTOP)
    try:
        assert truth.over_http(server) <= AWAY
        assert truth.by_command(city) <= AWAY
    finally:
        broken.signal(signal.SIGCONT)
    assert truth.comes_back(server)
    assert truth.by_command(city) == {TRUE}


def test_a_short_pause_is_but_a_slow_answer(broken: Breakable, truth: Truth, server: Served) -> None:
    with asking(truth, server) as found:
        for _ in range(3):
            broken.signal(signal.SIGSTOP)
            time.sleep(1)
            broken.signal(signal.SIGCONT)
            time.sleep(1)
    assert set(found.told) <= {TRUE, OUT_OF_TIME}
    assert found.told[TRUE]


def test_a_wrong_password_is_told_before_serving_and_a_right_one_answers(city: City, truth: Truth) -> None:
    wrong = replace(city, settings={**city.settings, "XINHENG_STORE_PASSWORD": "wr0ng-passw0rd"})
    refused = xinheng("serve", "--port", "0", settings=wrong.settings)
    assert refused.status == UNAVAILABLE
    assert "refused the user or the password" in refused.err
    assert "wr0ng" not in refused.err
    assert truth.by_command(wrong) <= AWAY
    assert truth.by_command(city) == {TRUE}


def test_a_password_changed_under_a_server_is_told_until_it_is_changed_back(
    broken: Breakable, neo4j: tuple[Breakable, Neo4jUrl], truth: Truth, server: Served
) -> None:
    reached = neo4j[1]
    other = replace(reached, password="an0ther-passw0rd")
    change_password(reached, other.password)
    try:
        broken.kill()  # connections that stand are not asked again
        broken.start()
        assert truth.over_http(server) <= AWAY
    finally:
        change_password(other, reached.password)
    assert truth.comes_back(server)


def change_password(reached: Neo4jUrl, new: str) -> None:
    text = "ALTER CURRENT USER SET PASSWORD FROM $old TO $new"
    with GraphDatabase.driver(reached.url, auth=(reached.user, reached.password)) as driver:
        driver.execute_query(text, old=reached.password, new=new, database_="system")


def test_a_full_disk_loses_nothing_and_the_load_is_repeated_when_there_is_space(
    broken: Breakable, city: City, truth: Truth, server: Served
) -> None:
    path = town.more(city, range(500))
    broken.limit_files(broken.largest_log + 1000)
    full = xinheng("load", "city", path, "--json", settings=city.settings)
    assert full.status == UNAVAILABLE
    assert "disk is full" in full.err
    assert truth.over_http(server) <= {TRUE, *AWAY}  # Neo4j itself stops its database, until it is restarted
    broken.limit_files(resource.RLIM_INFINITY)
    broken.kill()
    broken.start()
    assert truth.comes_back(server)
    report = city.run("load", "city", path, "--json").document
    assert (report["loaded"] + report["unchanged"], report["quarantined"]) == (500, 0)
    assert truth.comes_back(server)
    assert truth.by_command(city) == {TRUE}


def test_a_load_whose_server_is_killed_says_so_and_is_repeated(broken: Breakable, city: City, truth: Truth) -> None:
    path = town.more(city, range(500, 6500))
    held = city.run("stats", "--json").document
    process = started(city.settings, ["load", "city", path, "--json"])
    while city.run("stats", "--json").document == held:
        assert process.poll() is None
    broken.kill()
    process.communicate()
    assert process.returncode == UNAVAILABLE
    broken.start()
    report = city.run("load", "city", path, "--json").document
    assert (report["loaded"] + report["unchanged"], report["quarantined"]) == (6000, 0)
    assert report["loaded"]
    assert report["unchanged"]
    assert truth.by_command(city) == {TRUE}

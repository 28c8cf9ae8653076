"""A process that checks, killed at a random moment, has lost nothing that it acknowledged and left nothing half there.

Questions come over HTTP to a server, or from a process that runs one `xinheng check` after the other. It dies by
SIGKILL; the moment is drawn from how many answers it has given, and some part of an answer later. Every third round
dies while it starts.
``XINHENG_KILLS`` is the least number of deaths on each store, half of them with either operational database.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen

import httpx2
import pytest
import sqlalchemy as sa

from api.deployment import Deployment
from api.settings import Settings
from engine.ledger import DOCUMENT, Ledger
from engine.operational import reading, writing
from tests.faults import town
from tests.faults.cities import on_postgresql
from tests.processes import environment, killed, serving, started, up
from tests.real import City, embedded

DEATHS = math.ceil(int(os.environ.get("XINHENG_KILLS", "6")) / 2)
SEED = 20_261_127
ASKERS = 2
MOST_ANSWERS = 12
"""Before the kill."""
PATIENCE = 120

# One command after the other, as a script would run them; without the start of an interpreter between them.
COMMANDS = """
import sys
from itertools import count
from api.cli import main
from tests.faults import town
from tests.faults.cities import on_postgresql
for number in count(int(sys.argv[1])):
    main(town.words(town.day(number)))
"""


@dataclass
class Checks:
    """A process that is asked one question after the other, and what it has acknowledged."""

    process: Popen[str]
    since: float = field(default_factory=time.monotonic)
    answers: list[bytes] = field(default_factory=list)
    first: float = 0
    """Seconds until the first answer, with all that came before it."""
    seconds: float = 0
    """Seconds between the last two answers."""
    dying: bool = False

    def acknowledge(self, document: bytes) -> None:
        now = time.monotonic()
        if not self.answers:
            self.first = now - self.since
        else:
            self.seconds = now - self.since
        self.since = now
        self.answers.append(document)

    def wait_for(self, answers: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.answers) < answers:
            assert self.process.poll() is None, "the process ended by itself"
            assert time.monotonic() < deadline, "no answer came"
            time.sleep(0.002)

    def die(self) -> None:
        self.dying = True
        self.process.kill()
        self.process.wait()


@contextmanager
def over_http(city: City, first: int) -> Iterator[Checks]:
    """A server and those who ask it."""
    with serving(city.settings, city.home / "server.log") as server:
        checks = Checks(server.process)
        numbers = count(first)

        def ask() -> None:
            try:
                up(server)
                while True:
                    answer = server.post("/v1/checks", town.question(town.day(next(numbers))))
                    assert answer.status_code == httpx2.codes.OK, answer.text
                    checks.acknowledge(answer.content)
            except (httpx2.TransportError, AssertionError):
                if not checks.dying:
                    raise

        askers = [threading.Thread(target=ask) for _ in range(ASKERS)]
        for asker in askers:
            asker.start()
        try:
            yield checks
        finally:
            checks.die()
            for asker in askers:
                asker.join()


@contextmanager
def by_commands(city: City, first: int) -> Iterator[Checks]:
    """A process of commands; a line that has come whole is an answer."""
    command = [sys.executable, "-c", COMMANDS, str(first)]
    with Popen(command, env=environment(city.settings), stdout=PIPE, text=True) as process:
        checks = Checks(process)

        def read() -> None:
            assert process.stdout
            for line in process.stdout:
                if line.endswith("\n"):
                    checks.acknowledge(line.removesuffix("\n").encode())

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield checks
        finally:
            checks.die()
            reader.join()


WAYS: list[Callable[[City, int], AbstractContextManager[Checks]]] = [over_http, by_commands]


def die(city: City, rounds: int, random: Random, start_seconds: float) -> Checks:
    """Let a process check until it is killed."""
    with WAYS[rounds % 2](city, random.randrange(1000)) as checks:
        if rounds % 3 == 2:
            time.sleep(random.uniform(0, start_seconds))
        else:
            checks.wait_for(random.randint(1, MOST_ANSWERS))
            time.sleep(random.uniform(0, checks.seconds))
        checks.die()
    return checks


# --- what is left -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, settled: City) -> City:
    """The town, with either operational database."""
    return settled if request.param == "sqlite" else on_postgresql(settled, request.getfixturevalue("new_postgresql"))


@contextmanager
def operational(city: City) -> Iterator[sa.Engine]:
    """The operational database of a city."""
    with Deployment(Settings(**{name.removeprefix("XINHENG_").lower(): v for name, v in city.settings.items()})) as own:
        yield own.database


def verified(city: City, noted: str) -> str:
    """The head of the ledger, which `ledger verify` is content with, and which grew from the one noted."""
    head: str = city.run("ledger", "verify", "--json", *(["--expect", noted] if noted else [])).document["head"]
    return head


def ledger_holds(city: City, checks: Checks, before: int) -> int:
    """Every answer is entered, with its document; nothing is there without the other. How many entries there are."""
    with operational(city) as database:
        ledger = Ledger(database)
        entries = [entry.decision_id for entry in ledger.entries()]
        for answer in checks.answers:
            decision = json.loads(answer)["decision_id"]
            assert decision in entries[before:]
            assert ledger.document(decision) == answer
        with reading(database) as connection:
            documents = set(connection.scalars(sa.select(DOCUMENT.c.decision_id)))
    assert documents == set(entries)
    assert 0 <= len(entries) - before - len(checks.answers) <= ASKERS  # entered, and killed before it was told
    return len(entries)


def files(city: City) -> set[str]:
    found = (path for name in ("data", "store") for path in (city.home / name).rglob("*") if path.is_file())
    return {path.name for path in found}


@pytest.mark.slow
def test_what_was_acknowledged_before_a_kill_is_kept(city: City) -> None:
    random = Random(SEED)
    whole_answer = city.run(*town.words()).out
    kept = files(city)
    head, entries, acknowledged = verified(city, ""), 1, []
    start_seconds = 0.0
    for rounds in range(DEATHS):
        checks = die(city, rounds, random, start_seconds)
        if rounds == 0:
            start_seconds = checks.first
        head = verified(city, head)
        entries = ledger_holds(city, checks, entries)
        assert city.run(*town.words()).out == whole_answer
        assert files(city) == kept
        entries += 1
        acknowledged += checks.answers
    with serving(city.settings, city.home / "server.log") as server:
        assert up(server).get("/ready").status_code == httpx2.codes.OK
        for answer in acknowledged:
            assert server.get(f"/v1/decisions/{json.loads(answer)['decision_id']}").content == answer
    replayed = random.choice(acknowledged)
    city.run("replay", json.loads(replayed)["decision_id"])
    print(f"{DEATHS} deaths, {len(acknowledged)} answers acknowledged, {entries} entries")


@pytest.mark.slow
@pytest.mark.parametrize("operational_database", ["sqlite", "postgresql"])
def test_an_operational_database_whose_making_was_killed_is_made_at_the_next_start(
    operational_database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    city = town.build(embedded(tmp_path, town.REGION))
    if operational_database == "postgresql":
        city = on_postgresql(city, request.getfixturevalue("new_postgresql"))
    random = Random(SEED)
    start = time.monotonic()
    answer = started(city.settings, town.words()).communicate()[0]
    whole = time.monotonic() - start
    for _ in range(DEATHS):
        nothing_kept(city)
        process = started(city.settings, town.words())
        time.sleep(random.uniform(0, whole))
        killed(process)
        assert city.run(*town.words()).out == answer
        assert 1 <= int(verified(city, "").partition(":")[0]) <= 2


def nothing_kept(city: City) -> None:
    """Empty the operational database, tables and all."""
    if "XINHENG_DATABASE" not in city.settings:
        for file in (city.home / "data").iterdir():
            file.unlink()
        return
    with operational(city) as database, writing(database) as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))

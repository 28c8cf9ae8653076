"""A load killed at random moments and repeated ends as if nothing had happened.

`xinheng load` runs in a process of its own and dies by SIGKILL: no handler, no clean-up. The moments are drawn from one
seed over what a load writes: when the store holds so many facts, and some part of a batch later. Seconds would not do,
a machine's speed changes. One in four dies before it first writes. Every other round is killed once more while it
resumes.
``XINHENG_KILLS`` is the least number of deaths on each store.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.neo4j import Neo4jStore
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from tests.neo4j_harness import Neo4jUrl
from tests.processes import killed, started
from tests.real import REGISTER, SOURCE, STORES, City, Line, embedded, on_neo4j, test_record

KILLS = math.ceil(int(os.environ.get("XINHENG_KILLS", "3")) / 2)
"""For each of the two files."""
SEED = 20_261_126
BY_HAND = KILLS > 5
YEARS = [REGISTER / "jiangsu" / f"{year}.csv.gz" for year in ((1995, 1996) if BY_HAND else (1995,))]
"""Four batches or eight, with a shifted row, other texts than codes, and older numbers."""
COMPANIES = 700 if BY_HAND else 400
POLL = 0.01
REGION = "320000"


# --- what is loaded ---------------------------------------------------------------------------------------------------


def register(_: Path) -> list[str]:
    return ["cn-enterprise-register", *map(str, YEARS)]


def lines(home: Path) -> list[str]:
    """The city's own lines, each before what it names: nothing is held in the first batches, and all waits."""
    path = home / "backwards.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines()), encoding="utf-8")
    return ["city", str(path)]


def _lines() -> Iterator[Line]:
    companies = [{"uscc": credit_code(number)} for number in range(COMPANIES)]
    persons = [{"citizen_id": citizen_id(number)} for number in range(COMPANIES)]
    for number, company in enumerate(companies):
        yield test_record(f"k{number}", company, "wage-arrears", decided_on="2026-01-15")
    yield test_record("nobody", {"uscc": credit_code(COMPANIES)}, "wage-arrears", decided_on="2026-01-15")
    yield {"fact": "subject", "kind": "enterprise", "name": "测试", "uscc": credit_code(1)[:-1]}
    for person, company in zip(persons, companies, strict=True):
        yield {"fact": "link", "type": "legal_representative", "holder": person, "organisation": company}
    for number, (person, company) in enumerate(zip(persons, companies, strict=True)):
        yield {"fact": "subject", "kind": "natural_person", "name": f"甲{number}", **person}
        yield {"fact": "subject", "kind": "enterprise", "name": f"测试{number}号公司", **company}
    yield {"fact": "source", "id": SOURCE, "department": SOURCE, "dataset": "测试", "holds": [], "cadence": "P1Y"}


# --- a load, and what it leaves ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    facts: dict[str, str]
    stats: Line
    quarantine: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Undisturbed:
    ended: Ended
    report: Line
    amount: int
    first_write: float
    """Seconds after its start."""


@contextmanager
def opened(city: City) -> Iterator[GraphStore | None]:
    """The store that a load writes to; nothing if it has not got as far as making one."""
    url = city.settings["XINHENG_STORE"]
    if "://" in url:
        password = city.settings["XINHENG_STORE_PASSWORD"]
        with Neo4jStore(url, city.settings["XINHENG_STORE_USER"], password) as store:
            yield store
    elif (Path(url) / "graph.sqlite").exists():
        with SqliteStore(Path(url)) as store:
            yield store
    else:
        yield None


def held(city: City) -> dict[str, str]:
    """What the store holds now. No fact may have two current versions."""
    with opened(city) as store:
        last = store.last_instant() if store else None
        facts = list(store.facts(known_at=last)) if store and last else []
    twice = [fact_id for fact_id, n in Counter(fact.id for fact in facts).items() if n > 1]
    assert not twice
    return {fact.id: repr(fact) for fact in facts}


def ended(city: City) -> Ended:
    rows: Any = json.loads(city.run("quarantine", "list", "--json").out)
    quarantine = [(row["file"], row["line"], row["kind"], json.dumps(row["faults"])) for row in rows]
    return Ended(held(city), city.run("stats", "--json").document, sorted(quarantine))


def loading(city: City, words: list[str]) -> subprocess.Popen[str]:
    return started(city.settings, ["load", *words, "--json"])


def to_the_end(process: subprocess.Popen[str]) -> Line:
    out, _ = process.communicate()
    assert process.returncode == 0
    report: Line = json.loads(out.splitlines()[-1])
    assert report["read"] == report["loaded"] + report["unchanged"] + report["quarantined"]
    return report


def amount(store: GraphStore) -> int:
    """How many facts a reader sees now, sources and loads aside."""
    last = store.last_instant()
    return sum(sum(counts.values()) for counts in store.stats(known_at=last).values()) if last else 0


def holds(city: City, process: subprocess.Popen[str], least: int) -> float:
    """Wait until the store holds so many facts, or the load is over. Seconds between its last two writes."""
    changes = [time.monotonic()]
    seen = 0
    while process.poll() is None and seen < least:
        with opened(city) as store:
            while store and process.poll() is None and seen < least:
                now = amount(store)
                if now != seen:
                    changes.append(time.monotonic())
                seen = now
                time.sleep(POLL)
        time.sleep(POLL)
    return changes[-1] - changes[-2] if len(changes) > 2 else 0


# --- the deaths -------------------------------------------------------------------------------------------------------


@dataclass
class Deaths:
    words: list[str]
    whole: Undisturbed
    random: Random
    before: int = 0
    writing: int = 0
    after: int = 0

    @property
    def count(self) -> int:
        return self.before + self.writing + self.after

    def die(self, city: City, *, early: bool = False) -> None:
        """Kill a load, be it the first of an empty store or one that resumes."""
        with opened(city) as store:
            before = amount(store) if store else 0
        process = loading(city, self.words)
        if early:
            time.sleep(self.random.uniform(0, self.whole.first_write))
        else:
            batch = holds(city, process, self.random.randint(before + 1, max(before + 1, self.whole.amount - 1)))
            time.sleep(self.random.uniform(0, batch))
        self._note(city, killed(process))

    def _note(self, city: City, died: bool) -> None:
        facts = held(city)
        assert facts.items() <= self.whole.ended.facts.items()  # what a reader sees until then is part of the whole
        if not died:
            return
        if not facts:
            self.before += 1
        elif len(facts) < len(self.whole.ended.facts):
            self.writing += 1
        else:
            self.after += 1


@pytest.fixture(params=[register, lines], ids=["register", "lines"])
def words(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    make: Callable[[Path], list[str]] = request.param
    return make(tmp_path)


@pytest.fixture(params=STORES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], City]:
    """Empty cities by name; on Neo4j each takes the place of the one before."""
    if request.param == "embedded":
        return lambda name: embedded(tmp_path / name, REGION)
    server: Neo4jUrl = request.getfixturevalue("neo4j_server")
    return lambda name: on_neo4j(tmp_path / name, REGION, server, None)


def undisturbed(city: City, words: list[str]) -> Undisturbed:
    start = time.monotonic()
    process = loading(city, words)
    holds(city, process, 1)
    first_write = time.monotonic() - start
    report = to_the_end(process)
    with opened(city) as store:
        assert store
        everything = amount(store)
    return Undisturbed(ended(city), report, everything, first_write)


@pytest.mark.slow
def test_a_load_killed_and_repeated_ends_as_one_that_was_not(fresh: Callable[[str], City], words: list[str]) -> None:
    whole = undisturbed(fresh("whole"), words)
    assert whole.report["quarantined"]
    deaths = Deaths(words, whole, Random(SEED))
    rounds = 0
    while deaths.count < KILLS or 2 * deaths.writing < KILLS:
        assert rounds < 10 * KILLS, f"too few of the kills hit while writing: {deaths.writing} of {deaths.count}"
        city = fresh(f"round-{rounds}")
        deaths.die(city, early=rounds % 4 == 1)
        if rounds % 2:
            deaths.die(city)
        report = to_the_end(loading(city, words))
        for name in ("read", "quarantined", "reasons"):
            assert report[name] == whole.report[name]
        assert ended(city) == whole.ended
        rounds += 1
    print(f"{deaths.before} before writing, {deaths.writing} while writing, {deaths.after} after, {rounds} rounds")

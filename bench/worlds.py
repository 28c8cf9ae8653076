"""A city in the product's store and in the baseline's tables, with whom the bench asks about."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from bench.baselines.cypher import CypherBaseline
from bench.baselines.plans import Stage, stages_of
from bench.baselines.sql import SqlBaseline
from bench.catalogues import EMPTY_LISTS
from bench.city import AS_OF, REGION, City, Hub, organisation_id
from bench.neo4j_server import server
from engine.check import check, decide, resolve, scope_for
from engine.document import Decision, SubjectView
from engine.question import Question
from engine.situation import situation_of
from graph.evidence import Evidence
from graph.model import Subject
from graph.neo4j import Neo4jStore
from graph.plan import Plan
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from rules.catalogue import Catalogue

HUBS = (Hub(1, 5_000, 3),)
SMALLEST = 100
SEEN_MOST = 4
"""Of those drawn, one in four is asked about at most: enough to leave out those with a merge around them."""


@dataclass(frozen=True)
class Asking:
    """Questions on one matter to one store under one catalogue, of any subject."""

    store: GraphStore
    catalogue: Catalogue
    matter: str
    department: str
    known_at: datetime
    _questions: dict[str, Question] = field(default_factory=dict)

    def question(self, subject: str) -> Question:
        return Question(
            subject=subject,
            matter=self.matter,
            department=self.department,
            region=REGION,
            as_of=AS_OF,
            known_at=self.known_at,
        )

    def check(self, subject: str) -> Decision:
        return check(self.question(subject), store=self.store, catalogue=self.catalogue)

    def plan(self, subject: str) -> Plan:
        return scope_for(self.question(subject), self._subject(subject), self.catalogue).plan

    def evidence(self, subject: str, plan: Plan) -> Evidence:
        return self.store.evidence([subject], plan, as_of=AS_OF, known_at=self.known_at)

    def decide(self, subject: str, evidence: Evidence) -> Decision:
        """Evaluation and explanation, without the store."""
        question = self._questions.get(subject) or self._questions.setdefault(subject, self.question(subject))
        return decide(question, situation_of(question, subject, evidence), self.catalogue)

    def _subject(self, subject: str) -> Subject:
        found = resolve(subject, self.question(subject), self.store)
        if isinstance(found, SubjectView):
            raise SystemExit(f"the city does not hold {subject}")
        return found


@dataclass(frozen=True)
class World:
    """A city as written into an embedded store, and into the baseline's tables."""

    city: City
    store: SqliteStore
    baseline: SqlBaseline

    @cached_property
    def known_at(self) -> datetime:
        last = self.store.last_instant()
        assert last
        return last

    @property
    def company_of_the_hub(self) -> str:
        """One of those that it represents, itself not listed: they stand behind all others, the first is listed."""
        return organisation_id(self.city.organisations + 1)

    def asking(self, catalogue: Catalogue, matter: str, department: str) -> Asking:
        return Asking(self.store, catalogue, matter, department, self.known_at)

    @contextmanager
    def in_neo4j(self, home: Path) -> Iterator[tuple[Neo4jStore, CypherBaseline]]:
        """The same city in an empty Neo4j."""
        with server(home) as there:
            reached = there["XINHENG_STORE"], there["XINHENG_STORE_USER"], there["XINHENG_STORE_PASSWORD"]
            with Neo4jStore(*reached) as store, CypherBaseline(*reached) as baseline:
                self.city.write_to(store)
                yield store, baseline

    def subjects(self, number: int, asking: Asking) -> list[str]:
        """Whom to ask about: organisations drawn evenly, those left out that have a merge around them."""
        found = []
        for subject in self.city.asked(number * SEEN_MOST):
            plan = asking.plan(subject)
            if not asking.evidence(subject, plan).aliases:
                require_the_same(asking.evidence(subject, plan), self.fetched(subject, stages_of(plan)))
                found.append(subject)
            if len(found) == number:
                return found
        raise SystemExit("too few subjects without a merge around them")

    def fetched(self, subject: str, stages: list[Stage]) -> dict[str, set[str]]:
        rows = self.baseline.evidence(subject, stages, AS_OF.year * 10_000 + AS_OF.month * 100 + AS_OF.day)
        return {kind: {row[0] for row in some} for kind, some in rows.items()}


def require_the_same(evidence: Evidence, fetched: dict[str, set[str]]) -> None:
    """A baseline that fetches other facts would be no yardstick."""
    for kind, facts in (
        ("subject", evidence.subjects.values()),
        ("link", evidence.links),
        ("record", evidence.records),
        ("naming", evidence.namings),
        ("source", evidence.sources),
        ("load", evidence.loads),
    ):
        if (held := {fact.id for fact in facts}) != fetched[kind]:
            raise SystemExit(f"product and baseline differ in {kind}: {sorted(held ^ fetched[kind])[:5]}")


def city_of(subjects: int) -> City:
    return City(subjects, tuple(sorted(Catalogue.shipped().lists)), EMPTY_LISTS, HUBS)


@contextmanager
def world(subjects: int, home: Path) -> Iterator[World]:
    """The city of this size, written if ``home`` does not hold it yet."""
    city = city_of(subjects)
    directory = home / f"city-{subjects}-{_generator()}"
    if not directory.exists():
        for earlier in home.glob(f"city-{subjects}-*"):  # of another generator; large ones take gigabytes
            shutil.rmtree(earlier)
        draft = home / f".{directory.name}"
        shutil.rmtree(draft, ignore_errors=True)
        with SqliteStore(draft / "store") as store:
            city.write_to(store)
        filled = SqlBaseline(draft / "baseline.sqlite")
        filled.load(city.facts(), city.corrections())
        filled.close()
        draft.rename(directory)
    baseline = SqlBaseline(directory / "baseline.sqlite")
    with SqliteStore(directory / "store") as store:
        yield World(city, store, baseline)
    baseline.close()


def _generator() -> str:
    """Changes with the code that makes cities and the lists they know."""
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("c*.py")))
    lists = ",".join(city_of(SMALLEST).lists).encode()
    return hashlib.sha256(code + lists + (Path(__file__).parent / "baselines" / "sql.py").read_bytes()).hexdigest()[:8]

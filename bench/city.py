"""Cities of any size, the same on every machine: who is linked to whom, and who stands on which list.

Of every hundred subjects 45 are organisations and 55 are persons, with 250 links and 50 records among them. How many
links a subject has follows a power law; beside it stand hubs of a known size, with a known number of listed companies
around them. Lists are as skewed as a city's: penalties and entries of abnormal operation are common, most other lists
are rare. Every tenth link and record has a history: a second version, recorded later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import count, islice
from random import Random

from api.demo.codes import credit_code
from graph.model import Fact, Kind, Link, LinkType, Load, Merge, Naming, Record, SealedId, Severity, Source, Subject
from graph.store import GraphStore

SEED = 20_261_126
BATCH = 5_000
AS_OF = date(2026, 10, 1)
FIRST_DAY = date(2010, 1, 1)
RECORDED = datetime(2026, 10, 2, tzinfo=UTC)
HISTORY_EVERY = 10
NAMING_EVERY = 20
MERGE_EVERY = 2_000
NAMELESS_EVERY = 50
COMMON_LISTS = {
    "penalty-fine": 34,
    "penalty-warning": 18,
    "abnormal-operation": 15,
    "tax-a": 12,
    "judgment-defaulter": 8,
    "consumption-restricted": 5,
    "wage-arrears": 2,
    "tax-major-violation": 2,
}
"""In percent; what is missing of a hundred falls on all other lists alike."""
SEVERITIES: Sequence[Severity] = ("minor", "general", "general", "serious")
OFFICES = (LinkType.DIRECTOR, LinkType.SUPERVISOR, LinkType.SENIOR_MANAGER, LinkType.ACTUAL_CONTROLLER)
HUB_LIST = "judgment-defaulter"
REGION, SOURCE = "360400", "bench"


@dataclass(frozen=True)
class Hub:
    """A person who is the legal representative of ``links`` companies, of which ``listed`` are judgment defaulters."""

    number: int
    links: int
    listed: int

    @property
    def id(self) -> str:
        return f"person:hub-{self.number}"


@dataclass(frozen=True)
class City:
    """``lists``: every list and event kind that has records. Its source holds ``empty_lists`` as well, on which nobody
    stands."""

    subjects: int
    lists: tuple[str, ...]
    empty_lists: tuple[str, ...] = ()
    hubs: tuple[Hub, ...] = ()
    seed: int = SEED

    @cached_property
    def organisations(self) -> int:
        return self.subjects * 45 // 100

    @cached_property
    def persons(self) -> int:
        return self.subjects - self.organisations

    def write_to(self, store: GraphStore) -> None:
        """Through the store's own batches, the histories after everything else."""
        for at, batch in self.batches():
            store.write(batch, recorded_at=at, correct=True)

    def batches(self) -> Iterator[tuple[datetime, list[Fact]]]:
        """What was recorded at which instant."""
        numbers = count()
        for facts in (self.facts(), self.corrections()):
            while batch := list(islice(facts, BATCH)):
                yield RECORDED + timedelta(seconds=next(numbers)), batch

    def facts(self) -> Iterator[Fact]:
        """Every fact as it was first recorded, in an order in which they can be written."""
        yield Source(SOURCE, "market-regulation", "bench", (*self.lists, *self.empty_lists), "P1M", REGION)
        yield Load(f"{SOURCE}:{AS_OF}", SOURCE, AS_OF)
        yield from (person(n) for n in range(self.persons))
        yield from (self._organisation(n) for n in range(self.organisations))
        yield from self.links()
        yield from self.records()
        yield from (fact for hub in self.hubs for fact in self._around(hub))

    def corrections(self) -> Iterator[Fact]:
        """What was recorded later: links that ended, records repaired, persons judged to be one."""
        for link in islice(self.links(), 0, None, HISTORY_EVERY):
            if link.valid_to is None and link.valid_from:
                yield replace(link, valid_to=link.valid_from + timedelta(days=3_000))
        for fact in islice(self.records(), 0, None, HISTORY_EVERY):
            if isinstance(fact, Record) and fact.decided_on:
                yield replace(fact, repaired_on=fact.decided_on + timedelta(days=400))
        for n in range(1, self.persons, MERGE_EVERY):
            yield Merge(f"bench:merge-{n}", person_id(n - 1), person_id(n), "bench", "同一人")

    def asked(self, number: int) -> list[str]:
        """Organisations to ask about: drawn evenly, so that the rich in links are as rare as they are."""
        dice = self._dice("asked")
        return [organisation_id(dice.randrange(self.organisations)) for _ in range(number)]

    def _organisation(self, number: int) -> Subject:
        kind = Kind.INDIVIDUAL_BUSINESS if number % 10 == 9 else Kind.ENTERPRISE
        code = organisation_code(number)
        name = f"九江示例{number}号" + ("经营部" if kind is Kind.INDIVIDUAL_BUSINESS else "有限公司")
        return Subject(f"uscc:{code}", kind, name, {"uscc": code}, None, REGION, FIRST_DAY, SOURCE)

    def links(self) -> Iterator[Link]:
        dice, numbers = self._dice("links"), count()

        def link(type_: LinkType, holder: str, organisation: int, share: float | None = None) -> Link:
            start = _day(dice)
            end = start + timedelta(days=dice.randrange(200, 3_000)) if dice.random() < 0.15 else None
            id_ = f"bench:link-{next(numbers)}"
            return Link(id_, type_, holder, organisation_id(organisation), start, end, share, source=SOURCE)

        for n in range(self.organisations):
            head = LinkType.OPERATOR if n % 10 == 9 else LinkType.LEGAL_REPRESENTATIVE
            yield link(head, person_id(_skewed(dice, self.persons)), n)
            for _ in range(dice.choices((1, 2, 4), (30, 45, 25))[0]):
                yield link(dice.choice(OFFICES), person_id(_skewed(dice, self.persons)), n)
            for _ in range(dice.choices((0, 1, 3), (15, 35, 50))[0]):
                share = dice.choice((0.02, 0.1, 0.3, 0.51, 0.7, 1.0))
                if dice.random() < 0.5:
                    yield link(LinkType.SHAREHOLDER, person_id(_skewed(dice, self.persons)), n, share)
                elif (holder := _skewed(dice, self.organisations)) != n:
                    yield link(LinkType.SHAREHOLDER, organisation_id(holder), n, share)
            if dice.random() < 0.3 and (of := _skewed(dice, self.organisations)) != n:
                yield link(LinkType.BRANCH_OF, organisation_id(n), of)

    def records(self) -> Iterator[Record | Naming]:
        """Each record, behind it whom it names."""
        dice = self._dice("records")
        rare = [one for one in self.lists if one not in COMMON_LISTS]
        names, weights = list(COMMON_LISTS), list(COMMON_LISTS.values())
        for number in range(self.subjects // 2):
            common = dice.random() * 100 < sum(weights)
            name = dice.choices(names, weights)[0] if common or not rare else dice.choice(rare)
            of_person = name in ("judgment-defaulter", "consumption-restricted") and dice.random() < 0.4
            subject = person_id(dice.randrange(self.persons)) if of_person else self._sinner(dice)
            record = _record(f"bench:record-{number}", subject, name, dice)
            yield record
            if number % NAMING_EVERY == 0 and not of_person:
                person = person_id(dice.randrange(self.persons))
                yield Naming(f"bench:naming-{number}", record.id, person, "directly_responsible", source=SOURCE)

    def _sinner(self, dice: Random) -> str:
        """Few organisations have most of the records."""
        return organisation_id(self.organisations - 1 - _skewed(dice, self.organisations))

    def _around(self, hub: Hub) -> Iterator[Fact]:
        dice = self._dice(hub.id)
        first = self.organisations + sum(one.links for one in self.hubs if one.number < hub.number)
        yield Subject(hub.id, Kind.NATURAL_PERSON, f"枢纽{hub.number}", citizen_id=_sealed(hub.id), source=SOURCE)
        yield from (self._organisation(first + n) for n in range(hub.links))
        for n in range(hub.links):
            id_ = f"bench:hub-{hub.number}-{n}"
            yield Link(id_, LinkType.LEGAL_REPRESENTATIVE, hub.id, organisation_id(first + n), _day(dice))
        step = hub.links // max(hub.listed, 1)
        for n in range(hub.listed):
            record = _record(f"bench:hub-{hub.number}-record-{n}", organisation_id(first + n * step), HUB_LIST, dice)
            yield replace(record, effective_to=None, publicity_to=None)

    def _dice(self, what: str) -> Random:
        return Random(f"{self.seed}/{self.subjects}/{what}")


def person_id(number: int) -> str:
    return f"person:bench-{number}"


def organisation_code(number: int) -> str:
    return credit_code(number, "individual_business" if number % 10 == 9 else "enterprise")


def organisation_id(number: int) -> str:
    return f"uscc:{organisation_code(number)}"


def person(number: int) -> Subject:
    """Of every fifty one is known by the name alone."""
    id_ = person_id(number)
    sealed = None if number % NAMELESS_EVERY == NAMELESS_EVERY - 1 else _sealed(id_)
    return Subject(id_, Kind.NATURAL_PERSON, f"示例人{number}", citizen_id=sealed, source=SOURCE)


def _sealed(id_: str) -> SealedId:
    """Nobody's: a digest of nothing that a citizen ID could be."""
    return SealedId(id_, "******************", b"")


def _record(id_: str, subject: str, name: str, dice: Random) -> Record:
    decided = AS_OF - timedelta(days=1 + int(2_500 * dice.random() ** 1.5))
    ends = decided + timedelta(days=dice.choice((365, 1_095, 1_825))) if dice.random() < 0.6 else None
    return Record(
        id_,
        subject,
        name,
        severity=dice.choice(SEVERITIES),
        number=f"赣九{decided.year}示例{id_.rpartition('-')[2]}号",
        department="market-regulation",
        decided_on=decided,
        acted_on=decided - timedelta(days=90),
        effective_from=decided,
        effective_to=ends,
        publicity_to=decided + timedelta(days=1_095),
        amount=dice.choice((500_000, 3_000_000, 80_000_000)) if name == "penalty-fine" else None,
        region=REGION,
        source=SOURCE,
    )


def _day(dice: Random) -> date:
    return FIRST_DAY + timedelta(days=dice.randrange(5_500))


def _skewed(dice: Random, among: int) -> int:
    """The first of them are drawn most: in a city of a million the first is met thousands of times."""
    return int(among * dice.random() ** 2.5)

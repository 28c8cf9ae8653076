"""Ending what `lifted_by` says lifts the measure, and leaving out any one clause does not.

XINHENG_MEASURES sets how many random measures are lifted (500 by default, 2,000 by hand).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.check import check
from engine.document import Clause, MeasureView
from engine.question import Question
from graph.model import Fact, Link, Record
from graph.sqlite import SqliteStore
from rules.catalogue import Catalogue
from tests.cities.build import city
from tests.cities.city import Batch, City, Plain, write
from tests.cities.dice import Dice
from tests.equality.comparison import loaded

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
MEASURES = int(os.environ.get("XINHENG_MEASURES", "500"))
PARTS = 8
Ending = frozenset[str]
"""Ids of what is ended."""


@pytest.mark.parametrize("part", range(PARTS))
def test_what_lifts_a_measure_lifts_it_and_nothing_less_does(part: int, tmp_path: Path) -> None:
    lifted, seed = 0, part
    while lifted < -(-MEASURES // PARTS):
        for message in _lifted(seed, tmp_path / str(seed)):
            assert not message, f"seed {seed}: {message}"
            lifted += 1
        seed += PARTS


def _lifted(seed: int, directory: Path) -> Iterator[str]:
    """For every measure that is returned: empty, or what is wrong with what should lift it."""
    made, dice = city(seed), Dice(f"lifted-{seed}")
    with SqliteStore(directory) as store, loaded(made.catalogue) as catalogue:
        made.write_to(store)
        world = Town(made, store, catalogue, made.batches[-1].at)
        for days in (0, -30, 200):
            first = made.questions[0]
            question = {**first, "as_of": first["as_of"] + timedelta(days=days)}
            for measure in world.measures(question):
                yield from _wrong(measure, world, question, dice)
                yield ""


def _wrong(measure: MeasureView, town: Town, question: Plain, dice: Dice) -> Iterator[str]:
    ways = [_ways(clause, town, dice) for clause in measure.lifted_by]
    all_ended = frozenset().union(*(dice.one(some) for some in ways))
    if town.returns_after(all_ended, measure.id, question):
        yield f"{measure.id} is still returned after {sorted(all_ended)} ended; {measure.lifted_by} {question}"
    for index, left_out in enumerate(measure.lifted_by):
        others = [some for other, some in enumerate(ways) if other != index]
        sparing = [[way for way in some if not _meets(way, left_out, town)] for some in others]
        ended = frozenset().union(*(dice.one(some) for some in sparing))
        if _meets(ended, left_out, town):
            continue  # records of several clauses, each sparing it alone, meet it together
        if not town.returns_after(ended, measure.id, question):
            yield f"{measure.id} is lifted by {sorted(ended)} although {left_out} is not met; {question}"


def _ways(clause: Clause, town: Town, dice: Dice) -> list[Ending]:
    """Ways to meet a clause: any one link, or just enough of the records."""
    ways = [frozenset({link}) for link in clause.links]
    for _ in range(3):
        ended: Ending = frozenset()
        for record in dice.sample(clause.records.of, len(clause.records.of)):
            if not _meets(ended, clause, town):
                ended |= {record}
        ways.append(ended)
    return ways


def _meets(ended: Ending, clause: Clause, town: Town) -> bool:
    records = [id_ for id_ in clause.records.of if id_ in ended]
    enough, excess = clause.records.at_least, clause.records.excess
    return (
        not ended.isdisjoint(clause.links)
        or (enough is not None and len(records) >= enough)
        or (excess is not None and sum(town.amount(id_) for id_ in records) > excess)
    )


@dataclass
class Town:
    """A city in a store, where facts are ended for one question and then restored."""

    city: City
    store: SqliteStore
    catalogue: Catalogue
    at: datetime

    def __post_init__(self) -> None:
        self.facts: dict[str, Fact] = {fact.id: fact for batch in self.city.batches for fact in batch.facts}

    def amount(self, record: str) -> float:
        """Yuan."""
        found = self.facts[record]
        return found.amount / 100 if isinstance(found, Record) and found.amount else 0

    def measures(self, question: Plain) -> Sequence[MeasureView]:
        asked = Question.model_validate({**question, "known_at": self.at})
        return check(asked, store=self.store, catalogue=self.catalogue).measures

    def returns_after(self, ended: Ending, measure: str, question: Plain) -> bool:
        stays = {m["id"] for m in self.city.catalogue["measures"] if m.get("repair") == "stays"}
        changed = [_ended(self.facts[id_], question["as_of"], measure not in stays) for id_ in sorted(ended)]
        gone = tuple(id_ for id_, fact in zip(sorted(ended), changed, strict=True) if fact is None)
        self._write(Batch(self.at, tuple(fact for fact in changed if fact)))
        self._write(Batch(self.at, (), gone))
        found = any(one.id == measure for one in self.measures(question))
        self._write(Batch(self.at, tuple(self.facts[id_] for id_ in sorted(ended))))
        return found

    def _write(self, batch: Batch) -> None:
        if batch.facts or batch.withdrawn:
            self.at += timedelta(microseconds=1)
            write(replace(batch, at=self.at), self.store)


def _ended(fact: Fact, day: date, repairable: bool) -> Fact | None:
    """The fact as corrected so that it no longer holds or counts on the day; None where it is withdrawn."""
    if isinstance(fact, Link):
        return replace(fact, valid_to=day) if fact.valid_from is None or fact.valid_from < day else None
    assert isinstance(fact, Record)
    if fact.effective_from is None or fact.effective_from < day:
        return replace(fact, effective_to=day)
    return replace(fact, repaired_on=day) if repairable else replace(fact, annulled=True)

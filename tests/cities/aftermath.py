"""What comes to be known after a city was asked about: corrections, withdrawals, new facts, merges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from graph.model import Fact, Link, Load, Merge, Naming, Record, Source, Subject
from tests.cities.city import Batch, City
from tests.cities.dice import Dice
from tests.cities.draft import identified


def aftermath(city: City, seed: int) -> tuple[Batch, ...]:
    """Batches after the city's last: half of all facts are corrected, some withdrawn, others added and merged."""
    dice = Dice(f"aftermath-{seed}")
    held = {fact.id: fact for batch in city.batches for fact in batch.facts}
    gone = {id_ for batch in city.batches for id_ in batch.withdrawn}
    facts = [fact for id_, fact in held.items() if id_ not in gone]
    at, hour = city.batches[-1].at, timedelta(hours=1)
    corrected = [_corrected(dice, fact) for fact in facts if dice.chance(0.5)]
    links = [fact for fact in facts if isinstance(fact, Link)]
    batches = [
        Batch(at + hour, tuple(fact for fact in corrected if fact != held[fact.id])),
        Batch(at + 2 * hour, tuple(_doubles(dice, facts))),
        Batch(at + 3 * hour, (), tuple(link.id for link in dice.some(links, 0, 2))),
        Batch(at + 4 * hour, tuple(_merges(dice, facts))),
    ]
    return tuple(batch for batch in batches if batch.facts or batch.withdrawn)


def _corrected(dice: Dice, fact: Fact) -> Fact:
    match fact:
        case Subject() if fact.kind == "natural_person" and not fact.identified:
            return identified(fact)
        case Subject():
            return replace(fact, name=fact.name + "（新名）")
        case Link():
            return replace(fact, valid_from=date(1999, 1, 1), valid_to=dice.one([None, date(2000, 1, 1)]), share=0.9)
        case Record():
            return replace(fact, annulled=not fact.annulled, severity="serious", amount=99999)
        case Naming():
            return replace(fact, role="witness")
        case Merge():
            return replace(fact, undone=not fact.undone, undone_by=None if fact.undone else "steward")
        case Source():
            return replace(fact, holds=fact.holds[:1])
        case Load():
            return replace(fact, through=date(2001, 1, 1))


def _doubles(dice: Dice, facts: list[Fact]) -> list[Fact]:
    """New links and records like those that are there."""
    alike = [fact for fact in facts if isinstance(fact, Link | Record)]
    return [replace(fact, id=f"{fact.id}-new") for fact in dice.some(alike, 1, 6)]


def _merges(dice: Dice, facts: list[Fact]) -> list[Fact]:
    subjects = [fact for fact in facts if isinstance(fact, Subject)]
    pairs = [dice.sample(subjects, 2) for _ in range(3)] if len(subjects) > 1 else []
    return [
        Merge(f"after{number}", left.id, right.id, "steward", "同一主体")
        for number, (left, right) in enumerate(pairs)
        if (left.kind == "natural_person") == (right.kind == "natural_person")
    ]

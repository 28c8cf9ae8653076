"""The order in which a city came to be known: batches, corrections, withdrawals, merges, sources and loads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from graph.model import Fact, Link, Load, Merge, Naming, Record, Source, Subject
from tests.cities.city import Batch
from tests.cities.dice import span
from tests.cities.draft import Draft, identified
from tests.cities.laws import EVENTS, LISTS, RED_LISTS, REGION


def history(draft: Draft) -> tuple[Batch, ...]:
    dice = draft.dice
    instants = _instants(draft)
    early, late = _parted(draft)
    sources, loads = _sources(draft, instants)
    batches = [Batch(next(instants), (*sources, *early))]
    batches += [Batch(next(instants), tuple(late))] if late else []
    merges = _merges(draft)
    for merge in merges:
        batches.append(Batch(next(instants), (merge,)))
    held: dict[str, Fact] = {fact.id: fact for batch in batches for fact in batch.facts}
    for _ in range(dice.one([0, 1, 1, 2])):
        batches.append(_change(draft, held, next(instants)))
    for merge in merges:
        if dice.chance(0.5):
            batches.append(
                Batch(next(instants), (replace(merge, undone=True, undone_by="steward", undone_reason="误判"),))
            )
    batches.append(Batch(next(instants), loads)) if loads else None
    return tuple(batch for batch in batches if batch.facts or batch.withdrawn)


def _instants(draft: Draft) -> Any:
    """Instants around today, some of them on another day in Shanghai than in UTC."""
    dice = draft.dice
    day = draft.today + timedelta(days=dice.one([-200, -30, -3, 1, 50]))
    while True:
        day += timedelta(days=dice.one([1, 1, 5, 40]))
        yield datetime.combine(day, time(dice.one([3, 15, 16, 23]), 0, 0, dice.one([0, 7])), tzinfo=UTC)


def _parted(draft: Draft) -> tuple[list[Fact], list[Fact]]:
    """Facts recorded first, and those recorded later."""
    links = [*draft.links.values()]
    later = draft.dice.some(links, 0, max(1, len(links) // 5)) if draft.dice.chance(0.4) else []
    records = [r for r in draft.records.values() if draft.dice.chance(0.1)]
    namings = [n for n in draft.namings.values() if n.record in {r.id for r in records} or draft.dice.chance(0.1)]
    late: list[Fact] = [*later, *records, *namings]
    everything: list[Fact] = [*draft.subjects.values(), *links, *draft.records.values(), *draft.namings.values()]
    return [fact for fact in everything if fact not in late], late


def _merges(draft: Draft) -> list[Merge]:
    dice, found = draft.dice, []
    if dice.chance(0.35):
        person = dice.chance(0.6)
        alike = [id_ for id_ in draft.subjects if draft.is_person(id_) == person]
        for number in range(dice.one([1, 1, 2])):
            if len(alike) > 2:
                left, right = dice.sample(alike, 2)
                found.append(Merge(f"j{number + 1}", left, right, "steward", "同一人"))
    return found


def _change(draft: Draft, held: dict[str, Fact], at: datetime) -> Batch:
    """A correction of one or two facts, or the withdrawal of one that nothing else names."""
    dice = draft.dice
    if dice.chance(0.2):
        named = {f.record for f in held.values() if isinstance(f, Naming)}
        withdrawable = [f.id for f in held.values() if isinstance(f, Link | Naming | Record) and f.id not in named]
        if withdrawable:
            id_ = dice.one(withdrawable)
            del held[id_]
            return Batch(at, (), (id_,))
    facts = [f for f in held.values() if not isinstance(f, Merge)]
    changed = [_corrected(draft, fact) for fact in dice.some(facts, 1, 3)]
    kept = tuple(fact for fact in changed if fact != held[fact.id])
    held |= {fact.id: fact for fact in kept}
    return Batch(at, kept)


def _corrected(draft: Draft, fact: Fact) -> Fact:
    dice, today = draft.dice, draft.today
    match fact:
        case Link():
            end = dice.one([today, dice.after(today, 300), None])
            return replace(fact, valid_to=end if not (end and fact.valid_from and end <= fact.valid_from) else None)
        case Record():
            change: dict[str, Any] = dice.one(
                [
                    {"annulled": not fact.annulled},
                    {"repaired_on": today},
                    {"severity": "serious"},
                    {"disputed": True},
                    {"amount": 20000},
                    {"publicity_to": None},
                ]
            )
            return replace(fact, **change)
        case Naming():
            return replace(fact, finding="responsible")
        case Subject() if draft.is_person(fact.id):
            return identified(fact)
        case Subject():
            return replace(fact, name=fact.name + "（改）", region=REGION)
        case Source():
            return replace(fact, holds=fact.holds[1:], cadence="P3M")
        case Load():
            return replace(fact, through=dice.near(today))
    return fact


def _sources(draft: Draft, instants: Any) -> tuple[list[Fact], tuple[Fact, ...]]:
    """Sources, with what was loaded of them at first, and what is loaded at the end. Mostly nothing is missing."""
    dice, today = draft.dice, draft.today
    all_lists = [*LISTS, *EVENTS, *RED_LISTS]
    whole = dice.chance(0.65)
    held = all_lists if whole else [one for one in all_lists if dice.chance(0.93)]
    dice.shuffle(held)
    facts: list[Fact] = []
    loads: list[Fact] = []
    for number in range(3):
        holds = held[number::3] + ([dice.one(held)] if dice.chance(0.1) else [])
        cadence = dice.one(["P1Y", "P1M", "P7D", "P6M"])
        source = Source(
            f"s{number + 1}", "court", f"数据集 {number + 1}", tuple(dict.fromkeys(holds)), cadence, territory=REGION
        )
        facts.append(source)
        if whole or dice.chance(0.7):
            facts.append(Load(f"load{number + 1}", source.id, today + timedelta(days=4000)))
        elif dice.chance(0.8):
            through = dice.near(today - span(cadence)) if dice.chance(0.6) else dice.before(today, 500)
            facts.append(Load(f"load{number + 1}", source.id, through))
            if dice.chance(0.4):
                loads.append(Load(f"load{number + 1}b", source.id, dice.near(today)))
    return facts, tuple(loads)

"""No statute, no propagation: what the level of its bases lets a measure do (国办发〔2020〕49号; design, section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from rules.contents import Contents
from rules.files import Key
from rules.model import GREATEST_EFFECT, SANCTIONS, Basis, GroupRule, Interval, Measure, Sanction, Scope
from rules.rule import covers

Found = Iterator[tuple[Key, str, str]]
UNCONFIRMED: Sanction = "strict_review"
"""A text that was only recalled, and a choice that the law leaves to the office, carry no more than this."""


def bound_problems(entry: Measure | GroupRule, catalogue: Contents) -> Found:
    """An effect above its level, a basis outside its territory, a basis that never counts."""
    yield from _bounded(entry, entry.basis, catalogue, ("effect",))
    yield from _territories(entry.scope, entry.basis, catalogue, ("basis",))
    if isinstance(entry, Measure):
        for index, reach in enumerate(entry.reaches):
            if reach.basis:
                yield from _bounded(entry, reach.basis, catalogue, ("reaches", index))
                yield from _territories(entry.scope, reach.basis, catalogue, ("reaches", index))
        yield from _own_bounds(entry)


def _own_bounds(measure: Measure) -> Found:
    if measure.discretionary and _above(measure.effect, UNCONFIRMED):
        yield (
            ("effect",),
            f"`{measure.effect}` although the choice is the office's (discretionary)",
            f"at most `{UNCONFIRMED}`: the engine does not choose for the officer",
        )
    if measure.carried_out_by == "market" and _above(measure.effect, "remind"):
        yield (
            ("effect",),
            f"`{measure.effect}` by market players",
            "at most `remind`: nobody may order banks, insurers or platforms (国办发〔2020〕49号)",
        )


def _above(effect: str, bound: Sanction) -> bool:
    return effect in SANCTIONS and SANCTIONS.index(effect) < SANCTIONS.index(bound)


def _bounded(entry: Measure | GroupRule, bases: Sequence[Basis], catalogue: Contents, key: Key) -> Found:
    intervals = [(b, b.in_force or catalogue.documents[b.document].in_force) for b in bases]
    days = sorted({entry.in_force.from_, *(i.from_ for _, i in intervals), *(i.to for _, i in intervals if i.to)})
    counting = [[b for b, i in intervals if i.holds(day)] for day in days if _within(entry, day)]
    if not any(counting):
        yield key, "none of the bases is in force while the entry is", "correct `in_force` of the entry or the bases"
    for day, now in zip([d for d in days if _within(entry, d)], counting, strict=True):
        if now and _above(entry.effect, bound := _bound(entry, now, catalogue)):
            levels = _levels(entry, now, catalogue)
            yield (
                key,
                f"`{entry.effect}` is above `{bound}`, what the bases in force on {day} carry ({levels})",
                "cite the law that carries it, lower the effect, or end the entry with its law",
            )
            return


def _within(entry: Measure | GroupRule, day: date) -> bool:
    if isinstance(entry, Measure) and entry.survives:
        return Interval.model_validate({"from": entry.in_force.from_}).holds(day)
    return entry.in_force.holds(day)


def _bound(entry: Measure | GroupRule, bases: Sequence[Basis], catalogue: Contents) -> Sanction:
    return min((_carries(entry, b, catalogue) for b in bases), key=SANCTIONS.index)


def _carries(entry: Measure | GroupRule, basis: Basis, catalogue: Contents) -> Sanction:
    document = catalogue.documents[basis.document]
    greatest = GREATEST_EFFECT[document.level]
    if entry.text == "recalled" or document.verified == "recalled":
        return max(greatest, UNCONFIRMED, key=SANCTIONS.index)
    return greatest


def _levels(entry: Measure | GroupRule, bases: Sequence[Basis], catalogue: Contents) -> str:
    own = ["the entry's own text is recalled"] if entry.text == "recalled" else []
    levels = (
        f"{b.document} is a {catalogue.documents[b.document].level}, {catalogue.documents[b.document].verified}"
        for b in bases
    )
    return ", ".join([*levels, *own])


def _territories(scope: Scope, bases: Sequence[Basis], catalogue: Contents, key: Key) -> Found:
    for basis in bases:
        territory = catalogue.documents[basis.document].territory
        if territory is None:
            continue
        if not scope.regions or not all(covers(territory, region) for region in scope.regions):
            yield (
                key,
                f"`{basis.document}` holds in {territory} only, the entry's regions are {list(scope.regions) or 'all'}",
                f"set `scope: regions: ['{territory}']`, or cite a law that holds there",
            )

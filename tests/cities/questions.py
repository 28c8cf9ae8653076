"""Questions about a city."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.cities.city import Batch
from tests.cities.draft import Draft
from tests.cities.laws import ELSEWHERE, REGION

Plain = dict[str, Any]


def questions(draft: Draft, bound: str, batches: Sequence[Batch], number: int = 4) -> tuple[Plain, ...]:
    """The first one asks about the subject that the stories are about, today, with everything known."""
    last = batches[-1].at
    first = {"subject": bound, **_asked(draft, last, today=True)}
    return (
        first,
        *({"subject": _address(draft, bound), **_asked(draft, _instant(draft, batches))} for _ in range(number - 1)),
    )


def _asked(draft: Draft, known_at: datetime, *, today: bool = False) -> Plain:
    dice = draft.dice
    as_of = draft.today
    if not today and dice.chance(0.4):
        as_of = dice.one([dice.near(as_of), dice.after(as_of), dice.before(as_of), dice.after(as_of, 4000)])
    return {
        "matter": "tender" if today or dice.chance(0.9) else "licence",
        "department": "purchaser" if today or dice.chance(0.8) else "market-regulation",
        "region": REGION if today or dice.chance(0.75) else ELSEWHERE,
        "industry": dice.one(["food", "food", "building", None]),
        "object": dice.one(["L1", "L1", None]),
        "as_of": as_of,
        "known_at": known_at,
    }


def _instant(draft: Draft, batches: Sequence[Batch]) -> datetime:
    """Mostly when everything was known; else when a batch was recorded, or just before."""
    dice = draft.dice
    if dice.chance(0.65):
        return batches[-1].at
    return dice.one(batches).at - timedelta(microseconds=dice.one([0, 0, 1]))


def _address(draft: Draft, bound: str) -> str:
    dice = draft.dice
    if dice.chance(0.7):
        return bound
    if dice.chance(0.08):
        return dice.one(["uscc:911101085923662400", "lei:NOBODY", "person:" + "0" * 64])
    subject = draft.subjects[dice.one(list(draft.subjects))]
    if dice.chance(0.15):
        return f"name:{subject.name[: dice.one([1, 2, 4])]}"
    identifiers = [f"{scheme}:{value}" for scheme, value in subject.identifiers.items()]
    return dice.one(identifiers) if identifiers and dice.chance(0.4) else subject.id


def group_question(draft: Draft, bound: str, others: list[str], last: datetime) -> Plain:
    dice = draft.dice
    applicants = [bound, *others]
    consortia = [sorted(dice.some(applicants, 2, 2))] if dice.chance(0.6) else []
    asked = _asked(draft, last, today=dice.chance(0.8))
    return {"applicants": applicants, "consortia": consortia, "contract": "同一合同项下", **asked}

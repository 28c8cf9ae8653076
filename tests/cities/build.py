"""A city from a seed."""

from __future__ import annotations

from datetime import date, timedelta

from tests.cities import measures
from tests.cities.city import City
from tests.cities.dice import Dice
from tests.cities.draft import Draft
from tests.cities.history import history
from tests.cities.questions import group_question, questions


def city(seed: int, questions_each: int = 4) -> City:
    """The same seed always leads to the same city."""
    dice = Dice(f"xinheng-{seed}")
    today = dice.one([date(2025, 2, 28), date(2024, 2, 29), date(2025, 3, 31), date(2025, 6, 15), date(2026, 1, 1)])
    draft = Draft(dice, today + timedelta(days=dice.one([0, 0, 0, 1, -1, 100])))
    bound = draft.organisation() if dice.chance(0.65) else draft.person(stranger=0.04)
    catalogue = measures.catalogue(draft, bound)
    others = _rivals(draft, bound) if dice.chance(0.45) and not draft.is_person(bound) else []
    if others:
        catalogue["groups"] = measures.group_rules(draft, catalogue["measures"])
    batches = history(draft)
    groups = (
        (group_question(draft, bound, others, batches[-1].at),) if others and not _one(batches, bound, others) else ()
    )
    return City(batches, catalogue, questions(draft, bound, batches, questions_each), groups)


def _rivals(draft: Draft, bound: str) -> list[str]:
    """Other applicants, some of them bound to the first one or to each other."""
    dice = draft.dice
    others = [draft.some_subject(person=False, but={bound}, again=0.3) for _ in range(dice.one([1, 2, 3]))]
    others = list(dict.fromkeys(others))
    everybody = [bound, *others]
    for applicant in everybody:
        if dice.chance(0.5):
            draft.link(
                dice.one(["legal_representative", "director"]), _holder(draft), applicant, valid_from=_since(draft)
            )
    for _ in range(dice.one([0, 1, 2, 3])):
        left, right = dice.sample(everybody, 2)
        share = dice.one([0.3, 0.5, 0.9, None, None])
        draft.link(dice.one(["shareholder", "manages"]), left, right, valid_from=_since(draft), share=share)
    return others


def _holder(draft: Draft) -> str:
    persons = [s for s in draft.subjects if draft.is_person(s)]
    return persons[-1] if persons and draft.dice.chance(0.6) else draft.person()


def _since(draft: Draft) -> date | None:
    return draft.dice.one(
        [None, draft.dice.before(draft.today), draft.dice.before(draft.today), draft.dice.after(draft.today)]
    )


def _one(batches: object, bound: str, others: list[str]) -> bool:
    """Whether a merge joins applicants: such a group is bad input."""
    merges = [f for b in batches for f in b.facts if hasattr(f, "left")]  # type: ignore[attr-defined]
    return any({m.left, m.right} & {bound, *others} for m in merges)

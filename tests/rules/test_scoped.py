"""What of a catalogue a question concerns: found by what a store returned, and prepared once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from graph.model import Kind
from graph.plan import SELF
from rules.catalogue import Catalogue
from rules.model import Interval
from rules.scoped import Scoped
from tests.cities.build import city
from tests.equality.comparison import loaded
from tests.rules.catalogues import BASE, data_of

DAY = timedelta(days=1)
NONE: frozenset[str] = frozenset()
ASKED: dict[str, Any] = {"matter": "tender", "department": "purchaser", "region": "330100", "kind": Kind.ENTERPRISE}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(BASE)


def scope(catalogue: Catalogue, **asked: Any) -> Scoped:
    return catalogue.in_scope(**{**ASKED, **asked})


def test_questions_alike_share_what_was_prepared(catalogue: Catalogue) -> None:
    assert scope(catalogue) is scope(catalogue)
    assert scope(catalogue, region="330200") is scope(catalogue), "no rule tells these regions apart"
    assert scope(catalogue, department="tax") is not scope(catalogue)


def test_the_plan_holds_every_reach_of_the_rules_with_its_lists(catalogue: Catalogue) -> None:
    found = scope(catalogue)
    lists = {pattern.reach: pattern.lists for pattern in found.plan.patterns}
    for rule in found:
        for reach in rule.reaches:
            assert rule.trigger.lists <= lists[reach.reach]


def test_rules_are_concerned_by_their_lists_and_by_their_reaches(catalogue: Catalogue) -> None:
    found = scope(catalogue)
    for rule in found:
        assert rule in found.concerned(rule.trigger.lists, ())
        assert rule in found.concerned(NONE, tuple(reach.reach for reach in rule.reaches))
    assert found.concerned(NONE, ()) == []
    assert found.concerned(frozenset({"no-such-list"}), ()) == []
    assert found.concerned(NONE.union(*(rule.trigger.lists for rule in found)), (SELF,)) == list(found)


def test_lists_are_needed_while_a_measure_of_theirs_is_in_force() -> None:
    data = data_of(BASE)
    fined_ban, preference = data["measures"][1], data["measures"][2]
    fined_ban["in_force"] = preference["in_force"] = {"from": date(2020, 1, 1), "to": date(2022, 1, 1)}
    found = scope(Catalogue.from_data(data), department="tax")
    assert found.lists_needed(date(2021, 12, 31), "330100") == {"fined", "honoured", "dishonest"}
    assert found.lists_needed(date(2022, 1, 1), "330100") == frozenset()


@pytest.mark.parametrize("seed", range(20))
def test_the_lists_needed_on_any_day_are_those_of_the_measures_that_may_hold_then(seed: int) -> None:
    """Between the days on which a law begins or ends nothing is looked at anew; so every such day counts, and the ones
    beside it."""
    made = city(seed)
    with loaded(made.catalogue) as catalogue:
        kind, region = Kind.ENTERPRISE, made.questions[0]["region"]
        for matter, department in {(q["matter"], q["department"]) for q in made.questions}:
            found = catalogue.in_scope(matter=matter, department=department, region=region, kind=kind)
            dates = {one for rule in found for basis in (rule, *rule.bases) for one in _ends(basis.in_force)}
            for day in {date.min, date(2026, 1, 1)}.union(*({d - DAY, d, d + DAY} for d in dates if d > date.min)):
                held = [rule for rule in found if rule.role == "measure" and rule.may_hold_on(day, region)]
                suspending = [rule.suspension for rule in held if rule.suspension]
                assert found.lists_needed(day, region) == NONE.union(*(r.trigger.lists for r in (*held, *suspending)))


def _ends(interval: Interval) -> set[date]:
    return {interval.from_} | ({interval.to} if interval.to else set())

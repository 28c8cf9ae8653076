"""`until`: the first day on which the same check no longer returns the measure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.conftest import Making
from tests.engine.worlds import (
    DECIDED,
    TODAY,
    World,
    catalogue,
    link,
    measure,
    naming,
    only,
    organisation,
    person,
    reach,
    record,
    world,
)

FIRM, ZHANG = organisation("甲"), person("张")
DAY = timedelta(days=1)
LATER = date(2026, 3, 1)


def until(world: World, subject: Any = FIRM) -> date | None:
    """The day told; asked again on it and on the day before, the check agrees."""
    told = only(world.ask(subject)).until
    if told is None:
        assert world.applies(subject, as_of=date(2200, 1, 1))
        return None
    assert world.applies(subject, as_of=told - DAY)
    assert not world.applies(subject, as_of=told)
    return told


def test_what_nothing_ends_has_no_end(make: Making) -> None:
    assert until(make(FIRM, record(FIRM))) is None


@pytest.mark.parametrize("name", ["effective_to", "repaired_on", "publicity_to", "masked_from"])
def test_a_record_ends_it(make: Making, name: str) -> None:
    assert until(make(FIRM, record(FIRM, **{name: LATER}))) == LATER


def test_the_measure_itself_ends_it(make: Making) -> None:
    by = measure(in_force={"from": "2000-01-01", "to": LATER.isoformat()})
    assert until(make(FIRM, record(FIRM), measures=[by])) == LATER


def test_a_basis_ends_it_and_the_next_one_goes_on(make: Making) -> None:
    old = {"document": "law", "article": "一", "in_force": {"from": "2000-01-01", "to": LATER.isoformat()}}
    new = {"document": "law", "article": "二", "in_force": {"from": LATER.isoformat(), "to": "2027-01-01"}}
    assert until(make(FIRM, record(FIRM), measures=[measure(basis=[old])])) == LATER
    assert until(make(FIRM, record(FIRM), measures=[measure(basis=[old, new])])) == date(2027, 1, 1)


def test_a_basis_of_the_reach_ends_it(make: Making) -> None:
    own = {"document": "law", "article": "一", "in_force": {"from": "2000-01-01", "to": LATER.isoformat()}}
    by = measure(reaches=[{"steps": reach("director>holder@now"), "basis": [own]}])
    told = make(FIRM, ZHANG, record(FIRM), link(ZHANG, "director", FIRM), measures=[by])
    assert until(told, ZHANG) == LATER


@pytest.mark.parametrize(
    ("term", "dates", "end"),
    [
        ({"length": "P3Y"}, {}, date(2027, 1, 11)),
        ({"length": "P3Y"}, {"publicity_to": LATER}, date(2027, 1, 11)),
        ({"length": "P3Y"}, {"effective_to": LATER}, LATER),
        ({"length": "P5Y", "from": "sentence_ends_on"}, {"sentence_ends_on": date(2025, 1, 1)}, date(2030, 1, 2)),
        ({"length": {"least": "P2Y", "most": "P5Y"}}, {}, date(2026, 1, 11)),
        ({"length": {"most": "P5Y"}}, {"term_ends_on": LATER}, LATER),
        ({"length": "for_life"}, {}, None),
    ],
)
def test_a_term_ends_it(make: Making, term: Any, dates: dict[str, date], end: date | None) -> None:
    assert until(make(FIRM, record(FIRM, **dates), measures=[measure(term=term)])) == end


def test_the_end_of_a_link_that_must_hold_now_ends_it(make: Making) -> None:
    by = [measure(reaches=[reach("director>holder@now")])]
    told = make(FIRM, ZHANG, record(FIRM), link(ZHANG, "director", FIRM, valid_to=LATER), measures=by)
    assert until(told, ZHANG) == LATER


def test_a_link_that_held_at_the_event_ends_nothing(make: Making) -> None:
    by = [measure(reaches=[reach("director>holder@at_event")])]
    told = make(FIRM, ZHANG, record(FIRM), link(ZHANG, "director", FIRM, valid_to=LATER), measures=by)
    assert until(told, ZHANG) is None


def test_one_path_takes_over_from_another(make: Making) -> None:
    by = [measure(reaches=[reach("director|supervisor>holder@now")])]
    first = link(ZHANG, "director", FIRM, valid_to=LATER)
    second = link(ZHANG, "supervisor", FIRM, LATER, valid_to=date(2027, 1, 1))
    assert until(make(FIRM, ZHANG, record(FIRM), first, second, measures=by), ZHANG) == date(2027, 1, 1)


def test_one_day_between_two_paths_ends_it(make: Making) -> None:
    by = [measure(reaches=[reach("director|supervisor>holder@now")])]
    first = link(ZHANG, "director", FIRM, valid_to=LATER)
    second = link(ZHANG, "supervisor", FIRM, LATER + DAY)
    assert until(make(FIRM, ZHANG, record(FIRM), first, second, measures=by), ZHANG) == LATER


def test_a_record_that_begins_later_takes_over(make: Making) -> None:
    told = make(FIRM, record(FIRM, effective_to=LATER), record(FIRM, key="2", effective_from=LATER))
    assert until(told) is None


def test_a_fine_leaves_its_window(make: Making) -> None:
    by = [measure(trigger={"event": "fined", "count_at_least": 2, "within": "P1Y"})]
    fines = [record(FIRM, "fined", str(n), decided_on=day) for n, day in enumerate((date(2024, 9, 1), TODAY))]
    assert until(make(FIRM, *fines, measures=by)) == date(2025, 9, 1)


def test_a_naming_lasts_as_long_as_its_record(make: Making) -> None:
    listed = record(FIRM, effective_to=LATER)
    by = [measure(reaches=[[{"named": "responsible"}]])]
    assert until(make(FIRM, ZHANG, listed, naming(listed, ZHANG), measures=by), ZHANG) == LATER


soon = st.integers(1, 40).map(lambda days: TODAY + days * DAY)
ends = st.none() | soon


@pytest.mark.slow
@given(
    st.lists(
        st.fixed_dictionaries({"effective_to": ends, "masked_from": ends, "publicity_to": ends}), min_size=1, max_size=3
    ),
    st.lists(st.tuples(st.integers(-3, 20), st.none() | st.integers(1, 20)), min_size=1, max_size=3),
    st.sampled_from(["now", "after_event", "at_event"]),
    st.sampled_from([None, {"length": "P30D"}, {"length": {"least": "P20D", "most": "P60D"}}]),
)
@settings(max_examples=40, deadline=None)
def test_until_is_the_first_day_without_the_measure(
    records: list[dict[str, date | None]], offices: list[tuple[int, int | None]], time: str, term: Any
) -> None:
    """Held day by day against the check itself."""
    day = TODAY - 2 * DAY
    listed = [record(FIRM, key=str(n), decided_on=day, **dates) for n, dates in enumerate(records)]
    held = [
        link(ZHANG, "director", FIRM, TODAY + a * DAY, valid_to=b and TODAY + (a + b) * DAY, id=f"link:{n}")
        for n, (a, b) in enumerate(offices)
    ]
    by = catalogue(measure(reaches=[reach(f"director>holder@{time}")], **({"term": term} if term else {})))
    with world(FIRM, ZHANG, *listed, *held, by=by) as told:
        found = told.ask(ZHANG).measures
        if found:
            days = (TODAY + n * DAY for n in range(1, 80))
            expected = next((one for one in days if not told.applies(ZHANG, as_of=one)), None)
            assert found[0].until == expected


def test_the_past_knows_its_own_end(make: Making) -> None:
    told = make(FIRM, record(FIRM, effective_to=date(2024, 6, 1)))
    assert only(told.ask(FIRM, as_of=DECIDED)).until == date(2024, 6, 1)

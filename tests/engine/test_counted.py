"""Triggers that count or sum the records of one subject, with windows, and with what is not known of some of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.terms import Period, in_window
from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    Plain,
    catalogue,
    gaps,
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

FIRM, OTHER, ZHANG = organisation("甲"), organisation("乙"), person("张")
DAY = timedelta(days=1)


def twice(**more: Any) -> Plain:
    return {"event": "fined", "count_at_least": 2, **more}


def fine(key: str, day: date | None = date(2025, 1, 1), **more: Any) -> Any:
    return record(FIRM, "fined", key, id=f"fine:{key}", **{"decided_on": day, **more})


def test_two_fines_count_and_one_does_not(make: Making) -> None:
    told = make(FIRM, fine("1"), measures=[measure(trigger=twice())])
    assert told.ask(FIRM).outcome == "none"
    told.tell(fine("2"))
    (chain,) = only(told.ask(FIRM)).chains
    assert [r.id for r in chain.records] == ["fine:1", "fine:2"]


def test_fines_of_two_subjects_are_not_added_up(make: Making) -> None:
    told = make(FIRM, OTHER, fine("1"), record(OTHER, "fined"), measures=[measure(trigger=twice())])
    assert told.ask(FIRM).outcome == told.ask(OTHER).outcome == "none"


def test_a_record_that_does_not_count_is_not_counted(make: Making) -> None:
    for over in ({"repaired_on": TODAY}, {"annulled": True}, {"decided_on": TODAY + DAY}, {"severity": "minor"}):
        told = make(
            FIRM,
            fine("1", severity="general"),
            fine("2", **{"severity": "general", **over}),
            measures=[measure(trigger=twice(severity="general"))],
        )
        assert told.ask(FIRM).outcome == "none", over


def test_a_condition_chooses_what_is_counted(make: Making) -> None:
    by = [measure(trigger=twice(where={"field": "act", "is": "串标"}))]
    told = make(FIRM, fine("1", fields={"act": "串标"}), fine("2", fields={"act": "挂靠"}), measures=by)
    assert told.ask(FIRM).outcome == "none"
    told.tell(fine("3", fields={"act": "串标"}))
    (chain,) = only(told.ask(FIRM)).chains
    assert [r.id for r in chain.records] == ["fine:1", "fine:3"]


def test_a_sum_is_a_least_one_in_yuan(make: Making) -> None:
    by = [measure(trigger={"event": "fined", "sum_at_least": 1000})]
    told = make(FIRM, fine("1", amount=60000), measures=by)
    assert told.ask(FIRM).outcome == "none"
    told.tell(fine("2", amount=39999))
    assert told.ask(FIRM).outcome == "none"
    told.tell(fine("3", amount=1))
    assert told.ask(FIRM).outcome == "deny"


def test_count_and_sum_must_both_hold(make: Making) -> None:
    by = [measure(trigger=twice(sum_at_least=1000))]
    assert make(FIRM, fine("1", amount=100000), measures=by).ask(FIRM).outcome == "none"
    assert make(FIRM, fine("1", amount=100), fine("2", amount=100), measures=by).ask(FIRM).outcome == "none"
    assert make(FIRM, fine("1", amount=100), fine("2", amount=99900), measures=by).ask(FIRM).outcome == "deny"


@pytest.mark.slow
@given(st.lists(st.integers(-40, 5), max_size=6), st.integers(1, 3), st.sampled_from(["P30D", "P1M"]))
@settings(max_examples=40, deadline=None)
def test_a_window_takes_in_its_last_day_and_not_its_first(offsets: list[int], least: int, within: str) -> None:
    """(t − P, t], on the event date."""
    fines = [fine(str(n), TODAY + offset * DAY) for n, offset in enumerate(offsets)]
    inside = sum(in_window(TODAY + offset * DAY, TODAY, Period.parse(within)) for offset in offsets)
    trigger = {"event": "fined", "count_at_least": max(2, least), "within": within}
    with world(FIRM, *fines, by=catalogue(measure(trigger=trigger))) as told:
        assert told.applies(FIRM) is (inside >= max(2, least))


def test_the_event_is_the_latest_counted_and_links_and_terms_go_by_it(make: Making) -> None:
    by = [measure(trigger=twice(), reaches=[reach("director>holder@at_event")], term={"length": "P1Y"})]
    first, last = fine("1", date(2023, 1, 1)), fine("2", date(2024, 3, 1))
    told = make(FIRM, ZHANG, first, last, link(ZHANG, "director", FIRM, date(2024, 2, 1)), measures=by)
    assert told.applies(ZHANG, as_of=date(2025, 3, 1))
    assert not told.applies(ZHANG, as_of=date(2025, 3, 2)), "a year from the latest has passed"
    assert not told.applies(ZHANG, as_of=date(2024, 2, 15)), "there was one fine only"


def test_of_several_latest_the_least_id_gives_the_anchor(make: Making) -> None:
    by = [measure(trigger=twice(), term={"length": "P1Y", "from": "final_on"})]
    told = make(FIRM, fine("a", final_on=date(2025, 1, 10)), fine("b", final_on=date(2020, 1, 1)), measures=by)
    assert told.applies(FIRM)
    told = make(FIRM, fine("a", final_on=date(2020, 1, 1)), fine("b", final_on=date(2025, 1, 10)), measures=by)
    assert not told.applies(FIRM)


def test_retroactivity_is_asked_of_the_latest_only(make: Making) -> None:
    by = [measure(trigger=twice(), in_force={"from": "2024-01-01"})]
    assert make(FIRM, fine("1", date(2023, 1, 1)), fine("2", date(2024, 1, 1)), measures=by).applies(FIRM)
    assert not make(FIRM, fine("1", date(2023, 1, 1)), fine("2", date(2023, 6, 1)), measures=by).applies(FIRM)


# --- what is not known ----------------------------------------------------------------------------------------------


def test_one_doubtful_record_that_could_be_enough_is_a_gap(make: Making) -> None:
    told = make(FIRM, fine("1"), fine("2", None, effective_from=date(2025, 1, 1)), measures=[measure(trigger=twice())])
    decision = told.ask(FIRM)
    assert (decision.outcome, gaps(decision)) == ("incomplete", {("missing_date", "fine:2#decided_on"): ("ban",)})


def test_doubtful_records_that_could_not_be_enough_are_none(make: Making) -> None:
    thrice = measure(trigger={"event": "fined", "count_at_least": 3})
    told = make(FIRM, fine("1"), fine("2", None, effective_from=date(2025, 1, 1)), measures=[thrice])
    assert (told.ask(FIRM).outcome, told.ask(FIRM).gaps) == ("none", ())


def test_doubt_about_more_than_is_needed_is_no_gap(make: Making) -> None:
    told = make(FIRM, fine("1"), fine("2"), fine("3", None), measures=[measure(trigger=twice())])
    (chain,) = only(told.ask(FIRM)).chains
    assert [r.id for r in chain.records] == ["fine:1", "fine:2"]
    assert told.ask(FIRM).gaps == ()


def test_a_missing_amount_could_always_be_enough(make: Making) -> None:
    by = [measure(trigger={"event": "fined", "sum_at_least": 10**9})]
    decision = make(FIRM, fine("1"), measures=by).ask(FIRM)
    assert gaps(decision) == {("missing_amount", "fine:1"): ("ban",)}


def test_a_missing_severity_of_a_counted_record_is_named(make: Making) -> None:
    by = [measure(trigger=twice(severity="serious"))]
    decision = make(FIRM, fine("1", severity="serious"), fine("2"), measures=by).ask(FIRM)
    assert gaps(decision) == {("missing_severity", "fine:2"): ("ban",)}


def test_an_undated_record_is_in_no_window_for_sure(make: Making) -> None:
    by = [measure(trigger=twice(within="P1Y"))]
    told = make(FIRM, fine("1"), fine("2", None, effective_from=date(2010, 1, 1)), measures=by)
    assert gaps(told.ask(FIRM)) == {("missing_date", "fine:2#decided_on"): ("ban",)}


# --- named persons and groups ---------------------------------------------------------------------------------------


def test_a_person_named_in_a_counted_decision_is_bound_by_all_of_them(make: Making) -> None:
    by = [measure(trigger=twice(), reaches=[[{"named": "responsible"}]])]
    one, two = fine("1"), fine("2")
    told = make(FIRM, ZHANG, one, two, naming(two, ZHANG), measures=by)
    (chain,) = only(told.ask(ZHANG)).chains
    assert [r.id for r in chain.records] == ["fine:1", "fine:2"]


@pytest.mark.parametrize(("repaired", "bound"), [(None, True), (TODAY, False)])
def test_a_naming_on_a_record_that_is_not_counted_does_not_bind(
    make: Making, repaired: date | None, bound: bool
) -> None:
    by = [measure(trigger=twice(), reaches=[[{"named": "responsible"}]])]
    named = fine("3", repaired_on=repaired)
    told = make(FIRM, ZHANG, fine("1"), fine("2"), named, naming(named, ZHANG), measures=by)
    assert told.applies(ZHANG) is bound


def test_a_naming_on_a_doubtful_record_is_open(make: Making) -> None:
    by = [measure(trigger=twice(), reaches=[[{"named": "responsible"}]])]
    doubtful = fine("3", None, effective_from=date(2025, 1, 1))
    told = make(FIRM, ZHANG, fine("1"), fine("2"), doubtful, naming(doubtful, ZHANG), measures=by)
    assert gaps(told.ask(ZHANG)) == {("missing_date", "fine:3#decided_on"): ("ban",)}


def test_records_that_are_none_for_sure_leave_nothing_open(make: Making) -> None:
    told = make(FIRM, fine("1", annulled=True), fine("2", annulled=True), measures=[measure(trigger=twice())])
    assert (told.ask(FIRM).outcome, told.ask(FIRM).gaps) == ("none", ())

"""Sources: what was never loaded, is overdue, or is not held at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    World,
    gaps,
    incentive,
    load,
    measure,
    only,
    organisation,
    record,
    source,
)

FIRM = organisation("甲")
COURT = source("dishonest", name="court")
DAY = timedelta(days=1)


def state(world: World, **asked: object) -> tuple[str, dict[tuple[str, str], tuple[str, ...]]]:
    decision = world.ask(FIRM, **asked)
    return decision.outcome, gaps(decision)


def test_a_source_that_was_never_loaded_is_a_gap(make: Making) -> None:
    told = make(FIRM, COURT, sourced=False)
    assert state(told) == ("incomplete", {("never_loaded", "source:court/dishonest"): ("ban",)})
    told.tell(load(COURT))
    assert state(told) == ("none", {})


@pytest.mark.parametrize(
    ("cadence", "through", "first_overdue"),
    [
        ("P1D", date(2025, 5, 1), date(2025, 5, 2)),
        ("P1M", date(2025, 4, 30), date(2025, 5, 30)),
        ("P1M", date(2025, 1, 31), date(2025, 2, 28)),
        ("P1Y", date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_a_source_is_overdue_once_its_cadence_has_passed(
    make: Making, cadence: str, through: date, first_overdue: date
) -> None:
    held = source("dishonest", name="court", cadence=cadence)
    told = make(FIRM, held, load(held, through), sourced=False)
    assert state(told, as_of=first_overdue - DAY) == ("none", {})
    assert state(told, as_of=first_overdue) == ("incomplete", {("overdue", "source:court/dishonest"): ("ban",)})


def test_the_latest_load_counts_whatever_the_order(make: Making) -> None:
    told = make(FIRM, COURT, load(COURT, TODAY), load(COURT, date(2025, 1, 1)), sourced=False)
    assert state(told) == ("none", {})


def test_what_a_source_will_say_of_the_future_nobody_can_know(make: Making) -> None:
    """The day that counts is no later than the day on which the answer was known."""
    told = make(sourced=False)
    recorded = datetime(2025, 6, 1, 8, tzinfo=UTC)
    told.store.write([FIRM, COURT, load(COURT, date(2025, 5, 20))], recorded_at=recorded)
    assert state(told, as_of=date(2030, 1, 1)) == ("none", {})


def test_the_day_of_knowing_is_the_one_in_shanghai(make: Making) -> None:
    told = make(sourced=False)
    monthly = load(COURT, date(2025, 5, 2))
    told.store.write([FIRM, COURT, monthly], recorded_at=datetime(2025, 6, 1, 15, 59, tzinfo=UTC))
    assert state(told, as_of=date(2025, 12, 1)) == ("none", {})
    told.store.write([record(FIRM, "arrears")], recorded_at=datetime(2025, 6, 1, 16, 0, tzinfo=UTC))
    assert state(told, as_of=date(2025, 12, 1))[0] == "incomplete"


def test_what_it_says_of_the_past_is_known_once_a_later_load_is(make: Making) -> None:
    told = make(FIRM, COURT, load(COURT, date(2025, 5, 31)), sourced=False)
    assert state(told, as_of=date(2020, 1, 1)) == ("none", {})


def test_a_load_recorded_later_is_not_known_before(make: Making) -> None:
    told = make(FIRM, COURT, sourced=False)
    before = told.store.last_instant()
    told.tell(load(COURT))
    assert state(told, known_at=before)[0] == "incomplete"
    assert state(told) == ("none", {})


def test_each_source_of_a_list_must_have_been_loaded(make: Making) -> None:
    other = source("dishonest", name="other-court")
    told = make(FIRM, COURT, load(COURT), other, sourced=False)
    assert state(told) == ("incomplete", {("never_loaded", "source:other-court/dishonest"): ("ban",)})


def test_a_source_of_lists_that_nobody_asks_for_is_no_gap(make: Making) -> None:
    told = make(FIRM, COURT, load(COURT), source("arrears", name="labour"), sourced=False)
    assert state(told) == ("none", {})


def test_a_missing_source_cannot_take_back_what_is_returned(make: Making) -> None:
    told = make(FIRM, record(FIRM), COURT, sourced=False)
    assert state(told) == ("deny", {})


def test_lists_that_no_source_holds_are_named_and_leave_the_answer_complete(make: Making) -> None:
    by = [measure(), measure("fined", trigger={"event": ["fined", "revoked"]})]
    decision = make(FIRM, COURT, load(COURT), measures=by, sourced=False).ask(FIRM)
    assert (decision.outcome, decision.complete) == ("none", True)
    assert decision.not_consulted == ("fined", "revoked")


def test_lists_of_measures_out_of_scope_or_force_are_not_missed(make: Making) -> None:
    over = measure("over", trigger={"event": "fined"}, in_force={"from": "2000-01-01", "to": "2020-01-01"})
    elsewhere = measure("elsewhere", trigger={"event": "revoked"}, scope={"matters": ["licence"]})
    told = make(FIRM, COURT, load(COURT), measures=[measure(), over, elsewhere], sourced=False)
    assert told.ask(FIRM).not_consulted == ()
    assert told.ask(FIRM, as_of=date(2019, 1, 1)).not_consulted == ("fined",)


def test_a_measure_of_a_province_needs_its_list_there_and_nowhere_else(make: Making) -> None:
    scope = {"matters": ["tender"], "regions": ["330000"]}
    local = measure(basis=[{"document": "provincial", "article": "1"}], effect="restrict", scope=scope)
    told = make(FIRM, COURT, measures=[local], sourced=False)
    assert state(told, region="330106") == ("incomplete", {("never_loaded", "source:court/dishonest"): ("ban",)})
    assert state(told, region="110101") == ("none", {})


def test_a_surviving_measure_still_needs_its_list(make: Making) -> None:
    over = measure(
        "over", trigger={"event": "fined"}, in_force={"from": "2000-01-01", "to": "2020-01-01"}, survives=True
    )
    assert make(FIRM, COURT, load(COURT), measures=[measure(), over], sourced=False).ask(FIRM).not_consulted == (
        "fined",
    )


def test_where_nothing_was_consulted_nothing_is_clear(make: Making) -> None:
    told = make(FIRM, sourced=False)
    assert state(told) == ("incomplete", {("nothing_consulted", "sources"): ("ban",)})
    told.tell(source("arrears", name="labour"))
    assert state(told)[0] == "incomplete", "a source of other lists is none"


def test_where_no_measure_needs_anything_nothing_is_missed(make: Making) -> None:
    assert state(make(FIRM, measures=[], sourced=False)) == ("none", {})


def test_an_incentive_whose_suspension_was_not_looked_up_is_unknown(make: Making) -> None:
    by = [incentive(suspended_when={"list": "dishonest"})]
    red = source("honoured", name="tax")
    told = make(FIRM, record(FIRM, "honoured"), red, load(red), COURT, measures=by, sourced=False)
    assert only(told.ask(FIRM)).suspended_by == "unknown"
    told.tell(load(COURT))
    assert only(told.ask(FIRM)).suspended_by is None


def test_a_missing_source_of_an_incentive_leaves_the_outcome_complete(make: Making) -> None:
    red = source("honoured", name="tax")
    decision = make(FIRM, red, measures=[incentive()], sourced=False).ask(FIRM)
    assert (decision.outcome, decision.complete) == ("none", True)
    assert gaps(decision) == {("never_loaded", "source:tax/honoured"): ("reward",)}

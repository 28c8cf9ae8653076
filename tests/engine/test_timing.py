"""When a record counts, a term runs and a link holds, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import timing
from engine.truth import TRUE, Truth
from graph.model import Link, LinkType
from graph.paths import BlindPath
from graph.plan import Holds, LinkStep, Reach
from graph.terms import Period, term_ends
from rules.rule import RuleTerm
from tests.engine.worlds import DECIDED, TODAY, organisation, record
from tests.rules.compiled import rule

FIRM, OTHER = organisation("甲"), organisation("乙")
DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2020, 2, 29))
maybe = st.none() | days
OPEN = rule("no-term")
FIXED = rule("with-term", term=RuleTerm("decided_on", Period(years=1), Period(years=1), ranged=False))


def counts(day: date, *, by: Any = OPEN, **dates: Any) -> bool | None:
    return timing.counts(record(FIRM, **dates), by, day).value


# --- records --------------------------------------------------------------------------------------------------------


def test_a_record_counts_from_its_decision() -> None:
    assert counts(DECIDED) is True
    assert counts(DECIDED - DAY) is False


def test_a_record_that_takes_effect_later_counts_from_then() -> None:
    assert counts(TODAY, effective_from=TODAY + DAY) is False
    assert counts(TODAY, effective_from=TODAY) is True
    assert counts(date(2023, 1, 1), effective_from=date(2022, 1, 1)) is True


def test_a_record_without_a_beginning_is_unknown() -> None:
    undated = record(FIRM, id="record:1", decided_on=None)
    assert timing.counts(undated, OPEN, TODAY) == Truth(None, frozenset({("missing_date", "record:1#effective_from")}))
    assert counts(TODAY, decided_on=None, effective_to=TODAY) is False


@pytest.mark.parametrize(
    ("dates", "last"),
    [
        ({"effective_to": TODAY}, TODAY - DAY),
        ({"repaired_on": TODAY}, TODAY - DAY),
        ({"publicity_to": TODAY}, TODAY - DAY),
        ({"masked_from": TODAY}, TODAY - DAY),
    ],
)
def test_what_ends_a_record_ends_it_on_that_day(dates: dict[str, date], last: date) -> None:
    assert counts(last, **dates) is True
    assert counts(last + DAY, **dates) is False


def test_a_mask_is_lifted_on_its_last_day() -> None:
    masked = {"masked_from": TODAY, "masked_to": TODAY + 10 * DAY}
    assert [counts(TODAY + n * DAY, **masked) for n in (-1, 0, 9, 10)] == [True, False, False, True]


def test_an_annulled_record_never_counted() -> None:
    assert counts(TODAY, annulled=True) is False
    assert counts(TODAY, annulled=True, decided_on=None) is False


def test_a_disputed_record_counts() -> None:
    assert counts(TODAY, disputed=True) is True


def test_a_repair_does_not_end_what_stays() -> None:
    assert counts(TODAY, by=rule("stays", stays=True), repaired_on=DECIDED) is True
    assert counts(TODAY, by=rule("stays", stays=True), effective_to=TODAY) is False


def test_publicity_binds_a_measure_without_a_term_only() -> None:
    assert counts(TODAY, by=FIXED, publicity_to=DECIDED) is True
    assert counts(TODAY, by=OPEN, publicity_to=DECIDED + DAY) is False


def test_severity_is_an_order() -> None:
    asked = rule("general", severity=2)
    assert [timing.severe(record(FIRM, severity=s), asked).value for s in ("minor", "general", "serious")] == [
        False, True, True,
    ]  # fmt: skip
    assert timing.severe(record(FIRM, id="record:1"), asked).gaps == {("missing_severity", "record:1")}
    assert timing.severe(record(FIRM), OPEN) is TRUE


def test_an_event_of_tomorrow_has_not_happened() -> None:
    assert timing.happened(record(FIRM, decided_on=TODAY), OPEN, TODAY).value is True
    assert timing.happened(record(FIRM, decided_on=TODAY + DAY), OPEN, TODAY).value is False
    by_deed = rule("deed", on="acted_on")
    assert timing.happened(record(FIRM, id="record:1"), by_deed, TODAY).gaps == {("missing_date", "record:1#acted_on")}


# --- terms ----------------------------------------------------------------------------------------------------------


def ranged(least: str | None, most: str | None) -> RuleTerm:
    return RuleTerm("decided_on", Period.parse(least) if least else None, Period.parse(most) if most else None, True)


def holds(term: RuleTerm | None, day: date, **dates: Any) -> bool | None:
    return timing.term_holds(term, record(FIRM, **dates), day).value


def test_five_years_end_the_day_after_the_corresponding_day() -> None:
    """民法典 201–202."""
    five = RuleTerm("decided_on", Period(years=5), Period(years=5), ranged=False)
    free = date(2028, 8, 11)
    assert holds(five, free - DAY, decided_on=date(2023, 8, 10)) is True
    assert holds(five, free, decided_on=date(2023, 8, 10)) is False


def test_a_fixed_term_is_not_moved_by_the_decision() -> None:
    assert holds(FIXED.term, date(2025, 1, 10), term_ends_on=date(2024, 6, 1)) is True
    assert holds(FIXED.term, date(2025, 1, 11), term_ends_on=date(2030, 1, 1)) is False


def test_a_life_long_term_does_not_end() -> None:
    assert holds(RuleTerm("decided_on", None, None, ranged=False), date.max) is True


def test_nothing_is_asked_without_a_term() -> None:
    assert holds(None, date.max) is True


def test_a_term_without_its_anchor_is_unknown() -> None:
    from_release = RuleTerm("sentence_ends_on", Period(years=5), Period(years=5), ranged=False)
    unknown = timing.term_holds(from_release, record(FIRM, id="record:1"), TODAY)
    assert unknown.gaps == {("missing_date", "record:1#sentence_ends_on")}
    assert timing.term_holds(from_release, None, TODAY) == Truth(None)


@pytest.mark.parametrize(
    ("term", "after"),
    [
        (ranged("P1Y", "P3Y"), {365: True, 366: True, 367: None, 3 * 365 + 1: None, 3 * 365 + 2: False}),
        (ranged(None, "P1Y"), {0: None, 366: None, 367: False}),
        (ranged("P1Y", None), {366: True, 367: None, 99999: None}),
    ],
)
def test_a_range_binds_for_its_least_and_is_open_up_to_its_most(term: RuleTerm, after: dict[int, bool | None]) -> None:
    """From 2024-01-10: one year ends on 2025-01-11, 367 days later; three on 2027-01-11."""
    assert {n: holds(term, DECIDED + n * DAY) for n in after} == after


def test_the_decision_settles_a_range() -> None:
    ends = date(2025, 1, 1)
    for term in (ranged("P1Y", "P3Y"), ranged(None, "P1M"), ranged("P3Y", None)):
        assert holds(term, ends - DAY, term_ends_on=ends) is True
        assert holds(term, ends, term_ends_on=ends) is False
        assert holds(term, ends - DAY, term_ends_on=ends, decided_on=None) is True


def test_an_undecided_term_is_named() -> None:
    open_ = timing.term_holds(ranged(None, "P3Y"), record(FIRM, id="record:1"), TODAY)
    assert open_.gaps == {("undecided_term", "record:1")}


terms = st.builds(
    lambda least, more, ranged: RuleTerm("decided_on", Period(days=least), Period(days=least + more * ranged), ranged),
    st.integers(1, 40),
    st.integers(0, 40),
    st.booleans(),
) | st.sampled_from([ranged(None, "P9D"), ranged("P9D", None), RuleTerm("decided_on", None, None, False)])


@given(terms, days, days, maybe)
def test_the_days_left_are_those_on_which_it_holds(term: RuleTerm, decided: date, day: date, ends: date | None) -> None:
    """What the rules engine is told is what the proof says."""
    held = record(FIRM, decided_on=decided, term_ends_on=ends)
    left = timing.days_left(term, held, day)
    assert (left is not None and left > 0) == (timing.term_holds(term, held, day).value is True)


@given(days, st.integers(1, 60))
def test_a_fixed_term_holds_up_to_its_end(decided: date, length: int) -> None:
    term = RuleTerm("decided_on", Period(days=length), Period(days=length), ranged=False)
    end = term_ends(decided, Period(days=length))
    assert end == decided + (length + 1) * DAY
    assert holds(term, end - DAY, decided_on=decided) is True
    assert holds(term, end, decided_on=decided) is False


# --- links ----------------------------------------------------------------------------------------------------------


def joined(since: date | None, to: date | None, **more: Any) -> Link:
    return Link("link:1", LinkType.DIRECTOR, FIRM.id, OTHER.id, since, to, **more)


def in_words(since: date | None, to: date | None, holds: Holds, event: date | None, day: date) -> bool | None:
    """The three step times as docs/decisions/0001 says them."""
    if holds == "now":
        return (since is None or since <= day) and (to is None or day < to)
    if holds == "at_event":
        if event is None:
            return None
        if to is not None and to <= event:
            return False
        return None if since is None else since <= event
    if to is not None and to <= day:
        return False
    if since is None:
        return None
    if since > day:
        return False
    return None if event is None else since > event


@given(maybe, maybe, st.sampled_from(("now", "at_event", "after_event")), maybe, days)
def test_a_link_holds_as_the_step_says(
    since: date | None, to: date | None, holds: Holds, event: date | None, day: date
) -> None:
    found = timing.link_holds(joined(since, to), holds, event, day)
    assert found.value is in_words(since, to, holds, event, day)
    undated = since is None and found.value is None and event is not None
    assert found.gaps == ({("undated_link", "link:1")} if undated else frozenset())


def test_an_undated_link_counts_for_now_and_proves_no_other_time() -> None:
    assert timing.link_holds(joined(None, None), "now", None, TODAY).value is True
    for other in ("at_event", "after_event"):
        assert timing.link_holds(joined(None, None), other, DECIDED, TODAY).gaps == {("undated_link", "link:1")}


@given(maybe, maybe, st.sampled_from(("now", "at_event", "after_event")), days)
def test_a_walk_goes_on_while_some_event_could_make_the_link_hold(
    since: date | None, to: date | None, holds: Holds, day: date
) -> None:
    step = LinkStep(frozenset({LinkType.DIRECTOR}), "holder", holds)
    blind = BlindPath(Reach(None, (step,)), FIRM.id, (joined(since, to),), at_listed_end=True)
    if holds == "at_event":
        expected = since is None or since <= day
    else:
        expected = (since is None or since <= day) and (to is None or day < to)
    assert timing.may_lead_here(blind, day) is expected

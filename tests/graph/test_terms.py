"""Terms and windows by the calendar: 民法典 201 and 202, exact against the definitions."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import BadDate
from graph.terms import Period, in_window, term_ends, window_ends

DAY = timedelta(days=1)
periods = st.builds(Period, st.integers(0, 3), st.integers(0, 14), st.integers(0, 40)).filter(lambda p: p != Period())
days = st.dates(date(1995, 1, 1), date(2030, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P5Y", Period(5)),
        ("P6M", Period(0, 6)),
        ("P30D", Period(0, 0, 30)),
        ("P1Y6M", Period(1, 6)),
        ("P1Y2M3D", Period(1, 2, 3)),
    ],
)
def test_periods_are_read_and_written_as_iso_8601(text: str, period: Period) -> None:
    assert Period.parse(text) == period
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "5Y",
        "P5",
        "PT5H",
        "P1YT1H",
        "P2W",
        "P-1Y",
        "-P1Y",
        "P1.5Y",
        "P0D",
        "P0Y0M",
        "p5y",
        "P５Y",
        "P9999999Y",
        None,
    ],
)
def test_what_is_no_span_of_calendar_days_is_refused(text: str) -> None:
    with pytest.raises(BadDate):
        Period.parse(text)


@pytest.mark.parametrize(
    ("start", "period", "free"),
    [
        ("2023-08-10", "P5Y", "2028-08-11"),  # the corresponding day is the last
        ("2024-02-29", "P5Y", "2029-03-01"),  # no 29 February: the end of the month is
        ("2024-02-29", "P4Y", "2028-03-01"),
        ("2023-01-31", "P1M", "2023-03-01"),
        ("2024-01-31", "P1M", "2024-03-01"),
        ("2023-08-31", "P6M", "2024-03-01"),
        ("2025-01-01", "P30D", "2025-02-01"),
        ("2025-12-31", "P1D", "2026-01-02"),
        ("2024-08-30", "P1Y6M", "2026-03-01"),
    ],
)
def test_a_term_ends_with_its_corresponding_day(start: str, period: str, free: str) -> None:
    assert term_ends(day(start), Period.parse(period)) == day(free)


def test_a_term_beyond_the_calendar_never_ends() -> None:
    assert term_ends(day("2024-01-01"), Period.parse("P9000Y")) is None
    assert term_ends(day("9999-12-30"), Period.parse("P1D")) is None
    assert term_ends(day("9999-12-29"), Period.parse("P1D")) == day("9999-12-31")
    assert term_ends(day("2024-01-01"), Period.parse("P999999M")) is None
    assert window_ends(day("9999-06-01"), Period.parse("P1Y")) is None
    assert window_ends(day("9999-12-01"), Period.parse("P60D")) is None


def corresponding(start: date, years: int, months: int) -> date:
    month = start.month - 1 + months
    year, month = start.year + years + month // 12, month % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


@given(days, periods)
def test_the_last_day_of_a_term_is_the_corresponding_day_plus_its_days(start: date, period: Period) -> None:
    assert term_ends(start, period) == corresponding(start, period.years, period.months) + period.days * DAY + DAY


@given(days, periods, st.integers(1, 400))
def test_a_later_start_never_ends_earlier(start: date, period: Period, later: int) -> None:
    first, second = term_ends(start, period), term_ends(start + later * DAY, period)
    assert first
    assert second
    assert first <= second


@settings(deadline=None)
@given(days, periods)
def test_a_window_ends_on_the_first_day_that_it_no_longer_holds_the_event(event: date, period: Period) -> None:
    """By brute force: from the event on, day after day, until the event is not in (day − period, day]."""
    on = event
    while corresponding(on, -period.years, -period.months) - period.days * DAY < event:
        assert in_window(event, on, period)
        on += DAY
    assert window_ends(event, period) == on
    assert not in_window(event, on, period)


def test_an_event_after_the_day_is_in_no_window() -> None:
    assert not in_window(day("2025-01-02"), day("2025-01-01"), Period.parse("P1Y"))


def test_a_window_that_opens_before_the_calendar_holds_every_earlier_event() -> None:
    assert in_window(date.min, day("2025-01-01"), Period.parse("P5000Y"))

"""Terms, windows and cadences: the one place where spans of calendar time are computed.

A term of five years from day d has the corresponding day five years on as its *last* day, clamped to the end of the
month where the month has no such day (民法典 201, 202); the subject is free the day after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Self

import isodate
from dateutil.relativedelta import relativedelta

from graph.errors import BadDate

_CALENDAR = re.compile(r"P(?=\d)(\d{1,6}Y)?(\d{1,6}M)?(\d{1,6}D)?", re.ASCII)
ONE_DAY = timedelta(days=1)
SPANS, DAYS = 1_024, 16_384
"""So many spans, and days after spans, are remembered: sources are of few cadences, and records of few terms."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole years, months and days, as in ISO 8601: ``P5Y``, ``P6M``, ``P30D``, ``P1Y6M``.

    >>> Period.parse("P1Y6M")
    Period(years=1, months=6, days=0)
    >>> str(Period(months=6))
    'P6M'
    """

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `BadDate` for what is not a positive span of years, months and days.

        >>> Period.parse("PT5H")
        Traceback (most recent call last):
        graph.errors.BadDate: 'PT5H' is not a span of years, months and days (write for example P5Y, P6M or P30D)
        """
        if not isinstance(text, str) or not _CALENDAR.fullmatch(text):
            raise BadDate(
                f"{text!r} is not a span of years, months and days", remedy="write for example P5Y, P6M or P30D"
            )
        if (numbers := _numbers(text)) == (0, 0, 0):
            raise BadDate(f"{text!r} is an empty span", remedy="a term, window or cadence lasts at least one day")
        return cls(*numbers)

    def __str__(self) -> str:
        parts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        return "P" + ("".join(f"{n}{unit}" for n, unit in parts if n) or "0D")

    @property
    def months_in_all(self) -> int:
        return 12 * self.years + self.months

    def after(self, day: date) -> date | None:
        """The corresponding day after ``day``, clamped to the end of its month; ``None`` beyond the year 9999.

        >>> Period(months=1).after(date(2023, 1, 31))
        datetime.date(2023, 2, 28)
        """
        return _shifted(day, self.months_in_all, self.days)

    def before(self, day: date) -> date | None:
        """The corresponding day before ``day``, clamped alike; ``None`` before the year 1."""
        return _shifted(day, -self.months_in_all, -self.days)


@lru_cache(maxsize=SPANS)
def _numbers(text: str) -> tuple[int, int, int]:
    span = isodate.parse_duration(text, as_timedelta_if_possible=False)
    return int(span.years), int(span.months), span.tdelta.days


@lru_cache(maxsize=DAYS)
def _shifted(day: date, months: int, days: int) -> date | None:
    try:
        return day + relativedelta(months=months, days=days)
    except (ValueError, OverflowError):
        return None


def term_ends(start: date, period: Period) -> date | None:
    """The first free day after a term that runs from ``start`` (民法典 201, 202); ``None`` if it never ends within the
    calendar.

    >>> term_ends(date(2023, 8, 10), Period.parse("P5Y"))
    datetime.date(2028, 8, 11)
    >>> term_ends(date(2024, 2, 29), Period.parse("P5Y"))
    datetime.date(2029, 3, 1)
    >>> term_ends(date(2025, 1, 1), Period.parse("P30D"))
    datetime.date(2025, 2, 1)
    """
    last = period.after(start)
    return None if last is None or last == date.max else last + ONE_DAY


def in_window(event: date, day: date, period: Period) -> bool:
    """Whether ``event`` lies in the window (day − period, day].

    >>> in_window(date(2024, 3, 1), date(2025, 3, 1), Period.parse("P1Y"))
    False
    """
    opens = period.before(day)
    return event <= day and (opens is None or opens < event)


def window_ends(event: date, period: Period) -> date | None:
    """The first day on which ``event`` no longer lies in the window (day − period, day]; ``None`` if never.

    That is the first day whose ``before`` reaches the event: the corresponding day, or, where the month has no such
    day, the first of the next one, since the clamped end of the month still looks back before the event.

    >>> window_ends(date(2024, 3, 1), Period.parse("P1Y"))
    datetime.date(2025, 3, 1)
    >>> window_ends(date(2024, 2, 29), Period.parse("P1Y"))
    datetime.date(2025, 3, 1)
    """
    shifted = _shifted(event, 0, period.days)
    ends = shifted and _shifted(shifted, period.months_in_all, 0)
    if not (shifted and ends):
        return None
    return ends if ends.day == shifted.day else ends + ONE_DAY

"""Dates and instants as SQLite holds them: yyyymmdd and microseconds since 1970, so that they compare as integers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from graph.errors import BadDate

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOREVER = 2**63 - 1
"""superseded_at of a current version."""
OPEN = 99_999_999
"""valid_to of a link that has not ended: later than every day."""


@lru_cache(maxsize=65_536)
def day_number(day: date | None) -> int | None:
    return None if day is None else day.year * 10_000 + day.month * 100 + day.day


@lru_cache(maxsize=65_536)
def day_of(number: int | None) -> date | None:
    return None if number is None else date(number // 10_000, number // 100 % 100, number % 100)


def end_number(day: date | None) -> int:
    return OPEN if day is None else day.year * 10_000 + day.month * 100 + day.day


def end_of(number: int) -> date | None:
    return None if number == OPEN else day_of(number)


def microseconds(instant: datetime) -> int:
    """Raises `BadDate` for an instant without a time zone."""
    if instant.tzinfo is None:
        raise BadDate(f"the instant {instant} has no time zone", remedy="give it in UTC, for example with +00:00")
    return (instant - EPOCH) // MICROSECOND


def instant_of(number: int) -> datetime:
    return EPOCH + timedelta(microseconds=number)

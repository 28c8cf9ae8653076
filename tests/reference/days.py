"""Days, durations, terms and territories."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from dateutil.relativedelta import relativedelta

SHANGHAI = timezone(timedelta(hours=8))
FOR_LIFE = "for_life"


def duration(text: str) -> relativedelta:
    """``P1Y6M10D`` and the like."""
    match = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?", text)
    assert match, text
    years, months, days = (int(part or 0) for part in match.groups())
    return relativedelta(years=years, months=months, days=days)


def free_day(start: date, length: str) -> date:
    """The first free day after a term (民法典 201, 202): the corresponding day is the last day of the term."""
    return start + duration(length) + timedelta(days=1)


def day_of(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date()


def holds(interval: dict[str, Any], day: date) -> bool:
    """Whether ``day`` lies in ``{from, to}``, half-open."""
    end = interval.get("to")
    return interval["from"] <= day and (end is None or day < end)


def covers(area: str, region: str) -> bool:
    while area.endswith("00"):
        area = area[:-2]
    return region.startswith(area)

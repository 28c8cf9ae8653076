"""Typed cells of Excel and Parquet as the text that a table of text would hold."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from loaders.rows import Fault, FaultKind, shown

MOST_DIGITS = 15  # that a floating number keeps, in Excel and elsewhere


class Unwritable(Exception):
    """A cell that has no text; ``fault`` says why, without the column."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def cell_text(value: object, keeper: str, *, every_number: bool = False) -> str | None:
    """The text of a cell: dates in ISO 8601, whole numbers without decimals, floating ones with their 15 digits, None
    for an empty cell. ``keeper`` keeps floating numbers, or ``every_number`` as one. Raises `Unwritable`.

    >>> cell_text(0.1 + 0.2, "Excel"), cell_text(12.0, "Excel"), cell_text(datetime(2024, 3, 1), "Excel")
    ('0.3', '12', '2024-03-01')
    """
    match value:
        case None | "":
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return _rounded(value, keeper)
        case int() | Decimal():
            return _plain(_kept(Decimal(value), keeper) if every_number else Decimal(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return _hours(value)
    return str(value)


def _rounded(value: float, keeper: str) -> str:
    if not math.isfinite(value):
        return str(value)
    return _plain(Decimal(f"{_kept(Decimal(value), keeper):.{MOST_DIGITS}g}"))


def _kept(number: Decimal, keeper: str) -> Decimal:
    if abs(number) < 10**MOST_DIGITS:
        return number
    digits = shown(format(number, "f"))
    raise Unwritable(Fault("", digits, f"{keeper} keeps 15 digits", "format the column as text", FaultKind.NUMBER))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _hours(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

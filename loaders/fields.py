"""The field types of the city's lines, each with an error that says what is wrong and how to write it."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt

from graph.terms import Period

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
FEN_PER_YUAN = 100
LARGEST_YUAN = 90_000_000_000_000_000


def day(value: object) -> date | None:
    """An ISO date, or null. Raises `ValueError` that names the impossible part.

    >>> day("2023-02-29")
    Traceback (most recent call last):
    ValueError: 2023-02-29 is no date: 2023-02 has 28 days
    """
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no date; write it as 2024-03-01")
    year, month, number = (int(part) for part in match.groups())
    if year < 1:
        raise ValueError(f"{value} is no date: there is no year 0")
    if not 1 <= month <= 12:
        raise ValueError(f"{value} is no date: there is no month {month:02}")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= number <= last:
        raise ValueError(f"{value} is no date: {year}-{month:02} has {last} days")
    return date(year, month, number)


def fen(value: object) -> int | None:
    """An amount in yuan with up to two decimals, or null, as fen.

    >>> fen(12.5), fen("0.07"), fen(3)
    (1250, 7, 300)
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("an amount is a number of yuan, for example 12000.50")  # noqa: TRY004  (pydantic reports ValueError)
    if isinstance(value, str) and not re.fullmatch(r"\d+(\.\d+)?", value):
        raise ValueError(f"{value!r} is no amount in yuan; write for example 12000.50")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no amount")
    exact = Decimal(str(value)) * FEN_PER_YUAN
    if exact != exact.to_integral_value():
        raise ValueError(f"{value} yuan has more than two decimals")
    if not 0 <= exact <= LARGEST_YUAN:
        raise ValueError(f"{value} yuan is negative or too large")
    return int(exact)


def cadence(value: object) -> object:
    """An ISO 8601 duration of years, months and days."""
    try:
        return str(Period.parse(value)) if isinstance(value, str) else value
    except Exception as error:  # noqa: BLE001  (a BadDate becomes the validation error of the line)
        raise ValueError(str(error)) from None


def _text(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError(f'write it as text: "{value}"')  # noqa: TRY004  (pydantic reports ValueError)
    if isinstance(value, str) and not value.strip():
        raise ValueError("it is empty; leave it out, or write null, if it is not known")
    return value


def scheme(value: object) -> object:
    """The name of a scheme of identifiers, which is written in lower case: an office types ``lei:…`` or ``LEI:…``, and
    both mean the subject ``lei:…``."""
    return value.strip().lower() if isinstance(value, str) else value


Day = Annotated[date | None, BeforeValidator(day)]
RequiredDay = Annotated[date, BeforeValidator(day)]
Yuan = Annotated[int | None, BeforeValidator(fen)]
Cadence = Annotated[str, BeforeValidator(cadence)]
Text = Annotated[str, BeforeValidator(_text), Field(max_length=2000)]
Scheme = Annotated[str, BeforeValidator(scheme), Field(min_length=1, max_length=100)]
Remark = Annotated[str, BeforeValidator(_text), Field(max_length=1024 * 1024)]
"""Text of a field that nothing is decided by: an exchange format keeps there what the model has no place for, up to all
that the longest row may say."""
Region = Annotated[str, BeforeValidator(_text), Field(pattern=r"^\d{6}$")]
Share = Annotated[StrictInt | StrictFloat, Field(ge=0, le=1)]

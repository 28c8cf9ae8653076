"""What becomes of a cell: one value through the conversions that the mapping names, or why it can't be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from loaders.mapping.money import NoMoney, money_of
from loaders.rows import FaultKind, shown

Convert = Callable[[Any], Any]
Unit = Literal["yuan", "万元", "percent"]
Spaces = Literal["keep", "single", "none"]
Form = Literal["integer", "text", "boolean"]

LARGEST = 10**30
FACTORS: Mapping[Unit, Decimal] = {"yuan": Decimal(1), "万元": Decimal(10_000), "percent": Decimal("0.01")}
TRUE, FALSE = frozenset({"true", "yes", "1", "是", "y"}), frozenset({"false", "no", "0", "否", "n"})
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d{1,2})?", re.ASCII)
_RUN_TOGETHER = re.compile(r"%[a-zA-Z]%")
"""In such a form, as %Y%m%d, digits alone tell the parts apart: 2024111 could be two days."""


class Bad(Exception):
    """A value can't be converted; says why, and how to mend it."""

    def __init__(self, reason: str, remedy: str = "", kind: FaultKind = FaultKind.VALUE) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.kind = reason, remedy, kind


def as_text(value: Any) -> str:
    """A value of a JSON file as text; text stays as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        if not -LARGEST < value < LARGEST:
            raise Bad("a number beyond all measure", "write it as text", FaultKind.NUMBER)
        return str(int(value)) if value == int(value) else str(value)
    raise Bad(f"{shown(value)} is no single value", "give the path of a single value", FaultKind.SHAPE)


def spaced(how: Spaces) -> Convert:
    """Text with its blanks kept, made single, or taken out (full-width ones too)."""
    return lambda value: ("" if how == "none" else " ").join(as_text(value).split())


def part(first: int, last: int) -> Convert:
    """The characters from the first to the last, counted from 1; null where there are none."""
    return lambda value: as_text(value)[first - 1 : last] or None


def extracted(pattern: str) -> Convert:
    """The first group of the expression, or null where it does not match."""
    found = re.compile(pattern)

    def convert(value: Any) -> Any:
        match = found.search(as_text(value))
        return (match[1] or "").strip() or None if match else None

    return convert


def replaced(pairs: Mapping[str, str]) -> Convert:
    def convert(value: Any) -> Any:
        text = as_text(value)
        for old, new in pairs.items():
            text = text.replace(old, new)
        return text

    return convert


def padded(width: int, side: Literal["left", "right"]) -> Convert:
    """A code that lost its zeros to a spreadsheet, given back to its width."""

    def convert(value: Any) -> Any:
        text = as_text(value)
        if not (text.isascii() and text.isdigit()) or len(text) > width:
            raise Bad(f"it is no code of up to {width} digits")
        return text.zfill(width) if side == "left" else text.ljust(width, "0")

    return convert


def one_of(values: Mapping[str, Any]) -> Convert:
    """The value that the mapping gives for this text; another text is bad."""

    def convert(value: Any) -> Any:
        text = as_text(value)
        if text not in values:
            raise Bad("the mapping knows no such value", f"one of {', '.join(values)}; or add it to the mapping")
        return values[text]

    return convert


def dated(forms: Sequence[str], inclusive: bool) -> Convert:
    """A day in the first of these forms that fits (as `datetime.strptime`), as ISO text; the day after where the
    source's end date is the last day, for intervals are half-open here."""

    def convert(value: Any) -> Any:
        day = _day(as_text(value), forms)
        try:
            return (day + timedelta(days=int(inclusive))).isoformat()
        except OverflowError:
            raise Bad("there is no day after it", kind=FaultKind.DATE) from None

    return convert


def _day(text: str, forms: Sequence[str]) -> date:
    plain = unicodedata.normalize("NFKC", text).strip()
    for form in forms:
        try:
            day = datetime.strptime(plain, form).date()  # noqa: DTZ007  (a day in Shanghai, no instant)
        except ValueError:
            continue
        if not _RUN_TOGETHER.search(form) or len(plain) == len(day.strftime(form)):
            return day
    raise Bad(f"no date of the form {' or '.join(forms)}", "write it as the mapping says", FaultKind.DATE)


def number_of(value: Any) -> Decimal:
    """A plain number; thousands may be set off by commas."""
    text = unicodedata.normalize("NFKC", as_text(value)).strip()
    if not _NUMBER.fullmatch(text):
        raise Bad("it is no number", kind=FaultKind.NUMBER)
    return Decimal(text.replace(",", ""))


def measured(unit: Unit) -> Convert:
    """A number in this unit: yuan as text for amounts, a share for percent."""

    def convert(value: Any) -> Any:
        number = number_of(value) * FACTORS[unit]
        return float(number) if unit == "percent" else f"{number.normalize():f}"

    return convert


def moneyed(what: Literal["fen", "currency"]) -> Convert:
    """Free text such as 800万人民币, 10,683.2000(万), 50(万美元): the amount in 1/100 of its unit, or its currency."""

    def convert(value: Any) -> Any:
        try:
            money = money_of(as_text(value))
        except NoMoney as error:
            raise Bad(str(error), kind=FaultKind.NUMBER) from None
        return money.hundredths if what == "fen" else money.currency

    return convert


def formed(form: Form) -> Convert:
    def convert(value: Any) -> Any:
        if form == "text":
            return as_text(value)
        if form == "integer":
            number = number_of(value)
            if number != int(number):
                raise Bad("it is no whole number", kind=FaultKind.NUMBER)
            return int(number)
        text = as_text(value).strip().lower()
        if text not in TRUE | FALSE:
            raise Bad("it is neither true nor false", f"one of {', '.join(sorted(TRUE | FALSE))}")
        return text in TRUE

    return convert


def within(least: int | None, most: int | None) -> Convert:
    """A whole number within these bounds, both included."""

    def convert(value: Any) -> Any:
        number = int(formed("integer")(value))
        if (least is not None and number < least) or (most is not None and number > most):
            raise Bad(f"it does not lie between {least} and {most}", kind=FaultKind.NUMBER)
        return number

    return convert

"""Amounts of money in free text, as registers of enterprises write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

MULTIPLES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
CURRENCIES = {
    "人民币": "CNY",
    "美元": "USD",
    "美金": "USD",
    "港元": "HKD",
    "香港元": "HKD",
    "港币": "HKD",
    "日元": "JPY",
    "欧元": "EUR",
    "英镑": "GBP",
    "新加坡元": "SGD",
    "加拿大元": "CAD",
    "加元": "CAD",
    "澳大利亚元": "AUD",
    "澳元": "AUD",
    "韩元": "KRW",
    "瑞士法郎": "CHF",
    "新台币": "TWD",
    "台币": "TWD",
    "马克": "DEM",
    "德国马克": "DEM",
    "法国法郎": "FRF",
    "丹麦克朗": "DKK",
    "瑞典克朗": "SEK",
}
_MONEY = re.compile(
    r"(?P<currency_before>[^\d.,()万亿]*)(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<multiple>[万亿]?)(?P<currency>[^\d.,()万亿]*)"
)
_SEVERAL = re.compile(r"\d[\s(]+\d|\d[\s)]+\d")


class NoMoney(ValueError):
    """The text says no amount."""


@dataclass(frozen=True, slots=True)
class Money:
    """``hundredths`` of the unit of ``currency`` (ISO 4217): fen for CNY."""

    hundredths: int
    currency: str


def money_of(text: str) -> Money:
    """The amount that a text says. Without a currency it is yuan. Raises `NoMoney`.

    >>> money_of("800万人民币")
    Money(hundredths=800000000, currency='CNY')
    >>> money_of("50.5000(万美元)")
    Money(hundredths=50500000, currency='USD')
    """
    plain = unicodedata.normalize("NFKC", text)
    if _SEVERAL.search(plain):
        raise NoMoney("it says several numbers")
    plain = re.sub(r"[\s()]", "", plain)
    match = _MONEY.fullmatch(plain)
    if match is None:
        raise NoMoney("it says no amount of money")
    exact = Decimal(match["number"].replace(",", "")) * MULTIPLES[match["multiple"]] * 100
    if exact != exact.to_integral_value():
        raise NoMoney("it is finer than a hundredth of the currency")
    return Money(int(exact), _agreed(match["currency_before"], match["currency"]))


def _agreed(before: str, after: str) -> str:
    """The currency, which may stand before the number, behind it, or both."""
    said = {_currency(name) for name in (before, after) if _bare(name)}
    if len(said) > 1:
        raise NoMoney(f"it says two currencies, {before} and {after}")
    return said.pop() if said else "CNY"


def _bare(name: str) -> str:
    return name.removesuffix("整").removeprefix("元")


def _currency(name: str) -> str:
    for candidate in (_bare(name), _bare(name).removesuffix("元")):
        if candidate in CURRENCIES:
            return CURRENCIES[candidate]
    raise NoMoney(f"the currency {name} is not known")

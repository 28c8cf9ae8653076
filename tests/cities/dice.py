"""Seeded choices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from dateutil.relativedelta import relativedelta

T = TypeVar("T")
DURATIONS = ("P1Y", "P2Y", "P3Y", "P5Y", "P6M", "P1M", "P18M", "P90D", "P1Y6M")


def span(duration: str) -> relativedelta:
    """A duration of the forms that the cities use."""
    units, number, parts = {"Y": "years", "M": "months", "D": "days"}, "", {}
    for letter in duration[1:]:
        if letter.isdigit():
            number += letter
        else:
            parts[units[letter]], number = int(number), ""
    return relativedelta(**parts)  # type: ignore[arg-type]


class Dice(Random):
    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def one(self, choices: Sequence[T]) -> T:
        return self.choice(choices)

    def some(self, choices: Sequence[T], least: int, most: int) -> list[T]:
        return self.sample(choices, min(len(choices), self.randint(least, most)))

    def before(self, day: date, most: int = 900) -> date:
        return day - timedelta(days=self.randint(1, most))

    def after(self, day: date, most: int = 900) -> date:
        return day + timedelta(days=self.randint(1, most))

    def near(self, day: date) -> date:
        """The day itself, one of its neighbours, or an end of its month."""
        return self.one(
            [
                day,
                day,
                day - timedelta(days=1),
                day + timedelta(days=1),
                day + relativedelta(day=31),
                day.replace(day=1),
            ]
        )

    def turning(self, day: date, durations: Sequence[str] = DURATIONS) -> date:
        """A day about one duration before ``day``, so that a term from it ends about then."""
        return self.near(day - span(self.one(durations)) - timedelta(days=self.randint(0, 1)))

"""`until` is the first day on which the measure is no longer returned.

XINHENG_MEASURES sets how many random measures are asked about (500 by default, 2,000 by hand).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.check import check
from engine.question import Question
from graph.sqlite import SqliteStore
from rules.catalogue import Catalogue
from tests.cities.build import city
from tests.cities.city import Plain
from tests.cities.dice import Dice
from tests.equality.comparison import loaded

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
MEASURES = int(os.environ.get("XINHENG_MEASURES", "500"))
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_a_measure_is_returned_until_its_day_and_not_on_it(part: int, tmp_path: Path) -> None:
    checked, seed = 0, part
    while checked < -(-MEASURES // PARTS):
        for message in _checked(seed, tmp_path / str(seed)):
            assert not message, f"seed {seed}: {message}"
            checked += 1
        seed += PARTS


def _checked(seed: int, directory: Path) -> Iterator[str]:
    """For every measure that is returned and ends: empty, or what is wrong with its `until`."""
    made, dice = city(seed), Dice(f"until-{seed}")
    with SqliteStore(directory) as store, loaded(made.catalogue) as catalogue:
        made.write_to(store)
        for question in made.questions:
            for measure, until in _returned(question, store, catalogue).items():
                if until is None:
                    later = question["as_of"] + timedelta(days=dice.randint(1, 30000))
                    if measure not in _returned({**question, "as_of": later}, store, catalogue):
                        yield f"{measure} is not returned on {later}, though it never ends: {question}"
                    continue
                day_before = until - timedelta(days=1)
                between = question["as_of"] + timedelta(days=dice.randint(0, (day_before - question["as_of"]).days))
                days = [(day_before, True), (until, False)] + ([(between, True)] if dice.chance(0.25) else [])
                for day, expected in days:
                    found = measure in _returned({**question, "as_of": day}, store, catalogue)
                    if found != expected:
                        yield f"{measure}, until {until}: on {day} returned is {found}; {question}"
                yield ""


def _returned(question: Plain, store: SqliteStore, catalogue: Catalogue) -> dict[str, date | None]:
    decision = check(Question.model_validate(question), store=store, catalogue=catalogue)
    return {measure.id: measure.until for measure in decision.measures}

"""The bench of many checks in one process, as small as can be: it asks, samples, compares and verifies."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.baselines.reference import ReferenceBaseline
from bench.catalogues import EMPTY_LISTS, FEWEST, catalogue_of, data_of
from bench.city import COMMON_LISTS, City
from bench.endurance import questions
from bench.nearby import Nearby, world_of
from engine.check import check
from graph.sqlite import SqliteStore
from tests.reference.check import reference_check

ROOT = Path(__file__).parents[2]
SUBJECTS = 200


@pytest.fixture(scope="module")
def city() -> City:
    """Without the hub that the bench's cities have: around it the reference takes seconds."""
    return City(SUBJECTS, tuple(COMMON_LISTS), EMPTY_LISTS)


@pytest.mark.slow
def test_many_checks_are_entered_sampled_and_held_to_the_reference(tmp_path: Path) -> None:
    out = tmp_path / "endurance.json"
    size = ("--checks", "400", "--warm", "100", "--measures", "60", "--subjects", str(SUBJECTS), "--sample", "40")
    subprocess.run([sys.executable, "-m", "bench.endurance", *size, "--out", out], cwd=ROOT, check=True)
    found = json.loads(out.read_text(encoding="utf-8"))
    assert sum(found["outcomes"].values()) == 400
    assert found["growth_mb"] < 20
    assert (found["sampled"], found["disagreements"]) == (40, [])
    assert found["sampled_with_measures"] > 0
    assert found["ledger"]["head"].startswith("400:")


def test_a_document_that_says_something_else_than_the_reference_is_found(city: City, tmp_path: Path) -> None:
    reference = ReferenceBaseline(city, data_of(FEWEST))
    with SqliteStore(tmp_path) as store:
        city.write_to(store)
        known_at = store.last_instant()
        assert known_at
        asked, catalogue = questions(city, known_at), catalogue_of(FEWEST)
        document = next(
            d for d in (check(next(asked), store=store, catalogue=catalogue) for _ in range(500)) if d.measures
        )
        assert reference.differs(document.model_dump(mode="json")) == []
        wrong = document.model_copy(update={"measures": document.measures[1:]})
        assert reference.differs(wrong.model_dump(mode="json"))


def test_what_lies_further_away_than_the_longest_reach_does_not_matter(city: City) -> None:
    """The part of the city that the reference is given, against all of it."""
    data = data_of(FEWEST)
    reference, whole = ReferenceBaseline(city, data), world_of(city)
    asked = questions(city, max(at for at, _ in city.batches()))
    for question in (next(asked) for _ in range(40)):
        told = reference.decision(question.model_dump(mode="json"))
        assert told == reference_check(whole, data, dict(question))


def test_what_lies_nearby_is_a_part_of_the_city(city: City) -> None:
    whole = world_of(city)
    near = Nearby(whole).world(city.asked(1)[0], 2)
    assert 0 < len(near["subjects"]) < len(whole["subjects"])
    assert near["sources"] == whole["sources"]

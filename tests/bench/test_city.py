"""The cities of the bench: the same each time, as large as was asked, with hubs and histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.baselines.plans import stages_of
from bench.catalogues import DEPARTMENT, FEWEST, MATTER, catalogue_of
from bench.city import City, Hub
from bench.worlds import World, require_the_same, world
from graph.model import Link, Record
from rules.catalogue import Catalogue

LISTS = ("judgment-defaulter", "penalty-fine", "tax-credit-d")


def test_a_city_is_the_same_on_every_machine() -> None:
    city = City(200, LISTS)
    assert list(city.facts()) == list(City(200, LISTS).facts())
    assert list(city.facts()) != list(City(200, LISTS, seed=1).facts())


def test_a_hub_has_the_links_and_the_listed_companies_that_were_asked_for() -> None:
    hub = Hub(1, links=40, listed=3)
    facts = list(City(100, LISTS, hubs=(hub,)).facts())
    held = {fact.organisation for fact in facts if isinstance(fact, Link) and fact.holder == hub.id}
    listed = {fact.subject for fact in facts if isinstance(fact, Record) and fact.subject in held}
    assert (len(held), len(listed)) == (40, 3)


def test_few_hold_most_of_the_links() -> None:
    links = Counter(link.holder for link in City(2_000, LISTS).links())
    most = sorted(links.values(), reverse=True)
    assert sum(most[: len(most) // 10]) > sum(most) / 3


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(400, Path(tmp_path_factory.mktemp("bench"))) as found:
        yield found


def test_later_versions_correct_what_was_recorded_first(small: World) -> None:
    corrected = next(iter(small.city.corrections()))
    first, second = small.store.history(corrected.id)
    assert first.superseded_at == second.recorded_at
    assert second.fact == corrected


def test_plain_sql_fetches_the_same_evidence(small: World) -> None:
    asking = small.asking(Catalogue.shipped(), "procurement", "purchaser")
    for subject in small.subjects(40, asking):
        plan = asking.plan(subject)
        require_the_same(asking.evidence(subject, plan), small.fetched(subject, stages_of(plan)))


def test_a_larger_catalogue_returns_the_same_measures(small: World) -> None:
    few, many = (small.asking(catalogue_of(n), MATTER, DEPARTMENT) for n in (FEWEST, 4 * FEWEST))
    found = {s: [m.id for m in few.check(s).measures] for s in small.subjects(40, few)}
    assert any(found.values())
    assert found == {s: [m.id for m in many.check(s).measures] for s in found}

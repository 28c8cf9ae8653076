"""The scorecard of candidates: look-alikes are told apart, noise is seen through, and the page is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.identity.population import KINDS, population
from loaders.identity.scorecard import EACH, PAGE, SEED, Line, Scorecard, page, scorecard
from loaders.identity.weights import THRESHOLD

DOCS = Path(__file__).parents[3] / "docs"
BY_DESIGN_NOT_FOUND = {"person: typo, another character", "organisation: typo, another character"}
SEEN_THROUGH = 0.75


@pytest.fixture(scope="module")
def committed() -> Scorecard:
    return scorecard(SEED, EACH)


@pytest.fixture(scope="module")
def another() -> Scorecard:
    """Of another seed, so that nothing is fitted to the one that is published."""
    return scorecard(seed=7, each=8)


@pytest.fixture(params=["committed", "another"])
def card(request: pytest.FixtureRequest) -> Scorecard:
    found: Scorecard = request.getfixturevalue(request.param)
    return found


def kinds(card: Scorecard, *, one: bool) -> list[Line]:
    return [line for line in card.lines if line.one is one]


def test_every_kind_is_measured(card: Scorecard) -> None:
    assert [line.kind for line in card.lines] == list(KINDS)
    assert all(line.cases > 0 for line in card.lines)
    assert kinds(card, one=True)
    assert kinds(card, one=False)


def test_look_alikes_are_never_proposed(card: Scorecard) -> None:
    assert {line.kind: line.proposed for line in kinds(card, one=False) if line.proposed} == {}


def test_of_what_is_proposed_99_in_100_are_right_in_each_kind(card: Scorecard) -> None:
    proposed = [line for line in card.lines if line.precision is not None]
    assert len(proposed) >= len(kinds(card, one=True)) - len(BY_DESIGN_NOT_FOUND)
    assert {line.kind: line.precision for line in proposed if line.precision < 0.99} == {}  # type: ignore[operator]


def test_noise_is_seen_through_except_where_it_looks_like_a_sibling(card: Scorecard) -> None:
    missed = {line.kind for line in kinds(card, one=True) if line.recall < SEEN_THROUGH}
    assert missed == BY_DESIGN_NOT_FOUND


def test_a_higher_threshold_proposes_no_more(card: Scorecard) -> None:
    recalls = [recall for _, (_, recall) in sorted(card.overall.items())]
    assert recalls == sorted(recalls, reverse=True)
    assert card.overall[THRESHOLD][0] >= 0.99


def test_the_page_is_that_of_the_code(committed: Scorecard) -> None:
    """`make scorecard` writes it anew."""
    assert (DOCS / PAGE).read_text(encoding="utf-8") == page(committed)


def test_a_seed_gives_one_population_and_another_seed_another() -> None:
    assert population(1, 1) == population(1, 1)
    assert population(1, 1) != population(2, 1)

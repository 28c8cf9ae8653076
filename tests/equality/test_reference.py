"""The online evaluator says what the reference evaluator says: the whole document, on random cities that bite.

XINHENG_EQUALITY_CASES sets how many questions are asked (1,000 by default on the embedded store, a fifth of that on
Neo4j); a city has four of them, and some a group's.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.canonical import canonical
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from tests.cities.build import city
from tests.cities.coverage import Coverage
from tests.equality.comparison import against, decided, loaded, report

pytestmark = pytest.mark.slow
QUESTIONS_EACH, CITIES_EACH = 4, 10
CASES = int(os.environ.get("XINHENG_EQUALITY_CASES", "1000"))
CITIES = -(-CASES // QUESTIONS_EACH)


FIRSTS = range(0, CITIES, CITIES_EACH)
"""Coverage, which slows the rooms down threefold, is measured on the first few cities alone."""


@pytest.mark.parametrize("first", [pytest.param(n, marks=pytest.mark.no_cover if n >= 30 else ()) for n in FIRSTS])
def test_the_online_document_is_the_reference_document(first: int, tmp_path: Path) -> None:
    for seed in range(first, min(first + CITIES_EACH, CITIES)):
        with SqliteStore(tmp_path / str(seed)) as store:
            _same_documents(seed, store)


@pytest.mark.neo4j
@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(-(-CITIES // 5)))
def test_the_online_document_is_the_reference_document_on_neo4j(
    seed: int, neo4j_store: GraphStore, tmp_path: Path
) -> None:
    _same_documents(seed, neo4j_store)
    with SqliteStore(tmp_path) as embedded:
        _same_bytes(seed, neo4j_store, embedded)


def _same_documents(seed: int, store: GraphStore) -> None:
    made = city(seed, QUESTIONS_EACH)
    made.write_to(store)
    with loaded(made.catalogue) as catalogue:
        for question in (*made.questions, *made.group_questions):
            if found := against(made, question, store, catalogue):
                pytest.fail("\n".join([*found, "", report(made, question, seed)]))


def _same_bytes(seed: int, written: GraphStore, empty: GraphStore) -> None:
    made = city(seed, QUESTIONS_EACH)
    made.write_to(empty)
    with loaded(made.catalogue) as catalogue:
        for question in (*made.questions, *made.group_questions):
            one, other = (canonical(decided(question, store, catalogue)) for store in (written, empty))
            assert one == other, f"seed {seed}: the stores lead to different bytes for {question}"


@pytest.mark.no_cover
def test_the_random_cities_bite() -> None:
    """In 1,000 cases every step time × trigger kind × record state occurs 50 times, and two in five reach through a
    link (design, section 5)."""
    coverage = Coverage()
    for seed in range(250):
        made = city(seed, QUESTIONS_EACH)
        for question in made.questions:
            coverage.add(made, question)
    assert coverage.cases == 1000
    assert coverage.through_links >= 400, coverage
    assert coverage.rarest[1] >= 50, coverage

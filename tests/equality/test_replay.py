"""A decision replayed after new facts, corrections, merges and another catalogue: the same bytes.

XINHENG_REPLAYS sets how many decisions are replayed at least (1,000 by default).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.canonical import canonical
from engine.ledger import Ledger
from engine.operational import open_database
from engine.replay import replay
from graph.sqlite import SqliteStore
from tests.cities.aftermath import aftermath
from tests.cities.build import city
from tests.cities.city import write
from tests.equality.comparison import decided, loaded

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
REPLAYS = int(os.environ.get("XINHENG_REPLAYS", "1000"))
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_a_replay_after_all_that_came_later_gives_the_same_bytes(part: int, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'operational.sqlite'}")
    ledger, replayed, seed = Ledger(database), 0, part
    while replayed < -(-REPLAYS // PARTS):
        with SqliteStore(tmp_path / str(seed)) as store:
            asked = _ask_as_it_becomes_known(seed, store, ledger)
            for batch in aftermath(city(seed), seed):
                write(batch, store)
            for decision_id in asked:
                again = replay(decision_id, ledger=ledger, store=store)
                assert again.same, (seed, again.differing())
        replayed, seed = replayed + len(asked), seed + PARTS
    database.dispose()


def _ask_as_it_becomes_known(seed: int, store: SqliteStore, ledger: Ledger) -> set[str]:
    """Every question of the city after each of its batches, by the catalogues of two cities in turn."""
    made, asked = city(seed), set()
    for number, batch in enumerate(made.batches):
        write(batch, store)
        last = made.group_questions if batch is made.batches[-1] else ()
        with loaded(city(seed + number % 2).catalogue) as catalogue:
            ledger.keep_catalogue(catalogue.digest, catalogue.content)
            for question in (*made.questions, *last):
                decision = decided({**question, "known_at": batch.at}, store, catalogue)
                ledger.enter(decision.decision_id, canonical(decision), who="officer", purpose="tender")
                asked.add(decision.decision_id)
    return asked

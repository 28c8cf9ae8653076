"""Both stores lead to the same bytes, whatever the world looks like and whatever investigators ask."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.canonical import canonical
from engine.investigation.expand import question_of
from graph.model import LinkType
from graph.neo4j import Neo4jStore
from graph.sqlite import SqliteStore
from tests.contract.test_properties import DAYS, SUBJECTS, facts_of, worlds
from tests.engine.investigation.questions import Asking

WORLDS = count()


@pytest.mark.neo4j
def test_both_stores_lead_to_the_same_bytes(neo4j_store: Neo4jStore, tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as embedded:
        numbers = st.integers(0, SUBJECTS - 1)

        @settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
        @given(
            drawn=worlds,
            pair=st.tuples(numbers, numbers),
            min_share=st.sampled_from((None, 0.5)),
            ended=st.booleans(),
            types=st.sampled_from(((), (LinkType.SHAREHOLDER,))),
            limit=st.integers(1, 4),
        )
        def alike(
            drawn: dict, pair: tuple[int, int], min_share: float | None, ended: bool, types: tuple, limit: int
        ) -> None:
            world = next(WORLDS)
            facts = facts_of(world, drawn)
            known_at = neo4j_store.write(facts).recorded_at
            assert known_at
            embedded.write(facts, recorded_at=known_at)
            one, other = (f"w{world}:{number}" for number in pair)
            walked = {"min_share": min_share, "ended": ended, "types": types, "limit": limit}
            answers = []
            for store in (neo4j_store, embedded):
                asking = Asking(store, known_at, DAYS[5])
                found = [asking.subject(one), asking.paths(one, other, **walked), asking.control(one)]
                found.append(asking.expand(one, **walked))
                while cursor := found[-1].cursor:
                    found.append(asking.asked(question_of(cursor)))
                answers.append([canonical(document) for document in found])
            assert answers[0] == answers[1]

        alike()

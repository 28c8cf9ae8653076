"""Putting accepted changes into the tables, the search index, the marks and the clusters."""

# ruff: noqa: S608 -- SQL is put together from names of our own tables and columns only

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from graph.model import Fact, Kind, Subject
from graph.sqlite import clusters
from graph.sqlite.rows import LINK, MERGE, NAMING, RECORD, SUBJECT, Row, Table, numbers_json
from graph.sqlite.schema import LISTED, MERGED, NAMELESS
from graph.sqlite.searching import normal, several, tokens
from graph.sqlite.values import FOREVER


@dataclass(frozen=True, slots=True)
class Change:
    """One fact's step from the current version (``old_version``, ``old``) to the next (``new``, ``fact``)."""

    table: Table
    id: str
    key: int
    is_new_id: bool
    old_version: int | None
    old: Row | None
    new: Row | None
    fact: Fact | None = None


def put(connection: sqlite3.Connection, changes: Sequence[Change], now: int) -> None:
    """Write the changes at one instant (µs)."""
    if not changes:
        return
    connection.executemany(
        "INSERT INTO fact (k, id, kind) VALUES (?, ?, ?)",
        [(change.key, change.id, change.table.number) for change in changes if change.is_new_id],
    )
    _mark(connection, _marked(changes))
    by_table: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_table[change.table.name].append(change)
    for group in by_table.values():
        _put_versions(connection, group[0].table, group, now)
    merged = [key for change in by_table["merge"] for row in (change.old, change.new) if row for key in row[:2]]
    if merged:
        clusters.assign(connection, merged, now)
    connection.execute(
        "INSERT INTO clock (only, last) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET last = excluded.last", (now,)
    )


def _marked(changes: Iterable[Change]) -> Mapping[int, set[int]]:
    """The subjects that these changes mark, by mark: see `graph.sqlite.schema`."""
    marked: dict[int, set[int]] = {LISTED: set(), MERGED: set(), NAMELESS: set()}
    for change in changes:
        if change.new is None:
            continue
        if change.table is RECORD:
            marked[LISTED].add(change.new[0])
        elif change.table is NAMING:
            marked[LISTED].add(change.new[1])
        elif change.table is MERGE:
            marked[MERGED].update(change.new[:2])
        elif isinstance(change.fact, Subject) and _is_stub(change.fact):
            marked[NAMELESS].add(change.key)
    return marked


def _is_stub(subject: Subject) -> bool:
    return subject.kind is Kind.NATURAL_PERSON and not subject.identified


def _mark(connection: sqlite3.Connection, marked: Mapping[int, set[int]]) -> None:
    unmarked = "k IN (SELECT value FROM json_each(:keys)) AND mark & :mark = 0"
    for mark, keys in marked.items():
        terms = {"mark": mark, "keys": numbers_json(sorted(keys))}
        fresh = connection.execute(
            f"UPDATE fact SET mark = mark | :mark WHERE {unmarked} RETURNING k", terms
        ).fetchall()
        if not fresh:
            continue
        terms["keys"] = numbers_json([key for (key,) in fresh])
        for end in ("holder", "organisation"):
            there = f"{end} IN (SELECT value FROM json_each(:keys))"
            connection.execute(f"UPDATE link SET {end}_mark = {end}_mark | :mark WHERE {there}", terms)


def _put_versions(connection: sqlite3.Connection, table: Table, changes: Sequence[Change], now: int) -> None:
    ended = [(now, change.old_version) for change in changes if change.old_version is not None]
    connection.executemany(f"UPDATE {table.name} SET tt = ? WHERE v = ?", ended)
    begun = [change for change in changes if change.new is not None]
    first = 1 + connection.execute(f"SELECT coalesce(max(v), 0) FROM {table.name}").fetchone()[0]
    rows = [(v, change.key, now, FOREVER, *change.new) for v, change in zip(count(first), begun) if change.new]
    if table is SUBJECT:
        _put_subjects(connection, rows, begun)
    elif table is LINK:
        _put_links(connection, rows)
    elif rows:
        _insert(connection, table, table.names, rows)


def _insert(connection: sqlite3.Connection, table: Table, names: str, rows: Sequence[Row]) -> None:
    places = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO {table.name} (v, k, tf, tt, {names}) VALUES ({places})", rows)


def _put_links(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    if not rows:
        return
    holder, organisation = 4 + LINK.columns.index("holder"), 4 + LINK.columns.index("organisation")
    marks = _marks(connection, {row[end] for row in rows for end in (holder, organisation)})
    rows = [(*row, marks[row[holder]], marks[row[organisation]]) for row in rows]
    _insert(connection, LINK, f"{LINK.names}, holder_mark, organisation_mark", rows)


def _marks(connection: sqlite3.Connection, keys: set[int]) -> Mapping[int, int]:
    sql = "SELECT fact.k, fact.mark FROM json_each(?) j CROSS JOIN fact ON fact.k = j.value"
    return dict(connection.execute(sql, (numbers_json(sorted(keys)),)))


def _put_subjects(connection: sqlite3.Connection, rows: Sequence[Row], changes: Sequence[Change]) -> None:
    if not rows:
        return
    subjects = [change.fact for change in changes if isinstance(change.fact, Subject)]
    sealed = [subject.citizen_id.ciphertext if subject.citizen_id else None for subject in subjects]
    full = [
        (*row, ciphertext, normal(subject.name))
        for row, ciphertext, subject in zip(rows, sealed, subjects, strict=True)
    ]
    _insert(connection, SUBJECT, f"{SUBJECT.names}, ciphertext, norm", full)
    versions = [(row[0], subject) for row, subject in zip(rows, subjects, strict=True)]
    connection.executemany(
        "INSERT INTO identifier (scheme, value, v, norm) VALUES (?, ?, ?, ?)",
        [(scheme, value, v, normal(value)) for v, subject in versions for scheme, value in subject.identifiers.items()],
    )
    connection.executemany(
        "INSERT INTO subject_text (rowid, name, identifiers) VALUES (?, ?, ?)",
        [
            (v, tokens(subject.name), several(subject.identifiers.values()))
            for v, subject in versions
            if subject.kind is not Kind.NATURAL_PERSON
        ],
    )

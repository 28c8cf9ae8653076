"""Reading facts in one snapshot, as known at one instant: subjects with their merges resolved, and versions as they
stand."""

# ruff: noqa: S608 -- SQL is put together from names of our own tables and columns only

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from graph.declared import Declarations, Declared
from graph.model import Fact, Load, Record, Source, Subject, Version
from graph.sqlite.clusters import Clusters
from graph.sqlite.rows import (
    LOAD,
    MERGE,
    RECORD,
    SOURCE,
    SUBJECT,
    TABLE_NUMBERED,
    TABLES,
    Table,
    canonical_json,
    numbers_json,
)
from graph.sqlite.schema import MERGED
from graph.sqlite.values import FOREVER, instant_of

F = TypeVar("F")


class Snapshot:
    """What one transaction sees, as known at ``known`` (µs)."""

    def __init__(self, connection: sqlite3.Connection, known: int) -> None:
        self.connection, self.known = connection, known
        self.clusters = Clusters(connection, known)

    def keys(self, ids: Collection[str]) -> dict[int, int]:
        """The keys of subjects under these ids, whether or not they are known at this instant, with their marks."""
        found = self.connection.execute(
            "SELECT fact.k, fact.mark FROM json_each(?) j CROSS JOIN fact ON fact.id = j.value WHERE fact.kind = ?",
            (canonical_json(list(ids)), SUBJECT.number),
        )
        marks = dict(found.fetchall())
        self.clusters.are_alone(key for key, mark in marks.items() if not mark & MERGED)
        return marks

    def versions(self, table: Table, rows: Collection[int]) -> list[Fact]:
        """The facts of these version rows."""
        if not rows:
            return []
        sql = f"SELECT {table.selection} FROM json_each(?) j CROSS JOIN {table.name} ON {table.name}.v = j.value"
        return [table.decode(row) for row in self.connection.execute(sql, (numbers_json(rows),))]

    def known_facts(self, table: Table) -> Iterator[Fact]:
        """Every fact of this kind, by id."""
        sql = f"SELECT {table.selection} FROM {table.name} WHERE tf <= ? AND tt > ? ORDER BY 1"
        for row in self.connection.execute(sql, (self.known, self.known)):
            yield table.decode(row)

    def subjects(self, roots: Collection[int]) -> dict[int, Subject]:
        """The one subject of each cluster, by its root; clusters of which no member is known are left out."""
        return {root: united(members) for root, members in self._members(roots).items()}

    def subjects_and_aliases(self, roots: Collection[int]) -> tuple[dict[str, Subject], dict[str, str]]:
        """The subjects of these clusters by their canonical ids, and the other ids of their members."""
        of = self.clusters.members(roots)
        subjects = self.subjects(roots)
        aliases = {}
        if len(of) > len(roots):
            ids = dict(
                self.connection.execute(
                    "SELECT fact.k, fact.id FROM json_each(?) j CROSS JOIN fact ON fact.k = j.value",
                    (numbers_json(of),),
                )
            )
            aliases = {ids[member]: subjects[root].id for member, root in of.items() if root in subjects}
        return (
            {subject.id: subject for subject in sorted(subjects.values(), key=lambda s: s.id)},
            {alias: canonical for alias, canonical in sorted(aliases.items()) if alias != canonical},
        )

    def _members(self, roots: Collection[int]) -> Mapping[int, list[Subject]]:
        of = self.clusters.members(roots)
        sql = f"""SELECT subject.k, {SUBJECT.selection} FROM json_each(?) j CROSS JOIN subject ON subject.k = j.value
          WHERE subject.tf <= ? AND subject.tt > ?"""
        members = defaultdict(list)
        for key, *row in self.connection.execute(sql, (numbers_json(of), self.known, self.known)):
            members[of[key]].append(cast(Subject, SUBJECT.decode(row)))
        return members


_FURTHEST = f"""SELECT {LOAD.selection} FROM source CROSS JOIN load ON load.v = (
    SELECT one.v FROM load one WHERE one.source = source.k AND one.tf <= :known AND one.tt > :known
    ORDER BY one.through DESC, (SELECT fact.id FROM fact WHERE fact.k = one.k) LIMIT 1)
  WHERE source.tf <= :known AND source.tt > :known ORDER BY 1"""


def declarations(snapshot: Snapshot, declared: Declared) -> Declarations:
    """As known in this snapshot; at an instant yet to come that is what is known at its last one."""
    last = last_instant(snapshot.connection) or 0
    known = min(snapshot.known, last)
    return declared.at(known) or declared.keep(known, _declarations(snapshot), reached=last)


def _declarations(snapshot: Snapshot) -> Declarations:
    sources = tuple(cast(Source, fact) for fact in snapshot.known_facts(SOURCE))
    furthest = snapshot.connection.execute(_FURTHEST, {"known": snapshot.known})
    return sources, tuple(cast(Load, LOAD.decode(row)) for row in furthest)


def last_instant(connection: sqlite3.Connection) -> int | None:
    row = connection.execute("SELECT last FROM clock").fetchone()
    return None if row is None else int(row[0])


def united(members: Iterable[Subject]) -> Subject:
    """The one subject that its members are: the identified member with the smallest id, else the smallest id, with the
    identifiers of all; where two members differ in a scheme, the canonical one's stands, then the lesser id's."""
    first, *others = sorted(members, key=lambda member: (not member.identified, member.id))
    if not others:
        return first
    identifiers: dict[str, str] = {}
    for member in (first, *others):
        identifiers = {**member.identifiers, **identifiers}
    citizen_id = next((member.citizen_id for member in (first, *others) if member.citizen_id), None)
    return replace(first, identifiers=identifiers, citizen_id=citizen_id)


_RECORDS = f"""SELECT {RECORD.selection} FROM json_each(?) j CROSS JOIN record ON record.subject = j.value
  WHERE record.tf <= ? AND record.tt > ?"""


def records(snapshot: Snapshot, subject_id: str) -> list[Record]:
    """Every record of this subject's cluster; none while nobody in it is known."""
    roots = snapshot.clusters.resolved(snapshot.keys([subject_id]))
    members = numbers_json(snapshot.clusters.members(roots))
    rows = snapshot.connection.execute(_RECORDS, (members, snapshot.known, snapshot.known))
    found = [cast(Record, RECORD.decode(row)) for row in rows]
    return sorted(
        (replace(one, subject=subject.id) for subject in snapshot.subjects(roots).values() for one in found),
        key=lambda one: one.id,
    )


def history(connection: sqlite3.Connection, fact_id: str) -> list[Version]:
    """Every version of a fact, oldest first."""
    held = connection.execute("SELECT k, kind FROM fact WHERE id = ?", (fact_id,)).fetchone()
    if held is None:
        return []
    table = TABLE_NUMBERED[held[1]]
    sql = f"SELECT tf, tt, {table.selection} FROM {table.name} WHERE k = ? ORDER BY tf"
    return [_version(table, row) for row in connection.execute(sql, (held[0],))]


_NAMING_MERGES = f"""WITH end (k) AS (SELECT fact.k FROM json_each(?) j CROSS JOIN fact ON fact.id = j.value)
  SELECT tf, tt, {MERGE.selection} FROM merge
  WHERE "left" IN (SELECT k FROM end) OR "right" IN (SELECT k FROM end) ORDER BY tf, 3"""


def merges(connection: sqlite3.Connection, subject_ids: Collection[str]) -> list[Version]:
    """Every version of a merge with an end among these subjects, in the order of recording."""
    rows = connection.execute(_NAMING_MERGES, (canonical_json(sorted(subject_ids)),))
    return [_version(MERGE, row) for row in rows]


def _version(table: Table, row: Sequence[Any]) -> Version:
    tf, tt, *fact = row
    return Version(table.decode(fact), instant_of(tf), None if tt == FOREVER else instant_of(tt))


def statistics(snapshot: Snapshot) -> Mapping[str, Mapping[str, int]]:
    """Counts of subjects by kind, links by type and records by list."""
    counts = {}
    for table, column in zip(TABLES, ("kind", "type", "list"), strict=False):
        rows = snapshot.connection.execute(
            f'SELECT "{column}", count(*) FROM {table.name} WHERE tf <= ? AND tt > ? GROUP BY 1',
            (snapshot.known, snapshot.known),
        )
        decode = table.codecs[column][1] if column in table.codecs else str
        counts[f"{table.name}s"] = dict(sorted((str(decode(value)), count) for value, count in rows))
    return counts

"""Plain SQL that fetches the evidence for a check: its own tables and covering indexes, a statement for each hop.

Frozen: see the package. Facts have two clocks, as in the product; merges are not resolved, so that the bench asks only
about subjects without any in their neighbourhood.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from bench.baselines.plans import Stage
from graph.model import Fact, Link, Load, Naming, Record, Source, Subject

FOREVER, OPEN, LATER = 2**62, 99_999_999, 2
Row = tuple[Any, ...]
Fetched = dict[str, list[Row]]
"""Rows by kind of fact, the id of each first."""

_SCHEMA = """
CREATE TABLE subject (k INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT, name TEXT, identifiers TEXT,
  digest TEXT, mask TEXT, region TEXT, established_on INTEGER, source TEXT);
CREATE TABLE link (id TEXT NOT NULL, type TEXT NOT NULL, src INTEGER NOT NULL, dst INTEGER NOT NULL, vf INTEGER,
  vt INTEGER NOT NULL, pct REAL, position TEXT, source TEXT, tf INTEGER NOT NULL, tt INTEGER NOT NULL, UNIQUE (id, tf));
CREATE TABLE record (id TEXT NOT NULL, subject INTEGER NOT NULL, list TEXT NOT NULL, severity TEXT, number TEXT,
  department TEXT, decided_on INTEGER, acted_on INTEGER, final_on INTEGER, sentence_ends_on INTEGER,
  bankruptcy_ends_on INTEGER, term_ends_on INTEGER, effective_from INTEGER, effective_to INTEGER,
  publicity_from INTEGER, publicity_to INTEGER, repaired_on INTEGER, masked_from INTEGER, masked_to INTEGER,
  annulled INTEGER, disputed INTEGER, amount INTEGER, region TEXT, fields TEXT, source TEXT, test INTEGER,
  tf INTEGER NOT NULL, tt INTEGER NOT NULL, UNIQUE (id, tf));
CREATE TABLE naming (id TEXT NOT NULL, record TEXT NOT NULL, person INTEGER NOT NULL, role TEXT NOT NULL, finding TEXT,
  document TEXT, source TEXT, tf INTEGER NOT NULL, tt INTEGER NOT NULL);
CREATE TABLE source (id TEXT PRIMARY KEY, department TEXT, dataset TEXT, holds TEXT, cadence TEXT, territory TEXT);
CREATE TABLE load (id TEXT PRIMARY KEY, source TEXT, through INTEGER);
"""
_INDEXES = """
CREATE INDEX link_src ON link (src, type, dst, pct, vf, vt, tf, tt, id);
CREATE INDEX link_dst ON link (dst, type, src, pct, vf, vt, tf, tt, id);
CREATE INDEX record_subject ON record (subject, list, tf, tt);
CREATE INDEX naming_person ON naming (person, role, tf, tt);
ANALYZE;
"""
_HOP = """SELECT link.rowid, link.{near}, link.{far}, link.type, link.pct, link.vt FROM json_each(?) j
  CROSS JOIN link ON link.{near} = j.value AND link.type IN (SELECT value FROM json_each(?))
  WHERE link.tf <= ? AND link.tt > ?"""
_HOPS = {"holder": _HOP.format(near="src", far="dst"), "organisation": _HOP.format(near="dst", far="src")}
_LINKS = """SELECT link.id, link.type, h.id, o.id, link.vf, link.vt, link.pct, link.position, link.source
  FROM json_each(?) j CROSS JOIN link ON link.rowid = j.value
  CROSS JOIN subject h ON h.k = link.src CROSS JOIN subject o ON o.k = link.dst"""
_RECORDS = """SELECT record.* FROM json_each(?) j CROSS JOIN record ON record.subject = j.value
  AND record.list IN (SELECT value FROM json_each(?)) WHERE record.tf <= ? AND record.tt > ?"""
_NAMINGS = """SELECT naming.*, record.subject, record.list FROM json_each(?) j
  CROSS JOIN naming ON naming.person = j.value CROSS JOIN record ON record.id = naming.record
  WHERE naming.tf <= ? AND naming.tt > ? AND record.tf <= ? AND record.tt > ?"""
_NAMELESS = """SELECT subject.k FROM json_each(?) j CROSS JOIN subject ON subject.k = j.value
  WHERE kind = 'natural_person' AND digest IS NULL AND identifiers = '{}'"""
_SUBJECTS = """SELECT subject.id, kind, name, identifiers, digest, mask, region, established_on, source
  FROM json_each(?) j CROSS JOIN subject ON subject.k = j.value"""
_HELD = """SELECT link.rowid FROM link WHERE src = ? AND dst = ? AND type IN (SELECT value FROM json_each(?))
  AND tf <= ? AND tt > ?"""


def day_number(day: date | None) -> int | None:
    return None if day is None else day.year * 10_000 + day.month * 100 + day.day


class SqlBaseline:
    """Facts in a SQLite file of its own, and the evidence for one subject."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824;"
        )

    def load(self, facts: Iterable[Fact], corrections: Iterable[Fact]) -> None:
        """Fill an empty file. Merges are passed over."""
        self._connection.executescript(_SCHEMA)
        keys: dict[str, int] = {}
        self._connection.execute("BEGIN")
        for batch in _batches(facts):
            self._insert(batch, keys, 1)
        for batch in _batches(corrections):
            for table, kind in (("link", Link), ("record", Record)):
                ended = [(LATER, fact.id) for fact in batch if isinstance(fact, kind)]
                self._connection.executemany(f"UPDATE {table} SET tt = ? WHERE id = ? AND tf = 1", ended)
            self._insert(batch, keys, LATER)
        self._connection.execute("COMMIT")
        self._connection.executescript(_INDEXES)

    def _insert(self, batch: Sequence[Fact], keys: dict[str, int], tf: int) -> None:
        rows: defaultdict[str, list[Row]] = defaultdict(list)
        for fact in batch:
            if isinstance(fact, Subject):
                keys[fact.id] = len(keys) + 1
            if (row := _row(fact, keys, tf)) is not None:
                rows[type(fact).__name__.lower()].append(row)
        for table, some in rows.items():
            places = ", ".join("?" * len(some[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", some)

    def evidence(self, root: str, stages: Sequence[Stage], as_of: int, known: int = LATER) -> Fetched:
        """The rows that a check of ``root`` needs: paths that lead to records, their ends, the sources."""
        connection = self._connection
        connection.execute("BEGIN")
        start = connection.execute("SELECT k FROM subject WHERE id = ?", (root,)).fetchone()[0]
        at: list[set[int]] = [set() for _ in stages]
        at[0].add(start)
        edges: list[list[tuple[int, int, int]]] = [[] for _ in stages]
        depth = 1
        while here := [(n, stage) for n, stage in enumerate(stages) if stage.depth == depth]:
            for near in ("holder", "organisation"):
                self._hop([(n, s) for n, s in here if s.near == near and at[s.before]], at, edges, as_of, known)
            depth += 1
        fetched = self._ends(stages, at, edges, start, known)
        fetched["source"] = connection.execute("SELECT * FROM source").fetchall()
        fetched["load"] = connection.execute("SELECT * FROM load").fetchall()
        connection.execute("COMMIT")
        return fetched

    def _hop(
        self,
        stages: Sequence[tuple[int, Stage]],
        at: list[set[int]],
        edges: list[list[tuple[int, int, int]]],
        as_of: int,
        known: int,
    ) -> None:
        if not stages:
            return
        frontier = json.dumps(list(set().union(*(at[stage.before] for _, stage in stages))))
        types = json.dumps(list(set().union(*(stage.types for _, stage in stages))))
        for link, near, far, type_, pct, vt in self._connection.execute(
            _HOPS[stages[0][1].near], (frontier, types, known, known)
        ):
            for n, stage in stages:
                if type_ not in stage.types or near not in at[stage.before] or (stage.now and vt <= as_of):
                    continue
                if stage.share is None or pct is None or pct >= stage.share:
                    at[n].add(far)
                    edges[n].append((near, far, link))

    def _ends(
        self,
        stages: Sequence[Stage],
        at: Sequence[set[int]],
        edges: Sequence[Sequence[tuple[int, int, int]]],
        start: int,
        known: int,
    ) -> Fetched:
        connection = self._connection
        met = set().union(*at)
        lists = set().union(*(stage.lists for stage in stages))
        records: defaultdict[int, list[Row]] = defaultdict(list)
        terms = (json.dumps(list(met)), json.dumps(list(lists)), known, known)
        for row in connection.execute(_RECORDS, terms):
            records[row[1]].append(row)
        namings = self._namings(stages, at, known)
        nameless = {key for (key,) in connection.execute(_NAMELESS, (json.dumps(list(met)),))}
        keep: list[set[int]] = [set() for _ in stages]
        links: set[int] = set()
        found: dict[str, Row] = {}
        named: dict[str, Row] = {}
        wanted: defaultdict[int, set[str]] = defaultdict(set)
        for n in range(len(stages) - 1, -1, -1):
            stage = stages[n]
            for key in at[n]:
                here = [row for row in records.get(key, ()) if row[2] in stage.lists]
                found.update((row[0], row) for row in here)
                serving = [(row, one) for one in stage.named for row in namings.get(key, ()) if _serves(row, one)]
                for row, one in serving:
                    named[row[0]] = row
                    wanted[row[9]] |= one.lists
                    links |= self._held(key, row[9], one.held, known)
                if here or serving or key in nameless:
                    keep[n].add(key)
        for n in range(len(stages) - 1, 0, -1):
            for near, far, link in edges[n]:
                if far in keep[n]:
                    keep[stages[n].before].add(near)
                    links.add(link)
        for key, some in wanted.items():
            terms = (json.dumps([key]), json.dumps(list(some)), known, known)
            found.update((row[0], row) for row in connection.execute(_RECORDS, terms))
        subjects = {start}.union(*keep, wanted)
        return {
            "subject": connection.execute(_SUBJECTS, (json.dumps(list(subjects)),)).fetchall(),
            "link": connection.execute(_LINKS, (json.dumps(list(links)),)).fetchall(),
            "record": list(found.values()),
            "naming": list(named.values()),
        }

    def _namings(self, stages: Sequence[Stage], at: Sequence[set[int]], known: int) -> dict[int, list[Row]]:
        persons = set().union(*(at[n] for n, stage in enumerate(stages) if stage.named))
        namings: defaultdict[int, list[Row]] = defaultdict(list)
        if persons:
            for row in self._connection.execute(_NAMINGS, (json.dumps(list(persons)), known, known, known, known)):
                namings[row[2]].append(row)
        return namings

    def _held(self, person: int, listed: int, types: Collection[str], known: int) -> set[int]:
        if not types:
            return set()
        terms = (person, listed, json.dumps(list(types)), known, known)
        return {link for (link,) in self._connection.execute(_HELD, terms)}

    def close(self) -> None:
        self._connection.close()


def _serves(row: Row, named: Any) -> bool:
    finding_fits = not named.findings or row[4] is None or row[4] in named.findings
    return row[3] in named.roles and finding_fits and row[10] in named.lists


def _row(fact: Fact, keys: dict[str, int], tf: int) -> Row | None:
    match fact:
        case Subject(citizen_id=sealed):
            seal = (sealed.digest, sealed.mask) if sealed else (None, None)
            said = json.dumps(dict(fact.identifiers))
            rest = (fact.region, day_number(fact.established_on), fact.source)
            return (keys[fact.id], fact.id, str(fact.kind), fact.name, said, *seal, *rest)
        case Link():
            ends = (keys[fact.holder], keys[fact.organisation])
            days = (day_number(fact.valid_from), day_number(fact.valid_to) or OPEN)
            return (fact.id, str(fact.type), *ends, *days, fact.share, fact.position, fact.source, tf, FOREVER)
        case Record():
            said_of = (getattr(fact, name) for name in Record.__dataclass_fields__)
            values = [day_number(one) if isinstance(one, date) else one for one in said_of]
            values[1], values[23] = keys[fact.subject], json.dumps(dict(fact.fields))
            return (*values, tf, FOREVER)
        case Naming():
            head = (fact.id, fact.record, keys[fact.person])
            return (*head, fact.role, fact.finding, fact.document, fact.source, tf, FOREVER)
        case Source():
            holds = json.dumps(fact.holds)
            return fact.id, fact.department, fact.dataset, holds, fact.cadence, fact.territory
        case Load():
            return fact.id, fact.source, day_number(fact.through)
    return None


def _batches(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    iterator = iter(facts)
    while batch := list(islice(iterator, 10_000)):
        yield batch

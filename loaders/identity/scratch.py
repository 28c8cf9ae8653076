"""What a search for candidates keeps while it runs: a temporary database on disk, gone when it is closed.

A province has a million subjects, so neither they nor their blocks stand in memory. SQLite gives a connection to ``""``
a file of its own that no other process sees and that is deleted with the connection.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Self

from graph.model import Kind, Link, Merge, Naming, Record, Subject
from graph.store import GraphStore
from loaders.identity.identifiers import held
from loaders.identity.names import sound, spelling
from loaders.identity.profile import Profile, Ties

MOST_TIES = 50
"""Ties of one subject that are looked at; those of a hub beyond that join nobody."""
_SCHEMA = """
CREATE TABLE subject (k INTEGER PRIMARY KEY, id TEXT NOT NULL, root INTEGER, person INTEGER NOT NULL,
  spelling TEXT NOT NULL, sound TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE record (id TEXT PRIMARY KEY, subject INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tie (holder INTEGER NOT NULL, organisation INTEGER NOT NULL, office TEXT NOT NULL, source TEXT);
CREATE TABLE block (name TEXT NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (name, k)) WITHOUT ROWID;
CREATE TABLE pair (l INTEGER NOT NULL, r INTEGER NOT NULL, PRIMARY KEY (l, r)) WITHOUT ROWID;
"""
_INDEXES = ("subject (root)", "subject (sound)", "tie (holder)", "tie (organisation)")


class Scratch:
    """The facts that tell who may be whom, of one store as known at an instant."""

    def __init__(self, store: GraphStore, known_at: datetime) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.executescript(_SCHEMA)
        self.database.execute("CREATE UNIQUE INDEX subject_by_id ON subject (id)")
        self.undone: list[tuple[int, int]] = []
        self.database.execute("BEGIN")
        self._fill(store, known_at)
        self.database.execute("COMMIT")
        self.holders = lru_cache(maxsize=50_000)(self._holders)
        self.bearers = lru_cache(maxsize=50_000)(self._bearers)
        self.profile = lru_cache(maxsize=20_000)(self._profile)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.database.close()

    def subjects(self, subject_id: str | None = None) -> Iterator[int]:
        """All subjects, or those judged to be one with this one."""
        sql, given = "SELECT k FROM subject ORDER BY k", ()
        if subject_id is not None:
            sql = "SELECT k FROM subject WHERE root IN (SELECT root FROM subject WHERE id = ?)"
            given = (subject_id,)  # type: ignore[assignment]
        return (key for (key,) in self.database.execute(sql, given))

    def judged_two(self) -> set[frozenset[int]]:
        """Pairs of which somebody said that they are not one after all, by root."""
        return {frozenset((self.profile(one).root, self.profile(other).root)) for one, other in self.undone}

    # --- filling ------------------------------------------------------------------------------------------------------
    def _fill(self, store: GraphStore, known_at: datetime) -> None:
        parents: dict[int, int] = {}
        for fact in store.facts(known_at=known_at):
            match fact:
                case Subject():
                    self._put_subject(fact)
                case Link():
                    self._put_tie(fact.holder, self._key(fact.organisation), str(fact.type), fact.source)
                case Record():
                    self.database.execute("INSERT INTO record VALUES (?, ?)", (fact.id, self._key(fact.subject)))
                case Naming():
                    at = self.database.execute("SELECT subject FROM record WHERE id = ?", (fact.record,)).fetchone()
                    self._put_tie(fact.person, at and at[0], f"named {fact.role}", fact.source)
                case Merge():
                    self._put_judgement(fact, parents)
                case _:
                    break  # sources and loads come last
        self._settle(parents)

    def _put_subject(self, subject: Subject) -> None:
        person = subject.kind is Kind.NATURAL_PERSON
        spelled = spelling(subject.name)
        sounds = sound(spelled, person=person)
        data = [
            str(subject.kind),
            subject.name,
            dict(held(subject)),
            subject.fields.get("birth_year"),
            subject.fields.get("gender"),
            subject.region,
            subject.established_on.isoformat() if subject.established_on else None,
        ]
        row = (subject.id, person, spelled, sounds, json.dumps(data, ensure_ascii=False))
        self.database.execute("INSERT INTO subject (id, person, spelling, sound, data) VALUES (?, ?, ?, ?, ?)", row)

    def _put_tie(self, holder: str, organisation: int | None, office: str, source: str | None) -> None:
        key = self._key(holder)
        if key is not None and organisation is not None:
            self.database.execute("INSERT INTO tie VALUES (?, ?, ?, ?)", (key, organisation, office, source))

    def _put_judgement(self, merge: Merge, parents: dict[int, int]) -> None:
        left, right = self._key(merge.left), self._key(merge.right)
        if left is None or right is None:
            return
        if merge.undone:
            self.undone.append((left, right))
        else:
            parents[_root(right, parents)] = _root(left, parents)

    def _settle(self, parents: dict[int, int]) -> None:
        """Ties and subjects point to the one that stands for all that are judged to be one."""
        self.database.execute("UPDATE subject SET root = k")
        moved = [(_root(key, parents), key) for key in parents]
        for number, columns in enumerate(_INDEXES):
            self.database.execute(f"CREATE INDEX index_{number} ON {columns}")
        for column in ("holder", "organisation"):
            self.database.executemany(f"UPDATE tie SET {column} = ? WHERE {column} = ?", moved)  # noqa: S608
        self.database.executemany("UPDATE subject SET root = ? WHERE k = ?", moved)

    def _key(self, subject_id: str) -> int | None:
        found = self.database.execute("SELECT k FROM subject WHERE id = ?", (subject_id,)).fetchone()
        return int(found[0]) if found else None

    # --- reading ------------------------------------------------------------------------------------------------------
    def _profile(self, key: int) -> Profile:
        sql = "SELECT id, root, spelling, sound, data FROM subject WHERE k = ?"
        subject_id, root, spelled, sounds, data = self.database.execute(sql, (key,)).fetchone()
        kind, name, identifiers, birth_year, gender, region, established_on = json.loads(data)
        person = kind == Kind.NATURAL_PERSON
        for (other,) in self.database.execute("SELECT data FROM subject WHERE root = ? AND k != ?", (root, key)):
            identifiers = {**json.loads(other)[2], **identifiers}  # those of all that are judged to be one
        organisations = self._organisations(root) if person else {}
        people = self._beside(organisations) if person else self._people(root)
        return Profile(
            root=root,
            id=subject_id,
            kind=kind,
            person=person,
            name=name,
            spelling=spelled,
            sound=sounds,
            identifiers=identifiers,
            birth_year=birth_year,
            gender=gender,
            region=region,
            established_on=established_on,
            organisations=organisations,
            near=self._near(organisations),
            people=frozenset(people),
        )

    def _organisations(self, root: int) -> dict[int, Ties]:
        sql = "SELECT organisation, office, source FROM tie WHERE holder = ? ORDER BY 1, 2, 3 LIMIT ?"
        found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for organisation, office, source in self.database.execute(sql, (root, 4 * MOST_TIES)):
            found[organisation].append((office, source or ""))
        return {
            organisation: Ties(frozenset(o for o, _ in said), frozenset(s for _, s in said if s))
            for organisation, said in list(found.items())[:MOST_TIES]
        }

    def _people(self, organisation: int) -> set[str]:
        sql = """SELECT DISTINCT s.spelling FROM tie t JOIN subject s ON s.k = t.holder WHERE t.organisation = ?
          ORDER BY 1 LIMIT ?"""
        return {one for (one,) in self.database.execute(sql, (organisation, MOST_TIES))}

    def _beside(self, organisations: Iterable[int]) -> set[str]:
        return {one for organisation in organisations for one in self._people(organisation)}

    def _near(self, organisations: Iterable[int]) -> frozenset[int]:
        sql = """SELECT organisation FROM tie WHERE holder = ?1
          UNION SELECT t.holder FROM tie t JOIN subject s ON s.k = t.holder
            WHERE t.organisation = ?1 AND NOT s.person ORDER BY 1 LIMIT ?2"""
        return frozenset(
            one for organisation in organisations for (one,) in self.database.execute(sql, (organisation, MOST_TIES))
        )

    def _holders(self, organisation: int) -> int:
        sql = "SELECT count(DISTINCT s.sound) FROM tie t JOIN subject s ON s.k = t.holder WHERE t.organisation = ?"
        return int(self.database.execute(sql, (organisation,)).fetchone()[0])

    def _bearers(self, sounds: str) -> int:
        return int(self.database.execute("SELECT count(*) FROM subject WHERE sound = ?", (sounds,)).fetchone()[0])


def _root(key: int, parents: dict[int, int]) -> int:
    while parents.get(key, key) != key:
        key = parents[key]
    return key

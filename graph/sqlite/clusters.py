"""Clusters: subjects judged to be one, as known at an instant.

``cluster`` assigns each merged subject to a root (the smallest key among its members), on the known_at clock; writing
a merge or undoing one assigns the touched clusters anew. A subject that was never merged is its own root.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from graph.sqlite.rows import numbers_json
from graph.sqlite.values import FOREVER

_ROOTS = """SELECT c.member, c.root FROM json_each(?) j CROSS JOIN cluster c ON c.member = j.value
  WHERE c.tf <= ? AND c.tt > ?"""
_MEMBERS = """SELECT c.member, c.root FROM json_each(?) j CROSS JOIN cluster c ON c.root = j.value
  WHERE c.tf <= ? AND c.tt > ?"""
NOW = FOREVER - 1
"""An instant at which every current version is known."""
_JUDGEMENTS = """SELECT m."left", m."right" FROM json_each(?) j CROSS JOIN merge m ON m."left" = j.value
  WHERE m.tt = ? AND NOT m.undone"""


class Clusters:
    """Resolves keys to the roots of their clusters and back, in one snapshot and as known at ``known`` (µs)."""

    def __init__(self, connection: sqlite3.Connection, known: int) -> None:
        self._connection, self._known = connection, known
        self._alone: set[int] = set()

    @cached_property
    def exist(self) -> bool:
        return self._connection.execute("SELECT 1 FROM cluster LIMIT 1").fetchone() is not None

    def are_alone(self, keys: Iterable[int]) -> None:
        """These were never merged, as their marks say: nothing needs to be asked about them."""
        self._alone.update(keys)

    def roots(self, keys: Iterable[int]) -> Mapping[int, int]:
        """The root of each key that belongs to a cluster of several."""
        keys = set(keys) - self._alone
        if not keys or not self.exist:
            return {}
        return dict(self._connection.execute(_ROOTS, (numbers_json(keys), self._known, self._known)))

    def resolved(self, keys: Collection[int]) -> set[int]:
        """The roots of these keys, each its own where it was never merged."""
        roots = self.roots(keys)
        return {roots.get(key, key) for key in keys}

    def members(self, roots: Collection[int]) -> dict[int, int]:
        """The root of each subject in these clusters."""
        of = {root: root for root in roots}
        if (several := of.keys() - self._alone) and self.exist:
            found = self._connection.execute(_MEMBERS, (numbers_json(several), self._known, self._known))
            of |= dict(found)
        return of


def assign(connection: sqlite3.Connection, touched: Iterable[int], now: int) -> None:
    """Assign the clusters of the touched subjects anew, at ``now`` (µs): their merges were written or undone."""
    held = _held(connection, set(touched))
    judgements = connection.execute(_JUDGEMENTS, (numbers_json(sorted(held)), FOREVER)).fetchall()
    wanted = _components(held, judgements)
    changed = [member for member in held if wanted.get(member) != held[member]]
    connection.executemany(
        "UPDATE cluster SET tt = ? WHERE member = ? AND tt = ?", [(now, member, FOREVER) for member in changed]
    )
    connection.executemany(
        "INSERT INTO cluster (member, tf, tt, root) VALUES (?, ?, ?, ?)",
        [(member, now, FOREVER, wanted[member]) for member in changed if member in wanted],
    )


def _held(connection: sqlite3.Connection, touched: set[int]) -> dict[int, int | None]:
    """The present roots of the touched subjects and of all that share a cluster with one of them."""
    clusters = Clusters(connection, NOW)
    roots = clusters.roots(touched)
    return dict.fromkeys(touched) | clusters.members(set(roots.values()))


def _components(members: Iterable[int], judgements: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The smallest key of each connected component of two and more."""
    neighbours: defaultdict[int, set[int]] = defaultdict(set)
    for left, right in judgements:
        neighbours[left].add(right)
        neighbours[right].add(left)
    roots: dict[int, int] = {}
    for member in sorted(set(members) & neighbours.keys()):
        if member not in roots:
            roots |= dict.fromkeys(_connected(member, neighbours), member)
    return roots


def _connected(start: int, neighbours: Mapping[int, set[int]]) -> Iterator[int]:
    seen, waiting = {start}, [start]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += neighbours[member] - seen
        seen |= neighbours[member]

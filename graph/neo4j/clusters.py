"""Clusters: subjects judged to be one, as known at an instant.

Every subject that a merge in force joins to another stands ``IN`` the cluster of its connected component, on the
known_at clock; writing a merge or undoing one assigns the touched subjects anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from neo4j import ManagedTransaction, Record

from graph.sqlite.values import FOREVER

_TOUCHED = """UNWIND $touched AS id
MATCH (s:Subject {id: id}) USING INDEX s:Subject(id)
UNWIND [s] + [(s)-[i:IN WHERE i.tt = $forever]->()<-[j:IN WHERE j.tt = $forever]-(y) | y] AS member
WITH DISTINCT member
RETURN member.id AS id,
  COLLECT { MATCH (member)-[i:IN WHERE i.tt = $forever]->(c) RETURN elementId(c) } AS clusters,
  COLLECT { MATCH (member)<-[:JOINS]-(m:Merge WHERE m.tt = $forever AND NOT m.undone)
            RETURN [m.left, m.right] } AS judgements"""
_END = """UNWIND $ids AS id
MATCH (s:Subject {id: id})-[i:IN WHERE i.tt = $forever]->() USING INDEX s:Subject(id) SET i.tt = $now"""
_NEW = """UNWIND $groups AS ids
CREATE (c:Cluster) WITH c, ids
UNWIND ids AS id
MATCH (s:Subject {id: id}) USING INDEX s:Subject(id) CREATE (s)-[:IN {tf: $now, tt: $forever}]->(c)"""


@dataclass(frozen=True)
class _Members:
    """The touched subjects and all that share a cluster with one of them."""

    groups: frozenset[frozenset[str]]
    judgements: tuple[tuple[str, str], ...]


def assign(transaction: ManagedTransaction, touched: Set[str], now: int) -> None:
    """Assign the clusters of the touched subjects anew, at ``now`` (µs): their merges were written or undone."""
    held = _held(transaction.run(_TOUCHED, touched=sorted(touched), forever=FOREVER))
    wanted = frozenset(_components(held.judgements))
    ended = sorted(member for group in held.groups - wanted for member in group)
    begun = sorted(sorted(group) for group in wanted - held.groups)
    transaction.run(_END, ids=ended, now=now, forever=FOREVER).consume()
    transaction.run(_NEW, groups=begun, now=now, forever=FOREVER).consume()


def _held(rows: Iterable[Record]) -> _Members:
    groups: defaultdict[str, set[str]] = defaultdict(set)
    judgements: list[tuple[str, str]] = []
    for row in rows:
        for cluster in row["clusters"]:
            groups[cluster].add(row["id"])
        judgements += [(left, right) for left, right in row["judgements"]]
    return _Members(frozenset(map(frozenset, groups.values())), tuple(judgements))


def _components(judgements: Iterable[tuple[str, str]]) -> Iterator[frozenset[str]]:
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for left, right in judgements:
        neighbours[left].add(right)
        neighbours[right].add(left)
    waiting = set(neighbours)
    while waiting:
        component = _connected(waiting.pop(), neighbours)
        waiting -= component
        yield component


def _connected(start: str, neighbours: Mapping[str, Set[str]]) -> frozenset[str]:
    seen, waiting = {start}, [start]
    while waiting:
        fresh = neighbours[waiting.pop()] - seen
        waiting += fresh
        seen |= fresh
    return frozenset(seen)

"""The history of judgements: every one that ever touched the cluster of a subject, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graph.errors import BadInput
from graph.model import Merge, Subject, Version
from graph.store import GraphStore

What = Literal["merged", "undone", "retracted"]


class UnknownSubject(BadInput):
    """The store holds no subject under this id."""

    code = "unknown-subject"
    status = 404
    title_zh = "没有这一主体"


@dataclass(frozen=True, slots=True)
class Event:
    """A step in the life of a judgement. ``stands``: nothing has followed it. A retraction names nobody: the load that
    brought it says why."""

    id: str
    at: datetime
    what: What
    left: str
    right: str
    by: str | None
    reason: str | None
    stands: bool


def known_subject(store: GraphStore, subject_id: str) -> Subject:
    """The subject under this id now, merges resolved. Raises `UnknownSubject`."""
    last = store.last_instant()
    found = store.subject(subject_id, known_at=last) if last else None
    if found is None:
        raise UnknownSubject(f"the store holds no subject {subject_id}", remedy="load it first, or correct the id")
    return found


def history(store: GraphStore, subject_id: str) -> tuple[Event, ...]:
    """What was judged about who this subject (by id) is, oldest first: each judgement that had an end in its cluster
    of some time, from beginning to end. Raises `UnknownSubject`."""
    known_subject(store, subject_id)
    versions = connected(store, subject_id)
    touching = _touching(subject_id, versions)
    events = [event for version in versions if version.fact.id in touching for event in _events(version, versions)]
    return tuple(sorted(events, key=lambda event: (event.at, event.id)))


def connected(store: GraphStore, subject_id: str) -> list[Version]:
    """Every version of every merge that ever led from this subject to others, directly or not, by time."""
    found: dict[tuple[str, datetime], Version] = {}
    seen, frontier = {subject_id}, {subject_id}
    while frontier:
        versions = store.merges(frontier)
        found |= {(version.fact.id, version.recorded_at): version for version in versions}
        frontier = {end for version in versions for end in _ends(version)} - seen
        seen |= frontier
    return sorted(found.values(), key=lambda version: (version.recorded_at, version.fact.id))


def in_force(versions: Iterable[Version]) -> list[Merge]:
    """The judgements by which subjects are one now."""
    return _joining(version for version in versions if version.superseded_at is None)


def ways(start: str, judgements: Iterable[Merge]) -> Mapping[str, tuple[str, ...]]:
    """A shortest way over judgements to each subject that is one with the start, itself among them; of several ways
    the one over the least ids."""
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for one in judgements:
        neighbours[one.left].add(one.right)
        neighbours[one.right].add(one.left)
    found: dict[str, tuple[str, ...]] = {start: (start,)}
    frontier = [start]
    while frontier:
        fresh = [(here, there) for here in frontier for there in sorted(neighbours[here]) if there not in found]
        for here, there in fresh:
            found.setdefault(there, (*found[here], there))
        frontier = list(dict.fromkeys(there for _, there in fresh))
    return found


def _joining(versions: Iterable[Version]) -> list[Merge]:
    return [one.fact for one in versions if isinstance(one.fact, Merge) and not one.fact.undone]


def _ends(version: Version) -> Collection[str]:
    return {version.fact.left, version.fact.right} if isinstance(version.fact, Merge) else ()


def _touching(subject_id: str, versions: Collection[Version]) -> set[str]:
    """The judgements with an end in the cluster that the subject had at the instant of one of them."""
    touching = set()
    for at in {version.recorded_at for version in versions}:
        alive = [
            one for one in versions if one.recorded_at <= at and not (one.superseded_at and one.superseded_at <= at)
        ]
        cluster = ways(subject_id, _joining(alive)).keys()
        touching |= {one.fact.id for one in alive if cluster & _ends(one)}
    return touching


def _events(version: Version, versions: Collection[Version]) -> Iterator[Event]:
    if not isinstance(fact := version.fact, Merge):
        return
    later = [one for one in versions if one.fact.id == fact.id and one.recorded_at > version.recorded_at]
    ended = version.superseded_at
    what: What = "undone" if fact.undone else "merged"
    by, reason = (fact.undone_by, fact.undone_reason) if fact.undone else (fact.by, fact.reason)
    yield Event(fact.id, version.recorded_at, what, fact.left, fact.right, by, reason, stands=ended is None)
    if ended and not any(one.recorded_at == ended for one in later):
        yield Event(fact.id, ended, "retracted", fact.left, fact.right, None, None, stands=not later)

"""Candidates: pairs of subjects that may be one, with a score and its reasons. Proposed, never applied.

The store is read once, in a stream, into a temporary database; subjects are compared inside blocks. Pairs that are one
already are left out, and so are pairs of which somebody judged that they are two after all.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from graph.store import GraphStore
from loaders.identity.blocks import blocks
from loaders.identity.comparison import Compared, Evidence, compare
from loaders.identity.history import known_subject
from loaders.identity.profile import Profile
from loaders.identity.scratch import Scratch
from loaders.identity.weights import THRESHOLD

LARGEST = 60
"""A block of more subjects is a hub: it is left out, and said."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two subjects, by the ids under which sources know them, that may be one."""

    left: str
    right: str
    names: tuple[str, str]
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """The best candidates, how many reached the score in all, and the kinds of blocks left out with their number."""

    known_at: datetime | None
    candidates: tuple[Candidate, ...]
    found: int
    hubs: Mapping[str, int]


def candidates(
    store: GraphStore, *, subject_id: str | None = None, min_score: float = THRESHOLD, limit: int = 100
) -> Proposals:
    """Propose pairs, the likeliest first: of the whole store, or of one subject (by id) and others.

    Reads the store as known at its last instant, and writes nothing. Raises `UnknownSubject`.
    """
    if subject_id is not None:
        known_subject(store, subject_id)
    known_at = store.last_instant()
    if known_at is None:
        return Proposals(None, (), 0, {})
    with Scratch(store, known_at) as scratch:
        hubs = _pair_up(scratch, subject_id)
        found: Counter[str] = Counter()
        best = heapq.nsmallest(limit, _counted(_proposed(scratch, min_score), found), key=_order)
    return Proposals(known_at, tuple(best), found.total(), dict(sorted(hubs.items())))


def _order(one: Candidate) -> tuple[float, str, str]:
    return -one.score, one.left, one.right


def _counted(stream: Iterator[Candidate], found: Counter[str]) -> Iterator[Candidate]:
    for one in stream:
        found["pairs"] += 1
        yield one


def _pair_up(scratch: Scratch, subject_id: str | None) -> Counter[str]:
    """Put every pair that shares a block into the scratch; the blocks that are hubs, by kind."""
    database = scratch.database
    database.execute("BEGIN")
    for key in scratch.subjects():
        database.executemany(
            "INSERT OR IGNORE INTO block VALUES (?, ?)", [(name, key) for name in blocks(scratch.profile(key))]
        )
    wanted = None if subject_id is None else set(scratch.subjects(subject_id))
    hubs: Counter[str] = Counter()
    for name, size in list(_shared_blocks(scratch, wanted)) if wanted else _shared_blocks(scratch, wanted):
        if size > LARGEST:
            hubs[name.partition(":")[0]] += 1
            continue
        members = [k for (k,) in database.execute("SELECT k FROM block WHERE name = ? ORDER BY k", (name,))]
        pairs = [pair for pair in combinations(members, 2) if wanted is None or wanted & {*pair}]
        database.executemany("INSERT OR IGNORE INTO pair VALUES (?, ?)", pairs)
    database.execute("COMMIT")
    return hubs


def _shared_blocks(scratch: Scratch, wanted: set[int] | None) -> Iterator[tuple[str, int]]:
    if wanted is None:
        yield from scratch.database.execute("SELECT name, count(*) AS n FROM block GROUP BY name HAVING n > 1")
        return
    names = {name for key in sorted(wanted) for name in blocks(scratch.profile(key))}
    for name in sorted(names):
        ((size,),) = scratch.database.execute("SELECT count(*) FROM block WHERE name = ?", (name,))
        if size > 1:
            yield name, size


def _proposed(scratch: Scratch, min_score: float) -> Iterator[Candidate]:
    two, told = scratch.judged_two(), set()
    for left_key, right_key in scratch.database.execute("SELECT l, r FROM pair ORDER BY l, r"):
        left, right = scratch.profile(left_key), scratch.profile(right_key)
        roots = frozenset((left.root, right.root))
        if len(roots) == 1 or roots in two or roots in told:
            continue
        compared = _compared(scratch, left, right)
        if compared.score > 0 and compared.score >= min_score:
            if roots != {left_key, right_key}:
                told.add(roots)  # one of them is several that were judged to be one: said once
            ends = sorted([(left.id, left.name), (right.id, right.name)])
            (one, one_name), (other, other_name) = ends
            yield Candidate(one, other, (one_name, other_name), compared.score, compared.evidence)


def _compared(scratch: Scratch, left: Profile, right: Profile) -> Compared:
    bearers = max(scratch.bearers(left.sound), scratch.bearers(right.sound))
    return compare(left, right, bearers=bearers, holders=scratch.holders)

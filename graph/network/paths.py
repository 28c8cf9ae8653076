"""Shortest paths between two subjects: breadth first from both ends, in rounds that are each one call of the store.

Levels are complete: after a rounds from one end and b from the other no path of a + b links or fewer is unseen. A round
that would bring too many links is not complete, and its end stands still; the other end may still prove what is asked,
since a leaf on the far side of a hub is one step from it. If neither can go on, what was seen is searched all the same,
and the answer says that it is not complete, and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice, pairwise
from typing import Literal, cast

from graph.errors import OutOfTime
from graph.model import Link
from graph.network.budget import Budget
from graph.network.links import LinkFilter
from graph.network.store import NetworkStore

LONGEST = 6
ROUND = 20_000
"""So many links a round may bring."""
Why = Literal["too_many_links", "out_of_time"]


@dataclass(frozen=True)
class Path:
    """Subjects from one end to the other, and between each two of them every link that joins them."""

    subjects: tuple[str, ...]
    steps: tuple[tuple[Link, ...], ...]


@dataclass(frozen=True)
class Paths:
    """The shortest paths that were seen, in the order of their subjects' ids.

    ``count`` of them there are, of ``length`` links each (``None``: none was seen). It is proven that no path has
    ``none_within`` links or fewer; ``complete`` says that nothing shorter and nothing of this length is missing, and
    ``why`` what stood in the way.
    """

    length: int | None
    count: int
    paths: tuple[Path, ...]
    complete: bool
    why: tuple[Why, ...]
    none_within: int


class _End:
    """One end of the search: whom it has met, on which level."""

    def __init__(self, start: str) -> None:
        self.met = {start}
        self.front = {start}
        self.depth = 0
        self.stands = False

    def step(self, links: Collection[Link]) -> None:
        fresh = {link.organisation for link in links if link.holder in self.front}
        fresh |= {link.holder for link in links if link.organisation in self.front}
        self.front = fresh - self.met
        self.met |= self.front
        self.depth += 1


class _Search:
    def __init__(
        self,
        store: NetworkStore,
        where: LinkFilter,
        avoid: Collection[str],
        known_at: datetime,
        budget: Budget,
        cap: int,
    ) -> None:
        self._store, self._where, self._known_at, self._budget, self._cap = store, where, known_at, budget, cap
        self._avoid = frozenset(avoid)
        self.links: dict[str, Link] = {}
        self.why: list[Why] = []

    def run(self, one: _End, other: _End, longest: int) -> bool:
        """Whether all paths of up to the least length, or else up to the longest asked for, have been seen."""
        while not one.front & other.front:
            if one.depth + other.depth == longest or not (one.front and other.front):
                return True
            going = [end for end in (one, other) if not end.stands]
            if not going:
                return False
            try:
                self._round(min(going, key=lambda end: len(end.front)))
            except OutOfTime:
                self.why = ["out_of_time"]
                return False
        return True

    def _round(self, end: _End) -> None:
        found = self._store.links_around(
            end.front, self._where, limit=self._cap, known_at=self._known_at, seconds=self._budget.call()
        )
        links = [link for link in found.links if not self._avoid & {link.holder, link.organisation}]
        self.links |= {link.id: link for link in links}
        if found.cut:
            end.stands = True
            self.why = ["too_many_links"]
        else:
            end.step(links)


def shortest_paths(
    store: NetworkStore,
    start: str,
    goal: str,
    where: LinkFilter,
    *,
    known_at: datetime,
    longest: int = LONGEST,
    shown: int = 20,
    avoid: Collection[str] = (),
    budget: Budget | None = None,
    cap: int = ROUND,
) -> Paths:
    """The shortest paths between two subjects over links of this kind, whichever way the links point.

    ``start`` and ``goal`` are canonical ids; of the paths at most ``shown`` are given, and ``cap`` is the number of
    links that a round may bring. Paths through the subjects of ``avoid`` do not count. An answer always comes: when the
    budget is spent, it holds what was seen until then.

    References
    ----------
    I. Pohl, "Bi-directional search", Machine Intelligence 6 (1971): breadth first from both ends.
    """
    one, other = _End(start), _End(goal)
    search = _Search(store, where, {*avoid} - {start, goal}, known_at, budget or Budget(), cap)
    complete = search.run(one, other, longest)
    proven = one.depth + other.depth
    seen = _Seen(search.links.values(), start, goal, longest)
    if complete and seen.length is None:
        proven = longest
    return Paths(
        length=seen.length,
        count=seen.count(start),
        paths=tuple(islice(seen.paths((start,)), shown)),
        complete=complete,
        why=() if complete else tuple(search.why),
        none_within=proven if seen.length is None else max(0, min(proven, seen.length - 1)),
    )


class _Seen:
    """The shortest paths in the links that were seen."""

    def __init__(self, links: Collection[Link], start: str, goal: str, longest: int) -> None:
        self._between: dict[tuple[str, str], list[Link]] = {}
        for link in sorted(links, key=lambda link: link.id):
            self._between.setdefault(_pair(link.holder, link.organisation), []).append(link)
        import networkx as nx  # takes a while to load, and most commands do without it

        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from((start, goal))
        graph.add_edges_from((one, other) for one, other in self._between if one != other)
        onward = cast("dict[str, list[str]]", nx.predecessor(graph, goal, cutoff=longest))
        self._goal = goal
        self._onward = {one: sorted(nearer) for one, nearer in onward.items()}
        self.count = lru_cache(maxsize=None)(self._count)
        self.length = self._length(start)

    def _length(self, start: str) -> int | None:
        if start not in self._onward:
            return None
        length, here = 0, start
        while here != self._goal:
            length, here = length + 1, self._onward[here][0]
        return length

    def _count(self, here: str) -> int:
        if here == self._goal:
            return 1
        return sum(self.count(nearer) for nearer in self._onward.get(here, ()))

    def paths(self, so_far: tuple[str, ...]) -> Iterator[Path]:
        if so_far[-1] == self._goal:
            steps = tuple(tuple(self._between[_pair(*two)]) for two in pairwise(so_far))
            yield Path(so_far, steps)
            return
        for nearer in self._onward.get(so_far[-1], ()):
            yield from self.paths((*so_far, nearer))


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)

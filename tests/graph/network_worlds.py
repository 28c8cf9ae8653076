"""Random networks in memory, as a store would answer for them; shares no code with the stores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from graph.errors import OutOfTime
from graph.model import Kind, Link, LinkType, Subject
from graph.network.links import SIDES, Around, LinkFilter, Side
from graph.network.store import SECONDS

AT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Town:
    """A store of a handful of links. ``rounds`` counts its calls; after ``patience`` of them it runs out of time."""

    links: Collection[Link]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    patience: int = 1_000
    rounds: int = 0

    def links_around(
        self,
        subject_ids: Collection[str],
        where: LinkFilter,
        *,
        sides: Collection[Side] = SIDES,
        limit: int,
        known_at: datetime,
        seconds: float = SECONDS,
    ) -> Around:
        self.rounds += 1
        if self.rounds > self.patience:
            raise OutOfTime("the test says so")
        found = [
            link
            for link in sorted(self.links, key=lambda link: link.id)
            if (link.type in where.wanted)
            and (
                ("holds" in sides and link.holder in subject_ids)
                or ("held_by" in sides and link.organisation in subject_ids)
            )
        ]
        return Around(tuple(found[:limit]), len(found) > limit)

    def subjects(self, ids: Collection[str], *, known_at: datetime) -> Mapping[str, Subject]:
        return {one: Subject(one, self.kinds.get(one, Kind.ENTERPRISE), f"名{one}") for one in ids}

    count_links: Any = None
    page_of_links: Any = None


def held(*edges: tuple[str, str, float | None], source: str = "register") -> list[Link]:
    """Shareholdings: holder, organisation, share."""
    return [
        Link(f"{holder}>{of}:{source}:{n}", LinkType.SHAREHOLDER, holder, of, share=share, source=source)
        for n, (holder, of, share) in enumerate(edges)
    ]


def joined(edges: Iterable[tuple[int, int]], type: LinkType = LinkType.DIRECTOR) -> list[Link]:
    return [Link(f"{n:03d}", type, f"s{one}", f"s{other}") for n, (one, other) in enumerate(edges)]


def edges_of(size: int, most: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    ends = st.integers(0, size - 1)
    return st.lists(st.tuples(ends, ends), max_size=most)


@st.composite
def networks(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Sparse graphs, hubs and circles: what paths get lost in."""
    size = draw(st.integers(2, 14))
    edges = draw(edges_of(size, 24))
    if draw(st.booleans()):
        edges += [(0, n) for n in range(1, size)]
    if draw(st.booleans()):
        edges += [(n, (n + 1) % size) for n in range(size)]
    return edges

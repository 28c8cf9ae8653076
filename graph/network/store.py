"""What investigations ask of a store. `graph.store.GraphStore` is such a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from graph.model import Subject
from graph.network.links import SIDES, Around, Group, LinkFilter, Met, Place, Side

SECONDS = 60.0
"""How long one call may take, where nothing else is said."""


class NetworkStore(Protocol):
    """Links around subjects, as known at an instant, merges resolved: a link of any member of a cluster is a link of
    the cluster, and the ids of its ends are canonical. A link whose other end is not known at that instant is left out;
    one whose ends were judged to be one is kept, on both sides.

    Every call ends within ``seconds``, or raises `graph.errors.OutOfTime`.
    """

    def subjects(self, ids: Collection[str], *, known_at: datetime) -> Mapping[str, Subject]:
        """The subjects under these ids, merges resolved; ids that nobody has are left out."""
        ...

    def count_links(
        self, subject_id: str, where: LinkFilter, *, known_at: datetime, seconds: float = SECONDS
    ) -> Mapping[Group, int]:
        """How many links a subject has, exactly, by side and type; groups without any are left out."""
        ...

    def page_of_links(
        self,
        subject_id: str,
        where: LinkFilter,
        groups: Sequence[Group],
        *,
        after: Place | None = None,
        limit: int,
        known_at: datetime,
        seconds: float = SECONDS,
    ) -> Sequence[Met]:
        """The first ``limit`` links of these groups, group by group in the order given; ``after`` is a place in the
        first of them."""
        ...

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
        """The links at these subjects, together at most ``limit``: those with the least ids."""
        ...

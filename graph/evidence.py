"""Evidence 证据: the facts that a store returns for a plan, as known at one instant, merges already resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from graph.model import Link, Load, Naming, Record, Source, Subject


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts for a plan. All subject ids in it are canonical: where subjects were merged as known at the question's
    known_at, ``subjects`` holds the surviving one, and ``aliases`` maps every other id of the cluster to it.

    It holds at least the facts on paths of the plan (see `graph.store.GraphStore.evidence`); what more a store brings
    is cut away by `graph.paths`, so that every store leads to the same answer. ``loads`` holds of each source the one
    that reaches furthest, if there is any.
    """

    subjects: Mapping[str, Subject]
    links: tuple[Link, ...]
    records: tuple[Record, ...]
    namings: tuple[Naming, ...]
    sources: tuple[Source, ...]
    loads: tuple[Load, ...]
    aliases: Mapping[str, str]


def reached(loads: Iterable[Load]) -> dict[str, date]:
    """The last day up to which each source was ever loaded completely, by its id: of the loads of an evidence."""
    return {load.source: load.through for load in loads}

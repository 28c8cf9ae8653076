"""Which of the things that a fact names the store does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Fact, Link, Load, Merge, Naming, Record
from graph.store import GraphStore
from loaders.rows import Fault, FaultKind

KIND = FaultKind.REFERENCE


def missing_references(store: GraphStore, fact: Fact) -> list[Fault]:
    """A fault for each reference that leads nowhere; one that says so in general if none is found by now."""
    faults = [
        Fault(place, reference, "the store holds no such subject, record or source", "load that row too", KIND)
        for place, reference in _references(fact)
        if not any(version.superseded_at is None for version in store.history(reference))
    ]
    return faults or [
        Fault("", fact.id, "it names a fact that the store does not hold", "load the row once more", KIND)
    ]


def _references(fact: Fact) -> Iterator[tuple[str, str]]:
    match fact:
        case Link():
            yield "holder", fact.holder
            yield "organisation", fact.organisation
        case Record():
            yield "subject", fact.subject
        case Naming():
            yield "record", fact.record
            yield "person", fact.person
        case Merge():
            yield "left", fact.left
            yield "right", fact.right
        case Load():
            yield "source", fact.source

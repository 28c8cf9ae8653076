"""Which of the things that a fact names the store does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.model import Fact, Link, Load, Merge, Naming, Record
from graph.store import GraphStore
from loaders.rows import Fault, FaultKind

KIND = FaultKind.REFERENCE


def lacking_of(store: GraphStore, fact: Fact) -> list[tuple[str, str]]:
    """The references of a fact that lead nowhere, each with its place in the fact."""
    return [
        (place, reference)
        for place, reference in _references(fact)
        if not any(version.superseded_at is None for version in store.history(reference))
    ]


def missing_references(store: GraphStore, facts: Sequence[Fact]) -> list[Fault]:
    """A fault for each reference of the facts of a row that leads nowhere, and not to another of these facts; one that
    says so in general if none is found by now."""
    own = {fact.id for fact in facts}
    faults = [
        Fault(place, reference, "the store holds no such subject, record or source", "load that row too", KIND)
        for fact in facts
        for place, reference in lacking_of(store, fact)
        if reference not in own
    ]
    ids = facts[0].id if facts else ""
    return list(dict.fromkeys(faults)) or [
        Fault("", ids, "it names a fact that the store does not hold", "load the row once more", KIND)
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

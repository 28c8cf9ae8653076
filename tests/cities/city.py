"""A small city: what was recorded when, its catalogue, and questions about it.

One description leads to both forms: facts for a store, and the plain world of the reference evaluator.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from graph.model import Fact, Link, Load, Merge, Naming, Record, Source, Subject
from graph.store import GraphStore

Plain = dict[str, Any]
PARTS: dict[type, str] = {
    Subject: "subjects",
    Link: "links",
    Record: "records",
    Naming: "namings",
    Merge: "merges",
    Source: "sources",
    Load: "loads",
}
NAMES_OTHERS = {
    Link: ("holder", "organisation"),
    Record: ("subject",),
    Naming: ("record", "person"),
    Merge: ("left", "right"),
    Load: ("source",),
}


@dataclass(frozen=True)
class Batch:
    """What was recorded at one instant: facts, new or corrected, or the ids of facts that were withdrawn."""

    at: datetime
    facts: tuple[Fact, ...] = ()
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class City:
    batches: tuple[Batch, ...]
    catalogue: Plain
    questions: tuple[Plain, ...] = ()
    group_questions: tuple[Plain, ...] = ()

    @cached_property
    def world(self) -> dict[str, list[Plain]]:
        """The city for the reference: every version of every fact."""
        world: dict[str, list[Plain]] = {part: [] for part in PARTS.values()}
        current: dict[str, Plain] = {}
        for batch in self.batches:
            for fact in batch.facts:
                version = plain(fact)
                if fact.id in current:
                    current[fact.id]["superseded_at"] = batch.at
                current[fact.id] = {**version, "recorded_at": batch.at, "superseded_at": None}
                world[PARTS[type(fact)]].append(current[fact.id])
            for id_ in batch.withdrawn:
                current.pop(id_)["superseded_at"] = batch.at
        return world

    def write_to(self, store: GraphStore) -> None:
        for batch in self.batches:
            write(batch, store)

    def ids(self) -> list[str]:
        return list(dict.fromkeys(fact.id for batch in self.batches for fact in batch.facts))

    def without(self, ids: set[str]) -> City:
        """The city without some facts, and those that name them."""
        gone = set(ids)
        while more := {f.id for b in self.batches for f in b.facts if f.id not in gone and gone & names(f)}:
            gone |= more
        batches = (
            replace(
                batch,
                facts=tuple(f for f in batch.facts if f.id not in gone),
                withdrawn=tuple(i for i in batch.withdrawn if i not in gone),
            )
            for batch in self.batches
        )
        return replace(self, batches=tuple(b for b in batches if b.facts or b.withdrawn))

    def without_entry(self, part: str, id_: str) -> City:
        """The city under a catalogue that lacks one measure, lead or group rule."""
        entries = [entry for entry in self.catalogue[part] if entry["id"] != id_]
        return replace(self, catalogue={**self.catalogue, part: entries})


def write(batch: Batch, store: GraphStore) -> None:
    if batch.facts:
        results = store.write(batch.facts, recorded_at=batch.at, correct=True).results
        assert all(result in ("new", "corrected") for result in results), results
    else:
        store.retract(batch.withdrawn, recorded_at=batch.at)


def names(fact: Fact) -> set[str]:
    """Ids of the facts that a fact refers to."""
    return {getattr(fact, name) for name in NAMES_OTHERS.get(type(fact), ())}


def plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    return dict(value) if isinstance(value, dict) else value

"""The world as known at an instant: one version of each fact, merges resolved.

A world is ``{"subjects": [...], "links": [...], "records": [...], "namings": [...], "merges": [...], "sources": [...],
"loads": [...]}``; every entry is one version of a fact with its ``recorded_at`` and ``superseded_at``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Fact = dict[str, Any]
World = dict[str, list[Fact]]


@dataclass(frozen=True)
class Known:
    """Facts whose subject ids are canonical; ``aliases`` leads from every subject id to its canonical one.
    ``versions`` are all members of all clusters, ``subjects`` the ones that stand for them."""

    versions: list[Fact]
    subjects: dict[str, Fact]
    aliases: dict[str, str]
    links: list[Fact]
    records: list[Fact]
    namings: list[Fact]
    sources: list[Fact]
    loads: list[Fact]


def as_known(world: World, instant: datetime) -> Known:
    now = {part: [f for f in versions if _known(f, instant)] for part, versions in world.items()}
    subjects = {s["id"]: s for s in now["subjects"]}
    aliases = _aliases(subjects, [m for m in now["merges"] if not m["undone"]])
    return Known(
        versions=now["subjects"],
        subjects={id_: _standing(id_, subjects, aliases) for id_ in subjects if aliases[id_] == id_},
        aliases=aliases,
        links=[{**k, "holder": aliases[k["holder"]], "organisation": aliases[k["organisation"]]} for k in now["links"]],
        records=[{**r, "subject": aliases[r["subject"]]} for r in now["records"]],
        namings=[{**n, "person": aliases[n["person"]]} for n in now["namings"]],
        sources=now["sources"],
        loads=now["loads"],
    )


def _known(version: Fact, instant: datetime) -> bool:
    end = version["superseded_at"]
    return version["recorded_at"] <= instant and (end is None or instant < end)


def _aliases(subjects: dict[str, Fact], merges: list[Fact]) -> dict[str, str]:
    """The canonical id of every subject: of its cluster the identified member with the least id, else the least."""
    cluster = {id_: {id_} for id_ in subjects}
    for merge in merges:
        union = cluster[merge["left"]] | cluster[merge["right"]]
        for id_ in union:
            cluster[id_] = union
    return {id_: min(cluster[id_], key=lambda i: (not identified(subjects[i]), i)) for id_ in subjects}


def _standing(id_: str, subjects: dict[str, Fact], aliases: dict[str, str]) -> Fact:
    """A subject with the identifiers of all its cluster; where they differ its own stand, then those of lesser ids."""
    members = [subjects[id_], *(subjects[m] for m in sorted(subjects) if aliases[m] == id_ and m != id_)]
    identifiers = {scheme: value for m in reversed(members) for scheme, value in m["identifiers"].items()}
    seals = [m["citizen_id"] for m in members if m["citizen_id"] is not None]
    return {**subjects[id_], "identifiers": identifiers, "citizen_id": seals[0] if seals else None}


def identified(subject: Fact) -> bool:
    return bool(subject["identifiers"]) or subject["citizen_id"] is not None


def nobody_knows_who(subject: Fact) -> bool:
    """A natural person without identity."""
    return subject["kind"] == "natural_person" and not identified(subject)

"""Gathering evidence: what the walk's one row holds, with canonical ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from graph.declared import Declared
from graph.evidence import Evidence
from graph.model import Fact, Link, Load, Naming, Record, Source
from graph.neo4j.reading import Resolved
from graph.neo4j.rows import decode
from graph.neo4j.server import Server
from graph.neo4j.walking import depth_of, names, stages_of, statement
from graph.plan import Plan
from graph.sqlite.values import day_number

F = TypeVar("F", bound=Fact)


def gather(server: Server, declared: Declared, roots: Sequence[str], plan: Plan, as_of: date, at: int) -> Evidence:
    """See `graph.store.GraphStore.evidence`; ``at`` is the known_at in µs."""
    declarations, reached = declared.at(at), declared.reached
    given = {"stages": list(stages_of(plan)), "bonds": names(plan.bonds), "declared": declarations is not None}
    (row,) = server.read(statement(depth_of(plan)), roots=list(roots), day=day_number(as_of), known=at, **given)
    resolved = Resolved(row["subjects"])
    links = (
        link
        for link in _canonical(_facts(Link, row["links"]), ("holder", "organisation"), resolved)
        if link.holder != link.organisation
    )
    read = _sorted(_facts(Source, row["sources"])), _sorted(_facts(Load, row["loads"]))
    sources, loads = declarations or declared.keep(at, read, reached=reached)
    return Evidence(
        subjects=resolved.subjects,
        links=_sorted(links),
        records=_sorted(_canonical(_facts(Record, row["records"]), ("subject",), resolved)),
        namings=_sorted(_canonical(_facts(Naming, row["namings"]), ("person",), resolved)),
        sources=sources,
        loads=loads,
        aliases=resolved.aliases,
    )


def _facts(fact_type: type[F], rows: Iterable[Mapping[str, Any]]) -> Iterator[F]:
    return (decode(fact_type, properties) for properties in rows)


def _canonical(facts: Iterable[F], ends: Sequence[str], resolved: Resolved) -> Iterator[F]:
    """The facts between the subjects of clusters; those of subjects that are not known are left out."""
    for fact in facts:
        now = {end: resolved.aliases.get(getattr(fact, end), getattr(fact, end)) for end in ends}
        if all(subject in resolved.subjects for subject in now.values()):
            moved = any(getattr(fact, end) != now[end] for end in ends)
            yield replace(fact, **now) if moved else fact


def _sorted(facts: Iterable[F]) -> tuple[F, ...]:
    return tuple(sorted(facts, key=lambda fact: fact.id))

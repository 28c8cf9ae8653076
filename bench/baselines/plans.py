"""A plan of evidence as plain tuples, put together once, before anything is timed. Frozen: see the package."""

from __future__ import annotations

from typing import NamedTuple

from graph.plan import Plan


class Named(NamedTuple):
    roles: frozenset[str]
    findings: frozenset[str]
    held: frozenset[str]
    lists: frozenset[str]


class Stage(NamedTuple):
    """After one more step backwards: over links of ``types``, read from their ``near`` end to the other. ``now``: the
    link must not have ended. Here a walk may end at records on ``lists``, or at somebody ``named``."""

    before: int
    depth: int
    near: str
    types: frozenset[str]
    now: bool
    share: float | None
    lists: frozenset[str]
    named: tuple[Named, ...]


def stages_of(plan: Plan) -> list[Stage]:
    """The first stage stands at the root; every other names the one before it."""
    first = Stage(0, 0, "", frozenset(), False, None, frozenset(), ())
    stages, places = [first], {(): 0}
    for pattern in plan.patterns:
        at, way = 0, tuple(reversed(pattern.reach.steps))
        for length, step in enumerate(way, start=1):
            place = places.setdefault(way[:length], len(stages))  # type: ignore[arg-type]
            if place == len(stages):
                types, now = frozenset(map(str, step.types)), step.holds != "at_event"
                stages.append(Stage(at, length, step.to, types, now, step.min_share, frozenset(), ()))
            at = place
        if named := pattern.reach.named:
            one = Named(named.roles, named.findings, frozenset(map(str, named.held)), pattern.lists)
            stages[at] = stages[at]._replace(named=(*stages[at].named, one))
        else:
            stages[at] = stages[at]._replace(lists=stages[at].lists | pattern.lists)
    return stages

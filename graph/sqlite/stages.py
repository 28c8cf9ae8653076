"""The plan as a tree of stages: reaches are walked backwards from the root, and share what they have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from graph.plan import LinkStep, NamedStep, Plan, Toward
from graph.sqlite.hops import TOWARDS, asked_of
from graph.sqlite.rows import LINK_TYPE_NUMBERS

NO_STEP = LinkStep(types=frozenset(), to="holder")


@dataclass(eq=False, slots=True)
class Stage:
    """Where a walk stands after ``step`` from ``before``. It may end here at a listed subject, which has records in
    ``lists``, or at a person whom records in the lists of ``named`` name so."""

    step: LinkStep
    before: Stage | None = None
    children: dict[LinkStep, Stage] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    named: dict[NamedStep, set[str]] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        return not self.children

    def child(self, step: LinkStep) -> Stage:
        return self.children.get(step) or self.children.setdefault(step, Stage(step, self))


@dataclass(frozen=True, slots=True)
class Level:
    """The stages at one distance to which links lead that are read from the same end: one statement asks for them.

    ``wants``: which links are asked for (`graph.sqlite.hops`) at the subjects of a stage before; ``takers``: the stages
    that a link leads to, each with the one before it, by the number of the link's type.
    """

    toward: Toward
    wants: Mapping[Stage, Sequence[int]]
    takers: Mapping[int, Sequence[tuple[Stage, Stage]]]


@dataclass(frozen=True, slots=True)
class Stages:
    """All stages, nearer ones first, and the levels in the order in which they are walked."""

    all: Sequence[Stage]
    levels: Sequence[Level]

    @property
    def first(self) -> Stage:
        return self.all[0]


@lru_cache(maxsize=64)
def stages_of(plan: Plan) -> Stages:
    first = Stage(NO_STEP)
    for pattern in plan.patterns:
        stage = first
        for step in reversed(pattern.reach.steps):
            stage = stage.child(step)
        if pattern.reach.named:
            stage.named.setdefault(pattern.reach.named, set()).update(pattern.lists)
        else:
            stage.lists |= pattern.lists
    depths = list(_depths(first))
    stages = [stage for depth in depths for stage in depth]
    return Stages(stages, [level for depth in depths[1:] for level in _levels(depth)])


def _depths(first: Stage) -> Iterator[Sequence[Stage]]:
    depth = [first]
    while depth:
        yield depth
        depth = [child for stage in depth for child in stage.children.values()]


def _levels(depth: Sequence[Stage]) -> Iterator[Level]:
    for toward in TOWARDS:
        takers: defaultdict[int, list[tuple[Stage, Stage]]] = defaultdict(list)
        steps: defaultdict[Stage, list[tuple[LinkStep, bool]]] = defaultdict(list)
        for stage in depth:
            if stage.before and stage.step.to == toward:
                steps[stage.before].append((stage.step, stage.is_last))
                for link_type in stage.step.types:
                    takers[LINK_TYPE_NUMBERS[link_type]].append((stage, stage.before))
        if steps:
            yield Level(toward, {before: asked_of(some) for before, some in steps.items()}, dict(takers))

"""The plan as a tree of stages: reaches are walked backwards from the root, and share what they have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from graph.plan import LinkStep, NamedStep, Plan
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
    types: tuple[int, ...] = ()
    """The numbers of the link types of ``step``."""

    def __post_init__(self) -> None:
        self.types = tuple(LINK_TYPE_NUMBERS[link_type] for link_type in self.step.types)

    @property
    def is_last(self) -> bool:
        return not self.children

    def child(self, step: LinkStep) -> Stage:
        return self.children.get(step) or self.children.setdefault(step, Stage(step, self))

    def all(self) -> Iterator[Stage]:
        """This stage and those behind it, nearer ones first."""
        waiting = [self]
        for stage in waiting:
            yield stage
            waiting.extend(stage.children.values())


@lru_cache(maxsize=64)
def stages_of(plan: Plan) -> Stage:
    """The first stage, at the roots."""
    first = Stage(NO_STEP)
    for pattern in plan.patterns:
        stage = first
        for step in reversed(pattern.reach.steps):
            stage = stage.child(step)
        if pattern.reach.named:
            stage.named.setdefault(pattern.reach.named, set()).update(pattern.lists)
        else:
            stage.lists |= pattern.lists
    return first

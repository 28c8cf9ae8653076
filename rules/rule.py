"""Rules: measures, suspensions of incentives and leads in the one light form that the evaluators read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from graph.model import SEVERITIES, Kind
from graph.plan import SELF, LinkStep, NamedStep, Reach
from graph.terms import Period
from rules.conditions import Condition
from rules.contents import Contents
from rules.model import Basis, Interval, Lead, LengthRange, Measure, ReachDefinition, Scope, Step, Term, Trigger

ALWAYS = Interval.model_validate({"from": date.min})


def covers(territory: str, region: str) -> bool:
    """Whether a region code (GB/T 2260) lies in a territory: ``330000`` covers ``330100`` and ``330106``."""
    significant = territory
    while significant.endswith("00"):
        significant = significant[:-2]
    return region.startswith(significant)


@dataclass(frozen=True)
class DatedBasis:
    """A provision with the interval in which it counts, and where."""

    document: str
    article: str
    in_force: Interval
    territory: str | None

    def counts(self, day: date, region: str) -> bool:
        return self.in_force.holds(day) and (self.territory is None or covers(self.territory, region))


@dataclass(frozen=True)
class RuleScope:
    matters: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()

    def decided_by(self, department: str) -> bool:
        """Where no department is named, it is whoever decides the matter."""
        return not self.departments or department in self.departments

    def includes(self, *, department: str, region: str, kind: Kind | None) -> bool:
        """``kind`` is None for the applicants of a group, who may be of any."""
        return (
            self.decided_by(department)
            and (not self.kinds or kind is None or kind in self.kinds)
            and (not self.regions or any(covers(r, region) for r in self.regions))
        )


@dataclass(frozen=True)
class RuleTrigger:
    """``severity`` as a rank from 1 (minor); ``sum_at_least`` in fen."""

    lists: frozenset[str]
    severity: int | None = None
    where: Condition | None = None
    on: str = "decided_on"
    count_at_least: int | None = None
    sum_at_least: int | None = None
    within: Period | None = None

    @property
    def counted(self) -> bool:
        return self.count_at_least is not None or self.sum_at_least is not None


@dataclass(frozen=True)
class RuleTerm:
    """A fixed length has ``least == most``; ``None`` as ``most`` is life-long. Of a range ``least`` binds (``None``:
    nothing does) and up to ``most`` is unknown, unless the record's own end decides."""

    anchor: str
    least: Period | None
    most: Period | None
    ranged: bool


@dataclass(frozen=True)
class RuleReach:
    reach: Reach
    bases: tuple[DatedBasis, ...] = ()
    """The reach's own; empty where it rests on the rule's."""


@dataclass(frozen=True, eq=False)
class Rule:
    """What is judged: a measure, the suspension of an incentive (``suspends`` its id), or a lead."""

    id: str
    role: Literal["measure", "suspension", "lead"]
    trigger: RuleTrigger
    reaches: tuple[RuleReach, ...]
    scope: RuleScope
    in_force: Interval = ALWAYS
    bases: tuple[DatedBasis, ...] = ()
    term: RuleTerm | None = None
    stays: bool = False
    earlier_records: bool = False
    survives: bool = False
    suspension: Rule | None = None

    def in_force_on(self, day: date, region: str) -> bool:
        """Whether the day lies in the rule's time and, if it rests on bases, in the time of one of them."""
        return self.in_force.holds(day) and (not self.bases or any(b.counts(day, region) for b in self.bases))

    @property
    def turns(self) -> set[date]:
        """The days on which it may come into force or go out of it; on the days between nothing changes."""
        intervals = [self.in_force, *(b.in_force for b in self.bases)]
        return {day for interval in intervals for day in (interval.from_, interval.to) if day}

    def was_in_force_by(self, day: date, region: str) -> bool:
        """Whether the rule was in force on some day up to this one."""
        starts = {self.in_force.from_, *(b.in_force.from_ for b in self.bases)}
        return any(start <= day and self.in_force_on(start, region) for start in starts)

    def may_hold_on(self, day: date, region: str) -> bool:
        """Whether missing data could still add the rule on this day."""
        return self.was_in_force_by(day, region) if self.survives else self.in_force_on(day, region)


def compile_rules(catalogue: Contents) -> tuple[Rule, ...]:
    """Every measure and lead of the catalogue as a rule, in the order of their ids."""
    measures = [measure_rule(m, catalogue) for _, m in sorted(catalogue.measures.items())]
    return (*measures, *(_lead(lead) for _, lead in sorted(catalogue.leads.items())))


def dated(bases: Iterable[Basis], catalogue: Contents) -> tuple[DatedBasis, ...]:
    found = []
    for basis in bases:
        document = catalogue.documents[basis.document]
        found.append(DatedBasis(basis.document, basis.article, basis.in_force or document.in_force, document.territory))
    return tuple(found)


def reach_of(steps: Sequence[Step]) -> Reach:
    first = steps[0] if steps and steps[0].named else None
    named = None
    if first and first.named:
        held = frozenset(first.held.link) if first.held else frozenset()
        named = NamedStep(frozenset(first.named), frozenset(first.finding or ()), held)
    links = tuple(LinkStep(frozenset(s.link), s.to, s.holds, s.min_share) for s in steps if s.link and s.to and s.holds)
    return Reach(named, links) if steps else SELF


def measure_rule(measure: Measure, catalogue: Contents) -> Rule:
    return Rule(
        id=measure.id,
        role="measure",
        trigger=_trigger(measure.trigger),
        reaches=tuple(_reach(r, catalogue) for r in measure.reaches),
        scope=scope_of(measure.scope),
        in_force=measure.in_force,
        bases=dated(measure.basis, catalogue),
        term=_term(measure.term) if measure.term else None,
        stays=measure.repair == "stays",
        earlier_records=measure.applies_to == "earlier_records",
        survives=measure.survives,
        suspension=_suspension(measure) if measure.suspended_when else None,
    )


def _suspension(measure: Measure) -> Rule:
    assert measure.suspended_when is not None  # noqa: S101  (the caller looked)
    trigger = _trigger(measure.suspended_when)
    return Rule(f"{measure.id}#suspended", "suspension", trigger, (RuleReach(SELF),), RuleScope(), earlier_records=True)


def _lead(lead: Lead) -> Rule:
    severity = SEVERITIES.index(lead.severity) + 1 if lead.severity else None
    trigger = RuleTrigger(frozenset(lead.list_), severity)
    scope = RuleScope(frozenset(lead.matters), kinds=frozenset(lead.subject_kinds))
    reaches = tuple(RuleReach(reach_of(r.steps)) for r in lead.reaches)
    return Rule(lead.id, "lead", trigger, reaches, scope, earlier_records=True)


def _reach(reach: ReachDefinition, catalogue: Contents) -> RuleReach:
    return RuleReach(reach_of(reach.steps), dated(reach.basis, catalogue))


def scope_of(scope: Scope) -> RuleScope:
    return RuleScope(
        frozenset(scope.matters), frozenset(scope.departments), scope.regions, frozenset(scope.subject_kinds)
    )


def _trigger(trigger: Trigger) -> RuleTrigger:
    return RuleTrigger(
        lists=frozenset(trigger.lists),
        severity=SEVERITIES.index(trigger.severity) + 1 if trigger.severity else None,
        where=trigger.where,
        on=trigger.on,
        count_at_least=trigger.count_at_least,
        sum_at_least=None if trigger.sum_at_least is None else trigger.sum_at_least * 100,
        within=Period.parse(trigger.within) if trigger.within else None,
    )


def _term(term: Term) -> RuleTerm:
    if isinstance(term.length, LengthRange):
        most = None if term.length.most == "for_life" else Period.parse(term.length.most)
        least = Period.parse(term.length.least) if term.length.least else None
        return RuleTerm(term.from_, least, most, ranged=True)
    length = None if term.length == "for_life" else Period.parse(term.length)
    return RuleTerm(term.from_, length, length, ranged=False)

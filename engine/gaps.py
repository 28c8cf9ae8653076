"""Gaps: what the data cannot tell, and which measures it could add (docs/decisions/0001, "Gaps")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from engine import timing
from engine.judge import Proof
from engine.question import Asked, Dated
from engine.situation import Situation
from engine.truth import GapKey
from graph.evidence import Evidence, reached
from graph.model import Kind, Load, Source
from graph.terms import Period
from rules.model import ListDefinition
from rules.rule import Rule, RuleReach

SHANGHAI = ZoneInfo("Asia/Shanghai")
STATES = 8
"""So many states of the sources are remembered; they change with loads and days."""
NOTHING_CONSULTED: frozenset[GapKey] = frozenset({("nothing_consulted", "sources")})


@dataclass(frozen=True)
class Sources:
    """The state of the declared sources for one question. ``missing`` maps a list to the gaps of its sources."""

    held: frozenset[str]
    missing: Mapping[str, frozenset[GapKey]]

    def gaps(self, lists: Iterable[str]) -> frozenset[GapKey]:
        return frozenset().union(*(self.missing.get(one, frozenset()) for one in lists))


def sources_for(question: Asked, evidence: Evidence, needed: frozenset[str]) -> Sources:
    """The state of the sources for a question that needs these lists. Where no declared source holds any of them,
    nothing was consulted, and nothing may look clear."""
    return _sources(evidence.sources, evidence.loads, needed, seen_until(question))


@lru_cache(maxsize=STATES)
def _sources(sources: Sequence[Source], loads: Iterable[Load], needed: frozenset[str], day: date) -> Sources:
    held = frozenset(one for source in sources for one in source.holds)
    if needed and needed.isdisjoint(held):
        return Sources(held, dict.fromkeys(needed, NOTHING_CONSULTED))
    return Sources(held, _missing(sources, loads, day))


def _missing(sources: Iterable[Source], loads: Iterable[Load], day: date) -> dict[str, frozenset[GapKey]]:
    through = reached(loads)
    missing: dict[str, set[GapKey]] = {}
    for source in sources:
        if state := lateness(source, through.get(source.id), day):
            for one in source.holds:
                missing.setdefault(one, set()).add((state, f"{source.id}/{one}"))
    return {one: frozenset(found) for one, found in missing.items()}


def seen_until(question: Dated) -> date:
    """The day that the data must have reached: what a source will say of the future nobody can know."""
    known: datetime = question.known_at.astimezone(UTC)
    return min(question.as_of, known.astimezone(SHANGHAI).date())


def lateness(source: Source, through: date | None, day: date) -> Literal["never_loaded", "overdue"] | None:
    """What keeps a source, loaded up to ``through``, from speaking of this day."""
    if through is None:
        return "never_loaded"
    due = Period.parse(source.cadence).after(through)
    return "overdue" if due is not None and due <= day else None


def gaps_of(
    rule: Rule, proofs: Iterable[Proof], situation: Situation, sources: Sources, lists: Mapping[str, ListDefinition]
) -> frozenset[GapKey]:
    """Everything unknown that keeps the rule from being true."""
    found = {gap for proof in proofs if proof.truth.value is None for gap in proof.truth.gaps}
    if rule.may_hold_on(situation.question.as_of, situation.question.region):
        found |= sources.gaps(rule.trigger.lists)
        found |= set(_unidentified(rule, situation, lists))
    return frozenset(found)


def _unidentified(rule: Rule, situation: Situation, lists: Mapping[str, ListDefinition]) -> Iterator[GapKey]:
    day, region = situation.question.as_of, situation.question.region
    of_persons = any(Kind.NATURAL_PERSON in lists[one].subject_kinds for one in rule.trigger.lists)
    for reach in rule.reaches:
        if not _counts(reach, rule, day, region):
            continue
        for blind in situation.walk(reach.reach)[1]:
            if (of_persons or not blind.at_listed_end) and timing.may_lead_here(blind, day):
                yield "unidentified_holder", blind.person


def _counts(reach: RuleReach, rule: Rule, day: date, region: str) -> bool:
    return rule.survives or not reach.bases or any(b.counts(day, region) for b in reach.bases)

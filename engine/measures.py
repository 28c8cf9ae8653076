"""From rules and a situation to what a decision says of them: measures, leads and gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.boundaries import until
from engine.document import Chain, Gap, LeadView, MeasureView, Outcome
from engine.errors import Disagreement
from engine.firing import Firing
from engine.gaps import Sources, gaps_of
from engine.judge import Proof, judge
from engine.lifting import if_wrong, lifted_by
from engine.situation import Situation
from engine.truth import GapKey
from engine.views import Views
from graph.deadline import left
from rules.catalogue import Catalogue
from rules.model import SANCTIONS
from rules.rule import Rule
from rules.scoped import Scoped


@dataclass(frozen=True)
class Findings:
    """What the rules say of a situation."""

    measures: tuple[MeasureView, ...]
    leads: tuple[LeadView, ...]
    gaps: Mapping[GapKey, frozenset[str]]


class Assessment:
    """The rules of a catalogue applied to one situation."""

    def __init__(self, situation: Situation, catalogue: Catalogue, sources: Sources) -> None:
        self._situation, self._catalogue, self._sources = situation, catalogue, sources
        self._views = Views(situation, catalogue)
        self._firing = Firing(catalogue.rulebook, situation)

    def findings(self, scope: Scoped) -> Findings:
        measures: list[MeasureView] = []
        leads: list[LeadView] = []
        gaps: dict[GapKey, set[str]] = {}
        for rule in self._concerned(scope):
            left()  # raises where there is no time for another
            proofs = self._proofs(rule)
            true = [p for p in proofs if p.truth.value]
            if rule.role == "lead":
                leads.extend(self._leads(rule, true))
            elif true:
                measures.append(self._measure(rule, true))
            else:
                for gap in gaps_of(rule, proofs, self._situation, self._sources, self._catalogue.lists):
                    gaps.setdefault(gap, set()).add(rule.id)
        return Findings(
            tuple(sorted(measures, key=lambda m: m.id)),
            _beside(leads, measures),
            {gap: frozenset(ids) for gap, ids in gaps.items()},
        )

    def _concerned(self, scope: Scoped) -> list[Rule]:
        """The rules that the evidence says something of: by a record, a source that is missing, or a walk that met
        somebody without identity. Every other rule is false, for want of a record."""
        lists = frozenset(record.list for record in self._situation.evidence.records)
        blind = tuple(p.reach for p in scope.plan.patterns if self._situation.walk(p.reach)[1])
        return scope.concerned(lists.union(self._sources.missing), blind)

    def _proofs(self, rule: Rule) -> list[Proof]:
        """Every proof of the rule, each held against what the rules engine made of the same facts."""
        proofs = list(judge(rule, self._situation, self._situation.question.as_of))
        fired = self._firing.fired([p for p in proofs if self._in_play(p)])
        proved = {p.key for p in proofs if p.truth.value}
        if fired != proved:
            raise Disagreement(
                f"`{rule.id}`: the rules engine fired {len(fired - proved)} times without proof"
                f" and missed {len(proved - fired)} proofs",
                remedy="no answer was given; report the question and this text",
            )
        return proofs

    def _in_play(self, proof: Proof) -> bool:
        """Whether the bases count: they belong to the choice of rules, not to the facts that rules fire on."""
        question, rule = self._situation.question, proof.rule
        day = proof.event if rule.survives and proof.event else question.as_of
        return all(
            not bases or any(b.counts(day, question.region) for b in bases)
            for bases in (rule.bases, rule.reaches[proof.reach].bases)
        )

    def _measure(self, rule: Rule, true: Sequence[Proof]) -> MeasureView:
        measure = self._catalogue.measures[rule.id]
        return MeasureView(
            id=rule.id,
            kind=measure.kind,
            title=measure.title,
            effect=measure.effect,
            discretionary=measure.discretionary,
            basis=self._views.bases(rule.bases, true),
            chains=self._chains(true),
            until=until(rule, self._situation),
            lifted_by=lifted_by(true),
            if_wrong=if_wrong(true),
            suspended_by=self._suspended_by(rule.suspension) if rule.suspension else None,
        )

    def _chains(self, proofs: Iterable[Proof]) -> tuple[Chain, ...]:
        return tuple(sorted((self._views.chain(p) for p in proofs), key=chain_order))

    def _suspended_by(self, rule: Rule) -> tuple[str, ...] | Literal["unknown"] | None:
        proofs = self._proofs(rule)
        if true := [p for p in proofs if p.truth.value]:
            return tuple(sorted({r.id for p in true for r in p.records}))
        doubtful = any(p.truth.value is None for p in proofs) or self._sources.gaps(rule.trigger.lists)
        return "unknown" if doubtful else None

    def _leads(self, rule: Rule, true: Sequence[Proof]) -> list[LeadView]:
        text = self._catalogue.leads[rule.id].text
        return [LeadView(id=rule.id, text=text, chain=chain) for chain in self._chains(true)]


def chain_order(chain: Chain) -> tuple[str, list[str], str, str, list[str]]:
    """The canonical order of chains: reach, links, naming, office held, records."""
    named = chain.named.id if chain.named else ""
    held = chain.held.id if chain.held else ""
    return chain.reach, [x.id for x in chain.links], named, held, [r.id for r in chain.records]


def _facts(chain: Chain) -> frozenset[str]:
    return frozenset([*(x.id for x in chain.links), *(r.id for r in chain.records)])


def _beside(leads: Iterable[LeadView], measures: Iterable[MeasureView]) -> tuple[LeadView, ...]:
    """Leads whose links and records no measure speaks of."""
    spoken = {_facts(chain) for measure in measures for chain in measure.chains}
    kept = [lead for lead in leads if _facts(lead.chain) not in spoken]
    return tuple(sorted(kept, key=lambda lead: (lead.id, chain_order(lead.chain))))


def rank(effect: str) -> int:
    """0 is the strongest sanction; what is no sanction comes after all of them."""
    return SANCTIONS.index(effect) if effect in SANCTIONS else len(SANCTIONS)


def outcome_of(effects: Iterable[str], open_effects: Iterable[str]) -> tuple[Outcome, bool]:
    """The strongest effect, and whether the answer is complete: no missing fact could make it stronger."""
    strongest = min((rank(e) for e in effects), default=len(SANCTIONS))
    complete = all(rank(e) >= strongest for e in open_effects)
    if strongest < len(SANCTIONS):
        return SANCTIONS[strongest], complete
    return ("none" if complete else "incomplete"), complete


def gap_views(gaps: Mapping[GapKey, Iterable[str]]) -> tuple[Gap, ...]:
    return tuple(
        Gap(kind=kind, about=about, could_add=tuple(sorted(ids))) for (kind, about), ids in sorted(gaps.items())
    )

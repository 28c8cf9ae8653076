"""`check_group`: the applicants of one contract judged together (design, section 5; 政府采购法实施条例 18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.canonical import signed
from engine.check import decide, resolve, scope_for, undecided, validate
from engine.document import Chain, Decision, Finding, GroupDecision, SubjectView
from engine.errors import BadQuestion
from engine.measures import chain_order, gap_views, outcome_of
from engine.question import GroupQuestion, Question
from engine.situation import Situation, situation_of
from engine.timing import link_holds
from engine.truth import TRUE, GapKey, Truth, all_of, of, unknown
from engine.used import Used
from engine.views import Views, cite
from graph.evidence import Evidence
from graph.model import Kind, Link, Subject
from graph.plan import Plan
from graph.store import GraphStore
from rules.catalogue import Catalogue
from rules.model import GroupRule
from rules.rule import dated, scope_of
from rules.scoped import plan_for


def check_group(question: GroupQuestion, *, store: GraphStore, catalogue: Catalogue) -> GroupDecision:
    """Each applicant's own decision and the findings of the group. Raises what `engine.check.check` raises, and
    `BadInput` for a group that is none."""
    validate(question, store=store, catalogue=catalogue)
    _validate_group(question)
    resolved = {address: resolve(address, question, store) for address in question.applicants}
    subjects = {address: found for address, found in resolved.items() if isinstance(found, Subject)}
    _refuse_one_subject_twice(subjects)
    rules = group_rules(question, catalogue)
    plan = _plan(question, subjects, rules, catalogue)
    roots = [subject.id for subject in subjects.values()]
    evidence = store.evidence(roots, plan, as_of=question.as_of, known_at=question.known_at)
    situations = {address: situation_of(question, found.id, evidence) for address, found in subjects.items()}
    decisions = {
        address: _decision(address, question, resolved[address], situations, catalogue)
        for address in question.applicants
    }
    return _compose(question, _Group(question, catalogue, evidence, situations, decisions), rules)


def group_rules(question: GroupQuestion, catalogue: Catalogue) -> list[GroupRule]:
    """The group rules in scope for matter, department and region, and in force on the day."""
    found = []
    for rule in catalogue.groups.values():
        scope = scope_of(rule.scope)
        fits = question.matter in scope.matters and scope.includes(
            department=question.department, region=question.region, kind=None
        )
        bases = dated(rule.basis, catalogue)
        if (
            fits
            and rule.in_force.holds(question.as_of)
            and any(b.counts(question.as_of, question.region) for b in bases)
        ):
            found.append(rule)
    return sorted(found, key=lambda rule: rule.id)


def _validate_group(question: GroupQuestion) -> None:
    members = [one for consortium in question.consortia for one in consortium]
    for what, wrong in (
        ("applicants given more than once", _repeated(question.applicants)),
        ("members of consortia who are no applicants", set(members) - set(question.applicants)),
        ("applicants in two consortia", _repeated(members)),
    ):
        if wrong:
            raise BadQuestion(f"{what}: {', '.join(sorted(wrong))}", remedy="name each applicant once")
    if any(len(consortium) < 2 for consortium in question.consortia):
        raise BadQuestion("a consortium of fewer than two members", remedy="leave it out: who bids alone is in none")


def _repeated(addresses: Sequence[str]) -> set[str]:
    return {one for one in addresses if addresses.count(one) > 1}


def _refuse_one_subject_twice(subjects: Mapping[str, Subject]) -> None:
    by_id: dict[str, list[str]] = {}
    for address, subject in subjects.items():
        by_id.setdefault(subject.id, []).append(address)
    for same in by_id.values():
        if len(same) > 1:
            raise BadQuestion(f"{' and '.join(same)} are one subject", remedy="name each applicant once")


def _plan(
    question: GroupQuestion, subjects: Mapping[str, Subject], rules: Sequence[GroupRule], catalogue: Catalogue
) -> Plan:
    own = {r.id: r for subject in subjects.values() for r in scope_for(question, subject, catalogue)}
    bonds = frozenset(t for rule in rules for part in (rule.same_holder, rule.direct_link) if part for t in part.link)
    return Plan(plan_for(own.values()).patterns, bonds)


def _decision(
    address: str,
    question: GroupQuestion,
    resolved: Subject | SubjectView,
    situations: Mapping[str, Situation],
    catalogue: Catalogue,
) -> Decision:
    asked = Question(subject=address, **question.model_dump(exclude={"applicants", "consortia", "contract"}))
    if isinstance(resolved, SubjectView):
        return undecided(asked, resolved, catalogue)
    return decide(asked, situations[address], catalogue)


@dataclass
class _Group:
    question: GroupQuestion
    catalogue: Catalogue
    evidence: Evidence
    situations: Mapping[str, Situation]
    decisions: Mapping[str, Decision]
    gaps: dict[GapKey, set[str]] = field(default_factory=dict)
    bonds: dict[str, Link] = field(default_factory=dict)

    def findings(self, rule: GroupRule) -> Iterator[Finding]:
        if rule.same_holder:
            yield from self._same_holder(rule, frozenset(rule.same_holder.link))
        elif rule.direct_link:
            yield from self._direct_link(rule, frozenset(rule.direct_link.link), rule.direct_link.min_share)
        elif rule.consortium:
            yield from self._consortium(rule, frozenset(rule.consortium.because_of))

    def _same_holder(self, rule: GroupRule, types: frozenset[str]) -> Iterator[Finding]:
        by_holder: dict[str, list[tuple[str, Link]]] = {}
        for address, situation in self.situations.items():
            for link in situation.around.links_at("organisation", situation.root):
                if link.type in types and self._judge(rule, link, TRUE):
                    by_holder.setdefault(link.holder, []).append((address, link))
                    self._see_holder(rule, situation.around.subjects[link.holder])
        for _, found in sorted(by_holder.items()):
            if len({address for address, _ in found}) > 1:
                yield self._finding(rule, [a for a, _ in found], [link for _, link in found])

    def _see_holder(self, rule: GroupRule, holder: Subject) -> None:
        if holder.kind is Kind.NATURAL_PERSON and not holder.identified:
            self._open(rule, [("unidentified_holder", holder.id)])

    def _direct_link(self, rule: GroupRule, types: frozenset[str], min_share: float | None) -> Iterator[Finding]:
        address_of = {situation.root: address for address, situation in self.situations.items()}
        found = []
        for address, situation in self.situations.items():
            for link in situation.around.links_at("organisation", situation.root):
                between = link.type in types and link.holder in address_of and link.holder != link.organisation
                if between and self._judge(rule, link, _large_enough(link, min_share)):
                    found.append((address, address_of[link.holder], link))
        if found:
            yield self._finding(rule, [a for one, two, _ in found for a in (one, two)], [link for *_, link in found])

    def _consortium(self, rule: GroupRule, because_of: frozenset[str]) -> Iterator[Finding]:
        for consortium in self.question.consortia:
            decisions = [self.decisions[address] for address in consortium]
            chains = [c for d in decisions for m in d.measures if m.id in because_of for c in m.chains]
            if chains:
                yield self._view(rule, consortium, chains)
                continue
            open_gaps = [g for d in decisions for g in d.gaps if because_of.intersection(g.could_add)]
            self._open(rule, [(gap.kind, gap.about) for gap in open_gaps])

    def _judge(self, rule: GroupRule, link: Link, enough: Truth) -> bool:
        self.bonds[link.id] = link
        truth = all_of((link_holds(link, "now", None, self.question.as_of), enough))
        if truth.value is None:
            self._open(rule, truth.gaps)
        return truth.value is True

    def _open(self, rule: GroupRule, gaps: Iterable[GapKey]) -> None:
        for gap in gaps:
            self.gaps.setdefault(gap, set()).add(rule.id)

    def _finding(self, rule: GroupRule, binds: Sequence[str], links: Sequence[Link]) -> Finding:
        views = Views(next(iter(self.situations.values())), self.catalogue)
        shown = tuple(views.link(link, "now") for link in sorted(links, key=lambda link: link.id))
        together = [shown] if rule.same_holder else [(one,) for one in shown]
        reach = "same_holder" if rule.same_holder else "direct_link"
        chains = [Chain(reach=reach, basis=(), links=some, named=None, held=None, records=()) for some in together]
        return self._view(rule, binds, chains)

    def _view(self, rule: GroupRule, binds: Sequence[str], chains: Sequence[Chain]) -> Finding:
        question = self.question
        bases = [b for b in dated(rule.basis, self.catalogue) if b.counts(question.as_of, question.region)]
        return Finding(
            rule=rule.id,
            title=rule.title,
            effect=rule.effect,
            basis=cite(bases, self.catalogue),
            binds=tuple(sorted(set(binds))),
            chains=tuple(sorted(chains, key=chain_order)),
        )


def _large_enough(link: Link, min_share: float | None) -> Truth:
    if min_share is None or link.type != "shareholder":
        return TRUE
    return unknown("missing_share", link.id) if link.share is None else of(link.share >= min_share)


def _compose(question: GroupQuestion, group: _Group, rules: Sequence[GroupRule]) -> GroupDecision:
    findings = [finding for rule in rules for finding in group.findings(rule)]
    catalogue, decisions = group.catalogue, [group.decisions[a] for a in question.applicants]
    gaps = group.gaps
    effects: list[str] = [f.effect for f in findings]
    effects += [m.effect for d in decisions for m in d.measures]
    open_effects: list[str] = [catalogue.groups[one].effect for ids in gaps.values() for one in ids]
    open_effects += [catalogue.measures[one].effect for d in decisions for gap in d.gaps for one in gap.could_add]
    outcome, complete = outcome_of(effects, open_effects)
    if any(d.subject.identity != "verified" for d in decisions):
        complete = False
        outcome = "incomplete" if outcome == "none" else outcome
    return signed(
        GroupDecision(
            decision_id="",
            catalogue=catalogue.digest,
            evidence_digest=_used(group, decisions),
            complete=complete,
            question=question,
            outcome=outcome,
            decisions=tuple(decisions),
            findings=tuple(sorted(findings, key=_finding_order)),
            gaps=gap_views(gaps),
            not_consulted=tuple(sorted({one for d in decisions for one in d.not_consulted})),
        )
    )


def _used(group: _Group, decisions: Sequence[Decision]) -> str:
    used = Used()
    if group.bonds:
        used.add_all(next(iter(group.situations.values())), group.bonds.values())
    for decision in decisions:
        used.note(decision.evidence_digest)
    return used.digest()


def _finding_order(finding: Finding) -> tuple[object, ...]:
    """The canonical order of findings: rule, applicants, chains."""
    return finding.rule, finding.binds, [chain_order(chain) for chain in finding.chains]

"""The applicants of one contract, judged together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.reference import gaps, terms, views
from tests.reference.check import question_view, reference_check
from tests.reference.days import holds
from tests.reference.known import Fact, Known, World, as_known, nobody_knows_who
from tests.reference.measures import Asked, in_scope
from tests.reference.paths import holds_on, judge_link, key
from tests.reference.records import several
from tests.reference.truth import Gap, Judgement

Entry = dict[str, Any]
GROUP_ONLY = ("applicants", "consortia", "contract")


@dataclass(frozen=True)
class Applicants:
    """``addressed`` leads from the address of each applicant who is known to the canonical id."""

    addressed: dict[str, str]
    decisions: dict[str, Entry]
    question: Entry
    catalogue: Entry
    facts: Known

    @property
    def asked(self) -> Asked:
        return Asked("", self.question, self.catalogue, self.facts)


def reference_check_group(world: World, catalogue: Entry, question: Entry) -> Entry:
    facts = as_known(world, question["known_at"])
    shared = {name: value for name, value in question.items() if name not in GROUP_ONLY}
    decisions = {a: reference_check(world, catalogue, {"subject": a, **shared}) for a in question["applicants"]}
    addressed = {a: facts.aliases[a] for a in question["applicants"] if a in facts.aliases}
    return _together(Applicants(addressed, decisions, question, catalogue, facts))


def _together(group: Applicants) -> Entry:
    rules = [rule for rule in group.catalogue.get("groups") or [] if _in_force(rule, group)]
    found = [finding for rule in rules for finding in _findings(rule, group)]
    unknown: dict[Gap, set[str]] = {}
    for rule in rules:
        for gap in _gaps(rule, group):
            unknown.setdefault(gap, set()).add(rule["id"])
    decisions = [group.decisions[address] for address in group.question["applicants"]]
    effects = [f["effect"] for f in found] + [d["outcome"] for d in decisions if d["outcome"] != "incomplete"]
    outcome = gaps.strongest(effects)
    views_of_gaps = gaps.gap_views(unknown)
    complete = _complete(views_of_gaps, decisions, group, outcome)
    return {
        "complete": complete,
        "question": question_view(group.question),
        "outcome": "incomplete" if outcome == "none" and not complete else outcome,
        "decisions": decisions,
        "findings": sorted(found, key=_order),
        "gaps": views_of_gaps,
        "not_consulted": sorted({one for d in decisions for one in d["not_consulted"]}),
    }


def _complete(own_gaps: list[Entry], decisions: list[Entry], group: Applicants, outcome: str) -> bool:
    sanctions = {
        entry["id"]: entry["effect"]
        for entry in [*group.catalogue["measures"], *(group.catalogue.get("groups") or [])]
        if entry.get("kind") != "incentive"
    }
    all_gaps = own_gaps + [gap for decision in decisions for gap in decision["gaps"]]
    return gaps.complete(all_gaps, sanctions, outcome) and all(
        decision["subject"]["identity"] == "verified" for decision in decisions
    )


def _in_force(rule: Entry, group: Applicants) -> bool:
    day, question = group.question["as_of"], group.question
    return (
        in_scope({**rule["scope"], "subject_kinds": []}, "", question)
        and holds(rule["in_force"], day)
        and bool(terms.bases_that_count(rule["basis"], group.asked.documents, day, question["region"]))
    )


def _findings(rule: Entry, group: Applicants) -> list[Entry]:
    if rule.get("same_holder"):
        return _same_holder(rule, group)
    return _direct_link(rule, group) if rule.get("direct_link") else _consortium(rule, group)


def _same_holder(rule: Entry, group: Applicants) -> list[Entry]:
    found = []
    for holder in group.facts.subjects:
        links = [link for link in _links_to(rule, group) if link["holder"] == holder]
        bound = {link["organisation"] for link in links}
        if len(bound) >= 2:
            step = {"link": rule["same_holder"]["link"], "to": "organisation", "holds": "now"}
            found.append(_finding(rule, group, bound, [_chain(link, step, group) for link in links]))
    return found


def _links_to(rule: Entry, group: Applicants) -> list[Fact]:
    """Links of the rule's types that applicants have now, but not to themselves."""
    day, types = group.question["as_of"], several(rule["same_holder"]["link"])
    return [
        link
        for link in group.facts.links
        if link["type"] in types
        and link["organisation"] in group.addressed.values()
        and link["holder"] != link["organisation"]
        and holds_on(link, day)
    ]


def _gaps(rule: Entry, group: Applicants) -> set[Gap]:
    if rule.get("same_holder"):
        holders = {link["holder"] for link in _links_to(rule, group)}
        return {("unidentified_holder", h) for h in holders if nobody_knows_who(group.facts.subjects[h])}
    judged = [judgement for _, judgement in _between(rule, group)] if rule.get("direct_link") else []
    return {gap for judgement in judged for gap in judgement.gaps}


def _direct_link(rule: Entry, group: Applicants) -> list[Entry]:
    links = [link for link, judgement in _between(rule, group) if judgement.value]
    bound = {end for link in links for end in (link["holder"], link["organisation"])}
    chains = [_chain(link, _step(rule), group) for link in links]
    return [_finding(rule, group, bound, chains)] if links else []


def _step(rule: Entry) -> Entry:
    return {**rule["direct_link"], "to": "organisation", "holds": "now"}


def _between(rule: Entry, group: Applicants) -> list[tuple[Fact, Judgement]]:
    """Links of the rule's types between two applicants, each with whether it holds."""
    members, step = set(group.addressed.values()), _step(rule)
    return [
        (link, judge_link(link, step, None, group.question["as_of"]))
        for link in group.facts.links
        if link["type"] in several(step["link"])
        and {link["holder"], link["organisation"]} <= members
        and link["holder"] != link["organisation"]
    ]


def _consortium(rule: Entry, group: Applicants) -> list[Entry]:
    found = []
    for members in group.question["consortia"]:
        measures = [
            measure
            for address in members
            for measure in group.decisions[address]["measures"]
            if measure["id"] in rule["consortium"]["because_of"]
        ]
        if measures:
            bound = {group.addressed.get(address, address) for address in members}
            found.append(_finding(rule, group, bound, [chain for m in measures for chain in m["chains"]]))
    return found


def _finding(rule: Entry, group: Applicants, bound: set[str], chains: list[Entry]) -> Entry:
    return {
        "rule": rule["id"],
        "title": rule["title"],
        "effect": rule["effect"],
        "basis": views.bases(rule["basis"], group.asked, group.question["as_of"]),
        "binds": sorted(bound),
        "chains": sorted(chains, key=views.chain_order),
    }


def _chain(link: Fact, step: Entry, group: Applicants) -> Entry:
    return {
        "reach": key([step]),
        "basis": [],
        "links": [views.link_view(link, "now", group.asked)],
        "named": None,
        "held": None,
        "records": [],
    }


def _order(finding: Entry) -> Any:
    return finding["rule"], finding["binds"], [views.chain_order(chain) for chain in finding["chains"]]

"""The applicants of one contract, judged together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.reference import gaps, terms, views
from tests.reference.check import addressed, question_view, reference_check
from tests.reference.days import holds
from tests.reference.known import Fact, Known, World, as_known, nobody_knows_who
from tests.reference.measures import Asked, in_scope
from tests.reference.paths import holds_on, judge_link
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

    def addresses(self, subjects: set[str]) -> set[str]:
        return {address for address, subject in self.addressed.items() if subject in subjects}

    @property
    def asked(self) -> Asked:
        return Asked("", self.question, self.catalogue, self.facts)


def reference_check_group(world: World, catalogue: Entry, question: Entry) -> Entry:
    facts = as_known(world, question["known_at"])
    found = {a: addressed(facts, a) for a in question["applicants"]}
    shared = {name: value for name, value in question.items() if name not in GROUP_ONLY}
    decisions = {a: reference_check(world, catalogue, {"subject": a, **shared}) for a in question["applicants"]}
    known = {a: subject for a, subject in found.items() if isinstance(subject, str)}
    return _together(Applicants(known, decisions, question, catalogue, facts))


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
            found.append(_finding(rule, group, group.addresses(bound), [_chain("same_holder", links, group)]))
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
    if rule.get("direct_link"):
        return {gap for _, judgement in _between(rule, group) for gap in judgement.gaps}
    return {gap for members in group.question["consortia"] for gap in _gaps_of_consortium(rule, group, members)}


def _gaps_of_consortium(rule: Entry, group: Applicants, members: list[str]) -> set[Gap]:
    """Where nobody is denied, what could deny a member."""
    if _denied(rule, group, members):
        return set()
    because_of = set(rule["consortium"]["because_of"])
    gaps_of_members = [gap for address in members for gap in group.decisions[address]["gaps"]]
    return {(gap["kind"], gap["about"]) for gap in gaps_of_members if because_of & set(gap["could_add"])}


def _direct_link(rule: Entry, group: Applicants) -> list[Entry]:
    links = [link for link, judgement in _between(rule, group) if judgement.value]
    bound = {end for link in links for end in (link["holder"], link["organisation"])}
    chains = [_chain("direct_link", [link], group) for link in links]
    return [_finding(rule, group, group.addresses(bound), chains)] if links else []


def _step(rule: Entry, link: Fact) -> Entry:
    """A share is asked of shareholders only."""
    share = rule["direct_link"].get("min_share") if link["type"] == "shareholder" else None
    return {"link": rule["direct_link"]["link"], "to": "organisation", "holds": "now", "min_share": share}


def _between(rule: Entry, group: Applicants) -> list[tuple[Fact, Judgement]]:
    """Links of the rule's types between two applicants, each with whether it holds."""
    members, types = set(group.addressed.values()), several(rule["direct_link"]["link"])
    return [
        (link, judge_link(link, _step(rule, link), None, group.question["as_of"]))
        for link in group.facts.links
        if link["type"] in types
        and {link["holder"], link["organisation"]} <= members
        and link["holder"] != link["organisation"]
    ]


def _consortium(rule: Entry, group: Applicants) -> list[Entry]:
    return [
        _finding(rule, group, set(members), [chain for measure in measures for chain in measure["chains"]])
        for members in group.question["consortia"]
        if (measures := _denied(rule, group, members))
    ]


def _denied(rule: Entry, group: Applicants, members: list[str]) -> list[Entry]:
    """The measures, among those that the rule names, which bind a member of its own."""
    own = [measure for address in members for measure in group.decisions[address]["measures"]]
    return [measure for measure in own if measure["id"] in rule["consortium"]["because_of"]]


def _finding(rule: Entry, group: Applicants, bound: set[str], chains: list[Entry]) -> Entry:
    return {
        "rule": rule["id"],
        "title": rule["title"],
        "effect": rule["effect"],
        "basis": views.bases(rule["basis"], group.asked, group.question["as_of"]),
        "binds": sorted(bound),
        "chains": sorted(chains, key=views.chain_order),
    }


def _chain(reach: str, links: list[Fact], group: Applicants) -> Entry:
    return {
        "reach": reach,
        "basis": [],
        "links": [
            views.link_view(link, "now", group.asked) for link in sorted(links, key=lambda link: str(link["id"]))
        ],
        "named": None,
        "held": None,
        "records": [],
    }


def _order(finding: Entry) -> Any:
    return finding["rule"], finding["binds"], [views.chain_order(chain) for chain in finding["chains"]]

"""The applicants of one contract judged together (design, section 5; 政府采购法实施条例 18)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from engine.document import Finding, GroupDecision
from engine.errors import BadQuestion, UnknownWord
from graph.model import Subject
from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    Plain,
    gaps,
    group_rule,
    link,
    measure,
    merge,
    organisation,
    person,
    record,
    source,
    stub,
)

A, B, C = organisation("甲"), organisation("乙"), organisation("丙")
ZHANG, LI = person("张"), person("李")
SAME = group_rule("same", same_holder={"link": ["legal_representative", "principal"]})
DIRECT = group_rule("direct", direct_link={"link": ["shareholder", "manages"], "min_share": 0.5})
TOGETHER = group_rule("together", consortium={"because_of": ["ban"]})

ONCE = "name each applicant once"


def found(decision: GroupDecision) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.rule, finding.binds) for finding in decision.findings]


def the(decision: GroupDecision) -> Finding:
    (finding,) = decision.findings
    return finding


def ids(*subjects: Subject) -> tuple[str, ...]:
    return tuple(sorted(subject.id for subject in subjects))


def test_applicants_with_nothing_in_common_are_clear(make: Making) -> None:
    told = make(A, B, C, ZHANG, link(ZHANG, "legal_representative", A), groups=[SAME, DIRECT, TOGETHER])
    decision = told.ask_group(A, B, C, consortia=[[A, B]])
    assert (decision.outcome, decision.complete, decision.findings, decision.gaps) == ("none", True, (), ())
    assert [one.subject.id for one in decision.decisions] == [A.id, B.id, C.id]


def test_the_outcome_is_the_strongest_of_findings_and_decisions(make: Making) -> None:
    mild = group_rule("same", effect="strict_review", same_holder={"link": "principal"})
    heads = [link(ZHANG, "principal", one) for one in (A, B)]
    told = make(A, B, C, ZHANG, *heads, groups=[mild])
    assert told.ask_group(A, B, C).outcome == "strict_review"
    told.tell(record(C))
    decision = told.ask_group(A, B, C)
    assert decision.outcome == "deny"
    assert [one.outcome for one in decision.decisions] == ["none", "none", "deny"]
    assert decision.decisions[2] == told.ask(C), "each applicant's decision is the one of its own check"


# --- the same holder ------------------------------------------------------------------------------------------------


def test_the_same_person_in_charge_binds_all_whom_he_leads(make: Making) -> None:
    heads = [link(ZHANG, kind, one) for one, kind in ((A, "legal_representative"), (B, "principal"), (C, "principal"))]
    told = make(A, B, C, ZHANG, *heads, groups=[SAME])
    finding = the(told.ask_group(A, B, C))
    assert (finding.rule, finding.effect, finding.binds) == ("same", "deny", ids(A, B, C))
    assert [b.article for b in finding.basis] == ["same"]
    assert sorted(x.id for chain in finding.chains for x in chain.links) == sorted(one.id for one in heads)
    assert {x.holder.name for chain in finding.chains for x in chain.links} == {"张"}


def test_two_holders_are_two_findings(make: Making) -> None:
    heads = [link(who, "principal", firm) for who, firm in ((ZHANG, A), (ZHANG, B), (LI, B), (LI, C))]
    told = make(A, B, C, ZHANG, LI, *heads, groups=[SAME])
    assert sorted(found(told.ask_group(A, B, C))) == sorted([("same", ids(A, B)), ("same", ids(B, C))])


@pytest.mark.parametrize(("since", "to"), [(date(2025, 6, 2), None), (date(2020, 1, 1), TODAY)])
def test_an_office_that_is_not_held_now_joins_nobody(make: Making, since: date, to: date | None) -> None:
    heads = [link(ZHANG, "principal", A), link(ZHANG, "principal", B, since, valid_to=to)]
    assert make(A, B, ZHANG, *heads, groups=[SAME]).ask_group(A, B).findings == ()


def test_other_offices_and_other_companies_join_nobody(make: Making) -> None:
    offices = [link(ZHANG, "principal", A), link(ZHANG, "director", B), link(ZHANG, "principal", C)]
    assert make(A, B, C, ZHANG, *offices, groups=[SAME]).ask_group(A, B).findings == ()


def test_two_offices_at_one_applicant_are_no_group(make: Making) -> None:
    offices = [link(ZHANG, kind, A) for kind in ("principal", "legal_representative")]
    assert make(A, B, ZHANG, *offices, groups=[SAME]).ask_group(A, B).findings == ()


def test_findings_of_several_holders_stand_in_the_order_of_their_chains(make: Making) -> None:
    """Whatever the ids of the holders."""
    heads = [person(name) for name in "赵钱孙李周吴"]
    links = [link(head, "principal", firm) for head in heads for firm in (A, B)]
    decision = make(A, B, *heads, *links, groups=[SAME]).ask_group(A, B)
    shown = [[one.id for chain in finding.chains for one in chain.links] for finding in decision.findings]
    assert len(shown) == len(heads)
    assert shown == sorted(shown)


def test_a_holder_known_by_name_only_may_be_the_same(make: Making) -> None:
    namesakes = [stub("张", A), stub("张", B)]
    heads = [link(one, "principal", firm) for one, firm in zip(namesakes, (A, B), strict=True)]
    decision = make(A, B, *namesakes, *heads, groups=[SAME]).ask_group(A, B)
    assert (decision.outcome, decision.complete, decision.findings) == ("incomplete", False, ())
    assert gaps(decision) == {("unidentified_holder", one.id): ("same",) for one in namesakes}


def test_namesakes_who_were_merged_are_one(make: Making) -> None:
    one, other = stub("张", A), stub("张", B)
    told = make(A, B, one, other, link(one, "principal", A), link(other, "principal", B), groups=[SAME])
    told.tell(merge(one, other))
    assert found(told.ask_group(A, B)) == [("same", ids(A, B))]


def test_the_links_of_one_holder_are_shown_in_one_chain(make: Making) -> None:
    told = make(A, B, ZHANG, *(link(ZHANG, "principal", one) for one in (A, B)), groups=[DIRECT, SAME])
    (chain,) = the(told.ask_group(A, B)).chains
    assert (chain.reach, len(chain.links)) == ("same_holder", 2)


# --- a direct link --------------------------------------------------------------------------------------------------
def test_holding_and_managing_join_two_applicants(make: Making) -> None:
    owns, runs = link(A, "shareholder", B, share=0.5), link(B, "manages", C)
    finding = the(make(A, B, C, owns, runs, groups=[DIRECT]).ask_group(A, B, C))
    assert finding.binds == ids(A, B, C)
    assert sorted(x.id for chain in finding.chains for x in chain.links) == sorted([owns.id, runs.id])
    assert [(chain.reach, len(chain.links)) for chain in finding.chains] == [("direct_link", 1)] * 2


@pytest.mark.parametrize("links", [
    [link(A, "shareholder", B, share=0.49)],
    [link(A, "shareholder", B, share=0.9, valid_to=TODAY)],
    [link(A, "branch_of", B)],
    [link(A, "shareholder", C, share=0.9), link(C, "shareholder", B, share=0.9)],
    [link(C, "shareholder", A, share=0.9), link(C, "shareholder", B, share=0.9)],
], ids=["small", "over", "other", "chain", "common-owner"])  # fmt: skip
def test_one_link_joins_and_no_chain(make: Making, links: list[Any]) -> None:
    assert make(A, B, C, *links, groups=[DIRECT]).ask_group(A, B).findings == ()


def test_an_unknown_share_is_a_gap(make: Making) -> None:
    owns = link(A, "shareholder", B)
    decision = make(A, B, owns, groups=[DIRECT]).ask_group(A, B)
    assert gaps(decision) == {("missing_share", owns.id): ("direct",)}
    assert decision.outcome == "incomplete"


def test_a_share_that_is_not_asked_for_is_not_missed(make: Making) -> None:
    any_share = group_rule("direct", direct_link={"link": "shareholder"})
    assert found(make(A, B, link(A, "shareholder", B), groups=[any_share]).ask_group(A, B)) == [("direct", ids(A, B))]


# --- a consortium ---------------------------------------------------------------------------------------------------


def test_one_member_who_is_denied_binds_the_consortium(make: Making) -> None:
    listed = record(B)
    finding = the(make(A, B, C, listed, groups=[TOGETHER]).ask_group(A, B, C, consortia=[[A, B]]))
    assert finding.binds == ids(A, B)
    assert [r.id for chain in finding.chains for r in chain.records] == [listed.id]


def test_who_bids_alone_binds_nobody_else(make: Making) -> None:
    decision = make(A, B, C, record(C), groups=[TOGETHER]).ask_group(A, B, C, consortia=[[A, B]])
    assert (decision.findings, decision.outcome) == ((), "deny")


def test_another_measure_does_not_bind_a_consortium(make: Making) -> None:
    other = measure("review", effect="strict_review", trigger={"list": "arrears"})
    decision = make(A, B, record(A, "arrears"), measures=[measure(), other], groups=[TOGETHER]).ask_group(
        A, B, consortia=[[A, B]]
    )
    assert decision.findings == ()


def test_what_is_open_for_a_member_is_open_for_the_consortium(make: Making) -> None:
    open_ = record(A, id="r1", decided_on=None, effective_from=TODAY)
    decision = make(A, B, open_, groups=[TOGETHER]).ask_group(A, B, consortia=[[A, B]])
    assert gaps(decision) == {("missing_date", "r1#decided_on"): ("together",)}
    assert gaps(decision.decisions[0]) == {("missing_date", "r1#decided_on"): ("ban",)}
    assert (decision.outcome, decision.complete) == ("incomplete", False)


def test_an_open_question_about_an_applicant_leaves_the_group_open(make: Making) -> None:
    decision = make(A, B, record(A, decided_on=None, effective_from=TODAY)).ask_group(A, B)
    assert (decision.outcome, decision.complete) == ("incomplete", False)


# --- scope, time and sources ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"scope": {"matters": ["licence"]}},
        {"scope": {"matters": ["tender"], "departments": ["market"]}},
        {"scope": {"matters": ["tender"], "regions": ["360000"]}},
        {"in_force": {"from": "2025-06-02"}},
        {"in_force": {"from": "2000-01-01", "to": TODAY.isoformat()}},
        {"basis": [{"document": "law", "article": "x", "in_force": {"from": "2000-01-01", "to": TODAY.isoformat()}}]},
    ],
    ids=["matter", "department", "region", "not-yet", "no-longer", "basis"],
)
def test_a_rule_out_of_scope_or_force_finds_nothing(make: Making, more: Plain) -> None:
    heads = [link(ZHANG, "principal", one) for one in (A, B)]
    told = make(A, B, ZHANG, *heads, groups=[{**SAME, **more}, {**SAME, "id": "other"}])
    assert [rule for rule, _ in found(told.ask_group(A, B))] == ["other"]


def test_only_bases_that_count_are_cited(make: Making) -> None:
    bases = [
        {"document": "law", "article": "旧", "in_force": {"from": "2000-01-01", "to": "2020-01-01"}},
        {"document": "law", "article": "新"},
    ]
    heads = [link(ZHANG, "principal", one) for one in (A, B)]
    finding = the(make(A, B, ZHANG, *heads, groups=[{**SAME, "basis": bases}]).ask_group(A, B))
    assert [b.article for b in finding.basis] == ["新"]


def test_lists_that_were_not_consulted_are_named_for_the_group(make: Making) -> None:
    court = source("dishonest")
    two = [measure(), measure("fined", trigger={"event": "fined"})]
    decision = make(A, B, court, measures=two, sourced=False).ask_group(A, B)
    assert decision.not_consulted == ("fined",)
    assert decision.complete is False


# --- groups that are none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applicants", "consortia", "text"),
    [
        ([A, B, A], [], f"applicants given more than once: {A.id}"),
        ([A, B], [[A, C]], f"members of consortia who are no applicants: {C.id}"),
        ([A, B, C], [[A, B], [B, C]], f"applicants in two consortia: {B.id}"),
        ([A, B, C], [[A, A]], f"applicants in two consortia: {A.id}"),
        ([A, B], [[A]], "a consortium of fewer than two members"),
    ],
)
def test_a_group_that_is_none_is_refused(make: Making, applicants: list[Any], consortia: list[Any], text: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        make(A, B, C).ask_group(*applicants, consortia=consortia)
    alone = "leave it out: who bids alone is in none"
    assert (caught.value.message, caught.value.remedy) == (text, alone if "fewer" in text else ONCE)


def test_one_bidder_is_no_group(make: Making) -> None:
    with pytest.raises(ValidationError):
        make(A).ask_group(A)


def test_two_addresses_of_one_subject_are_refused(make: Making) -> None:
    told = make(A, B)
    told.tell(merge(A, B))
    with pytest.raises(BadQuestion, match=rf"^{A.id} and {B.id} are one subject \({ONCE}\)$"):
        told.ask_group(A, B)


def test_a_group_question_is_validated_like_any_other(make: Making) -> None:
    with pytest.raises(UnknownWord):
        make(A, B).ask_group(A, B, matter="tenders")
    with pytest.raises(BadQuestion):
        make(A, B).ask_group(A, B, as_of=date(1900, 1, 1))


def test_an_applicant_who_cannot_be_told_leaves_the_group_open(make: Making) -> None:
    told = make(A, B, groups=[SAME])
    for address in ("name:甲有限公司", "test:nobody"):
        decision = told.ask_group(B, address)
        assert (decision.outcome, decision.complete) == ("incomplete", False)
        assert decision.decisions[1].subject.identity in ("ambiguous", "unknown")


def test_a_finding_stands_beside_an_applicant_who_cannot_be_told(make: Making) -> None:
    heads = [link(ZHANG, "principal", one) for one in (A, B)]
    decision = make(A, B, ZHANG, *heads, groups=[SAME]).ask_group(A, B, "test:nobody")
    assert (decision.outcome, decision.complete) == ("deny", False)


def test_a_group_of_unknowns_is_incomplete(make: Making) -> None:
    decision = make(groups=[SAME, DIRECT]).ask_group("test:1", "test:2")
    assert (decision.outcome, decision.findings) == ("incomplete", ())

"""Evidence for a plan: what stands on the paths of its reaches, and never less."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from graph.evidence import Evidence
from graph.model import Fact, LinkType, Subject
from graph.plan import Pattern, Plan, Reach
from graph.store import GraphStore
from tests.contract.builders import (
    DIRECTOR,
    LEGAL_REPRESENTATIVE,
    LISTED,
    OTHER_LIST,
    SHAREHOLDER,
    TODAY,
    ids,
    link,
    load,
    named,
    naming,
    organisation,
    person,
    plan,
    put,
    record,
    source,
    step,
    stub,
)

FIRM, OTHER, THIRD, FOURTH = (organisation(n) for n in range(1, 5))
BOSS, CLERK = person(1), person(2, "柳明")
HEADS = step(LEGAL_REPRESENTATIVE, to="holder")
HEADED = step(LEGAL_REPRESENTATIVE, to="organisation")


def gather(store: GraphStore, root: Subject, asked: Plan, *facts: Fact, as_of: date = TODAY) -> Evidence:
    known_at: datetime = put(store, *facts)
    return store.evidence([root.id], asked, as_of=as_of, known_at=known_at)


def test_self_brings_all_records_of_the_lists_and_no_others(store: GraphStore) -> None:
    mine = [record(FIRM, key="1"), record(FIRM, key="2", annulled=True)]
    found = gather(store, FIRM, plan(), FIRM, *mine, record(FIRM, OTHER_LIST))
    assert ids(found.records) == ids(mine)
    assert set(found.subjects) == {FIRM.id}
    assert found.links == found.namings == ()


def test_the_root_is_there_even_without_any_record(store: GraphStore) -> None:
    found = gather(store, FIRM, plan(HEADS), FIRM)
    assert dict(found.subjects) == {FIRM.id: FIRM}


def test_an_unknown_root_brings_nobody(store: GraphStore) -> None:
    found = gather(store, OTHER, plan(), FIRM, record(FIRM))
    assert dict(found.subjects) == {}
    assert found.records == ()


def test_one_step_to_the_holder_leads_from_the_listed_organisation_to_its_head(store: GraphStore) -> None:
    office, debt = link(BOSS, LEGAL_REPRESENTATIVE, FIRM), record(FIRM)
    found = gather(store, BOSS, plan(HEADS), FIRM, BOSS, office, debt)
    assert (found.links, found.records) == ((office,), (debt,))
    assert dict(found.subjects) == {FIRM.id: FIRM, BOSS.id: BOSS}


def test_one_step_to_the_organisation_leads_from_the_listed_head_to_it(store: GraphStore) -> None:
    office, debt = link(BOSS, LEGAL_REPRESENTATIVE, FIRM), record(BOSS)
    found = gather(store, FIRM, plan(HEADED), FIRM, BOSS, office, debt)
    assert (found.links, found.records) == ((office,), (debt,))


def test_a_step_does_not_go_against_its_direction_or_over_other_types(store: GraphStore) -> None:
    facts = [FIRM, BOSS, link(BOSS, LEGAL_REPRESENTATIVE, FIRM), link(BOSS, DIRECTOR, FIRM), record(FIRM)]
    known_at = put(store, *facts)
    for root, asked in ((BOSS, plan(HEADED)), (FIRM, plan(HEADS)), (BOSS, plan(step(SHAREHOLDER, to="holder")))):
        found = store.evidence([root.id], asked, as_of=TODAY, known_at=known_at)
        assert (found.links, found.records) == ((), ())


def test_a_link_whose_far_end_is_not_listed_is_left_out(store: GraphStore) -> None:
    offices = [link(BOSS, LEGAL_REPRESENTATIVE, firm) for firm in (FIRM, OTHER)]
    found = gather(store, BOSS, plan(HEADS), FIRM, OTHER, BOSS, *offices, record(OTHER), record(FIRM, OTHER_LIST))
    assert found.links == (offices[1],)
    assert set(found.subjects) == {BOSS.id, OTHER.id}


def test_two_steps_lead_to_the_other_organisation_of_the_same_head(store: GraphStore) -> None:
    offices = [link(BOSS, LEGAL_REPRESENTATIVE, firm) for firm in (FIRM, OTHER)]
    found = gather(store, OTHER, plan(HEADS, HEADED), FIRM, OTHER, BOSS, *offices, record(FIRM))
    assert ids(found.links) == ids(offices)
    assert ids(found.records) == {record(FIRM).id}
    assert set(found.subjects) == {FIRM.id, OTHER.id, BOSS.id}


def test_three_steps_lead_along_a_chain_of_holdings(store: GraphStore) -> None:
    holdings = [
        link(a, SHAREHOLDER, b, share=share)
        for a, b, share in ((FIRM, OTHER, 0.6), (OTHER, THIRD, 0.7), (THIRD, FOURTH, 0.5))
    ]
    chain = [step(SHAREHOLDER, to="organisation", min_share=0.5)] * 3
    found = gather(store, FOURTH, plan(*chain), FIRM, OTHER, THIRD, FOURTH, *holdings, record(FIRM))
    assert ids(found.links) == ids(holdings)
    assert set(found.subjects) == {FIRM.id, OTHER.id, THIRD.id, FOURTH.id}


def test_a_share_that_is_not_known_is_kept_and_makes_a_gap_later(store: GraphStore) -> None:
    untold = link(FIRM, SHAREHOLDER, OTHER)
    asked = plan(step(SHAREHOLDER, to="organisation", min_share=0.5))
    assert gather(store, OTHER, asked, FIRM, OTHER, untold, record(FIRM)).links == (untold,)


def test_a_named_person_brings_the_naming_the_listed_subject_and_its_records(store: GraphStore) -> None:
    debt, later = record(FIRM, key="1"), record(FIRM, key="2")
    blamed = naming(debt, BOSS)
    found = gather(store, BOSS, plan(by=named("directly_responsible")), FIRM, BOSS, debt, later, blamed)
    assert found.namings == (blamed,)
    assert ids(found.records) == {debt.id, later.id}
    assert set(found.subjects) == {FIRM.id, BOSS.id}


def test_a_person_named_in_another_role_or_list_does_not_count(store: GraphStore) -> None:
    debt, tax = record(FIRM), record(OTHER, OTHER_LIST)
    facts = [FIRM, OTHER, BOSS, debt, tax, naming(debt, BOSS, "principal"), naming(tax, BOSS)]
    found = gather(store, BOSS, plan(by=named("directly_responsible")), *facts)
    assert (found.namings, found.records) == ((), ())


def test_a_finding_that_is_not_recorded_is_kept_and_makes_a_gap_later(store: GraphStore) -> None:
    debt = record(FIRM)
    silent = naming(debt, BOSS)
    asked = plan(by=named("directly_responsible", findings=["负有个人责任"]))
    assert gather(store, BOSS, asked, FIRM, BOSS, debt, silent).namings == (silent,)


def test_named_and_held_brings_the_offices_in_the_listed_organisation(store: GraphStore) -> None:
    debt = record(FIRM)
    ended = link(BOSS, DIRECTOR, FIRM, valid_from=date(2010, 1, 1), valid_to=date(2012, 1, 1))
    elsewhere = link(BOSS, DIRECTOR, OTHER)
    asked = plan(by=named("directly_responsible", held=[DIRECTOR]))
    found = gather(store, BOSS, asked, FIRM, OTHER, BOSS, debt, naming(debt, BOSS), ended, elsewhere)
    assert found.links == (ended,)


def test_a_named_person_leads_on_to_the_organisation_that_he_heads(store: GraphStore) -> None:
    debt = record(FIRM)
    office, blamed = link(BOSS, LEGAL_REPRESENTATIVE, OTHER), naming(debt, BOSS)
    asked = plan(HEADED, by=named("directly_responsible"))
    found = gather(store, OTHER, asked, FIRM, OTHER, BOSS, debt, blamed, office)
    assert (found.links, found.namings, found.records) == ((office,), (blamed,), (debt,))


@pytest.mark.parametrize("holds", ["now", "after_event", "at_event"])
def test_an_undated_link_is_evidence_for_every_step_time(store: GraphStore, holds: str) -> None:
    office = link(BOSS, DIRECTOR, FIRM)
    asked = plan(step(DIRECTOR, to="holder", holds=holds))  # type: ignore[arg-type]
    assert gather(store, BOSS, asked, FIRM, BOSS, office, record(FIRM)).links == (office,)


@pytest.mark.parametrize("holds", ["now", "after_event", "at_event"])
def test_a_link_that_begins_later_is_kept_since_until_may_need_it(store: GraphStore, holds: str) -> None:
    office = link(BOSS, DIRECTOR, FIRM, valid_from=date(2030, 1, 1))
    asked = plan(step(DIRECTOR, to="holder", holds=holds))  # type: ignore[arg-type]
    assert gather(store, BOSS, asked, FIRM, BOSS, office, record(FIRM)).links == (office,)


def test_a_link_that_ended_is_kept_where_it_counted_at_the_event(store: GraphStore) -> None:
    office = link(BOSS, DIRECTOR, FIRM, valid_from=date(2010, 1, 1), valid_to=date(2012, 1, 1))
    asked = plan(step(DIRECTOR, to="holder", holds="at_event"))
    assert gather(store, BOSS, asked, FIRM, BOSS, office, record(FIRM)).links == (office,)


@pytest.mark.parametrize("order", [("now", "at_event"), ("at_event", "now")])
def test_one_link_may_serve_a_step_now_and_another_at_the_event(store: GraphStore, order: tuple[str, str]) -> None:
    gone = link(BOSS, DIRECTOR, FIRM, valid_to=date(2012, 1, 1))
    present = link(BOSS, DIRECTOR, OTHER, valid_from=date(2012, 1, 1))
    both = Plan(
        tuple(
            Pattern(Reach(steps=(step(DIRECTOR, to="holder", holds=holds),)), frozenset({LISTED}))  # type: ignore[arg-type]
            for holds in order
        )
    )
    found = gather(store, BOSS, both, FIRM, OTHER, BOSS, gone, present, record(FIRM), record(OTHER))
    assert ids(found.links) == ids([gone, present])


def test_a_person_without_identity_is_brought_with_the_way_to_him(store: GraphStore) -> None:
    unknown = stub(FIRM)
    office = link(unknown, LEGAL_REPRESENTATIVE, FIRM)
    found = gather(store, FIRM, plan(HEADED), FIRM, unknown, office)
    assert found.links == (office,)
    assert found.subjects[unknown.id] == unknown


def test_a_person_without_identity_halfway_is_brought_too(store: GraphStore) -> None:
    unknown = stub(FIRM)
    office = link(unknown, LEGAL_REPRESENTATIVE, FIRM)
    found = gather(store, FIRM, plan(HEADS, HEADED), FIRM, unknown, office)
    assert found.links == (office,)
    found = store.evidence(
        [FIRM.id],
        plan(HEADED, by=named("directly_responsible")),
        as_of=TODAY,
        known_at=store.last_instant(),  # type: ignore[arg-type]
    )
    assert found.links == (office,)


def test_a_person_who_was_without_identity_once_is_so_at_that_instant_only(store: GraphStore) -> None:
    unknown = stub(FIRM)
    before = put(store, FIRM, unknown, link(unknown, LEGAL_REPRESENTATIVE, FIRM))
    assert BOSS.citizen_id
    after = put(store, replace(unknown, citizen_id=BOSS.citizen_id), correct=True)
    counts = [
        len(store.evidence([FIRM.id], plan(HEADED), as_of=TODAY, known_at=instant).links) for instant in (before, after)
    ]
    assert counts == [1, 0]


def test_an_organisation_without_identifiers_is_no_gap(store: GraphStore) -> None:
    bare = replace(OTHER, identifiers={})
    asked = plan(step(SHAREHOLDER, to="organisation"))
    assert gather(store, FIRM, asked, FIRM, bare, link(bare, SHAREHOLDER, FIRM)).links == ()


def test_of_a_hub_of_two_thousand_links_only_the_listed_ones_come(store: GraphStore) -> None:
    firms = [organisation(n) for n in range(2000)]
    listed = firms[17], firms[901], firms[1999]
    known_at = put(store, BOSS, *firms, *(link(BOSS, LEGAL_REPRESENTATIVE, firm) for firm in firms))
    known_at = put(store, *map(record, listed))
    found = store.evidence([BOSS.id], plan(HEADS), as_of=TODAY, known_at=known_at)
    assert {one.organisation for one in found.links} == ids(listed) == {one.subject for one in found.records}
    assert set(found.subjects) == {BOSS.id, *ids(listed)}
    beyond = store.evidence([firms[0].id], plan(HEADS, HEADED), as_of=TODAY, known_at=known_at)
    assert {one.subject for one in beyond.records} == ids(listed)


def test_circular_holdings_end(store: GraphStore) -> None:
    circle = [
        link(a, SHAREHOLDER, b, share=0.9) for a, b in ((FIRM, OTHER), (OTHER, FIRM), (OTHER, THIRD), (THIRD, OTHER))
    ]
    asked = plan(*[step(SHAREHOLDER, to="organisation")] * 3)
    found = gather(store, FIRM, asked, FIRM, OTHER, THIRD, *circle, record(THIRD))
    assert set(found.subjects) <= {FIRM.id, OTHER.id, THIRD.id}


def test_bonds_bring_every_such_link_of_a_root_whatever_stands_at_its_end(store: GraphStore) -> None:
    mine = link(BOSS, LEGAL_REPRESENTATIVE, FIRM)
    yours = link(BOSS, LEGAL_REPRESENTATIVE, OTHER)
    holding = link(FIRM, SHAREHOLDER, THIRD, share=0.1)
    unasked = link(CLERK, DIRECTOR, FIRM)
    known_at = put(store, FIRM, OTHER, THIRD, BOSS, CLERK, mine, yours, holding, unasked)
    bonds = Plan(bonds=frozenset({LEGAL_REPRESENTATIVE, SHAREHOLDER}))
    found = store.evidence([FIRM.id, OTHER.id], bonds, as_of=TODAY, known_at=known_at)
    assert ids(found.links) == ids([mine, yours, holding])
    assert set(found.subjects) == {FIRM.id, OTHER.id, THIRD.id, BOSS.id}


def test_several_roots_are_answered_together(store: GraphStore) -> None:
    known_at = put(store, FIRM, OTHER, record(FIRM), record(OTHER))
    found = store.evidence([FIRM.id, OTHER.id], plan(), as_of=TODAY, known_at=known_at)
    assert {one.subject for one in found.records} == {FIRM.id, OTHER.id}


def test_two_links_between_the_same_subjects_are_two_facts(store: GraphStore) -> None:
    terms = [link(BOSS, DIRECTOR, FIRM, key=key, valid_from=date(2020, 1, 1)) for key in "12"]
    assert ids(gather(store, BOSS, plan(step(DIRECTOR, to="holder")), FIRM, BOSS, *terms, record(FIRM)).links) == ids(
        terms
    )


def test_every_evidence_holds_the_sources_and_of_each_the_load_that_reaches_furthest(store: GraphStore) -> None:
    court, tax, never = source("court"), source("tax", OTHER_LIST, territory="360400"), source("never")
    furthest = [load(court, date(2025, 5, 31)), load(tax, date(2025, 3, 31))]
    others = [load(court, date(2025, 4, 30)), load(tax, date(2025, 1, 31)), load(tax, date(2025, 2, 28))]
    found = gather(store, FIRM, Plan(), FIRM, court, tax, never, *furthest, *others)
    assert ids(found.sources) == ids([court, tax, never])
    assert ids(found.loads) == ids(furthest)


def test_a_load_whose_day_is_corrected_or_which_is_retracted_reaches_no_further(store: GraphStore) -> None:
    court = source("court")
    some = [load(court, date(2025, month, 28)) for month in (3, 4, 5)]
    gather(store, FIRM, Plan(), FIRM, court, *some)
    corrected = replace(some[2], through=date(2025, 2, 28))
    known_at = put(store, corrected, correct=True)
    assert store.evidence([], Plan(), as_of=TODAY, known_at=known_at).loads == (some[1],)
    retracted_at = store.retract([some[1].id]).recorded_at
    assert retracted_at
    assert store.evidence([], Plan(), as_of=TODAY, known_at=retracted_at).loads == (some[0],)


def test_a_retracted_record_or_link_is_no_evidence(store: GraphStore) -> None:
    office = link(BOSS, DIRECTOR, FIRM)
    put(store, FIRM, BOSS, office, record(FIRM), record(BOSS))
    report = store.retract([office.id, record(BOSS).id])
    assert report.recorded_at
    asked = plan(step(DIRECTOR, to="holder"))
    found = store.evidence([BOSS.id], asked, as_of=TODAY, known_at=report.recorded_at)
    assert (found.links, found.records) == ((), ())


def test_a_retracted_subject_leads_nowhere(store: GraphStore) -> None:
    put(store, FIRM, BOSS, link(BOSS, DIRECTOR, FIRM), record(FIRM))
    report = store.retract([FIRM.id])
    assert report.recorded_at
    found = store.evidence([BOSS.id], plan(step(DIRECTOR, to="holder")), as_of=TODAY, known_at=report.recorded_at)
    assert found.links == ()
    assert set(found.subjects) == {BOSS.id}


def test_every_end_of_a_link_in_evidence_is_a_subject_in_evidence(store: GraphStore) -> None:
    facts = [FIRM, OTHER, BOSS, stub(OTHER), record(FIRM), link(BOSS, DIRECTOR, FIRM), link(BOSS, DIRECTOR, OTHER)]
    asked = Plan(
        plan(step(DIRECTOR, to="holder"), step(DIRECTOR, to="organisation")).patterns, frozenset({LinkType.DIRECTOR})
    )
    found = gather(store, OTHER, asked, *facts, link(stub(OTHER), DIRECTOR, OTHER))
    assert {end for one in found.links for end in (one.holder, one.organisation)} <= set(found.subjects)


def test_facts_in_evidence_are_sorted_by_id(store: GraphStore) -> None:
    firms = [organisation(n) for n in range(30)]
    offices = [link(BOSS, DIRECTOR, firm) for firm in firms]
    found = gather(store, BOSS, plan(step(DIRECTOR, to="holder")), BOSS, *firms, *offices, *map(record, firms))
    for facts in (found.links, found.records, tuple(found.subjects.values())):
        assert [one.id for one in facts] == sorted(one.id for one in facts)

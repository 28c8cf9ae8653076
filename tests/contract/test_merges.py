"""Merges: judgements that two subjects are one, resolved when read, on the known_at clock alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from graph.model import Kind, Subject
from graph.plan import Plan
from graph.store import GraphStore
from tests.contract.builders import (
    DIRECTOR,
    LEGAL_REPRESENTATIVE,
    TODAY,
    ids,
    link,
    merge,
    named,
    naming,
    organisation,
    person,
    plan,
    put,
    record,
    step,
    stub,
    undone,
)

FIRM, OTHER, THIRD, FOURTH = sorted((organisation(n) for n in range(1, 5)), key=lambda s: s.id)
BOSS = person(1)
NAMESAKE = stub(OTHER, BOSS.name)
HEADS, HEADED = step(LEGAL_REPRESENTATIVE, to="holder"), step(LEGAL_REPRESENTATIVE, to="organisation")


def test_both_ids_lead_to_the_one_subject(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, merge(OTHER, FIRM))
    one = store.subject(FIRM.id, known_at=at)
    assert one is not None
    assert one == store.subject(OTHER.id, known_at=at)
    assert one.id == FIRM.id


def test_a_merge_is_known_between_the_judgement_and_its_undoing(store: GraphStore) -> None:
    before = put(store, FIRM, OTHER)
    judged = put(store, merge(FIRM, OTHER))
    after = put(store, undone(merge(FIRM, OTHER)), correct=True)

    def seen(known_at: object) -> str | None:
        subject = store.subject(OTHER.id, known_at=known_at)  # type: ignore[arg-type]
        return subject and subject.id

    assert [seen(instant) for instant in (before, judged, after)] == [OTHER.id, FIRM.id, OTHER.id]


def test_a_merge_resolves_whatever_day_is_asked_about(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, record(OTHER), merge(FIRM, OTHER))
    for day in (date(1990, 1, 1), date(2090, 1, 1)):
        assert len(store.evidence([FIRM.id], plan(), as_of=day, known_at=at).records) == 1


def test_the_identified_member_stands_for_the_cluster(store: GraphStore) -> None:
    assert NAMESAKE.id < BOSS.id
    at = put(store, OTHER, NAMESAKE, BOSS, merge(NAMESAKE, BOSS))
    assert store.subject(NAMESAKE.id, known_at=at) == BOSS


def test_without_an_identified_member_the_least_id_stands_for_the_cluster(store: GraphStore) -> None:
    stubs = [stub(of, BOSS.name) for of in (FIRM, OTHER, THIRD)]
    at = put(store, *stubs, merge(stubs[0], stubs[1]), merge(stubs[1], stubs[2]))
    assert {store.subject(one.id, known_at=at).id for one in stubs} == {min(ids(stubs))}  # type: ignore[union-attr]


def test_the_one_subject_holds_the_identifiers_of_all(store: GraphStore) -> None:
    old = Subject(
        "registration_number:3604001000123", Kind.ENTERPRISE, "旧照", {"registration_number": "3604001000123"}
    )
    at = put(store, FIRM, old, merge(FIRM, old))
    one = store.subject(FIRM.id, known_at=at)
    assert one
    assert dict(one.identifiers) == {**FIRM.identifiers, **old.identifiers}
    assert store.find("registration_number", "3604001000123", known_at=at) == [one]


def test_a_person_merged_with_an_identified_one_is_identified(store: GraphStore) -> None:
    stranger = replace(NAMESAKE, identifiers={"passport": "E00000001"})
    at = put(store, OTHER, stranger, BOSS, merge(stranger, BOSS))
    one = store.subject(stranger.id, known_at=at)
    assert one
    assert one.id == stranger.id
    assert one.citizen_id == BOSS.citizen_id
    assert BOSS.citizen_id
    assert store.find("citizen_id", BOSS.citizen_id.digest, known_at=at) == [one]


def test_merges_chain(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, THIRD, FOURTH, merge(FOURTH, THIRD), merge(OTHER, FIRM), merge(THIRD, OTHER))
    assert store.subject(FOURTH.id, known_at=at).id == FIRM.id  # type: ignore[union-attr]


def test_undoing_the_middle_of_a_chain_parts_it_in_two(store: GraphStore) -> None:
    put(store, FIRM, OTHER, THIRD, FOURTH, merge(FIRM, OTHER), merge(OTHER, THIRD), merge(THIRD, FOURTH))
    at = put(store, undone(merge(OTHER, THIRD)), correct=True)
    seen = [store.subject(one.id, known_at=at).id for one in (FIRM, OTHER, THIRD, FOURTH)]  # type: ignore[union-attr]
    assert seen == [FIRM.id, FIRM.id, THIRD.id, THIRD.id]


def test_of_two_judgements_of_the_same_undoing_one_leaves_the_other(store: GraphStore) -> None:
    again = replace(merge(FIRM, OTHER), id="merge:again")
    put(store, FIRM, OTHER, merge(FIRM, OTHER), again)
    at = put(store, undone(again), correct=True)
    assert store.subject(OTHER.id, known_at=at).id == FIRM.id  # type: ignore[union-attr]


def test_an_undone_merge_may_be_judged_anew(store: GraphStore) -> None:
    put(store, FIRM, OTHER, merge(FIRM, OTHER))
    put(store, undone(merge(FIRM, OTHER)), correct=True)
    at = put(store, merge(FIRM, OTHER), correct=True)
    assert store.subject(OTHER.id, known_at=at).id == FIRM.id  # type: ignore[union-attr]
    assert len(store.history(merge(FIRM, OTHER).id)) == 3


def test_a_retracted_merge_no_longer_holds(store: GraphStore) -> None:
    put(store, FIRM, OTHER, merge(FIRM, OTHER))
    at = store.retract([merge(FIRM, OTHER).id]).recorded_at
    assert at
    assert store.subject(OTHER.id, known_at=at) == OTHER


def test_a_corrected_merge_joins_what_it_now_says(store: GraphStore) -> None:
    put(store, FIRM, OTHER, THIRD, merge(FIRM, OTHER))
    at = put(store, replace(merge(FIRM, OTHER), right=THIRD.id), correct=True)
    seen = [store.subject(one.id, known_at=at).id for one in (FIRM, OTHER, THIRD)]  # type: ignore[union-attr]
    assert seen == [FIRM.id, OTHER.id, FIRM.id]


def test_a_member_that_gains_an_identity_comes_to_stand_for_the_cluster(store: GraphStore) -> None:
    first, second = sorted((stub(FIRM), stub(OTHER)), key=lambda s: s.id)
    before = put(store, first, second, merge(first, second))
    after = put(store, replace(second, citizen_id=BOSS.citizen_id), correct=True)
    assert store.subject(first.id, known_at=before).id == first.id  # type: ignore[union-attr]
    assert store.subject(first.id, known_at=after).id == second.id  # type: ignore[union-attr]


def test_a_retracted_member_leaves_the_others_standing(store: GraphStore) -> None:
    put(store, FIRM, OTHER, merge(FIRM, OTHER))
    at = store.retract([FIRM.id]).recorded_at
    assert at
    assert store.subject(OTHER.id, known_at=at) == OTHER
    assert store.subject(FIRM.id, known_at=at) == OTHER


def test_records_of_every_member_are_the_one_subjects(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, record(FIRM), record(OTHER), merge(FIRM, OTHER))
    for root in (FIRM, OTHER):
        found = store.evidence([root.id], plan(), as_of=TODAY, known_at=at)
        assert ids(found.records) == {record(FIRM).id, record(OTHER).id}
        assert {one.subject for one in found.records} == {FIRM.id}
        assert dict(found.aliases) == {OTHER.id: FIRM.id}


def test_evidence_walks_through_merged_persons(store: GraphStore) -> None:
    """The head of one firm, known by name only, was judged to be the head of another, who is identified."""
    offices = [link(NAMESAKE, LEGAL_REPRESENTATIVE, OTHER), link(BOSS, LEGAL_REPRESENTATIVE, FIRM)]
    facts = [FIRM, OTHER, NAMESAKE, BOSS, *offices, record(FIRM)]
    before = put(store, *facts)
    after = put(store, merge(NAMESAKE, BOSS))
    asked = plan(HEADS, HEADED)
    assert store.evidence([OTHER.id], asked, as_of=TODAY, known_at=before).records == ()
    found = store.evidence([OTHER.id], asked, as_of=TODAY, known_at=after)
    assert ids(found.records) == {record(FIRM).id}
    assert {one.holder for one in found.links} == {BOSS.id}
    assert dict(found.aliases) == {NAMESAKE.id: BOSS.id}
    assert set(found.subjects) == {FIRM.id, OTHER.id, BOSS.id}


def test_evidence_walks_to_a_listed_twin_at_the_far_end(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, BOSS, link(BOSS, LEGAL_REPRESENTATIVE, OTHER), record(FIRM), merge(FIRM, OTHER))
    found = store.evidence([BOSS.id], plan(HEADS), as_of=TODAY, known_at=at)
    assert [(one.holder, one.organisation) for one in found.links] == [(BOSS.id, FIRM.id)]
    assert {one.subject for one in found.records} == {FIRM.id}


def test_namings_and_offices_of_merged_persons_come_together(store: GraphStore) -> None:
    debt = record(FIRM)
    office = link(BOSS, DIRECTOR, FIRM)
    facts = [FIRM, OTHER, NAMESAKE, BOSS, debt, office, naming(debt, NAMESAKE), merge(NAMESAKE, BOSS)]
    asked = plan(by=named("directly_responsible", held=[DIRECTOR]))
    found = store.evidence([BOSS.id], asked, as_of=TODAY, known_at=put(store, *facts))
    assert [one.person for one in found.namings] == [BOSS.id]
    assert found.links == (office,)


def test_a_person_named_on_the_record_of_a_twin_is_led_to_the_one_subject(store: GraphStore) -> None:
    debt = record(OTHER)
    facts = [FIRM, OTHER, BOSS, debt, record(FIRM), naming(debt, BOSS), merge(FIRM, OTHER)]
    found = store.evidence([BOSS.id], plan(by=named("directly_responsible")), as_of=TODAY, known_at=put(store, *facts))
    assert ids(found.records) == {debt.id, record(FIRM).id}
    assert set(found.subjects) == {FIRM.id, BOSS.id}


def test_a_person_identified_by_a_merge_is_no_gap(store: GraphStore) -> None:
    before = put(store, FIRM, OTHER, NAMESAKE, BOSS, link(NAMESAKE, LEGAL_REPRESENTATIVE, OTHER))
    after = put(store, merge(NAMESAKE, BOSS))

    def unidentified(known_at: datetime) -> list[str]:
        found = store.evidence([OTHER.id], plan(HEADED), as_of=TODAY, known_at=known_at)
        return [one.holder for one in found.links if not found.subjects[one.holder].identified]

    assert unidentified(before) == [NAMESAKE.id]
    assert unidentified(after) == []


def test_a_link_between_two_that_are_one_is_a_path_to_nobody(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, link(FIRM, DIRECTOR, OTHER), record(FIRM), merge(FIRM, OTHER))
    found = store.evidence([OTHER.id], plan(step(DIRECTOR, to="organisation")), as_of=TODAY, known_at=at)
    assert found.links == ()


def test_aliases_tell_the_merged_subjects_of_this_evidence_only(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, THIRD, FOURTH, merge(FIRM, OTHER), merge(THIRD, FOURTH))
    assert dict(store.evidence([OTHER.id], plan(), as_of=TODAY, known_at=at).aliases) == {OTHER.id: FIRM.id}


def test_two_roots_that_are_one_are_one_subject(store: GraphStore) -> None:
    at = put(store, FIRM, OTHER, merge(FIRM, OTHER))
    found = store.evidence([FIRM.id, OTHER.id], Plan(), as_of=TODAY, known_at=at)
    assert set(found.subjects) == {FIRM.id}


def test_facts_tell_what_was_recorded_and_resolve_no_merges(store: GraphStore) -> None:
    facts = [FIRM, OTHER, record(OTHER), merge(FIRM, OTHER)]
    assert set(ids(store.facts(known_at=put(store, *facts)))) == ids(facts)
    at = store.last_instant()
    assert at
    assert record(OTHER) in list(store.facts(known_at=at))


def test_merges_tell_every_version_that_names_a_subject_in_the_order_of_recording(store: GraphStore) -> None:
    first, second = merge(FIRM, OTHER), merge(OTHER, THIRD)
    put(store, FIRM, OTHER, THIRD, FOURTH, second, first, merge(THIRD, FOURTH))
    at = put(store, undone(first), correct=True)
    told = store.merges([FIRM.id, OTHER.id])
    assert [one.fact for one in told] == [*sorted([first, second], key=lambda one: one.id), undone(first)]
    assert told[-1].recorded_at == at
    assert [one.superseded_at for one in told if one.fact == first] == [at]


def test_merges_tell_a_retracted_judgement_too(store: GraphStore) -> None:
    put(store, FIRM, OTHER, merge(FIRM, OTHER))
    at = store.retract([merge(FIRM, OTHER).id]).recorded_at
    assert [(one.fact, one.superseded_at) for one in store.merges([OTHER.id])] == [(merge(FIRM, OTHER), at)]


def test_merges_of_subjects_that_nobody_judged_or_knows_are_none(store: GraphStore) -> None:
    put(store, FIRM, OTHER, THIRD, merge(FIRM, OTHER))
    assert store.merges([THIRD.id, "uscc:nobody"]) == []
    assert store.merges([]) == []

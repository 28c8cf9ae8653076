"""Writing: idempotent upserts, conflicts, corrections, retractions, references, and what no store takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from graph.errors import BadFact
from graph.model import Kind, Link, LinkType, SealedId, Subject
from graph.store import GraphStore
from tests.contract.builders import (
    DIRECTOR,
    SHAREHOLDER,
    become,
    link,
    load,
    merge,
    naming,
    organisation,
    person,
    put,
    record,
    source,
)

FIRM, OTHER = organisation(1), organisation(2)
BOSS = person(1)
AFTER_ALL = datetime(9000, 1, 1, tzinfo=UTC)


def all_kinds() -> list[object]:
    debt = record(FIRM, decided_on=date(2024, 9, 2), amount=8_600_000, fields={"obligation": "金钱给付", "count": 3})
    court = source("court")
    return [
        FIRM,
        OTHER,
        BOSS,
        link(BOSS, DIRECTOR, FIRM, valid_from=date(2020, 1, 1), position="董事"),
        debt,
        naming(debt, BOSS, finding="负有个人责任", document="〔2024〕赣0402执12号"),
        merge(FIRM, OTHER),
        court,
        load(court, date(2025, 5, 31)),
    ]


def test_facts_of_every_kind_are_new_the_first_time(store: GraphStore) -> None:
    report = store.write(all_kinds())
    assert become(report) == ["new"] * 9
    assert report.recorded_at == store.last_instant()


def test_the_same_facts_again_are_unchanged_and_nothing_is_recorded(store: GraphStore) -> None:
    first = store.write(all_kinds())
    again = store.write(all_kinds())
    assert become(again) == ["unchanged"] * 9
    assert again.recorded_at is None
    assert store.last_instant() == first.recorded_at


def test_every_fact_comes_back_as_it_was_written(store: GraphStore) -> None:
    at = put(store, *all_kinds())
    assert {fact.id: fact for fact in store.facts(known_at=at)} == {fact.id: fact for fact in all_kinds()}


def test_an_empty_batch_writes_nothing(store: GraphStore) -> None:
    assert store.write([]).recorded_at is None
    assert store.last_instant() is None


def test_different_content_under_a_held_id_is_a_conflict_and_not_written(store: GraphStore) -> None:
    at = put(store, FIRM)
    report = store.write([replace(FIRM, name="九江换名有限公司")])
    assert become(report) == ["conflict"]
    assert report.recorded_at is None
    assert store.subject(FIRM.id, known_at=at) == FIRM


def test_a_correction_supersedes_what_was_held(store: GraphStore) -> None:
    put(store, FIRM)
    renamed = replace(FIRM, name="九江换名有限公司")
    report = store.write([renamed], correct=True)
    assert become(report) == ["corrected"]
    assert store.subject(FIRM.id, known_at=report.recorded_at or AFTER_ALL) == renamed


def test_a_correction_that_changes_nothing_is_unchanged(store: GraphStore) -> None:
    put(store, FIRM)
    assert become(store.write([FIRM], correct=True)) == ["unchanged"]


def test_a_new_seal_of_the_same_citizen_id_is_unchanged(store: GraphStore) -> None:
    put(store, BOSS)
    assert BOSS.citizen_id
    sealed_anew = SealedId(BOSS.citizen_id.digest, BOSS.citizen_id.mask, b"another nonce")
    assert become(store.write([replace(BOSS, citizen_id=sealed_anew)])) == ["unchanged"]


def test_a_seal_comes_back_with_its_ciphertext(store: GraphStore) -> None:
    at = put(store, BOSS)
    found = store.subject(BOSS.id, known_at=at)
    assert found
    assert found.citizen_id
    assert found.citizen_id.ciphertext == b"sealed"


def test_a_truth_value_is_not_the_number_one(store: GraphStore) -> None:
    put(store, FIRM, record(FIRM, fields={"paid": True}))
    assert become(store.write([record(FIRM, fields={"paid": 1})])) == ["conflict"]


def test_one_batch_holds_some_new_some_unchanged_and_some_conflicts(store: GraphStore) -> None:
    put(store, FIRM, OTHER)
    report = store.write([FIRM, replace(OTHER, name="改名"), BOSS])
    assert become(report) == ["unchanged", "conflict", "new"]


def test_the_same_fact_twice_in_a_batch_is_written_once(store: GraphStore) -> None:
    assert become(store.write([FIRM, FIRM])) == ["new", "unchanged"]
    assert len(store.history(FIRM.id)) == 1


@pytest.mark.parametrize("correct", [False, True])
def test_two_contents_of_one_id_in_a_batch_conflict_since_an_instant_holds_one(
    store: GraphStore, correct: bool
) -> None:
    report = store.write([FIRM, replace(FIRM, name="另一名")], correct=correct)
    assert become(report) == ["new", "conflict"]
    assert [version.fact for version in store.history(FIRM.id)] == [FIRM]


def test_an_id_of_one_kind_of_fact_is_not_given_to_another(store: GraphStore) -> None:
    put(store, FIRM, BOSS)
    stolen = Link(id=FIRM.id, type=DIRECTOR, holder=BOSS.id, organisation=FIRM.id)
    assert become(store.write([stolen], correct=True)) == ["conflict"]


def test_a_link_before_its_subject_is_refused(store: GraphStore) -> None:
    put(store, FIRM)
    assert become(store.write([link(BOSS, DIRECTOR, FIRM)])) == ["unknown_reference"]
    assert become(store.write([link(BOSS, DIRECTOR, FIRM), BOSS])) == ["unknown_reference", "new"]


def test_a_record_before_its_subject_is_refused(store: GraphStore) -> None:
    assert become(store.write([record(FIRM)])) == ["unknown_reference"]


def test_a_naming_needs_its_record_and_its_person(store: GraphStore) -> None:
    put(store, FIRM, BOSS)
    debt = record(FIRM)
    assert become(store.write([naming(debt, BOSS)])) == ["unknown_reference"]
    assert become(store.write([debt, naming(debt, person(9))])) == ["new", "unknown_reference"]
    assert become(store.write([naming(debt, BOSS)])) == ["new"]


def test_a_merge_and_a_load_need_what_they_name(store: GraphStore) -> None:
    put(store, FIRM)
    unknown = [merge(FIRM, OTHER), load(source("court"), date(2025, 5, 31))]
    assert become(store.write(unknown)) == ["unknown_reference"] * 2


def test_what_refers_to_a_refused_fact_is_refused_too(store: GraphStore) -> None:
    put(store, BOSS)
    debt = record(FIRM)
    assert become(store.write([debt, naming(debt, BOSS)])) == ["unknown_reference"] * 2


def test_a_reference_of_the_wrong_kind_is_unknown(store: GraphStore) -> None:
    put(store, FIRM, record(FIRM))
    strange = replace(record(OTHER), subject=record(FIRM).id)
    assert become(store.write([strange])) == ["unknown_reference"]


def test_facts_may_refer_to_earlier_ones_of_their_batch(store: GraphStore) -> None:
    assert become(store.write([FIRM, BOSS, link(BOSS, DIRECTOR, FIRM)])) == ["new"] * 3


def test_the_provenance_of_a_fact_is_a_text_and_no_reference(store: GraphStore) -> None:
    at = put(store, replace(FIRM, source="register/2025-05/row 17"))
    found = store.subject(FIRM.id, known_at=at)
    assert found
    assert found.source == "register/2025-05/row 17"


def test_a_retracted_fact_ends_without_a_successor(store: GraphStore) -> None:
    before = put(store, FIRM, record(FIRM))
    report = store.retract([record(FIRM).id])
    assert become(report) == ["corrected"]
    assert report.recorded_at is not None
    assert record(FIRM) in list(store.facts(known_at=before))
    assert record(FIRM) not in list(store.facts(known_at=report.recorded_at))


def test_retracting_what_is_not_held_changes_nothing(store: GraphStore) -> None:
    put(store, FIRM)
    store.retract([FIRM.id])
    report = store.retract([FIRM.id, "record:nobody"])
    assert become(report) == ["unknown_reference"] * 2
    assert report.recorded_at is None


def test_a_fact_named_twice_in_one_retraction_ends_once(store: GraphStore) -> None:
    put(store, FIRM)
    assert become(store.retract([FIRM.id, FIRM.id])) == ["corrected", "unchanged"]
    assert len(store.history(FIRM.id)) == 1


def test_a_retracted_fact_may_be_written_again(store: GraphStore) -> None:
    put(store, FIRM)
    store.retract([FIRM.id])
    assert become(store.write([FIRM])) == ["new"]
    assert len(store.history(FIRM.id)) == 2


def test_a_retracted_subject_is_no_longer_referred_to(store: GraphStore) -> None:
    put(store, FIRM)
    store.retract([FIRM.id])
    assert become(store.write([record(FIRM)])) == ["unknown_reference"]


def test_one_bad_fact_keeps_the_whole_batch_out(store: GraphStore) -> None:
    bad = link(BOSS, SHAREHOLDER, FIRM, share=1.2)
    with pytest.raises(BadFact, match="outside"):
        store.write([FIRM, BOSS, bad])
    assert store.last_instant() is None
    assert store.subject(FIRM.id, known_at=AFTER_ALL) is None


def test_an_organisation_does_not_hold_itself(store: GraphStore) -> None:
    with pytest.raises(BadFact, match="itself"):
        store.write([FIRM, link(FIRM, SHAREHOLDER, FIRM)])


@pytest.mark.parametrize("type", [LinkType.MANAGES, LinkType.BRANCH_OF])
def test_a_person_neither_manages_nor_branches_as_an_organisation_does(store: GraphStore, type: LinkType) -> None:
    put(store, FIRM, BOSS)
    with pytest.raises(BadFact, match="natural person"):
        store.write([link(BOSS, type, FIRM)])


def test_nobody_holds_an_office_in_a_person(store: GraphStore) -> None:
    with pytest.raises(BadFact, match="natural person"):
        store.write([BOSS, FIRM, link(FIRM, SHAREHOLDER, BOSS)])
    assert store.last_instant() is None


def test_a_person_is_not_merged_with_an_organisation(store: GraphStore) -> None:
    put(store, FIRM, BOSS)
    with pytest.raises(BadFact, match="merged"):
        store.write([merge(FIRM, BOSS)])


def test_circular_holdings_are_legal(store: GraphStore) -> None:
    circle = [FIRM, OTHER, link(FIRM, SHAREHOLDER, OTHER, share=0.6), link(OTHER, SHAREHOLDER, FIRM, share=0.3)]
    assert become(store.write(circle)) == ["new"] * 4


def test_a_large_batch_is_written_at_one_instant(store: GraphStore) -> None:
    firms = [organisation(n) for n in range(1500)]
    links = [link(a, SHAREHOLDER, b, share=0.5) for a, b in pairwise(firms)]
    report = store.write([*firms, *links])
    assert set(become(report)) == {"new"}
    assert report.recorded_at
    stats = store.stats(known_at=report.recorded_at)
    assert stats["subjects"] == {"enterprise": 1500}
    assert stats["links"] == {"shareholder": 1499}
    assert store.history(firms[-1].id)[0].recorded_at == report.recorded_at


@pytest.mark.parametrize("name", ["龘𠮷野家（上海）有限公司", "Ünïcode & Söhne 'GmbH' \"x\"", "a\tb\\c;--", "🏭工厂"])
def test_names_of_any_script_come_back_as_written(store: GraphStore, name: str) -> None:
    at = put(store, organisation(1, name), record(organisation(1), fields={name: name}))
    found = store.subject(organisation(1).id, known_at=at)
    assert found
    assert found.name == name


def test_kinds_of_subjects_are_kept(store: GraphStore) -> None:
    subjects = [organisation(n, kind=kind) for n, kind in enumerate(Kind) if kind is not Kind.NATURAL_PERSON]
    at = put(store, *subjects, BOSS)
    assert [store.subject(s.id, known_at=at) for s in (*subjects, BOSS)] == [*subjects, BOSS]


def test_a_subject_may_have_several_identifiers_and_every_detail(store: GraphStore) -> None:
    rich = Subject(
        id="lei:529900T8BM49AURSDO55",
        kind=Kind.ENTERPRISE,
        name="Example",
        identifiers={"lei": "529900T8BM49AURSDO55", "registration_number": "110108000000016"},
        region="360400",
        established_on=date(1999, 12, 31),
        source="lei/golden-copy",
    )
    at = put(store, rich)
    assert store.subject(rich.id, known_at=at) == rich

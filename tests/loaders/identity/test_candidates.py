"""Candidates: who may be whom, with the reasons. Proposed, never applied."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest

from graph.model import Kind, LinkType, Subject
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from loaders.identity.candidates import LARGEST, Candidate, candidates
from loaders.identity.history import UnknownSubject
from loaders.identity.judgements import merge, unmerge
from tests.contract.builders import DIRECTOR, LEGAL_REPRESENTATIVE, link, organisation, person, put, record, stub
from tests.contract.builders import naming as named_by

FIRM, OTHER, THIRD = organisation(1), organisation(2), organisation(3)
BOSS = person(1)
HERE, THERE = stub(FIRM, BOSS.name), stub(OTHER, BOSS.name)
SAID: dict[str, Any] = {"by": "归集人员甲", "reason": "身份证件核验"}


def pairs(store: GraphStore, **asked: Any) -> set[frozenset[str]]:
    return {frozenset((one.left, one.right)) for one in candidates(store, **asked).candidates}


def pair(one: Subject, other: Subject) -> frozenset[str]:
    return frozenset((one.id, other.id))


def only(store: GraphStore, **asked: Any) -> Candidate:
    (found,) = candidates(store, **asked).candidates
    return found


def reasons(store: GraphStore, **asked: Any) -> list[str]:
    return [one.says for one in only(store, **asked).evidence if one.bits > 0]


def same_firm(store: GraphStore, one: Subject, other: Subject, *more: Any) -> None:
    """Both hold an office of the firm, each by its own source."""
    offices = [
        link(one, LEGAL_REPRESENTATIVE, FIRM, source="registry"),
        link(other, DIRECTOR, FIRM, key="other", source="court"),
    ]
    put(store, FIRM, one, other, *more, *offices)


# --- persons ----------------------------------------------------------------------------------------------------------
def test_a_head_known_by_name_may_be_the_person_another_source_identifies(store: GraphStore) -> None:
    same_firm(store, HERE, BOSS)
    found = only(store)
    assert {found.left, found.right} == {HERE.id, BOSS.id}
    assert found.names == (BOSS.name, BOSS.name)
    assert reasons(store) == ["same name", "shares 1 organisation"]
    assert 0.8 <= found.score < 1


@pytest.mark.parametrize("name", ["程立羣", "程 立 群", "程立裙", "CHENG Liqun", "Liqun Cheng"])
def test_a_name_written_otherwise_is_the_same_name(embedded: SqliteStore, name: str) -> None:
    same_firm(embedded, stub(FIRM, name), BOSS)
    assert pairs(embedded) == {pair(stub(FIRM, name), BOSS)}


def test_a_name_alone_proves_nothing(embedded: SqliteStore) -> None:
    put(embedded, FIRM, OTHER, HERE, THERE, BOSS, link(HERE, DIRECTOR, FIRM), link(THERE, DIRECTOR, OTHER))
    assert pairs(embedded, min_score=0.0) == set()


def test_a_name_and_a_birth_year_are_shown_only_to_those_who_look_lower(embedded: SqliteStore) -> None:
    born = [replace(one, fields={"birth_year": 1979}) for one in (BOSS, HERE)]
    put(embedded, *born)
    assert pairs(embedded) == set()
    assert reasons(embedded, min_score=0.1) == ["same name", "same birth year"]


def test_a_name_a_birth_year_and_a_prefecture_are_proposed(embedded: SqliteStore) -> None:
    born: dict[str, Any] = {"fields": {"birth_year": 1979}, "region": "360402"}
    put(embedded, replace(BOSS, **born), replace(HERE, **{**born, "region": "360403"}))
    assert reasons(embedded) == ["same name", "same birth year", "same prefecture"]


def test_siblings_who_work_together_are_two(embedded: SqliteStore) -> None:
    brother = stub(FIRM, "程立军")
    offices = [link(one, LinkType.SHAREHOLDER, other) for one in (brother, BOSS) for other in (FIRM, OTHER, THIRD)]
    put(embedded, FIRM, OTHER, THIRD, BOSS, brother, *offices)
    assert pairs(embedded, min_score=0.0) == set()


def test_two_whom_one_source_lists_side_by_side_are_two(embedded: SqliteStore) -> None:
    twin = stub(FIRM, "程丽群")
    put(embedded, FIRM, BOSS, twin, *(link(one, DIRECTOR, FIRM, source="registry") for one in (BOSS, twin)))
    assert pairs(embedded) == set()


def test_another_birth_year_speaks_against(embedded: SqliteStore) -> None:
    same_firm(embedded, replace(HERE, fields={"birth_year": 1955}), replace(BOSS, fields={"birth_year": 1979}))
    assert pairs(embedded) == set()


def test_namesakes_of_linked_companies_may_be_one(store: GraphStore) -> None:
    owns = link(FIRM, LinkType.SHAREHOLDER, OTHER)
    put(store, FIRM, OTHER, HERE, THERE, owns, link(HERE, DIRECTOR, FIRM), link(THERE, DIRECTOR, OTHER))
    assert reasons(store) == ["same name", "their organisations are linked"]


def test_two_pairs_of_namesakes_at_two_companies_may_be_one_each(embedded: SqliteStore) -> None:
    """Three names stand in both companies: each has two companions."""
    names = (BOSS.name, "邵敬安", "赵德柱")
    people = [stub(firm, name) for firm in (FIRM, OTHER) for name in names]
    offices = [link(stub(firm, name), DIRECTOR, firm) for firm in (FIRM, OTHER) for name in names]
    put(embedded, FIRM, OTHER, *people, *offices)
    assert pairs(embedded) == {pair(stub(FIRM, name), stub(OTHER, name)) for name in names}


def test_somebody_named_in_a_penalty_is_joined_to_the_company(embedded: SqliteStore) -> None:
    fine = record(FIRM)
    put(embedded, FIRM, BOSS, HERE, fine, link(BOSS, DIRECTOR, FIRM), named_by(fine, HERE))
    assert pairs(embedded) == {pair(BOSS, HERE)}


# --- organisations ----------------------------------------------------------------------------------------------------
def source_only(number: int, name: str, **more: Any) -> Subject:
    return Subject(f"foreign:{number}", Kind.ENTERPRISE, name, {"foreign": str(number)}, **more)


def test_a_shared_identifier_is_enough_whatever_the_names(store: GraphStore) -> None:
    number = {"registration_number": "110108000000016"}
    before = source_only(7, "旧名商行")
    put(
        store,
        replace(FIRM, identifiers={**FIRM.identifiers, **number}),
        replace(before, identifiers={**before.identifiers, **number}),
    )
    assert reasons(store) == ["same registration_number"]


def test_two_credit_codes_are_two_companies(embedded: SqliteStore) -> None:
    same = {"region": "360402", "established_on": date(2001, 3, 4)}
    put(embedded, replace(FIRM, **same), replace(OTHER, name=FIRM.name, **same))
    assert pairs(embedded, min_score=0.0) == set()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"region": "360402"}, "same county"),
        ({"established_on": date(2001, 3, 4)}, "established on the same day"),
    ],
)
def test_the_same_name_in_one_county_or_of_one_day_may_be_one(embedded: SqliteStore, more: Any, why: str) -> None:
    put(embedded, replace(FIRM, **more), source_only(7, FIRM.name.replace("贸", "貿"), **more))
    assert reasons(embedded) == ["same name", why]


def test_a_company_with_its_heads_name_may_be_one(embedded: SqliteStore) -> None:
    other = source_only(7, FIRM.name)
    head = stub(other, HERE.name)
    offices = [link(HERE, LEGAL_REPRESENTATIVE, FIRM), link(head, LEGAL_REPRESENTATIVE, other)]
    put(embedded, FIRM, other, HERE, head, *offices)
    assert pair(FIRM, other) in pairs(embedded)


@pytest.mark.parametrize(("one", "other"), [("第一分公司", "第二分公司"), ("柏川商贸", "柏舟商贸")])
def test_branches_and_sister_companies_are_two(embedded: SqliteStore, one: str, other: str) -> None:
    same: dict[str, Any] = {"region": "360402", "established_on": date(2001, 3, 4)}
    left, right = source_only(7, f"九江{one}", **same), organisation(1, f"九江{other}", **same)
    put(embedded, left, right, HERE, link(HERE, LEGAL_REPRESENTATIVE, left), link(HERE, LEGAL_REPRESENTATIVE, right))
    assert pairs(embedded, min_score=0.0) == set()


def test_a_name_that_many_bear_needs_more(embedded: SqliteStore) -> None:
    """The real register has one name for 262 companies."""
    county = {"region": "360402"}
    put(embedded, *(organisation(n, FIRM.name) for n in range(2, 264)))
    put(embedded, replace(FIRM, **county), source_only(7, FIRM.name, **county))
    found = only(embedded, min_score=0.01)
    assert found.score < 0.2
    assert "which 264 bear here" in found.evidence[1].says


# --- what was judged --------------------------------------------------------------------------------------------------
def test_what_is_one_is_not_proposed_again_and_stands_for_its_members(store: GraphStore) -> None:
    same_firm(store, HERE, BOSS)
    merge(store, HERE.id, BOSS.id, **SAID)
    assert pairs(store) == set()
    stranger = replace(person(2), name="程立羣")
    put(store, stranger, link(stranger, DIRECTOR, FIRM, source="tax"))
    assert pairs(store) == set(), "two citizen IDs are two, through the one known by name too"


def test_what_was_judged_to_be_two_is_not_proposed_again(store: GraphStore) -> None:
    same_firm(store, HERE, BOSS)
    merge(store, HERE.id, BOSS.id, **SAID)
    unmerge(store, HERE.id, BOSS.id, **SAID)
    assert pairs(store) == set()


def test_candidates_change_nothing(store: GraphStore) -> None:
    same_firm(store, HERE, BOSS)
    at = store.last_instant()
    assert at

    def digest() -> str:
        return hashlib.sha256("\n".join(map(repr, store.facts(known_at=at))).encode()).hexdigest()

    before = digest()
    assert candidates(store).found == 1
    assert (digest(), store.last_instant()) == (before, at)


# --- how many, of whom ------------------------------------------------------------------------------------------------
def test_candidates_of_one_subject_are_those_of_the_whole_that_name_it(embedded: SqliteStore) -> None:
    heads = [stub(organisation(n), BOSS.name) for n in (1, 2)]
    people = [person(n) for n in (1, 2)]
    offices = [
        link(one, DIRECTOR, organisation(n + 1), key=str(n), source=f"{n}{one.id}")
        for n in (0, 1)
        for one in (heads[n], people[n])
    ]
    put(embedded, FIRM, OTHER, *heads, *people, *offices)
    whole = pairs(embedded)
    assert whole == {pair(heads[0], people[0]), pair(heads[1], people[1])}
    assert pairs(embedded, subject_id=heads[0].id) == {pair(heads[0], people[0])}
    with pytest.raises(UnknownSubject):
        candidates(embedded, subject_id="named:nobody")


def test_the_likeliest_come_first_and_the_rest_are_counted(embedded: SqliteStore) -> None:
    people = [replace(person(n), citizen_id=None, identifiers={f"s{n}": "1"}) for n in range(1, 4)]
    offices = [link(one, DIRECTOR, FIRM, key=one.id, source=one.id) for one in people]
    put(embedded, FIRM, OTHER, *people, *offices, *(link(one, DIRECTOR, OTHER, key=one.id) for one in people[:2]))
    proposals = candidates(embedded, limit=1)
    assert proposals.found == len(list(combinations(people, 2)))
    assert {proposals.candidates[0].left, proposals.candidates[0].right} == {one.id for one in people[:2]}
    assert "shares 2 organisations" in [one.says for one in proposals.candidates[0].evidence]


def test_a_hub_is_left_out_and_said(embedded: SqliteStore) -> None:
    people = [replace(person(n), citizen_id=None, identifiers={f"s{n}": "1"}) for n in range(LARGEST + 1)]
    put(embedded, FIRM, *people, *(link(one, DIRECTOR, FIRM, key=one.id, source=one.id) for one in people))
    proposals = candidates(embedded)
    assert proposals.found == 0
    assert proposals.hubs["organisation and surname"] == 1


def test_an_empty_store_has_none(embedded: SqliteStore) -> None:
    assert candidates(embedded).candidates == ()

"""Finding subjects: by identifier, and organisations by their names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from graph.model import Kind, Subject
from graph.store import GraphStore
from tests.contract.builders import credit_code, merge, organisation, person, put

COPPER = organisation(1, "九江柏川商贸有限公司")
STONE = organisation(2, "江西澜石建材有限公司")
BRANCH = organisation(3, "九江柏川商贸有限公司瑞昌分公司")
FOREIGN = Subject(
    "lei:529900T8BM49AURSDO55", Kind.ENTERPRISE, "Example Trading (HK) Ltd", {"lei": "529900T8BM49AURSDO55"}
)
BOSS = person(1, "柏川")


@pytest.fixture
def known_at(store: GraphStore) -> datetime:
    return put(store, COPPER, STONE, BRANCH, FOREIGN, BOSS)


def found(store: GraphStore, text: str, known_at: datetime, limit: int = 20) -> list[str]:
    return [subject.id for subject in store.search(text, known_at=known_at, limit=limit)]


def test_an_identifier_finds_the_one_subject_that_holds_it(store: GraphStore, known_at: datetime) -> None:
    assert store.find("uscc", credit_code(1), known_at=known_at) == [COPPER]
    assert store.find("lei", "529900T8BM49AURSDO55", known_at=known_at) == [FOREIGN]


def test_an_identifier_that_nobody_holds_finds_nobody(store: GraphStore, known_at: datetime) -> None:
    assert store.find("uscc", credit_code(99), known_at=known_at) == []
    assert store.find("lei", credit_code(1), known_at=known_at) == []


def test_the_digest_of_a_citizen_id_finds_the_person(store: GraphStore, known_at: datetime) -> None:
    assert BOSS.citizen_id
    assert store.find("citizen_id", BOSS.citizen_id.digest, known_at=known_at) == [BOSS]


def test_two_subjects_with_one_identifier_are_both_found_by_id(store: GraphStore) -> None:
    shared = {"registration_number": "3604001000123"}
    twins = [replace(organisation(n), identifiers=shared) for n in (1, 2)]
    at = put(store, *twins)
    assert store.find("registration_number", "3604001000123", known_at=at) == sorted(twins, key=lambda s: s.id)


def test_find_looks_at_the_version_known_then(store: GraphStore, known_at: datetime) -> None:
    moved = replace(COPPER, identifiers={"uscc": credit_code(50)})
    later = put(store, moved, correct=True)
    assert store.find("uscc", credit_code(1), known_at=known_at) == [COPPER]
    assert store.find("uscc", credit_code(1), known_at=later) == []
    assert store.find("uscc", credit_code(50), known_at=later) == [moved]


@pytest.mark.parametrize("text", ["柏川", "川", "商贸", "有限公司瑞昌", "九江柏川商贸有限公司"])
def test_chinese_text_of_one_character_and_more_is_found(store: GraphStore, known_at: datetime, text: str) -> None:
    assert BRANCH.id in found(store, text, known_at)


def test_two_characters_are_found_together_only(store: GraphStore, known_at: datetime) -> None:
    assert found(store, "柏商", known_at) == []
    assert found(store, "川柏", known_at) == []


def test_persons_are_never_found_by_search(store: GraphStore, known_at: datetime) -> None:
    assert BOSS.id not in found(store, "柏川", known_at)
    assert BOSS.id not in found(store, BOSS.name, known_at)


def test_exact_matches_come_first_then_prefixes_then_the_rest(store: GraphStore, known_at: datetime) -> None:
    inner = organisation(0, "瑞昌九江柏川商贸有限公司")
    at = put(store, inner)
    assert found(store, COPPER.name, at) == [COPPER.id, BRANCH.id, inner.id]
    assert inner.id == min(COPPER.id, BRANCH.id, inner.id)


def test_matches_of_one_rank_come_by_id(store: GraphStore) -> None:
    at = put(store, *(organisation(n, f"庐山{n}号茶行") for n in (5, 3, 4, 1, 2)))
    assert found(store, "庐山", at) == sorted(organisation(n).id for n in range(1, 6))
    assert found(store, "茶行", at) == sorted(organisation(n).id for n in range(1, 6))


def test_the_limit_cuts_after_ranking(store: GraphStore, known_at: datetime) -> None:
    assert found(store, "九江柏川商贸有限公司", known_at, limit=1) == [COPPER.id]
    assert found(store, "有限公司", known_at, limit=2) == sorted([COPPER.id, STONE.id, BRANCH.id])[:2]


def test_full_width_digits_and_spaces_make_no_difference(store: GraphStore, known_at: datetime) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in credit_code(1))
    assert found(store, wide, known_at) == [COPPER.id]
    assert found(store, " 柏 川 ", known_at) == found(store, "柏川", known_at)
    assert found(store, "Example Trading （ＨＫ）", known_at) == [FOREIGN.id]


def test_latin_names_are_found_whatever_the_case(store: GraphStore, known_at: datetime) -> None:
    assert found(store, "example trading", known_at) == [FOREIGN.id]
    assert found(store, "TRADING", known_at) == [FOREIGN.id]


def test_the_beginning_of_an_identifier_finds_its_holders(store: GraphStore, known_at: datetime) -> None:
    assert found(store, "91360400MA", known_at) == sorted([COPPER.id, STONE.id, BRANCH.id])
    assert found(store, credit_code(2), known_at) == [STONE.id]


@pytest.mark.parametrize(
    "text", ["", "   ", '"', "*", "柏川*", "NEAR(", "a OR b", "%", "_", "'; DROP TABLE subject", "~", "\\", "AND"]
)
def test_no_text_breaks_the_search(store: GraphStore, known_at: datetime, text: str) -> None:
    assert found(store, text, known_at) == []


def test_a_former_name_finds_nothing_once_it_is_superseded(store: GraphStore, known_at: datetime) -> None:
    renamed = replace(STONE, name="江西新石建材有限公司")
    later = put(store, renamed, correct=True)
    assert found(store, "澜石", later) == []
    assert found(store, "新石", later) == [STONE.id]
    assert found(store, "澜石", known_at) == [STONE.id]


def test_a_merged_subject_is_found_once_by_either_name(store: GraphStore, known_at: datetime) -> None:
    at = put(store, merge(COPPER, STONE))
    for text in ("柏川商贸有限公司", "澜石"):
        assert found(store, text, at)[0] == COPPER.id
    assert found(store, "有限公司", at) == sorted([COPPER.id, BRANCH.id])


def test_a_merged_subject_ranks_by_its_best_name(store: GraphStore, known_at: datetime) -> None:
    rival = organisation(0, f"{COPPER.name}湖口分公司")
    assert rival.id < COPPER.id
    at = put(store, rival, merge(COPPER, BRANCH))
    assert found(store, COPPER.name, at) == [COPPER.id, rival.id]
    at = put(store, organisation(7, "庐山云雾"), merge(organisation(7), rival))
    assert found(store, "庐山云雾", at) == [rival.id]


def test_rare_characters_are_found(store: GraphStore) -> None:
    at = put(store, organisation(1, "龘𠮷饭店"))
    for text in ("𠮷", "𠮷饭", "龘"):
        assert found(store, text, at) == [organisation(1).id]

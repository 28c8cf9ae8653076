"""Rows of a batch: written whole or not at all, and settled where contents differ."""

from __future__ import annotations

from dataclasses import replace

from graph.model import Fact, Subject
from graph.store import GraphStore, Written
from tests.contract.builders import DIRECTOR, become, link, organisation, person

FIRM, OTHER, THIRD = organisation(1), organisation(2), organisation(3)
BOSS = person(1)


def held(store: GraphStore) -> set[str]:
    last = store.last_instant()
    return {fact.id for fact in store.facts(known_at=last)} if last else set()


def test_a_row_with_a_conflict_is_not_written_and_the_rows_around_it_are(store: GraphStore) -> None:
    store.write([FIRM])
    facts: list[Fact] = [OTHER, BOSS, replace(FIRM, name="另一名称"), link(BOSS, DIRECTOR, FIRM), THIRD]
    report = store.write(facts, rows=[1, 2, 2, 2, 3])
    assert become(report) == ["new", "held_back", "conflict", "held_back", "new"]
    assert held(store) == {FIRM.id, OTHER.id, THIRD.id}


def test_what_a_row_would_have_brought_is_unknown_to_the_next(store: GraphStore) -> None:
    facts: list[Fact] = [FIRM, link(BOSS, DIRECTOR, FIRM), BOSS, link(BOSS, DIRECTOR, FIRM), FIRM]
    assert become(store.write(facts, rows=[1, 1, 2, 2, 3])) == [
        "held_back",
        "unknown_reference",
        "held_back",
        "unknown_reference",
        "new",
    ]
    assert held(store) == {FIRM.id}


def test_a_correction_is_taken_back_with_its_row(store: GraphStore) -> None:
    store.write([FIRM])
    renamed = replace(FIRM, name="另一名称")
    report = store.write([renamed, link(BOSS, DIRECTOR, FIRM), FIRM], rows=[1, 1, 2], correct=True)
    assert become(report) == ["held_back", "unknown_reference", "unchanged"]
    assert [version.fact for version in store.history(FIRM.id)] == [FIRM]


def test_a_retracted_fact_comes_back_with_its_row_only(store: GraphStore) -> None:
    store.write([FIRM, BOSS])
    store.retract([FIRM.id])
    assert become(store.write([FIRM, link(BOSS, DIRECTOR, THIRD)], rows=[1, 1])) == ["held_back", "unknown_reference"]
    assert held(store) == {BOSS.id}
    assert become(store.write([FIRM, link(BOSS, DIRECTOR, FIRM)], rows=[1, 1])) == ["new", "new"]


def test_where_contents_differ_what_is_settled_stands(store: GraphStore) -> None:
    store.write([FIRM, OTHER, THIRD])
    offered = [replace(one, name="另一名称") for one in (FIRM, OTHER, THIRD)]
    asked: list[Fact] = []

    def settle(place: int, current: Fact) -> Fact | None:
        asked.append(current)
        return {0: current, 1: replace(offered[1], region="360400"), 2: None}[place]

    report = store.write(offered, settle=settle)
    assert report.results == (Written.UNCHANGED, Written.CORRECTED, Written.CONFLICT)
    assert asked == [FIRM, OTHER, THIRD]
    found = {fact.id: fact for fact in store.facts(known_at=report.recorded_at) if isinstance(fact, Subject)}  # type: ignore[arg-type]
    assert found == {FIRM.id: FIRM, OTHER.id: replace(offered[1], region="360400"), THIRD.id: THIRD}


def test_a_batch_writes_one_version_of_a_fact(store: GraphStore) -> None:
    first, second = (replace(FIRM, name=name) for name in ("第一名称", "第二名称"))
    assert become(store.write([first, second, second], settle=lambda place, held: (second, held)[place - 1])) == [
        "new",
        "conflict",
        "unchanged",
    ]


def test_what_is_settled_keeps_the_sealed_number_of_a_person(store: GraphStore) -> None:
    store.write([BOSS])
    [before] = store.history(BOSS.id)
    assert isinstance(before.fact, Subject)
    store.write([replace(BOSS, name="另一名")], settle=lambda _, held: replace(held, region="360400"))  # type: ignore[arg-type]
    after = store.history(BOSS.id)[-1].fact
    assert isinstance(after, Subject)
    assert (after.region, after.citizen_id) == ("360400", before.fact.citizen_id)
    assert after.citizen_id is None or after.citizen_id.ciphertext == before.fact.citizen_id.ciphertext  # type: ignore[union-attr]

"""Reading it all: facts in order, counts, sources and loads, and a store that was closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice

import pytest

from graph.errors import Unavailable
from graph.model import Kind, LinkType
from graph.store import GraphStore
from tests.contract.builders import (
    DIRECTOR,
    LISTED,
    OTHER_LIST,
    become,
    ids,
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

FIRM, OTHER, BOSS = organisation(1), organisation(2), person(1)
COURT = source("court")


def test_facts_come_in_the_order_of_kind_and_id(store: GraphStore) -> None:
    debts = [record(FIRM, key=str(n)) for n in range(5)]
    subjects = [FIRM, OTHER, BOSS]
    rest = [link(BOSS, DIRECTOR, FIRM), *debts, naming(debts[0], BOSS), merge(FIRM, OTHER), COURT]
    last = load(COURT, date(2025, 5, 31))
    at = put(store, *subjects, *rest, last)
    in_order = [fact.id for fact in store.facts(known_at=at)]
    assert in_order == [
        *sorted(ids(subjects)),
        rest[0].id,
        *sorted(ids(debts)),
        *[fact.id for fact in (*rest[-3:], last)],
    ]


def test_the_records_of_a_subject_are_all_of_its_cluster_as_known(store: GraphStore) -> None:
    mine, annulled = record(FIRM, key="1"), record(FIRM, OTHER_LIST, key="2", annulled=True)
    others = record(OTHER, key="3")
    before = put(store, FIRM, OTHER, BOSS, mine, annulled, others)
    assert store.records(FIRM.id, known_at=before) == sorted([mine, annulled], key=lambda one: one.id)
    assert store.records(BOSS.id, known_at=before) == store.records("uscc:nobody", known_at=before) == []
    merged = put(store, merge(FIRM, OTHER))
    everything = [replace(one, subject=min(FIRM.id, OTHER.id)) for one in (mine, annulled, others)]
    for end in (FIRM, OTHER):
        assert store.records(end.id, known_at=merged) == sorted(everything, key=lambda one: one.id)
    assert store.records(OTHER.id, known_at=before) == [others]
    store.retract([mine.id])
    last = store.last_instant()
    assert last
    assert mine.id not in ids(store.records(FIRM.id, known_at=last))


def test_facts_of_one_store_make_another_alike(store: GraphStore) -> None:
    """What is read can be written back: everything that a fact refers to comes before it."""
    facts = [FIRM, OTHER, BOSS, link(BOSS, DIRECTOR, FIRM), record(FIRM), naming(record(FIRM), BOSS), COURT]
    at = put(store, *facts, merge(FIRM, OTHER), load(COURT, date(2025, 5, 31)))
    assert set(become(store.write(list(store.facts(known_at=at))))) == {"unchanged"}
    seen: set[str] = set()
    for fact in store.facts(known_at=at):
        named = [getattr(fact, end, None) for end in ("holder", "organisation", "subject", "record", "person", "left")]
        assert seen.issuperset(filter(None, named))
        seen.add(fact.id)


def test_reading_facts_may_stop_halfway_and_writing_go_on(store: GraphStore) -> None:
    at = put(store, *(organisation(n) for n in range(200)))
    begun = store.facts(known_at=at)
    assert len(list(islice(begun, 3))) == 3
    put(store, BOSS)
    assert len(list(begun)) == 197


def test_stats_count_subjects_by_kind_links_by_type_and_records_by_list(store: GraphStore) -> None:
    organ = organisation(3, kind=Kind.GOVERNMENT_ORGAN)
    links = [link(BOSS, DIRECTOR, FIRM), link(BOSS, DIRECTOR, OTHER), link(FIRM, LinkType.MANAGES, OTHER)]
    at = put(store, FIRM, OTHER, organ, BOSS, *links, record(FIRM), record(OTHER), record(FIRM, OTHER_LIST))
    stats = store.stats(known_at=at)
    assert dict(stats["subjects"]) == {"enterprise": 2, "government_organ": 1, "natural_person": 1}
    assert dict(stats["links"]) == {"director": 2, "manages": 1}
    assert dict(stats["records"]) == {LISTED: 2, OTHER_LIST: 1}


def test_stats_count_what_was_known_then(store: GraphStore) -> None:
    before = put(store, FIRM, record(FIRM))
    after = store.retract([record(FIRM).id]).recorded_at
    assert after
    assert dict(store.stats(known_at=before)["records"]) == {LISTED: 1}
    assert dict(store.stats(known_at=after)["records"]) == {}


def test_an_empty_store_counts_nothing(store: GraphStore) -> None:
    stats = store.stats(known_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert {name: dict(counts) for name, counts in stats.items()} == {"subjects": {}, "links": {}, "records": {}}


def test_a_source_keeps_what_it_declares(store: GraphStore) -> None:
    tax = source("tax", OTHER_LIST, LISTED, cadence="P1M", territory="360400")
    at = put(store, tax)
    assert list(store.facts(known_at=at)) == [tax]


def test_what_else_a_source_says_is_kept_and_compared(store: GraphStore) -> None:
    boss = replace(BOSS, fields={"birth_year": 1949, "alias": "老程"})
    board = replace(link(boss, DIRECTOR, FIRM), fields={"appointed_by": "股东会", "independent": True})
    at = put(store, FIRM, boss, board)
    assert list(store.facts(known_at=at)) == [*sorted([FIRM, boss], key=lambda subject: subject.id), board]
    assert become(store.write([boss, board])) == ["unchanged", "unchanged"]
    assert become(store.write([BOSS, replace(board, fields={})])) == ["conflict", "conflict"]


def test_a_closed_store_says_so(store: GraphStore) -> None:
    put(store, FIRM)
    store.close()
    with pytest.raises(Unavailable):
        store.last_instant()


def test_closing_twice_does_no_harm(store: GraphStore) -> None:
    store.close()
    store.close()

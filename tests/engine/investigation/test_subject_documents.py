"""What is held of one subject: names, records and sources as they were known, on the day that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import BadQuestion
from engine.investigation.document import SubjectDocument
from engine.investigation.question import SubjectQuestion
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from tests.contract.builders import (
    LISTED,
    OTHER_LIST,
    TODAY,
    load,
    merge,
    organisation,
    person,
    put,
    record,
    source,
)
from tests.engine.investigation.questions import Asking

SAYS = {"b": 2**53 - 1, "a": 2**53, "c": -(2**53), "d": "文本", "e": True}
COURT = source("court", LISTED)
FIRM = organisation(1, "甲有限公司", region="360400", established_on=date(2015, 3, 1), source=COURT.id, fields=SAYS)
OTHER, BOSS = organisation(2, "乙有限公司"), person(1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    with SqliteStore(tmp_path) as opened:
        put(opened, COURT, FIRM, OTHER, BOSS)
        yield opened


def held(store: GraphStore, address: str = FIRM.id, *, at: datetime | None = None, on: date = TODAY) -> SubjectDocument:
    known_at = at or store.last_instant()
    assert known_at
    found = Asking(store, known_at).asked(SubjectQuestion(subject=address, as_of=on, known_at=known_at))
    assert isinstance(found, SubjectDocument)
    return found


def test_a_subject_is_told_with_what_its_source_says(store: GraphStore) -> None:
    found = held(store)
    assert (found.subject.id, found.subject.identity, found.complete) == (FIRM.id, "verified", True)
    assert (found.region, found.established_on, found.source) == ("360400", date(2015, 3, 1), COURT.id)
    assert found.question.subject == FIRM.id
    assert found.investigation_id
    assert (found.lists, found.total, found.records) == ((), 0, ())


def test_integers_that_canonical_json_does_not_hold_stand_as_text(store: GraphStore) -> None:
    assert list(held(store).fields.items()) == [
        ("a", "9007199254740992"),
        ("b", 9007199254740991),
        ("c", "-9007199254740992"),
        ("d", "文本"),
        ("e", True),
    ]


@pytest.mark.parametrize(
    ("address", "identity"), [("name:丁有限公司", "ambiguous"), ("uscc:91350100M000100Y43", "unknown")]
)
def test_of_nobody_nothing_is_told_but_the_sources(store: GraphStore, address: str, identity: str) -> None:
    found = held(store, address)
    assert (found.subject.identity, found.complete, found.fields, found.names) == (identity, False, {}, ())
    assert (found.region, found.established_on, found.source, found.total) == (None, None, None, 0)
    assert [one.source for one in found.sources] == [COURT.id]


def test_a_question_of_later_than_now_is_refused(store: GraphStore) -> None:
    with pytest.raises(BadQuestion):
        held(store, at=datetime.now().astimezone() + timedelta(days=400))


# --- names ------------------------------------------------------------------------------------------------------------
def names(found: SubjectDocument) -> list[tuple[str, str, datetime, datetime | None]]:
    return [(one.subject, one.name, one.recorded_at, one.superseded_at) for one in found.names]


def test_each_name_stands_for_as_long_as_it_was_on_record(store: GraphStore) -> None:
    first = store.last_instant()
    put(store, replace(FIRM, region="360402"), correct=True)
    renamed = put(store, replace(FIRM, name="新甲有限公司"), correct=True)
    back = put(store, FIRM, correct=True)
    assert first
    whole = [
        (FIRM.id, "甲有限公司", first, renamed),
        (FIRM.id, "新甲有限公司", renamed, back),
        (FIRM.id, "甲有限公司", back, None),
    ]
    assert names(held(store)) == whole
    assert names(held(store, at=back)) == whole
    assert names(held(store, at=renamed)) == [whole[0], (FIRM.id, "新甲有限公司", renamed, None)]
    assert names(held(store, at=first)) == [(FIRM.id, "甲有限公司", first, None)]


def test_the_names_of_all_who_were_judged_to_be_one_are_told(store: GraphStore) -> None:
    before = store.last_instant()
    put(store, merge(FIRM, OTHER))
    both = sorted([(FIRM.id, FIRM.name), (OTHER.id, OTHER.name)])
    for one in (FIRM, OTHER):
        assert [name[:2] for name in names(held(store, one.id))] == both
        assert [name[:2] for name in names(held(store, one.id, at=before))] == [(one.id, one.name)]


# --- records ----------------------------------------------------------------------------------------------------------
def test_a_record_is_told_whole(store: GraphStore) -> None:
    one = record(
        FIRM,
        severity="serious",
        number="(2024)赣0403执1号",
        department="court",
        decided_on=date(2024, 1, 10),
        effective_from=date(2024, 1, 11),
        effective_to=date(2026, 1, 11),
        term_ends_on=date(2026, 1, 10),
        publicity_to=date(2027, 1, 10),
        repaired_on=date(2025, 12, 1),
        amount=150050,
        disputed=True,
        source=COURT.id,
    )
    put(store, one)
    (line,) = held(store).records
    told = line.model_dump()
    assert told.pop("amount") == 1500.5
    assert told.pop("counts") is True
    assert told == {name: getattr(one, name) for name in told}


@pytest.mark.parametrize(
    ("what", "on", "counts"),
    [
        ({"decided_on": date(2024, 1, 1)}, date(2023, 12, 31), False),
        ({"decided_on": date(2024, 1, 1)}, date(2024, 1, 1), True),
        ({"decided_on": date(2024, 1, 1), "repaired_on": date(2025, 1, 1)}, date(2025, 1, 1), False),
        ({"decided_on": date(2024, 1, 1), "annulled": True}, TODAY, False),
        ({}, TODAY, None),
    ],
    ids=["not-yet", "from-its-day", "repaired", "annulled", "undated"],
)
def test_whether_a_record_counts_is_told_for_the_day(
    store: GraphStore, what: dict[str, object], on: date, counts: bool | None
) -> None:
    put(store, record(FIRM, **what))
    found = held(store, on=on)
    assert [(one.counts, one.annulled) for one in found.records] == [(counts, "annulled" in what)]
    (line,) = found.lists
    assert (line.records, line.counting, line.unknown) == (1, int(counts is True), int(counts is None))


def test_lists_are_counted_and_the_latest_decision_comes_first(store: GraphStore) -> None:
    days = [date(2024, 1, 1), date(2024, 3, 1), None, date(2024, 2, 1)]
    put(store, *(record(FIRM, key=str(n), decided_on=day) for n, day in enumerate(days)))
    put(store, record(FIRM, OTHER_LIST, decided_on=date(2023, 5, 1)), record(OTHER, decided_on=TODAY))
    found = held(store)
    assert [one.decided_on for one in found.records] == [
        date(2024, 3, 1),
        date(2024, 2, 1),
        date(2024, 1, 1),
        date(2023, 5, 1),
        None,
    ]
    assert [(one.list, one.records, one.counting, one.unknown, one.last_decided_on) for one in found.lists] == [
        (LISTED, 4, 3, 1, date(2024, 3, 1)),
        (OTHER_LIST, 1, 1, 0, date(2023, 5, 1)),
    ]
    assert found.total == 5


def test_at_most_two_hundred_records_are_told_and_all_are_counted(store: GraphStore) -> None:
    put(store, *(record(FIRM, key=str(n), decided_on=date(2024, 1, 1) + timedelta(days=n)) for n in range(201)))
    found = held(store)
    assert (found.total, len(found.records), found.lists[0].records) == (201, 200, 201)
    assert found.records[-1].decided_on == date(2024, 1, 2)


# --- sources ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("through", "state"),
    [
        ([], "never_loaded"),
        ([date(2025, 5, 2)], "current"),
        ([date(2025, 5, 1)], "overdue"),
        ([TODAY, date(2025, 1, 1)], "current"),
    ],
)
def test_how_fresh_a_source_is_on_the_day(store: GraphStore, through: list[date], state: str) -> None:
    put(store, source("tax", OTHER_LIST), *(load(source("tax", OTHER_LIST), day) for day in through))
    court, tax = held(store).sources
    assert (court.source, court.state, court.through) == (COURT.id, "never_loaded", None)
    assert (tax.source, tax.holds, tax.state) == ("source:tax", (OTHER_LIST,), state)
    assert tax.through == max(through, default=None)

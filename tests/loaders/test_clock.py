"""The instants of a load: what --recorded-at fixes, and how a load that was cut short goes on."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from api.demo.codes import credit_code
from graph.errors import RecordedAtNotLater
from graph.model import Record, Subject
from loaders.files import city_rows
from loaders.load import BATCH

T = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class CutShort(Exception):
    """The power went."""


def companies(first, last):
    for number in range(first, last):
        yield {"fact": "subject", "kind": "enterprise", "uscc": credit_code(number), "name": f"九江第{number}商行"}


def until_cut(rows, batches):
    """The rows of this many batches; then the power goes."""
    for number, row in enumerate(rows):
        if number == batches * BATCH:
            raise CutShort
        yield row


def instants(town):
    """How many facts were recorded at each instant, counted in microseconds after T."""
    found = {}
    for fact in town.facts(Subject):
        [version] = town.store.history(fact.id)
        after = (version.recorded_at - T) // TICK
        found[after] = found.get(after, 0) + 1
    return found


@pytest.fixture
def rows(town):
    """The rows of two and a half batches, anew each time."""
    path = town.file("rows.jsonl", "\n".join(map(json.dumps, companies(0, 2 * BATCH + BATCH // 2))))
    return lambda: city_rows(str(path))


def test_the_nth_write_gets_the_instant_and_n_microseconds(town, rows):
    town.load_rows(rows(), recorded_at=T)
    assert instants(town) == {0: BATCH, 1: BATCH, 2: BATCH // 2}


def test_a_write_that_changes_nothing_takes_its_microsecond_too(town, rows):
    """So the instants depend on the files alone, and not on what was in the store."""
    town.load(*companies(0, BATCH))
    later = town.store.last_instant() + timedelta(days=1)
    town.load_rows(rows(), recorded_at=later)
    [version] = town.store.history(f"uscc:{credit_code(BATCH)}")
    assert version.recorded_at == later + TICK


def test_a_load_repeated_at_its_instant_changes_nothing(town, rows):
    town.load_rows(rows(), recorded_at=T)
    last = town.store.last_instant()
    report = town.load_rows(rows(), recorded_at=T)
    assert (report.unchanged, report.loaded) == (report.read, 0)
    assert town.store.last_instant() == last


@pytest.mark.parametrize("batches", [1, 2])
def test_a_load_cut_short_is_continued_by_the_same_command(town, rows, batches):
    with pytest.raises(CutShort):
        town.load_rows(until_cut(rows(), batches), recorded_at=T)
    assert len(town.facts(Subject)) == batches * BATCH
    report = town.load_rows(rows(), recorded_at=T)
    assert (report.unchanged, report.loaded) == (batches * BATCH, report.read - batches * BATCH)
    assert len(town.facts(Subject)) == report.read
    assert instants(town) == {0: BATCH, 1: BATCH, 2: BATCH // 2}, "those of a load that was not disturbed"


def test_a_load_cut_short_twice_is_continued_twice(town, rows):
    for batches in (1, 2):
        with pytest.raises(CutShort):
            town.load_rows(until_cut(rows(), batches), recorded_at=T)
    assert town.load_rows(rows(), recorded_at=T).unchanged == 2 * BATCH
    assert instants(town) == {0: BATCH, 1: BATCH, 2: BATCH // 2}


def test_what_a_load_cut_short_had_waiting_is_not_lost(town, company, record):
    lines = [record, *companies(10, 10 + BATCH), company]
    rows = town.file("held.jsonl", "\n".join(map(json.dumps, lines)))
    with pytest.raises(CutShort):
        town.load_rows(until_cut(city_rows(str(rows)), 1), recorded_at=T)
    assert town.kept == []
    assert town.load_rows(city_rows(str(rows)), recorded_at=T).records == 1


def test_a_store_that_went_on_for_more_than_a_second_is_not_written_into_its_past(town):
    town.load(*companies(0, 1), recorded_at=T + timedelta(seconds=1))
    with pytest.raises(RecordedAtNotLater):
        town.load(*companies(1, 2), recorded_at=T)
    assert len(town.facts(Subject)) == 1


def test_an_old_load_repeated_after_others_is_unchanged(town):
    town.load(*companies(0, 3), recorded_at=T)
    town.load(*companies(3, 4), recorded_at=T + timedelta(days=1))
    assert town.load(*companies(0, 3), recorded_at=T).unchanged == 3


def test_an_old_load_with_more_than_it_had_is_refused(town):
    town.load(*companies(0, 3), recorded_at=T)
    town.load(*companies(3, 4), recorded_at=T + timedelta(days=1))
    with pytest.raises(RecordedAtNotLater):
        town.load(*companies(0, 3), *companies(9, 10), recorded_at=T)


def test_two_loads_within_one_second_follow_each_other(town):
    town.load(*companies(0, 1), recorded_at=T)
    town.load(*companies(1, 2), recorded_at=T)
    assert instants(town) == {0: 1, 1: 1}


def test_a_retraction_goes_on_after_a_load_cut_short(town, company, record):
    town.load(company, record, recorded_at=T)
    [subject] = town.facts(Subject)
    [kept] = town.facts(Record)
    assert town.load({"fact": "retract", "id": kept.id, "reason": "in error"}, recorded_at=T).loaded == 1
    assert town.facts(Record) == []
    assert town.facts(Subject) == [subject]


def test_without_an_instant_each_load_is_later_than_the_one_before(town):
    before = datetime.now(UTC)
    town.load(*companies(0, 1))
    first = town.store.last_instant()
    town.load(*companies(1, 2))
    assert before <= first < town.store.last_instant() <= datetime.now(UTC) + timedelta(seconds=1)


@pytest.mark.neo4j
def test_the_production_store_continues_alike(town, neo4j_store, rows):
    town.store = neo4j_store
    with pytest.raises(CutShort):
        town.load_rows(until_cut(rows(), 1), recorded_at=T)
    assert town.load_rows(rows(), recorded_at=T).unchanged == BATCH
    assert instants(town) == {0: BATCH, 1: BATCH, 2: BATCH // 2}

"""Two clocks: what held in the world, and what the store knew; instants never go back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from graph.errors import BadInput, RecordedAtNotLater
from graph.model import Fact
from graph.plan import Plan
from graph.store import GraphStore
from tests.contract.builders import DIRECTOR, TODAY, link, load, organisation, person, plan, put, record, source, step

FIRM, BOSS = organisation(1), person(1)
MICROSECOND = timedelta(microseconds=1)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2025, 1, day, hour, tzinfo=UTC)


def test_an_empty_store_has_no_last_instant_and_knows_nobody(store: GraphStore) -> None:
    assert store.last_instant() is None
    assert store.subject(FIRM.id, known_at=at(1)) is None
    assert list(store.facts(known_at=at(1))) == []


def test_recorded_at_may_be_given_for_reproducible_loads(store: GraphStore) -> None:
    assert put(store, FIRM, recorded_at=at(5)) == at(5)
    assert store.last_instant() == at(5)


def test_a_fact_is_known_from_its_recording_on_and_not_a_microsecond_before(store: GraphStore) -> None:
    put(store, FIRM, recorded_at=at(5))
    assert store.subject(FIRM.id, known_at=at(5)) == FIRM
    assert store.subject(FIRM.id, known_at=at(5) - MICROSECOND) is None


def test_a_superseded_version_is_known_until_just_before_its_successor(store: GraphStore) -> None:
    renamed = replace(FIRM, name="新名")
    put(store, FIRM, recorded_at=at(5))
    put(store, renamed, recorded_at=at(7), correct=True)
    assert store.subject(FIRM.id, known_at=at(7) - MICROSECOND) == FIRM
    assert store.subject(FIRM.id, known_at=at(7)) == renamed


def test_instants_are_compared_whatever_their_time_zone(store: GraphStore) -> None:
    put(store, FIRM, recorded_at=at(5))
    shanghai = at(5).astimezone(ZoneInfo("Asia/Shanghai"))
    assert store.subject(FIRM.id, known_at=shanghai) == FIRM
    assert store.last_instant() == shanghai


def test_instants_keep_their_microseconds(store: GraphStore) -> None:
    exact = at(5) + 7 * MICROSECOND
    put(store, FIRM, recorded_at=exact)
    assert store.history(FIRM.id)[0].recorded_at == exact


def test_an_instant_without_time_zone_is_refused(store: GraphStore) -> None:
    with pytest.raises(BadInput, match="time zone"):
        store.subject(FIRM.id, known_at=datetime(2025, 1, 1))  # noqa: DTZ001
    with pytest.raises(BadInput, match="time zone"):
        store.write([FIRM], recorded_at=datetime(2025, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("given", [at(5), at(4)])
def test_a_given_instant_that_is_not_later_is_refused(store: GraphStore, given: datetime) -> None:
    put(store, FIRM, recorded_at=at(5))
    with pytest.raises(RecordedAtNotLater, match="not later"):
        store.write([BOSS], recorded_at=given)
    with pytest.raises(RecordedAtNotLater):
        store.retract([FIRM.id], recorded_at=given)
    assert store.subject(BOSS.id, known_at=at(9)) is None


def test_recorded_at_increases_even_when_the_last_one_lies_in_the_future(store: GraphStore) -> None:
    """As after the machine's clock went back: the next instant is later than the last, not the clock's."""
    future = datetime(2999, 1, 1, tzinfo=UTC)
    put(store, FIRM, recorded_at=future)
    second = put(store, BOSS)
    third = put(store, record(FIRM))
    assert future < second < third == store.last_instant()


def test_recorded_at_strictly_increases_from_write_to_write(store: GraphStore) -> None:
    instants = [put(store, organisation(n)) for n in range(20)]
    assert instants == sorted(set(instants))


def test_history_tells_every_version_oldest_first(store: GraphStore) -> None:
    put(store, FIRM, recorded_at=at(1))
    put(store, replace(FIRM, name="二"), recorded_at=at(2), correct=True)
    store.retract([FIRM.id], recorded_at=at(3))
    put(store, replace(FIRM, name="三"), recorded_at=at(4))
    told = [(v.fact.name, v.recorded_at, v.superseded_at) for v in store.history(FIRM.id)]  # type: ignore[union-attr]
    assert told == [(FIRM.name, at(1), at(2)), ("二", at(2), at(3)), ("三", at(4), None)]


def test_the_history_of_an_unknown_fact_is_empty(store: GraphStore) -> None:
    assert store.history("record:nobody") == []


def test_valid_time_and_transaction_time_are_independent(store: GraphStore) -> None:
    """A record decided years ago and recorded today was not known yesterday, whatever day is asked about."""
    put(store, FIRM, recorded_at=at(1))
    old_record = record(FIRM, decided_on=date(2015, 3, 1))
    put(store, old_record, recorded_at=at(9))
    long_ago = date(2016, 1, 1)
    assert store.evidence([FIRM.id], plan(), as_of=long_ago, known_at=at(8)).records == ()
    assert store.evidence([FIRM.id], plan(), as_of=long_ago, known_at=at(9)).records == (old_record,)


def test_evidence_shows_the_version_known_then(store: GraphStore) -> None:
    firm, boss = FIRM, BOSS
    office = link(boss, DIRECTOR, firm, valid_from=date(2020, 1, 1))
    put(store, firm, boss, office, record(firm), recorded_at=at(1))
    ended = replace(office, valid_to=date(2026, 1, 1))
    put(store, ended, recorded_at=at(2), correct=True)
    asked = plan(step(DIRECTOR, to="holder"))
    assert store.evidence([boss.id], asked, as_of=TODAY, known_at=at(1)).links == (office,)
    assert store.evidence([boss.id], asked, as_of=TODAY, known_at=at(2)).links == (ended,)


def test_an_annulment_takes_effect_on_the_known_at_clock(store: GraphStore) -> None:
    put(store, FIRM, record(FIRM), recorded_at=at(1))
    put(store, record(FIRM, annulled=True), recorded_at=at(2), correct=True)
    for known_at, annulled in ((at(1), False), (at(2), True)):
        (found,) = store.evidence([FIRM.id], plan(), as_of=TODAY, known_at=known_at).records
        assert found.annulled is annulled


def test_what_sources_declare_and_deliver_is_told_as_known_then(store: GraphStore) -> None:
    """However often it is asked, also of an instant yet to come, which hears of what is recorded before it."""
    court = source("court")
    yearly = replace(court, cadence="P1Y")
    first, second = load(court, date(2025, 1, 1)), load(court, date(2025, 1, 31))

    def told(day: int) -> tuple[Fact, ...]:
        assert store.last_instant()  # as before every question
        evidence = store.evidence([FIRM.id], Plan(), as_of=TODAY, known_at=at(day))
        return (*evidence.sources, *evidence.loads)

    put(store, FIRM, court, first, recorded_at=at(2))
    assert [told(day) for day in (1, 2, 9)] == [(), (court, first), (court, first)]
    put(store, yearly, recorded_at=at(4), correct=True)
    assert [told(day) for day in (9, 2, 9)] == [(yearly, first), (court, first), (yearly, first)]
    put(store, second, recorded_at=at(6))
    assert [told(day) for day in (9, 5)] == [(yearly, second), (yearly, first)]
    store.retract([second.id], recorded_at=at(8))
    assert [told(day) for day in (9, 4, 1)] == [(yearly, first), (yearly, first), ()]

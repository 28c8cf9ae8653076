"""Many readers and writers at once: nobody waits for ever, nobody sees half a batch, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

from graph.store import GraphStore
from tests.contract.builders import (
    DIRECTOR,
    TODAY,
    become,
    link,
    organisation,
    person,
    plan,
    put,
    record,
    step,
)

BOSS = person(1)
BATCHES = 12
ASKED = plan(step(DIRECTOR, to="holder"))


def batch(number: int) -> list[object]:
    """A listed organisation that the boss directs: two records, or none of it."""
    firm = organisation(number)
    return [firm, record(firm, key="1"), record(firm, key="2"), link(BOSS, DIRECTOR, firm)]


def test_readers_see_whole_batches_while_a_writer_writes(store: GraphStore) -> None:
    put(store, BOSS)
    done = Event()

    def read() -> list[tuple[int, int]]:
        seen = []
        while not done.is_set():
            known_at = store.last_instant()
            assert known_at
            found = store.evidence([BOSS.id], ASKED, as_of=TODAY, known_at=known_at)
            seen.append((len(found.links), len(found.records)))
        return seen

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for number in range(BATCHES):
            put(store, *batch(number))
        done.set()
        for reader in readers:
            counts = reader.result(timeout=60)
            assert all(records == 2 * links for links, records in counts)
            assert counts == sorted(counts)
    assert len(read_once(store).links) == BATCHES


def read_once(store: GraphStore):  # type: ignore[no-untyped-def]
    known_at = store.last_instant()
    assert known_at
    return store.evidence([BOSS.id], ASKED, as_of=TODAY, known_at=known_at)


def test_the_past_does_not_change_while_a_writer_writes(store: GraphStore) -> None:
    known_at = put(store, BOSS, *batch(0))
    before = store.evidence([BOSS.id], ASKED, as_of=TODAY, known_at=known_at)
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(lambda: [put(store, *batch(number)) for number in range(1, BATCHES)])
        while not writing.done():
            assert store.evidence([BOSS.id], ASKED, as_of=TODAY, known_at=known_at) == before
        writing.result()


def test_several_writers_lose_nothing_and_get_instants_of_their_own(store: GraphStore) -> None:
    put(store, BOSS)

    def write(number: int) -> datetime:
        return put(store, *batch(number))

    with ThreadPoolExecutor(4) as pool:
        instants = list(pool.map(write, range(BATCHES)))
    assert len(set(instants)) == BATCHES
    assert max(instants) == store.last_instant()
    assert len(read_once(store).links) == BATCHES


def test_writers_of_the_same_fact_write_it_once(store: GraphStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: store.write([organisation(1)]), range(8)))
    assert sorted(result for report in reports for result in become(report)) == ["new"] + ["unchanged"] * 7
    assert len(store.history(organisation(1).id)) == 1

"""`lifted_by`: ending what it says lifts the measure, and nothing less does. `if_wrong`: what can only be corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document import Clause, ToEnd
from graph.model import Link, Record
from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    World,
    catalogue,
    link,
    measure,
    naming,
    only,
    organisation,
    person,
    reach,
    record,
    world,
)

FIRM, OTHER, ZHANG, LI = organisation("甲"), organisation("乙"), person("张"), person("李")


def one(*links: str, of: str) -> Clause:
    return Clause(links=links, records=ToEnd(at_least=1, excess=None, of=(of,)))


def ended(fact: Link | Record) -> Link | Record:
    """The fact as it stands once it has been brought to an end."""
    return replace(fact, valid_to=TODAY) if isinstance(fact, Link) else replace(fact, effective_to=TODAY)


def test_a_record_alone_lifts_what_rests_on_it(make: Making) -> None:
    found = only(make(FIRM, record(FIRM, id="r1")).ask(FIRM))
    assert found.lifted_by == (one(of="r1"),)
    assert found.if_wrong == ()


def test_each_record_is_a_clause_of_its_own(make: Making) -> None:
    told = make(FIRM, record(FIRM, id="r1"), record(FIRM, id="r2"))
    assert only(told.ask(FIRM)).lifted_by == (one(of="r1"), one(of="r2"))


def test_any_link_that_must_hold_now_breaks_its_chain(make: Making) -> None:
    by = [measure(reaches=[reach("director>holder@now", "director>organisation@after_event")])]
    offices = [link(ZHANG, "director", FIRM, id="l1"), link(ZHANG, "director", OTHER, TODAY, id="l2")]
    found = only(make(FIRM, OTHER, ZHANG, record(FIRM, id="r1"), *offices, measures=by).ask(OTHER))
    assert found.lifted_by == (one("l1", "l2", of="r1"),)
    assert found.if_wrong == ()


def test_a_link_of_the_event_is_only_corrected(make: Making) -> None:
    by = [measure(reaches=[reach("director>holder@at_event", "director>organisation@now")])]
    offices = [link(ZHANG, "director", FIRM, id="l1"), link(ZHANG, "director", OTHER, id="l2")]
    found = only(make(FIRM, OTHER, ZHANG, record(FIRM, id="r1"), *offices, measures=by).ask(OTHER))
    assert found.lifted_by == (one("l2", of="r1"),)
    assert found.if_wrong == ("l1",)


def test_namings_and_offices_held_are_only_corrected(make: Making) -> None:
    by = [measure(reaches=[[{"named": "responsible", "held": {"link": "director"}}]])]
    listed = record(FIRM, id="r1")
    named, office = naming(listed, ZHANG), link(ZHANG, "director", FIRM)
    found = only(make(FIRM, ZHANG, listed, named, office, measures=by).ask(ZHANG))
    assert found.lifted_by == (one(of="r1"),)
    assert found.if_wrong == tuple(sorted((named.id, office.id)))


def test_a_clause_with_more_links_is_absorbed(make: Making) -> None:
    """Ending the second link breaks both chains; that ending the first would break one of them says nothing more."""
    onward = "manages>organisation@now"
    by = [measure(reaches=[reach(f"director>organisation@{time}", onward) for time in ("at_event", "now")])]
    managed = organisation("丙")
    links = [link(ZHANG, "director", FIRM, id="l1"), link(FIRM, "manages", managed, id="l2")]
    found = only(make(ZHANG, FIRM, managed, record(ZHANG, id="r1"), *links, measures=by).ask(managed))
    assert len(found.chains) == 2
    assert found.lifted_by == (one("l2", of="r1"),)


def test_a_chain_without_links_absorbs_the_others_of_its_record(make: Making) -> None:
    by = [measure(reaches=[reach("director>holder@at_event"), reach("supervisor>holder@now")])]
    offices = [link(ZHANG, "director", FIRM, id="l1"), link(ZHANG, "supervisor", FIRM, id="l2")]
    found = only(make(FIRM, ZHANG, record(FIRM, id="r1"), *offices, measures=by).ask(ZHANG))
    assert len(found.chains) == 2
    assert found.lifted_by == (one(of="r1"),)


def test_of_counted_records_all_but_one_too_few_must_end(make: Making) -> None:
    by = [measure(trigger={"event": "fined", "count_at_least": 2})]
    fines = [record(FIRM, "fined", id=f"r{n}") for n in range(4)]
    (clause,) = only(make(FIRM, *fines, measures=by).ask(FIRM)).lifted_by
    assert clause.records == ToEnd(at_least=3, excess=None, of=("r0", "r1", "r2", "r3"))


def test_of_a_sum_the_excess_must_end(make: Making) -> None:
    by = [measure(trigger={"event": "fined", "sum_at_least": 100})]
    fines = [record(FIRM, "fined", id=f"r{n}", amount=amount) for n, amount in enumerate((8000, 4050))]
    (clause,) = only(make(FIRM, *fines, measures=by).ask(FIRM)).lifted_by
    assert clause.records == ToEnd(at_least=None, excess=20.5, of=("r0", "r1"))


def test_either_the_count_or_the_excess_suffices(make: Making) -> None:
    by = [measure(trigger={"event": "fined", "count_at_least": 2, "sum_at_least": 100})]
    fines = [record(FIRM, "fined", id=f"r{n}", amount=6000) for n in range(2)]
    (clause,) = only(make(FIRM, *fines, measures=by).ask(FIRM)).lifted_by
    assert clause.records == ToEnd(at_least=1, excess=20, of=("r0", "r1"))


def lifts(told: World, subject: Any, facts: dict[str, Link | Record], ids: tuple[str, ...]) -> bool:
    """Whether the measure is gone once these facts have ended; everything is put back afterwards."""
    if not ids:
        return not told.applies(subject)
    told.tell(*(ended(facts[i]) for i in ids), correct=True)
    gone = not told.applies(subject)
    told.tell(*(facts[i] for i in ids), correct=True)
    return gone


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(["director", "supervisor"]), min_size=1, max_size=3),
    st.sets(st.sampled_from([(p, t) for p in "张李" for t in ("director", "supervisor")]), min_size=1, max_size=4),
    st.integers(1, 2),
)
@settings(max_examples=15, deadline=None)
def test_what_lifts_a_measure_is_what_meets_every_clause(
    steps: list[str], offices: set[tuple[str, str]], number: int
) -> None:
    """Every set of links and records is ended: the measure is gone exactly when each clause is met."""
    people = {"张": ZHANG, "李": LI}
    held = [link(people[p], t, firm, id=f"l:{p}{t}{firm.name}") for p, t in sorted(offices) for firm in (FIRM, OTHER)]
    listed = [record(FIRM, id=f"r{n}") for n in range(number)]
    by = measure(
        reaches=[reach(f"{step}>holder@now", "director|supervisor>organisation@now") for step in dict.fromkeys(steps)]
    )
    facts: dict[str, Link | Record] = {fact.id: fact for fact in [*held, *listed]}
    with world(FIRM, OTHER, ZHANG, LI, *held, *listed, by=catalogue(by)) as told:
        if not (found := told.ask(OTHER).measures):
            return
        clauses = found[0].lifted_by
        for size in range(min(3, len(facts)) + 1):
            for ids in list(combinations(sorted(facts), size))[:12]:
                met = all(set(ids) & {*clause.links, *clause.records.of} for clause in clauses)
                assert lifts(told, OTHER, facts, ids) is met, ids


def test_leaving_out_one_clause_does_not_lift(make: Making) -> None:
    by = [measure(reaches=[reach("director|supervisor>holder@now")])]
    facts = {f"l:{t}": link(ZHANG, t, FIRM, id=f"l:{t}") for t in ("director", "supervisor")}
    told = make(FIRM, ZHANG, record(FIRM, id="r1"), *facts.values(), measures=by)
    assert only(told.ask(ZHANG)).lifted_by == (one("l:director", of="r1"), one("l:supervisor", of="r1"))
    assert lifts(told, ZHANG, {**facts}, ("l:director", "l:supervisor"))
    assert not lifts(told, ZHANG, {**facts}, ("l:director",))


def test_repair_may_be_asked_for_after_the_shortest_publicity(make: Making) -> None:
    """国办发〔2025〕22号: minor at once, general after three months, serious after a year, from the decision."""
    for severity, day in (("minor", date(2024, 1, 10)), ("general", date(2024, 4, 10)), ("serious", date(2025, 1, 10))):
        (chain,) = only(make(FIRM, record(FIRM, severity=severity)).ask(FIRM)).chains
        assert chain.records[0].repair_from == day
    (chain,) = only(make(FIRM, record(FIRM)).ask(FIRM)).chains
    assert chain.records[0].repair_from is None


def test_what_repair_does_not_end_says_nothing_of_repair(make: Making) -> None:
    stays = measure(repair="stays", repair_reason="法定期限")
    (chain,) = only(make(FIRM, record(FIRM, severity="minor"), measures=[stays]).ask(FIRM)).chains
    assert chain.records[0].repair_from is None

"""Stores against the naive model on random worlds: time, reaches, merges.

A store is not emptied between examples: each example has ids of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Fact, Kind, Link, LinkType, Merge, Naming, Record, SealedId, Subject
from graph.plan import LinkStep, NamedStep, Pattern, Plan, Reach
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from tests.contract.builders import undone
from tests.contract.naive import Naive, View

WORLDS = count()
TYPES = (LinkType.DIRECTOR, LinkType.SHAREHOLDER)
DAYS = tuple(date(2024, month, 1) for month in range(1, 13))
SUBJECTS = 6
some_days = st.sampled_from((None, *DAYS))


def within(store: GraphStore) -> settings:
    """Fewer examples where each question crosses a wire."""
    examples = 100 if isinstance(store, SqliteStore) else 20
    return settings(
        deadline=None, max_examples=examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )


def subject(world: int, number: int, kind: int = 0) -> Subject:
    """The first three are organisations, the others persons, of whom each odd one lacks an identity."""
    subject_id = f"w{world}:{number}"
    if number < 3:
        return Subject(subject_id, Kind.ENTERPRISE, f"名{kind}", {"code": f"{world}-{number}"})
    sealed = None if number % 2 else SealedId(f"digest {world} {number}", "mask")
    return Subject(subject_id, Kind.NATURAL_PERSON, f"名{kind}", {}, sealed)


def both(store: GraphStore, naive: Naive, fact: Fact, correct: bool = True) -> datetime | None:
    at = store.write([fact], correct=correct).recorded_at
    if at:
        naive.record(fact, at)
    return at


@st.composite
def links(draw: st.DrawFn) -> tuple[int, int, LinkType, date | None, date | None, float | None]:
    holder = draw(st.integers(0, SUBJECTS - 1))
    organisation = draw(st.integers(0, 2).filter(lambda n: n != holder))
    begin, end = draw(some_days), draw(some_days)
    if begin and end and end <= begin:
        begin, end = end, None
    return holder, organisation, draw(st.sampled_from(TYPES)), begin, end, draw(st.sampled_from((None, 0.2, 0.5, 0.8)))


steps = st.builds(
    LinkStep,
    types=st.frozensets(st.sampled_from(TYPES), min_size=1),
    to=st.sampled_from(("holder", "organisation")),
    holds=st.sampled_from(("now", "at_event", "after_event")),
    min_share=st.sampled_from((None, None, 0.5)),
)
namings = st.builds(
    NamedStep,
    roles=st.frozensets(st.sampled_from(("responsible", "principal")), min_size=1),
    findings=st.sampled_from((frozenset(), frozenset({"guilty"}))),
    held=st.sampled_from((frozenset(), frozenset({LinkType.DIRECTOR}))),
)
reaches = st.builds(Reach, st.none() | namings, st.lists(steps, max_size=3).map(tuple))
plans = st.builds(
    Plan,
    st.lists(
        st.builds(Pattern, reaches, st.frozensets(st.sampled_from(("a", "b")), min_size=1)), min_size=1, max_size=4
    ).map(tuple),
    st.frozensets(st.sampled_from(TYPES), max_size=1),
)
worlds = st.fixed_dictionaries(
    {
        "links": st.lists(links(), max_size=12),
        "records": st.lists(st.tuples(st.integers(0, SUBJECTS - 1), st.sampled_from("ab")), max_size=5),
        "namings": st.lists(
            st.tuples(
                st.integers(0, 4),
                st.integers(3, SUBJECTS - 1),
                st.sampled_from(("responsible", "principal")),
                st.sampled_from((None, "guilty", "free")),
            ),
            max_size=4,
        ),
        "merges": st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=3),
    }
)


def facts_of(world: int, drawn: dict) -> list[Fact]:
    who = [subject(world, number) for number in range(SUBJECTS)]
    facts: list[Fact] = list(who)
    for n, (holder, organisation, type, begin, end, share) in enumerate(drawn["links"]):
        facts.append(Link(f"w{world}:link{n}", type, who[holder].id, who[organisation].id, begin, end, share))
    for n, (of, name) in enumerate(drawn["records"]):
        facts.append(Record(f"w{world}:record{n}", who[of].id, name, annulled=n == 3))
    for n, (of, person, role, finding) in enumerate(drawn["namings"]):
        if of < len(drawn["records"]):
            facts.append(Naming(f"w{world}:naming{n}", f"w{world}:record{of}", who[person].id, role, finding))
    for n, (left, right, persons) in enumerate(drawn["merges"]):
        if left != right:
            ends = who[left + 3 * persons].id, who[right + 3 * persons].id
            facts.append(Merge(f"w{world}:merge{n}", *ends, by="steward", reason="one licence"))
    return facts


def test_evidence_holds_every_path_that_a_naive_walker_finds(store: GraphStore) -> None:
    @within(store)
    @given(drawn=worlds, asked=plans, roots=st.lists(st.integers(0, SUBJECTS - 1), min_size=1, max_size=2))
    def holds(drawn: dict, asked: Plan, roots: Sequence[int]) -> None:
        world = next(WORLDS)
        facts = facts_of(world, drawn)
        known_at = store.write(facts).recorded_at
        assert known_at
        as_of, names = DAYS[5], [f"w{world}:{root}" for root in roots]
        found = store.evidence(names, asked, as_of=as_of, known_at=known_at)
        view = View(facts)
        held = {fact.id: fact for fact in (*found.links, *found.records, *found.namings)} | dict(found.subjects)
        assert view.required(names, asked, as_of).keys() <= held.keys()
        for fact_id, fact in held.items():
            known = view.facts[fact_id]
            assert fact == (view.subject(fact_id) if isinstance(known, Subject) else view.resolved(known))  # type: ignore[arg-type]
        assert all(view.canonical[alias] == canonical != alias for alias, canonical in found.aliases.items())

    holds()


versions = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(("write", "write", "retract")), st.integers(0, 2)), max_size=12
)


def test_the_view_at_every_instant_is_that_of_a_replay(store: GraphStore) -> None:
    @within(store)
    @given(drawn=versions)
    def holds(drawn: Sequence[tuple]) -> None:
        world, naive = next(WORLDS), Naive()
        instants = []
        for number, act, content in drawn:
            fact = subject(world, number, content)
            if act == "write":
                at = both(store, naive, fact)
            elif at := store.retract([fact.id]).recorded_at:
                naive.end(fact.id, at)
            instants += [at] if at else []
        for known_at in instants:
            view = naive.view(known_at)
            for number in range(3):
                fact_id = subject(world, number).id
                assert store.subject(fact_id, known_at=known_at) == view.facts.get(fact_id)
        for number in range(3):
            told = [
                (e.fact, e.recorded_at, e.superseded_at)
                for e in naive.entries
                if e.fact.id == subject(world, number).id
            ]
            assert [(v.fact, v.recorded_at, v.superseded_at) for v in store.history(subject(world, number).id)] == told

    holds()


judgements = st.lists(
    st.tuples(st.sampled_from(("merge", "merge", "undo", "retract", "gain")), st.integers(0, 5), st.integers(0, 5)),
    max_size=10,
)


def test_clusters_at_every_instant_are_those_of_a_naive_painter(store: GraphStore) -> None:
    @within(store)
    @given(drawn=judgements)
    def holds(drawn: Sequence[tuple]) -> None:
        world, naive = next(WORLDS), Naive()
        people = [Subject(f"w{world}:p{n}", Kind.NATURAL_PERSON, "程立群") for n in range(6)]
        instants = [both(store, naive, person) for person in people]
        for act, left, right in drawn:
            judgement = Merge(f"w{world}:m{left}{right}", people[left].id, people[right].id, "steward", "one face")
            at = None
            if act == "gain":
                at = both(store, naive, replace(people[left], identifiers={"passport": f"{world}-{left}"}))
            elif act == "merge" and left != right:
                at = both(store, naive, judgement)
            elif act == "undo" and naive.current(judgement.id):
                at = both(store, naive, undone(judgement))
            elif act == "retract" and (at := store.retract([judgement.id]).recorded_at):
                naive.end(judgement.id, at)
            instants.append(at)
        for known_at in filter(None, instants):
            view = naive.view(known_at)
            for person in people:
                assert store.subject(person.id, known_at=known_at) == view.subject(person.id)

    holds()

"""Links around subjects: counted exactly, shown in pages, cut at the same place by every store, both clocks, merges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Fact, Link, LinkType
from graph.network.budget import Budget
from graph.network.links import SIDES, Group, LinkFilter, Met, Place
from graph.network.paths import shortest_paths
from graph.store import GraphStore
from tests.contract.builders import (
    DIRECTOR,
    LEGAL_REPRESENTATIVE,
    SHAREHOLDER,
    TODAY,
    link,
    merge,
    organisation,
    person,
    put,
    undone,
)
from tests.contract.naive import View
from tests.contract.test_properties import DAYS, SUBJECTS, TYPES, WORLDS, facts_of, within, worlds

FIRM, OTHER, BOSS = organisation(1), organisation(2), person(1)
EVERYTHING = LinkFilter()


def hub(size: int) -> list[Fact]:
    """Somebody who represents that many companies, and holds one."""
    firms = [organisation(100 + n) for n in range(size)]
    return [BOSS, *firms, *(link(BOSS, LEGAL_REPRESENTATIVE, f) for f in firms), link(BOSS, SHAREHOLDER, firms[0])]


def pages(
    store: GraphStore, subject: str, where: LinkFilter, known_at: datetime, size: int, groups: Sequence[Group]
) -> Iterator[Met]:
    """All links of these groups, a page at a time."""
    after = None
    while page := store.page_of_links(subject, where, groups, after=after, limit=size, known_at=known_at):
        yield from page
        last = page[-1]
        groups, after = groups[groups.index(last.group) :], Place.of(last.link)


def test_links_are_counted_by_side_and_type(store: GraphStore) -> None:
    at = put(store, *hub(40), FIRM, link(organisation(100), SHAREHOLDER, FIRM, share=0.3))
    assert store.count_links(BOSS.id, EVERYTHING, known_at=at) == {
        Group("holds", LEGAL_REPRESENTATIVE): 40,
        Group("holds", SHAREHOLDER): 1,
    }
    assert store.count_links(organisation(100).id, EVERYTHING, known_at=at) == {
        Group("held_by", LEGAL_REPRESENTATIVE): 1,
        Group("held_by", SHAREHOLDER): 1,
        Group("holds", SHAREHOLDER): 1,
    }


def test_nobody_has_no_links(store: GraphStore) -> None:
    at = put(store, FIRM)
    assert store.count_links(FIRM.id, EVERYTHING, known_at=at) == {}
    assert store.count_links(OTHER.id, EVERYTHING, known_at=at) == {}
    assert list(store.page_of_links(OTHER.id, EVERYTHING, [Group("holds", DIRECTOR)], limit=5, known_at=at)) == []
    assert store.links_around([OTHER.id], EVERYTHING, limit=5, known_at=at).links == ()
    assert store.links_around([], EVERYTHING, limit=5, known_at=at).links == ()


def test_a_hub_is_read_page_by_page_without_a_gap_or_a_repetition(store: GraphStore) -> None:
    at = put(store, *hub(300))
    groups = [Group("holds", LEGAL_REPRESENTATIVE), Group("holds", SHAREHOLDER)]
    met = list(pages(store, BOSS.id, EVERYTHING, at, 70, groups))
    assert [one.group for one in met] == [groups[0]] * 300 + [groups[1]]
    assert [one.link.id for one in met[:300]] == sorted({one.link.id for one in met[:300]})


def test_the_greatest_shares_come_first_and_unknown_ones_last(store: GraphStore) -> None:
    holders = [organisation(n) for n in range(10, 15)]
    shares = [0.1, None, 0.6, 0.0, 0.1]
    held = [link(h, SHAREHOLDER, FIRM, share=s) for h, s in zip(holders, shares, strict=True)]
    at = put(store, FIRM, *holders, *held)
    groups = [Group("held_by", SHAREHOLDER)]
    shown = [one.link for one in pages(store, FIRM.id, EVERYTHING, at, 1, groups)]
    assert [one.share for one in shown] == [0.6, 0.1, 0.1, 0.0, None]
    assert shown == sorted(held, key=lambda one: (one.share is None, -(one.share or 0), one.id))


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (LinkFilter(types=frozenset({DIRECTOR})), {"director"}),
        (LinkFilter(on=TODAY), {"director", "large"}),
        (LinkFilter(on=date(2019, 12, 31)), {"director"}),
        (LinkFilter(on=date(2020, 1, 1)), {"director", "large", "ended"}),
        (LinkFilter(on=date(2024, 1, 1)), {"director", "large"}),
        (LinkFilter(min_share=0.5), {"large"}),
        (LinkFilter(min_share=0.2), {"large", "ended", "coming"}),
        (EVERYTHING, {"director", "large", "ended", "coming"}),
    ],
    ids=["type", "today", "before", "first-day", "day-after-the-end", "half", "fifth", "everything"],
)
def test_links_are_filtered_by_type_day_and_share(store: GraphStore, where: LinkFilter, left: set[str]) -> None:
    """Intervals are half-open; a link without a start counts, one without a share does not reach any."""
    begun = date(2020, 1, 1)
    links = {
        "director": link(BOSS, DIRECTOR, FIRM),
        "large": link(OTHER, SHAREHOLDER, FIRM, key="large", share=0.5, valid_from=begun),
        "ended": link(OTHER, SHAREHOLDER, FIRM, key="ended", share=0.2, valid_from=begun, valid_to=date(2024, 1, 1)),
        "coming": link(OTHER, SHAREHOLDER, FIRM, key="coming", share=0.3, valid_from=date(2030, 1, 1)),
    }
    at = put(store, FIRM, OTHER, BOSS, *links.values())
    found = store.links_around([FIRM.id], where, limit=10, known_at=at).links
    assert {name for name, one in links.items() if one in found} == left
    assert sum(store.count_links(FIRM.id, where, known_at=at).values()) == len(left)


def test_links_are_those_known_at_the_instant(store: GraphStore) -> None:
    board = link(BOSS, DIRECTOR, FIRM)
    before = put(store, FIRM, BOSS, board)
    ended = replace(board, valid_to=TODAY)
    corrected = put(store, ended, correct=True)
    after = store.retract([board.id]).recorded_at
    assert after
    for known_at, known in ((before, (board,)), (corrected, (ended,)), (after, ())):
        assert store.links_around([FIRM.id], EVERYTHING, limit=10, known_at=known_at).links == known


def test_a_link_to_a_subject_that_was_recorded_in_error_is_left_out(store: GraphStore) -> None:
    at = put(store, FIRM, BOSS, link(BOSS, DIRECTOR, FIRM))
    after = store.retract([BOSS.id]).recorded_at
    assert after
    assert len(store.count_links(FIRM.id, EVERYTHING, known_at=at)) == 1
    assert store.count_links(FIRM.id, EVERYTHING, known_at=after) == {}
    assert store.links_around([FIRM.id], EVERYTHING, limit=10, known_at=after).links == ()


def test_what_is_cut_is_cut_at_the_same_link(store: GraphStore) -> None:
    facts = hub(30)
    at = put(store, *facts)
    in_order = sorted(fact.id for fact in facts if isinstance(fact, Link))
    for limit in (1, 10, 30):
        found = store.links_around([BOSS.id], EVERYTHING, limit=limit, known_at=at)
        assert [one.id for one in found.links] == in_order[:limit]
        assert found.cut
    assert not store.links_around([BOSS.id], EVERYTHING, limit=31, known_at=at).cut


def test_only_the_side_that_was_asked_for(store: GraphStore) -> None:
    up, down = link(OTHER, SHAREHOLDER, FIRM), link(FIRM, SHAREHOLDER, organisation(3))
    at = put(store, FIRM, OTHER, organisation(3), up, down)
    assert store.links_around([FIRM.id], EVERYTHING, sides=("held_by",), limit=9, known_at=at).links == (up,)
    assert store.links_around([FIRM.id], EVERYTHING, sides=("holds",), limit=9, known_at=at).links == (down,)


def test_a_link_between_two_of_those_asked_for_comes_once(store: GraphStore) -> None:
    board = link(BOSS, DIRECTOR, FIRM)
    at = put(store, FIRM, BOSS, board)
    found = store.links_around([FIRM.id, BOSS.id], EVERYTHING, limit=1, known_at=at)
    assert (found.links, found.cut) == ((board,), False)


def test_links_of_merged_subjects_are_links_of_one(store: GraphStore) -> None:
    twin = person(2)
    one, two, far = link(BOSS, DIRECTOR, FIRM), link(twin, DIRECTOR, OTHER), link(OTHER, SHAREHOLDER, FIRM)
    judgement = merge(BOSS, twin)
    before = put(store, FIRM, OTHER, BOSS, twin, one, two, far)
    judged = put(store, judgement)
    after = put(store, undone(judgement), correct=True)
    canonical = min(BOSS.id, twin.id)
    for who in (BOSS.id, twin.id):
        assert store.count_links(who, EVERYTHING, known_at=judged) == {Group("holds", DIRECTOR): 2}
        found = store.links_around([who], EVERYTHING, limit=9, known_at=judged).links
        assert {(one.holder, one.organisation) for one in found} == {(canonical, FIRM.id), (canonical, OTHER.id)}
        for known_at in (before, after):
            assert store.count_links(who, EVERYTHING, known_at=known_at) == {Group("holds", DIRECTOR): 1}


def test_a_company_judged_to_be_its_own_holder_holds_itself(store: GraphStore) -> None:
    """A source knows the holder by its name only, and the judgement says that it is the company."""
    named = organisation(7, FIRM.name, identifiers={"cn-listed-ownership-extract": "002712.SZ"})
    at = put(store, FIRM, named, link(named, SHAREHOLDER, FIRM, share=0.0635), merge(FIRM, named))
    assert store.count_links(FIRM.id, EVERYTHING, known_at=at) == {
        Group("held_by", SHAREHOLDER): 1,
        Group("holds", SHAREHOLDER): 1,
    }
    (own,) = store.links_around([FIRM.id], EVERYTHING, limit=9, known_at=at).links
    assert own.holder == own.organisation


def test_subjects_under_many_ids_with_their_merges_resolved(store: GraphStore) -> None:
    twin = person(2)
    at = put(store, FIRM, BOSS, twin, merge(BOSS, twin))
    found = store.subjects([FIRM.id, BOSS.id, twin.id, "uscc:nobody"], known_at=at)
    assert set(found) == {FIRM.id, BOSS.id, twin.id}
    assert found[FIRM.id] == FIRM
    assert found[BOSS.id] == found[twin.id] == store.subject(twin.id, known_at=at)
    assert store.subjects([FIRM.id], known_at=datetime(2020, 1, 1, tzinfo=UTC)) == {}


filters = st.builds(
    LinkFilter,
    types=st.frozensets(st.sampled_from(TYPES)),
    on=st.sampled_from((None, *DAYS[3:9])),
    min_share=st.sampled_from((None, None, 0.5)),
)


def expected(view: View, where: LinkFilter) -> list[Link]:
    """Every link of a world that the filter wants, with canonical ends, by loops."""
    found = []
    for fact in view.facts.values():
        if not isinstance(fact, Link) or fact.holder not in view.canonical or fact.organisation not in view.canonical:
            continue
        begun = where.on is None or fact.valid_from is None or fact.valid_from <= where.on
        over = where.on is not None and fact.valid_to is not None and fact.valid_to <= where.on
        small = where.min_share is not None and (fact.share is None or fact.share < where.min_share)
        if begun and not over and not small and fact.type in (where.types or LinkType):
            ends = view.canonical[fact.holder], view.canonical[fact.organisation]
            found.append(replace(fact, holder=ends[0], organisation=ends[1]))
    return sorted(found, key=lambda one: one.id)


def test_links_around_subjects_are_those_that_a_naive_reader_finds(store: GraphStore) -> None:
    @within(store)
    @given(
        drawn=worlds,
        where=filters,
        asked=st.lists(st.integers(0, SUBJECTS - 1), min_size=1, max_size=3),
        sides=st.sampled_from((("holds",), ("held_by",), SIDES)),
        limit=st.integers(1, 8),
        gone=st.integers(0, SUBJECTS * 3),
    )
    def holds(drawn: dict, where: LinkFilter, asked: list[int], sides: tuple, limit: int, gone: int) -> None:
        world = next(WORLDS)
        facts = facts_of(world, drawn)
        known_at = store.write(facts).recorded_at
        if gone < SUBJECTS:
            known_at = store.retract([f"w{world}:{gone}"]).recorded_at
            facts = [fact for fact in facts if fact.id != f"w{world}:{gone}"]
        assert known_at
        view = View(facts)
        names = [f"w{world}:{number}" for number in asked]
        near = {view.canonical.get(name) for name in names}
        every = expected(view, where)
        here = [
            one
            for one in every
            if ("holds" in sides and one.holder in near) or ("held_by" in sides and one.organisation in near)
        ]
        found = store.links_around(names, where, sides=sides, limit=limit, known_at=known_at)
        assert (list(found.links), found.cut) == (here[:limit], len(here) > limit)
        root = view.canonical.get(names[0])
        counted = Counter(Group("holds", one.type) for one in every if one.holder == root)
        counted += Counter(Group("held_by", one.type) for one in every if one.organisation == root)
        assert store.count_links(names[0], where, known_at=known_at) == counted
        groups = sorted(counted)
        shown = [(one.group, one.link.id) for one in pages(store, names[0], where, known_at, limit, groups)]
        key = lambda one: (one.share is None, -(one.share or 0), one.id)  # noqa: E731
        ends = {"holds": "holder", "held_by": "organisation"}
        assert shown == [
            (group, one.id)
            for group in groups
            for one in sorted(every, key=key)
            if one.type == group.type and getattr(one, ends[group.side]) == root
        ]
        assert {name: found.id for name, found in store.subjects(names, known_at=known_at).items()} == {
            name: view.canonical[name] for name in names if name in view.canonical
        }

    holds()


def test_shortest_paths_are_those_of_networkx_on_the_whole_world(store: GraphStore) -> None:
    """Merges, ended links, circles and all."""

    @within(store)
    @given(drawn=worlds, where=filters, pair=st.tuples(st.integers(0, SUBJECTS - 1), st.integers(0, SUBJECTS - 1)))
    def holds(drawn: dict, where: LinkFilter, pair: tuple[int, int]) -> None:
        world = next(WORLDS)
        facts = facts_of(world, drawn)
        known_at = store.write(facts).recorded_at
        assert known_at
        view = View(facts)
        start, goal = (view.canonical[f"w{world}:{number}"] for number in pair)
        graph: nx.Graph = nx.Graph()
        graph.add_nodes_from((start, goal))
        graph.add_edges_from((one.holder, one.organisation) for one in expected(view, where))
        found = shortest_paths(store, start, goal, where, known_at=known_at, budget=Budget(60))
        whole = sorted(nx.all_shortest_paths(graph, start, goal)) if nx.has_path(graph, start, goal) else []
        assert [list(path.subjects) for path in found.paths] == whole
        assert (found.count, found.complete) == (len(whole), True)

    holds()

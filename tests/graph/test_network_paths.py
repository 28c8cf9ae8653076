"""Shortest paths: equal to networkx on the whole small graph; bounded, and honest about what was not seen."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import LinkType
from graph.network.budget import Budget
from graph.network.links import LinkFilter
from graph.network.paths import Paths, shortest_paths
from tests.graph.network_worlds import AT, Town, joined, networks

EVERY = LinkFilter()
ENOUGH = 10_000


def ask(town: Town, start: str, goal: str, **more: object) -> Paths:
    return shortest_paths(town, start, goal, EVERY, known_at=AT, **{"shown": ENOUGH, **more})  # type: ignore[arg-type]


def whole(
    town: Town, start: str, goal: str, longest: int, avoid: frozenset[str] = frozenset()
) -> list[tuple[str, ...]]:
    """Every shortest path, by networkx on the whole graph, sorted."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from((start, goal))
    graph.add_edges_from((link.holder, link.organisation) for link in town.links)
    graph.remove_nodes_from(avoid - {start, goal})
    try:
        found = sorted(tuple(path) for path in nx.all_shortest_paths(graph, start, goal))
    except nx.NetworkXNoPath:
        return []
    return [path for path in found if len(path) <= longest + 1]


@given(edges=networks(), longest=st.integers(1, 6), avoid=st.frozensets(st.sampled_from(("s3", "s4")), max_size=2))
def test_all_shortest_paths_are_those_of_the_whole_graph_in_order(
    edges: list[tuple[int, int]], longest: int, avoid: frozenset[str]
) -> None:
    town = Town(joined(edges))
    found = ask(town, "s0", "s1", longest=longest, avoid=avoid)
    expected = whole(town, "s0", "s1", longest, avoid)
    assert [path.subjects for path in found.paths] == expected
    assert found.count == len(expected)
    assert found.length == (len(expected[0]) - 1 if expected else None)
    assert (found.complete, found.why) == (True, ())
    assert found.none_within == (len(expected[0]) - 2 if expected else longest)
    assert town.rounds <= longest


@given(edges=networks(), cap=st.integers(1, 12), patience=st.integers(0, 5))
def test_what_was_cut_or_ran_out_of_time_is_never_claimed(
    edges: list[tuple[int, int]], cap: int, patience: int
) -> None:
    """Every path given is one; what is called complete is complete; what is excluded is not there."""
    town = Town(joined(edges), patience=patience)
    found = ask(town, "s0", "s1", cap=cap)
    expected = whole(town, "s0", "s1", 6)
    assert town.rounds <= 6 + 2
    for path in found.paths:
        for step, (one, other) in zip(path.steps, zip(path.subjects, path.subjects[1:], strict=False), strict=True):
            assert step
            assert all({link.holder, link.organisation} == {one, other} for link in step)
    if found.complete:
        assert [path.subjects for path in found.paths] == expected
    else:
        assert set(found.why) <= {"too_many_links", "out_of_time"}
        assert found.why
    if expected:
        assert found.none_within < len(expected[0]) - 1
        assert found.length is None or found.length >= len(expected[0]) - 1


def test_a_leaf_of_a_hub_is_found_from_the_leaf() -> None:
    """The hub has more links than a round may bring; the other end proves the answer all the same."""
    town = Town(joined([(0, n) for n in range(1, 500)] + [(1, 500)]))
    for start, goal in (("s0", "s500"), ("s500", "s0")):
        found = ask(town, start, goal, cap=100)
        assert (found.length, found.count, found.complete) == (2, 1, True)


def test_two_hubs_that_cannot_be_read_are_said_to_be_so() -> None:
    town = Town(joined([(n, hub) for n in range(10, 300) for hub in (0, 1)]))
    found = ask(town, "s0", "s1", cap=100)
    assert not found.complete
    assert found.why == ("too_many_links",)
    assert found.none_within == 0
    assert all(len(path.subjects) == 3 for path in found.paths)


def test_a_subject_that_stands_alone_ends_the_search_at_once() -> None:
    town = Town(joined([(0, n) for n in range(2, 300)]))
    found = ask(town, "s0", "s1", cap=100)
    assert (found.length, found.complete, found.none_within) == (None, True, 6)


def test_a_search_ends_where_one_end_has_met_everybody_it_can() -> None:
    """Nobody is asked about twice."""
    town = Town(joined([(0, 2), (2, 3), (1, 4)]))
    found = ask(town, "s0", "s1")
    assert (found.length, found.complete, found.none_within) == (None, True, 6)
    assert town.rounds == 3


def test_the_same_subject_is_no_link_away() -> None:
    found = ask(Town([]), "s0", "s0")
    assert (found.length, found.count, found.complete) == (0, 1, True)
    assert [path.subjects for path in found.paths] == [("s0",)]


def test_paths_are_counted_exactly_however_few_are_shown() -> None:
    town = Town(joined([(n, hub) for n in range(10, 60) for hub in (0, 1)]))
    found = ask(town, "s0", "s1", shown=3)
    assert (found.count, len(found.paths), found.complete) == (50, 3, True)
    assert [path.subjects[1] for path in found.paths] == ["s10", "s11", "s12"]


def test_every_link_between_two_neighbours_is_shown() -> None:
    town = Town([*joined([(0, 1)]), *joined([(9, 9), (0, 1)], LinkType.SHAREHOLDER)[1:]])
    (path,) = ask(town, "s0", "s1").paths
    assert [link.type for link in path.steps[0]] == ["director", "shareholder"]


def test_only_links_of_the_types_asked_for_are_walked() -> None:
    town = Town(joined([(0, 1)]))
    where = LinkFilter(types=frozenset({LinkType.SHAREHOLDER}))
    assert shortest_paths(town, "s0", "s1", where, known_at=AT).length is None  # type: ignore[arg-type]


@pytest.mark.parametrize("spent", [0, 1, 2])
def test_the_budget_of_all_calls_together_ends_the_search(spent: int) -> None:
    """Each look at the clock takes four of ten seconds."""
    ticks = iter(range(spent * 4, 1_000, 4))
    budget = Budget(10, clock=lambda: float(next(ticks)))
    town = Town(joined([(n, n + 1) for n in range(6)]))
    found = shortest_paths(town, "s0", "s6", EVERY, known_at=AT, budget=budget)  # type: ignore[arg-type]
    assert (found.length, found.complete, found.why) == (None, False, ("out_of_time",))
    assert town.rounds == 2
    assert found.none_within == 2

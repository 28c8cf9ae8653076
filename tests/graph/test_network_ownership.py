"""Effective shares: chains, circles, what is not known; equal to sums of walks on random networks."""

from __future__ import annotations

from decimal import Decimal

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network.budget import Budget
from graph.network.holdings import Above, above, holdings
from graph.network.ownership import LARGEST_CIRCLE, Ownership, network, ownership
from tests.graph.network_worlds import AT, Town, held

Edge = tuple[str, str, float | None]


def owned(*edges: Edge) -> Ownership:
    """Who owns ``s``, and how much."""
    return ownership("s", network("s", holdings(held(*edges))))


def shares(*edges: Edge) -> dict[str, float]:
    return {one: float(share) for one, share in owned(*edges).effective.items() if one != "s"}


def test_shares_multiply_along_a_chain_and_add_up_over_chains() -> None:
    assert shares(("p", "h", 0.6), ("h", "s", 0.5), ("p", "s", 0.1)) == {"p": 0.4, "h": 0.5}


def test_a_quarter_is_a_quarter() -> None:
    """Binary fractions would make 0.1 + 0.15 something else."""
    found = owned(("p", "a", 0.1), ("a", "s", 1.0), ("p", "b", 0.3), ("b", "s", 0.5))
    assert found.effective["p"] == Decimal("0.25")


def test_shares_that_a_company_holds_of_itself_belong_to_its_other_holders() -> None:
    """As 002712.SZ: 6.35 % are its own."""
    found = owned(("s", "s", 0.0635), ("p", "s", 0.2), ("q", "s", 0.7365))
    assert float(found.effective["p"]) == pytest.approx(0.2 / (1 - 0.0635), abs=1e-9)
    assert float(found.effective["p"] + found.effective["q"]) == pytest.approx(1)
    assert float(found.effective["s"]) == pytest.approx(0.0635)


def test_two_companies_that_hold_each_other() -> None:
    """The textbook's case: a and s hold 30 % and 40 % of each other, the rest is p's and q's."""
    found = shares(("a", "s", 0.3), ("s", "a", 0.4), ("p", "a", 0.6), ("q", "s", 0.7))
    rest = 1 - 0.3 * 0.4
    assert found == pytest.approx({"a": 0.3, "p": 0.6 * 0.3 / rest, "q": 0.7 / rest})


def test_a_circle_far_above_is_solved_too() -> None:
    found = shares(("p", "x", 0.5), ("x", "y", 0.8), ("y", "x", 0.5), ("y", "s", 0.9))
    x = 0.8 * 0.9
    assert found == pytest.approx({"x": x, "y": 0.9, "p": 0.5 * x / (1 - 0.8 * 0.5)})


def test_a_circle_without_anybody_outside_owns_nothing_that_can_be_told() -> None:
    found = owned(("a", "b", 1.0), ("b", "a", 1.0), ("a", "s", 0.6), ("p", "s", 0.4))
    assert found.closed == (("a", "b"),)
    assert float(found.effective["p"]) == 0.4
    assert "a" not in found.effective
    assert found.at_least == {"a", "b"}


def test_shares_of_more_than_everything_do_not_make_an_endless_sum() -> None:
    """Two sources, or two dates, in one: the circle's shares grow with every turn."""
    found = owned(("a", "s", 0.9), ("b", "s", 0.9), ("s", "a", 0.8), ("s", "b", 0.8), ("p", "a", 0.2))
    assert found.closed == (("a", "b", "s"),)
    assert "p" in found.at_least


def test_a_missing_share_is_no_share_and_is_told() -> None:
    found = owned(("p", "h", None), ("h", "s", 0.5), ("q", "p", 0.9), ("r", "s", 0.2))
    assert found.effective["p"] == 0
    assert found.at_least == {"p", "q"}


def test_a_circle_too_large_to_solve_is_told() -> None:
    size = LARGEST_CIRCLE + 1
    found = owned(*((f"c{n}", f"c{(n + 1) % size}", 0.5) for n in range(size)), ("c0", "s", 0.5), ("p", "s", 0.5))
    assert [len(circle) for circle in found.too_large] == [size]
    assert found.effective["p"] == Decimal("0.5")


def test_what_one_source_lists_adds_up_and_what_two_say_does_not() -> None:
    links = held(("p", "s", 0.2), ("p", "s", 0.1)) + held(("p", "s", 0.25), source="exchange")
    (one,) = holdings(links)
    assert (one.share, one.differing, one.missing) == (Decimal("0.3"), True, False)
    (agreed,) = holdings(held(("p", "s", 0.3)) + held(("p", "s", 0.3), source="exchange"))
    assert (agreed.share, agreed.differing) == (Decimal("0.3"), False)


def test_another_source_fills_in_a_share_that_one_leaves_out() -> None:
    (one,) = holdings(held(("p", "s", None)) + held(("p", "s", 0.3), source="exchange"))
    assert (one.share, one.missing) == (Decimal("0.3"), False)
    (partly,) = holdings(held(("p", "s", None), ("p", "s", 0.1)))
    assert (partly.share, partly.missing) == (Decimal("0.1"), True)


@st.composite
def ownerships(draw: st.DrawFn) -> list[Edge]:
    """Random holdings, with circles, in which nobody's shares add up to more than nine tenths."""
    names = ["s", "a", "b", "c", "d"]
    edges = []
    for organisation in names:
        holders = draw(st.lists(st.sampled_from([*names, "p", "q"]), unique=True, max_size=4))
        edges += [(holder, organisation, draw(st.integers(1, 90 // len(holders))) / 100) for holder in holders]
    return edges


@given(edges=ownerships())
def test_effective_shares_are_sums_of_walks_that_do_not_come_back_to_the_holder(edges: list[Edge]) -> None:
    found = owned(*edges)
    assert found.closed == ()
    graph = network("s", holdings(held(*edges)))
    for holder in sorted(nx.ancestors(graph, "s")):
        assert float(found.effective[holder]) == pytest.approx(_walks(graph, holder), abs=1e-8)


def _walks(graph: nx.DiGraph, holder: str) -> float:
    """By multiplying, step after step: what has arrived at the subject goes on from there too."""
    moving, arrived = {holder: 1.0}, 0.0
    for _ in range(600):
        after: dict[str, float] = {}
        for one, part in moving.items():
            for other in graph[one]:
                if other != holder:
                    after[other] = after.get(other, 0.0) + part * float(graph[one][other]["share"])
        moving = after
        arrived += moving.get("s", 0.0)
    return arrived


@given(edges=ownerships())
def test_all_that_is_held_belongs_to_those_outside(edges: list[Edge]) -> None:
    """Where each organisation is held to the last share, those who are held by nobody own everything."""
    rest: dict[str, Decimal] = {}
    for _, organisation, share in edges:
        rest[organisation] = rest.get(organisation, Decimal(1)) - Decimal(repr(share))
    whole = [*edges, *((f"rest of {name}", name, float(rest.get(name, 1))) for name in "sabcd")]
    found = owned(*whole)
    held_by_others = {organisation for _, organisation, _ in whole}
    outside = [share for one, share in found.effective.items() if one not in held_by_others]
    assert float(sum(outside)) == pytest.approx(1, abs=1e-8)


def read(town: Town, **more: int) -> Above:
    return above(town, "s", on=None, known_at=AT, budget=Budget(), **more)  # type: ignore[arg-type]


def test_those_above_are_read_round_by_round_and_no_others() -> None:
    up = held(("h", "s", 0.5), ("p", "h", 0.5), ("h", "p", 0.5))
    town = Town([*up, *held(("s", "below", 0.5), ("h", "beside", 0.5), source="other")])
    found = read(town)
    assert list(found.links) == sorted(up, key=lambda link: link.id)
    assert found.why == ()


@pytest.mark.parametrize(
    ("more", "why"), [({"cap": 3}, "too_many_links"), ({"most": 4}, "too_many_subjects")], ids=["links", "subjects"]
)
def test_too_many_holders_are_said_to_be_so(more: dict[str, int], why: str) -> None:
    town = Town(held(*((f"h{n}", "s", 0.1) for n in range(6))))
    assert read(town, **more).why == (why,)


def test_a_chain_that_does_not_end_is_said_to_be_so() -> None:
    town = Town(held(*((f"h{n + 1}", f"h{n}", 0.9) for n in range(30)), ("h0", "s", 0.9)))
    found = read(town)
    assert found.why == ("too_many_rounds",)
    assert read(Town(town.links, patience=3)).why == ("out_of_time",)

"""Control by more than half through chains, by declaration, and on what grounds somebody is a beneficial owner."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from graph.model import Link, LinkType
from graph.network.control import Votes, grounds
from graph.network.holdings import holdings
from tests.graph.network_worlds import held
from tests.graph.test_network_ownership import Edge, ownerships


def votes(*edges: Edge, declared: tuple[tuple[str, str], ...] = ()) -> Votes:
    links = [Link(f"{one} {of}", LinkType.ACTUAL_CONTROLLER, one, of) for one, of in declared]
    return Votes(holdings(held(*edges)), [*held(*edges), *links])


def controls(world: Votes, holder: str, *, declared: bool = False) -> set[str]:
    return set(world.group(holder, declared=declared).taken)


@pytest.mark.parametrize(("share", "controlled"), [(0.5, set()), (0.5001, {"s"}), (0.49, set())])
def test_half_is_not_more_than_half(share: float, controlled: set[str]) -> None:
    assert controls(votes(("p", "s", share)), "p") == controlled


def test_control_goes_through_chains_where_ownership_thins_out() -> None:
    """51 % of 51 % of 51 % is 13 %, and decides all the same."""
    world = votes(("p", "a", 0.51), ("a", "b", 0.51), ("b", "s", 0.51))
    assert controls(world, "p") == {"a", "b", "s"}
    chain = world.group("p", declared=False).chain("s")
    assert [(step.organisation, step.by) for step in chain] == [("a", ("p",)), ("b", ("a",)), ("s", ("b",))]


def test_minorities_of_a_group_add_up() -> None:
    world = votes(("p", "a", 0.6), ("p", "b", 0.6), ("a", "s", 0.3), ("b", "s", 0.3), ("a", "c", 0.9))
    group = world.group("p", declared=False)
    assert set(group.taken) == {"a", "b", "c", "s"}
    assert [step.organisation for step in group.chain("s")] == ["a", "b", "s"]
    assert group.taken["s"].votes == Decimal("0.6")


def test_a_companys_own_shares_have_no_vote() -> None:
    world = votes(("s", "s", 0.2), ("p", "s", 0.41))
    assert controls(world, "p") == {"s"}
    assert world.group("p", declared=False).taken["s"].votes == Decimal("0.5125")
    assert controls(votes(("s", "s", 0.18), ("p", "s", 0.41)), "p") == set()


def test_a_company_that_holds_all_of_itself_has_no_votes_to_count() -> None:
    world = votes(("s", "s", 1.0), ("p", "s", 0.41))
    assert controls(world, "p") == {"s"}
    assert world.group("p", declared=False).taken["s"].votes == 0


def test_a_declared_controller_controls_what_the_votes_do_not_show() -> None:
    world = votes(("a", "s", 0.51), ("p", "a", 0.1), declared=(("p", "a"),))
    assert controls(world, "p") == set()
    assert controls(world, "p", declared=True) == {"a", "s"}
    first, last = world.group("p", declared=True).chain("s")
    assert (first.declared, last.declared) == (True, False)


def test_a_circle_is_controlled_by_nobody_but_its_members() -> None:
    world = votes(("a", "b", 0.6), ("b", "a", 0.6), ("b", "s", 0.6), ("p", "a", 0.4))
    assert controls(world, "a") == {"b", "a", "s"} - {"a"}
    assert controls(world, "p") == set()


@given(edges=ownerships())
def test_who_controls_what_is_the_least_fixpoint(edges: list[Edge]) -> None:
    world = votes(*edges)
    for holder in sorted({one for one, _, _ in edges}):
        assert controls(world, holder) == _fixpoint(edges, holder)


def _fixpoint(edges: list[Edge], holder: str) -> set[str]:
    members = {holder}
    while True:
        more = set(members)
        for organisation in {of for _, of, _ in edges}:
            cents = [(one, round(100 * (share or 0))) for one, of, share in edges if of == organisation]
            own = sum(share for one, share in cents if one == organisation)
            theirs = sum(share for one, share in cents if one in members and one != organisation)
            if 2 * theirs > 100 - own:
                more.add(organisation)
        if more == members:
            return members - {holder}
        members = more


@pytest.mark.parametrize(
    ("effective", "part", "control", "found"),
    [
        ("0.25", "0", None, ("share",)),
        ("0.2499999999", "0", None, ()),
        (None, "0.25", None, ("votes",)),
        ("0.1", "0.6", "majority", ("votes", "control")),
        ("0", "0", "declared", ("control",)),
    ],
)
def test_a_quarter_is_enough_for_a_beneficial_owner(
    effective: str | None, part: str, control: None, found: tuple[str, ...]
) -> None:
    assert grounds(None if effective is None else Decimal(effective), Decimal(part), control) == found

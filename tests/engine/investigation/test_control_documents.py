"""Who stands behind a subject: shares, control, beneficial owners, and what the data do not tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.investigation.document import ControlDocument
from graph.model import Kind, Link, LinkType, Subject
from graph.network.ownership import LARGEST_CIRCLE
from graph.sqlite import SqliteStore
from tests.contract.builders import LEGAL_REPRESENTATIVE, SHAREHOLDER, link, merge, organisation, person, put
from tests.engine.investigation.questions import Asking

FIRM, HOLDING, SHELL = organisation(1, "甲有限公司"), organisation(2, "乙控股有限公司"), organisation(3, "丙有限公司")
ANN, BEA, CAI = person(1, "安宁"), person(2, "白露"), person(3, "蔡明")
EVERYBODY = (FIRM, HOLDING, SHELL, ANN, BEA, CAI)
Behind = Callable[..., ControlDocument]


def share(holder: Subject, of: Subject, part: float | None, **more: object) -> Link:
    return link(holder, SHAREHOLDER, of, share=part, **more)


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    """Who stands behind the firm, when these are the links."""
    with ExitStack() as stack:
        store = stack.enter_context(SqliteStore(tmp_path))

        def asked(*facts: object, subject: str = FIRM.id, as_of: date = date(2025, 6, 1)) -> ControlDocument:
            return Asking(store, put(store, *EVERYBODY, *facts), as_of).control(subject)

        yield asked


def owners(found: ControlDocument) -> dict[str, tuple[str, ...]]:
    return {one.subject.name: one.grounds for one in found.beneficial_owners}


def gaps(found: ControlDocument) -> set[tuple[str, tuple[str, ...]]]:
    return {(one.kind, one.about) for one in found.gaps}


def test_shares_votes_and_chains_of_a_holding(behind: Behind) -> None:
    found = behind(
        share(HOLDING, FIRM, 0.6), share(ANN, HOLDING, 0.51), share(BEA, HOLDING, 0.49), share(CAI, FIRM, 0.4)
    )
    ranked = [(one.subject.name, one.direct_share, one.effective_share, one.control) for one in found.holders]
    assert ranked == [
        ("乙控股有限公司", 0.6, 0.6, "majority"),
        ("蔡明", 0.4, 0.4, None),
        ("安宁", None, 0.306, "majority"),
        ("白露", None, 0.294, None),
    ]
    ann = found.holders[2]
    assert [(step.organisation, step.by, step.votes) for step in ann.chain] == [
        (HOLDING.id, (ANN.id,), 0.51),
        (FIRM.id, (HOLDING.id,), 0.6),
    ]
    assert owners(found) == {
        "蔡明": ("share", "votes"),
        "安宁": ("share", "votes", "control"),
        "白露": ("share",),
    }
    assert [one.ultimate for one in found.holders] == [False, True, True, True]
    assert (found.complete, found.gaps) == (True, ())


def test_votes_make_an_owner_where_shares_thin_out(behind: Behind) -> None:
    """51 % of a holding that has 30 %: 15 % of the shares, 30 % of the votes, and no control."""
    found = behind(share(HOLDING, FIRM, 0.3), share(ANN, HOLDING, 0.51))
    assert owners(found) == {"安宁": ("votes",)}


def test_a_declared_controller_is_an_owner_without_a_share(behind: Behind) -> None:
    found = behind(link(ANN, LinkType.ACTUAL_CONTROLLER, HOLDING), share(HOLDING, FIRM, 0.7))
    assert owners(found) == {"安宁": ("control",)}
    (_, ann) = found.holders
    assert (ann.effective_share, ann.control, [step.declared for step in ann.chain]) == (0, "declared", [True, False])


def test_an_organisation_is_no_beneficial_owner(behind: Behind) -> None:
    found = behind(share(HOLDING, FIRM, 1.0))
    assert owners(found) == {}
    assert gaps(found) == {("no_holders", (HOLDING.id,))}


def test_circles_are_solved(behind: Behind) -> None:
    found = behind(
        share(HOLDING, FIRM, 0.3), share(FIRM, HOLDING, 0.4), share(ANN, HOLDING, 0.6), share(BEA, FIRM, 0.7)
    )
    effective = {one.subject.name: one.effective_share for one in found.holders}
    assert effective["安宁"] == pytest.approx(0.18 / 0.88)
    assert effective["白露"] == pytest.approx(0.7 / 0.88)
    assert found.own_share == pytest.approx(0.12)
    assert owners(found) == {"白露": ("share", "votes", "control"), "安宁": ("votes",)}


def test_a_company_judged_to_be_its_own_holder(behind: Behind) -> None:
    """As 002712.SZ, whose source lists it among its holders under its name."""
    found = behind(share(SHELL, FIRM, 0.2), merge(FIRM, SHELL), share(ANN, FIRM, 0.41), share(BEA, FIRM, 0.39))
    assert found.own_share == 0.2
    assert {one.subject.name: one.effective_share for one in found.holders} == {"安宁": 0.5125, "白露": 0.4875}
    assert owners(found)["安宁"] == ("share", "votes", "control")


def test_a_missing_share_is_named_and_makes_a_lower_bound(behind: Behind) -> None:
    unknown = share(HOLDING, FIRM, None)
    found = behind(unknown, share(ANN, HOLDING, 0.9), share(BEA, FIRM, 0.2))
    assert ("missing_share", (unknown.id,)) in gaps(found)
    assert {one.subject.name: (one.effective_share, one.at_least) for one in found.holders} == {
        "白露": (0.2, False),
        "乙控股有限公司": (0, True),
        "安宁": (0, True),
    }
    assert not any(kind == "shares_incomplete" and about == (FIRM.id,) for kind, about in gaps(found))


def test_what_is_held_by_nobody_on_record_is_named(behind: Behind) -> None:
    found = behind(share(ANN, FIRM, 0.3))
    (gap,) = found.gaps
    assert (gap.kind, gap.about, gap.share) == ("shares_incomplete", (FIRM.id,), 0.7)


def test_rounded_percentages_are_a_whole(behind: Behind) -> None:
    assert behind(share(ANN, FIRM, 0.3333), share(BEA, FIRM, 0.3333), share(CAI, FIRM, 0.3333)).gaps == ()


def test_a_circle_that_is_too_large_to_solve_is_named(behind: Behind) -> None:
    circle = [organisation(100 + n) for n in range(LARGEST_CIRCLE + 1)]
    head, *others = circle
    shares = [link for one in others for link in (share(head, one, 0.9), share(one, head, 0.001))]
    found = behind(*circle, *shares, share(head, FIRM, 0.4), share(ANN, FIRM, 0.6))
    (gap,) = (one for one in found.gaps if one.kind == "circle_too_large")
    assert (set(gap.about), gap.share) == ({one.id for one in circle}, None)
    assert owners(found) == {"安宁": ("share", "votes", "control")}


def test_more_than_everything_is_named(behind: Behind) -> None:
    found = behind(share(ANN, FIRM, 0.7), share(BEA, FIRM, 0.7))
    (gap,) = found.gaps
    assert (gap.kind, gap.share) == ("shares_exceed_whole", 1.4)


def test_two_sources_that_differ_are_not_added_up(behind: Behind) -> None:
    register, exchange = share(ANN, FIRM, 0.3, source="register"), share(ANN, FIRM, 0.2, source="exchange", key="2")
    found = behind(register, exchange)
    assert found.holders[0].direct_share == 0.3
    assert ("sources_differ", tuple(sorted((register.id, exchange.id)))) in gaps(found)


def test_a_closed_circle_is_named_and_owns_what_nobody_can_tell(behind: Behind) -> None:
    found = behind(
        share(HOLDING, SHELL, 1.0), share(SHELL, HOLDING, 1.0), share(SHELL, FIRM, 0.5), share(ANN, FIRM, 0.5)
    )
    assert ("closed_circle", tuple(sorted((HOLDING.id, SHELL.id)))) in gaps(found)
    assert {one.subject.name: one.effective_share for one in found.holders if one.at_least} == {
        HOLDING.name: None,
        SHELL.name: None,
    }


def test_those_in_charge_are_told_beside_the_owners(behind: Behind) -> None:
    found = behind(link(ANN, LEGAL_REPRESENTATIVE, FIRM), link(BEA, LEGAL_REPRESENTATIVE, HOLDING))
    assert [(one.subject.name, one.link.type) for one in found.in_charge] == [("安宁", "legal_representative")]
    assert (owners(found), gaps(found)) == ({}, {("no_holders", (FIRM.id,))})


def test_those_in_charge_are_in_an_order_that_no_store_chooses(behind: Behind) -> None:
    posts = [link(one, kind, FIRM) for one in (CAI, ANN, BEA) for kind in (LinkType.PRINCIPAL, LEGAL_REPRESENTATIVE)]
    told = [(one.link.type, one.link.id) for one in behind(*posts).in_charge]
    assert told == sorted((post.type, post.id) for post in posts)


def test_on_the_day_that_is_asked_for(behind: Behind) -> None:
    sold = share(ANN, FIRM, 1.0, valid_from=date(2010, 1, 1), valid_to=date(2020, 1, 1))
    bought = share(BEA, FIRM, 1.0, valid_from=date(2020, 1, 1))
    assert set(owners(behind(sold, bought))) == {"白露"}


def test_before_a_sale(behind: Behind) -> None:
    sold = share(ANN, FIRM, 1.0, valid_from=date(2010, 1, 1), valid_to=date(2020, 1, 1))
    bought = share(BEA, FIRM, 1.0, valid_from=date(2020, 1, 1))
    assert set(owners(behind(sold, bought, as_of=date(2019, 12, 31)))) == {"安宁"}


def test_as_was_known_before_a_correction(tmp_path: Path) -> None:
    """A share that was recorded too large made an owner until it was corrected, and still does for that instant."""
    with SqliteStore(tmp_path) as store:
        wrong = share(ANN, FIRM, 0.3)
        before = put(store, *EVERYBODY, wrong)
        after = put(store, replace(wrong, share=0.03), correct=True)
        assert owners(Asking(store, before).control(FIRM.id)) == {"安宁": ("share", "votes")}
        assert owners(Asking(store, after).control(FIRM.id)) == {}


def test_a_government_organ_has_no_holders_and_that_is_no_gap(behind: Behind) -> None:
    organ = organisation(9, "某市国资委", kind=Kind.GOVERNMENT_ORGAN)
    assert behind(organ, share(organ, FIRM, 1.0)).gaps == ()


def test_nobody_can_be_told_behind_a_name(behind: Behind) -> None:
    found = behind(subject="name:甲有限公司")
    assert (found.complete, found.why, found.holders) == (False, ("unresolved",), ())


def test_without_time_the_answer_says_so(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        asking = Asking(store, put(store, *EVERYBODY, share(ANN, FIRM, 1.0)))
        found = asking.asked(asking.control(FIRM.id).question, seconds=0)
    assert (found.complete, found.why) == (False, ("out_of_time",))
    assert gaps(found) == {("not_read", (FIRM.id,))}

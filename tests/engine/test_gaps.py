"""Gaps: what the data cannot tell, named with the measures it could add; never "none" on incomplete evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    Plain,
    gaps,
    lead,
    link,
    measure,
    naming,
    organisation,
    person,
    reach,
    record,
    stub,
)

FIRM, OTHER, ZHANG = organisation("甲"), organisation("乙"), person("张")
NOBODY = stub("王", FIRM)
NAMED: Plain = {"named": "responsible"}


def by(**trigger: Any) -> Plain:
    return {"trigger": {"list": "dishonest", **trigger}}


@pytest.mark.parametrize(
    ("more", "held", "kind", "about"),
    [
        ({}, {"decided_on": None, "effective_from": TODAY}, "missing_date", "r1#decided_on"),
        (by(on="acted_on"), {}, "missing_date", "r1#acted_on"),
        (by(on="acted_on"), {"decided_on": None, "acted_on": TODAY}, "missing_date", "r1#effective_from"),
        ({"term": {"length": "P1Y", "from": "final_on"}}, {}, "missing_date", "r1#final_on"),
        (by(severity="serious"), {}, "missing_severity", "r1"),
        (by(where={"field": "act", "is": "x"}), {}, "missing_field", "r1#act"),
        (
            by(where={"field": "act", "is": {"question": "object"}}),
            {"fields": {"act": "x"}},
            "missing_in_question",
            "question#object",
        ),
        (by(sum_at_least=1), {}, "missing_amount", "r1"),
        ({"term": {"length": {"most": "P3Y"}}}, {}, "undecided_term", "r1"),
    ],
)
def test_what_a_record_leaves_out_is_a_gap(make: Making, more: Plain, held: Plain, kind: str, about: str) -> None:
    decision = make(FIRM, record(FIRM, id="r1", **held), measures=[measure(**more)]).ask(FIRM)
    assert gaps(decision) == {(kind, about): ("ban",)}
    assert (decision.outcome, decision.complete, decision.measures) == ("incomplete", False, ())


@pytest.mark.parametrize(
    ("steps", "office", "kind"),
    [
        (reach("director>holder@at_event"), {"since": None}, "undated_link"),
        (reach("director>holder@after_event"), {"since": None}, "undated_link"),
        (reach("shareholder>holder@now", min_share=0.5), {"type": "shareholder"}, "missing_share"),
    ],
)
def test_what_a_link_leaves_out_is_a_gap(make: Making, steps: list[Plain], office: Plain, kind: str) -> None:
    held = link(ZHANG, **{"type": "director", "held": FIRM, "id": "l1", **office})
    decision = make(FIRM, ZHANG, record(FIRM), held, measures=[measure(reaches=[steps])]).ask(ZHANG)
    assert gaps(decision) == {(kind, "l1"): ("ban",)}
    assert decision.outcome == "incomplete"


def test_a_link_that_leads_to_no_record_is_no_gap(make: Making) -> None:
    told = make(
        FIRM,
        ZHANG,
        link(ZHANG, "director", FIRM, None),
        measures=[measure(reaches=[reach("director>holder@at_event")])],
    )
    assert (told.ask(ZHANG).outcome, told.ask(ZHANG).gaps) == ("none", ())


def test_an_undated_link_that_ended_before_the_event_is_none(make: Making) -> None:
    over = link(ZHANG, "director", FIRM, None, valid_to=date(2020, 1, 1))
    told = make(FIRM, ZHANG, record(FIRM), over, measures=[measure(reaches=[reach("director>holder@at_event")])])
    assert told.ask(ZHANG).outcome == "none"


def test_a_gap_that_could_add_nothing_stronger_leaves_the_answer_complete(make: Making) -> None:
    weaker = measure("review", effect="strict_review", trigger={"list": "arrears"})
    told = make(FIRM, record(FIRM), record(FIRM, "arrears", decided_on=None), measures=[measure(), weaker])
    decision = told.ask(FIRM)
    assert (decision.outcome, decision.complete) == ("deny", True)
    assert [one.could_add for one in decision.gaps] == [("review",), ("review",)]


def test_a_gap_that_could_add_something_stronger_leaves_it_open(make: Making) -> None:
    weaker = measure("review", effect="strict_review", trigger={"list": "arrears"})
    told = make(FIRM, record(FIRM, decided_on=None), record(FIRM, "arrears"), measures=[measure(), weaker])
    assert (told.ask(FIRM).outcome, told.ask(FIRM).complete) == ("strict_review", False)


def test_one_gap_names_every_measure_that_it_could_add(make: Making) -> None:
    measures = [measure(name, basis=[{"document": "law", "article": name}]) for name in ("b", "a")]
    told = make(FIRM, record(FIRM, id="r1", decided_on=None, effective_from=TODAY), measures=measures)
    assert gaps(told.ask(FIRM)) == {("missing_date", "r1#decided_on"): ("a", "b")}


def test_a_measure_that_is_returned_has_no_gaps(make: Making) -> None:
    told = make(FIRM, record(FIRM), record(FIRM, key="2", decided_on=None, effective_from=TODAY))
    assert (told.ask(FIRM).outcome, told.ask(FIRM).gaps) == ("deny", ())


def test_leads_have_no_gaps(make: Making) -> None:
    undated = record(FIRM, decided_on=None, effective_from=TODAY)
    told = make(FIRM, undated, measures=[], leads=[lead("x")])
    assert (told.ask(FIRM).leads, told.ask(FIRM).gaps) == ((), ())


# --- a holder without identity --------------------------------------------------------------------------------------

TO_FIRMS = reach("legal_representative>organisation@now")


def unidentified(make: Making, *facts: Any, asked: Any = FIRM, day: date = TODAY, **measure_: Any) -> bool:
    told = make(FIRM, OTHER, NOBODY, *facts, measures=[measure(**measure_)])
    decision = told.ask(asked, as_of=day)
    assert {kind for kind, _ in gaps(decision)} <= {"unidentified_holder"}
    assert decision.complete is not bool(decision.gaps)
    return ("unidentified_holder", NOBODY.id) in gaps(decision)


def test_the_records_of_somebody_known_by_name_only_are_unknown(make: Making) -> None:
    assert unidentified(make, link(NOBODY, "legal_representative", FIRM), reaches=[TO_FIRMS])


def test_they_are_not_where_the_list_holds_no_persons(make: Making) -> None:
    office = link(NOBODY, "legal_representative", FIRM)
    assert not unidentified(make, office, reaches=[TO_FIRMS], trigger={"list": "firms"})


def test_what_else_he_leads_is_unknown_whatever_the_list_holds(make: Making) -> None:
    between = reach("legal_representative>holder@at_event", "legal_representative>organisation@now")
    office = link(NOBODY, "legal_representative", FIRM)
    assert unidentified(make, office, reaches=[between], trigger={"list": "firms"})


@pytest.mark.parametrize(
    ("time", "since", "to", "open_"),
    [
        ("now", None, None, True),
        ("now", date(2025, 6, 2), None, False),
        ("now", None, TODAY, False),
        ("at_event", date(2025, 6, 2), None, False),
        ("at_event", None, date(2020, 1, 1), True),
        ("after_event", None, None, True),
        ("after_event", None, TODAY, False),
    ],
)
def test_an_office_that_cannot_hold_leads_to_nobody(
    make: Making, time: str, since: date | None, to: date | None, open_: bool
) -> None:
    steps = reach(f"legal_representative>organisation@{time}")
    office = link(NOBODY, "legal_representative", FIRM, since, valid_to=to)
    assert unidentified(make, office, reaches=[steps]) is open_


def test_a_share_that_is_too_small_leads_to_nobody_and_a_missing_one_does_not_hinder(make: Making) -> None:
    steps = reach("shareholder>organisation@now", min_share=0.5)
    for share, open_ in ((0.4, False), (0.5, True), (None, True)):
        assert unidentified(make, link(NOBODY, "shareholder", FIRM, share=share), reaches=[steps]) is open_


def test_somebody_known_by_name_may_be_named_elsewhere(make: Making) -> None:
    onward = [NAMED, *TO_FIRMS]
    assert unidentified(make, link(NOBODY, "legal_representative", FIRM), reaches=[onward], trigger={"list": "firms"})


def test_the_subject_itself_may_be_known_by_name_only(make: Making) -> None:
    assert unidentified(make, asked=NOBODY)
    assert not unidentified(make, asked=NOBODY, trigger={"list": "firms"})
    assert unidentified(make, asked=NOBODY, reaches=[[NAMED]], trigger={"list": "firms"})


def test_a_measure_no_longer_in_force_asks_for_nobody(make: Making) -> None:
    office = link(NOBODY, "legal_representative", FIRM)
    over = {"from": "2000-01-01", "to": "2020-01-01"}
    assert not unidentified(make, office, reaches=[TO_FIRMS], in_force=over)
    assert unidentified(make, office, reaches=[TO_FIRMS], in_force=over, survives=True)


def test_a_reach_whose_basis_is_gone_asks_for_nobody(make: Making) -> None:
    own = {"document": "law", "article": "一", "in_force": {"from": "2000-01-01", "to": "2020-01-01"}}
    office = link(NOBODY, "legal_representative", FIRM)
    assert not unidentified(make, office, reaches=[{"steps": TO_FIRMS, "basis": [own]}])
    assert unidentified(make, office, reaches=[{"steps": TO_FIRMS, "basis": [own]}], survives=True)


def test_a_person_whom_the_decision_names_by_name_only_is_bound_by_that_decision(make: Making) -> None:
    listed = record(FIRM)
    told = make(FIRM, NOBODY, listed, naming(listed, NOBODY), measures=[measure(reaches=[[NAMED]])])
    assert told.applies(NOBODY)


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (date(2025, 1, 10), "deny"),
        (date(2025, 1, 11), "incomplete"),
        (date(2027, 1, 10), "incomplete"),
        (date(2027, 1, 11), "none"),
    ],
)
def test_of_a_range_the_least_binds_and_after_the_most_nothing_does(make: Making, day: date, outcome: str) -> None:
    """Between the two the authority decided, and the record does not say what."""
    told = make(FIRM, record(FIRM), measures=[measure(term={"length": {"least": "P1Y", "most": "P3Y"}})])
    assert told.ask(FIRM, as_of=day).outcome == outcome


def test_of_two_ranges_each_binds_for_its_own_least(make: Making) -> None:
    terms = {"short": {"least": "P1Y", "most": "P5Y"}, "long": {"least": "P2Y", "most": "P5Y"}}
    told = make(FIRM, record(FIRM), measures=[measure(name, term={"length": most}) for name, most in terms.items()])
    assert told.applies(FIRM, "short", as_of=date(2024, 12, 1))
    assert told.applies(FIRM, "long", as_of=date(2025, 12, 1))
    assert not told.applies(FIRM, "short", as_of=date(2025, 12, 1))

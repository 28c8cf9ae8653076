"""What stands beside the outcome: leads and incentives."""

from __future__ import annotations

from tests.engine.conftest import Making
from tests.engine.worlds import (
    incentive,
    lead,
    link,
    measure,
    only,
    organisation,
    person,
    reach,
    record,
)

FIRM, OTHER, ZHANG, LI = organisation("甲"), organisation("乙"), person("张"), person("李")


def test_a_lead_is_shown_below_the_line(make: Making) -> None:

    told = make(
        FIRM,
        OTHER,
        record(FIRM),
        link(FIRM, "shareholder", OTHER, share=0.6),
        leads=[lead("parent", *reach("shareholder>organisation@now"))],
    )
    decision = told.ask(OTHER)
    assert (decision.outcome, decision.complete, decision.measures) == ("none", True, ())
    (shown,) = decision.leads
    assert (shown.id, shown.text) == ("parent", "线索parent")
    assert [x.type for x in shown.chain.links] == ["shareholder"]


def test_a_lead_is_silent_where_a_measure_speaks_of_the_same_facts(make: Making) -> None:

    path = reach("director>holder@now")
    told = make(
        FIRM,
        ZHANG,
        record(FIRM),
        link(ZHANG, "director", FIRM),
        measures=[measure(reaches=[path])],
        leads=[lead("same", *path)],
    )
    assert [m.id for m in told.ask(ZHANG).measures] == ["ban"]
    assert told.ask(ZHANG).leads == ()
    assert [one.id for one in told.ask(ZHANG, matter="licence").leads] == ["same"]


def test_a_lead_asks_for_its_least_severity(make: Making) -> None:

    by = [lead("grave", severity="serious")]
    assert make(FIRM, record(FIRM, severity="general"), measures=[], leads=by).ask(FIRM).leads == ()
    assert len(make(FIRM, record(FIRM, severity="serious"), measures=[], leads=by).ask(FIRM).leads) == 1


def test_an_incentive_stands_beside_and_does_not_change_the_outcome(make: Making) -> None:

    decision = make(FIRM, record(FIRM, "honoured"), measures=[incentive()]).ask(FIRM)
    assert (decision.outcome, only(decision).kind, only(decision).suspended_by) == ("none", "incentive", None)


def test_an_incentive_is_suspended_by_the_subjects_own_records(make: Making) -> None:

    suspended = incentive(suspended_when={"list": "dishonest", "severity": "serious"})
    told = make(FIRM, record(FIRM, "honoured"), measures=[suspended])
    assert only(told.ask(FIRM)).suspended_by is None
    told.tell(record(FIRM, severity="general"))
    assert only(told.ask(FIRM)).suspended_by is None
    serious = record(FIRM, key="2", severity="serious")
    told.tell(serious)
    found = only(told.ask(FIRM))
    assert found.suspended_by == (serious.id,)


def test_an_incentive_whose_suspension_is_unknown_says_so(make: Making) -> None:

    suspended = incentive(suspended_when={"list": "dishonest", "severity": "serious"})
    told = make(FIRM, record(FIRM, "honoured"), record(FIRM), measures=[suspended])
    assert only(told.ask(FIRM)).suspended_by == "unknown"
    counted = incentive(suspended_when={"event": "fined", "count_at_least": 2})
    told = make(FIRM, record(FIRM, "honoured"), record(FIRM, "fined"), record(FIRM, "fined", "2"), measures=[counted])
    assert len(only(told.ask(FIRM)).suspended_by or ()) == 2

"""Triggers on single records, through the whole check: each record is judged alone, each that holds is a chain."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    World,
    gaps,
    link,
    measure,
    only,
    organisation,
    person,
    reach,
    record,
)

DAY = timedelta(days=1)
FIRM, OTHER, ZHANG, LI = organisation("甲"), organisation("乙"), person("张"), person("李")


def outcome(world: World, **asked: Any) -> str:
    return world.ask(FIRM, **asked).outcome


def test_whoever_stands_on_no_list_is_clear(make: Making) -> None:
    decision = make(FIRM, OTHER, record(OTHER)).ask(FIRM)
    assert (decision.outcome, decision.complete) == ("none", True)
    assert (decision.measures, decision.gaps, decision.leads, decision.not_consulted) == ((), (), (), ())


def test_whoever_stands_on_the_list_is_bound_with_basis_and_record(make: Making) -> None:
    listed = record(FIRM, number="浙0106执1号")
    found = only(make(FIRM, listed).ask(FIRM))
    assert (found.id, found.effect) == ("ban", "deny")
    assert [(b.document, b.article, b.level) for b in found.basis] == [("law", "ban", "law")]
    (chain,) = found.chains
    assert (chain.reach, chain.links, [r.id for r in chain.records]) == ("self", (), [listed.id])


def test_a_chain_shows_of_its_record_what_the_record_says(make: Making) -> None:
    said = {
        "severity": "serious",
        "number": "浙0106执1号",
        "department": "court",
        "decided_on": TODAY - 2 * DAY,
        "effective_from": TODAY - DAY,
        "effective_to": TODAY + 9 * DAY,
        "term_ends_on": TODAY + 8 * DAY,
        "publicity_to": TODAY + 7 * DAY,
        "disputed": True,
        "test": True,
        "source": "court/row 7",
    }
    listed = record(FIRM, amount=123, **said)
    (chain,) = only(make(FIRM, listed).ask(FIRM)).chains
    shown = chain.records[0].model_dump()
    assert {name: shown[name] for name in said} == said
    assert (shown["id"], shown["list"], shown["amount"]) == (listed.id, listed.list, 1.23)


def test_a_record_of_another_list_binds_nobody(make: Making) -> None:
    assert outcome(make(FIRM, record(FIRM, "arrears"))) == "none"


def test_several_lists_and_events_trigger_alike(make: Making) -> None:
    either = measure(trigger={"list": ["dishonest", "arrears"], "event": "fined"})
    for one in ("dishonest", "arrears", "fined"):
        assert outcome(make(FIRM, record(FIRM, one), measures=[either])) == "deny"


def test_every_record_that_holds_is_a_chain_of_one_measure(make: Making) -> None:
    records = [record(FIRM, key=str(n)) for n in range(3)]
    found = only(make(FIRM, *records, record(FIRM, key="over", effective_to=TODAY)).ask(FIRM))
    assert [[r.id for r in chain.records] for chain in found.chains] == [
        [r.id] for r in sorted(records, key=lambda r: r.id)
    ]


def test_a_repair_ends_every_measure_but_the_one_whose_statute_says_otherwise(make: Making) -> None:
    for_the_term = measure("for-the-term", repair="stays", repair_reason="法定期限")
    told = make(FIRM, record(FIRM, repaired_on=TODAY), measures=[measure(), for_the_term])
    assert [m.id for m in told.ask(FIRM).measures] == ["for-the-term"]
    assert [m.id for m in told.ask(FIRM, as_of=TODAY - DAY).measures] == ["ban", "for-the-term"]


def test_the_strongest_effect_is_the_outcome(make: Making) -> None:
    weak = measure("review", effect="strict_review", trigger={"list": "arrears"})
    told = make(FIRM, record(FIRM, "arrears"), measures=[measure(), weak])
    assert outcome(told) == "strict_review"
    told.tell(record(FIRM))
    assert outcome(told) == "deny"
    assert [m.id for m in told.ask(FIRM).measures] == ["ban", "review"]


def test_a_measure_out_of_scope_is_not_returned(make: Making) -> None:
    told = make(FIRM, record(FIRM), measures=[measure(scope={"matters": ["tender"], "departments": ["purchaser"]})])
    assert outcome(told) == "deny"
    assert outcome(told, matter="licence") == "none"
    assert outcome(told, department="market") == "none"


def test_a_local_regulation_binds_in_its_territory(make: Making) -> None:
    local = measure(
        scope={"matters": ["tender"], "regions": ["330000"]}, basis=[{"document": "provincial", "article": "一"}]
    )
    told = make(FIRM, record(FIRM), measures=[local])
    assert outcome(told, region="330106") == "deny"
    assert outcome(told, region="360400") == "none"


def test_a_local_basis_beside_a_national_one_is_cited_at_home_only(make: Making) -> None:
    both = measure(
        scope={"matters": ["tender"], "regions": ["330000"]},
        basis=[{"document": "law", "article": "一"}, {"document": "provincial", "article": "二"}],
    )
    told = make(FIRM, record(FIRM), measures=[both])
    assert [b.document for b in only(told.ask(FIRM, region="330106")).basis] == ["law", "provincial"]


# --- in force -------------------------------------------------------------------------------------------------------

BEGIN, END = date(2024, 1, 1), date(2025, 1, 1)
LIMITED = {"from": BEGIN.isoformat(), "to": END.isoformat()}


def dated(**more: Any) -> dict[str, Any]:
    return measure(in_force=LIMITED, **more)


@pytest.mark.parametrize(
    ("more", "decided", "asked", "bound"),
    [
        ({}, BEGIN, BEGIN, True),
        ({}, date(2023, 12, 31), date(2024, 6, 1), False),  # not retroactive
        ({"applies_to": "earlier_records"}, date(2023, 12, 31), date(2024, 6, 1), True),
        ({"applies_to": "earlier_records"}, date(2023, 6, 1), date(2023, 12, 31), False),
        ({}, date(2024, 6, 1), date(2024, 12, 31), True),
        ({}, date(2024, 6, 1), END, False),  # ends with its law
        ({"survives": True}, date(2024, 6, 1), date(2026, 1, 1), True),
        ({"survives": True}, END, date(2026, 1, 1), False),
        ({"survives": True}, date(2023, 12, 31), date(2024, 6, 1), False),
    ],
)
def test_a_measure_binds_while_it_is_in_force(
    make: Making, more: dict[str, Any], decided: date, asked: date, bound: bool
) -> None:
    told = make(FIRM, record(FIRM, decided_on=decided), measures=[dated(**more)])
    assert told.applies(FIRM, as_of=asked) is bound


def test_a_measure_ends_when_its_last_basis_does(make: Making) -> None:
    ends = measure(basis=[{"document": "law", "article": "一", "in_force": LIMITED}])
    told = make(FIRM, record(FIRM, decided_on=BEGIN), measures=[ends])
    assert told.applies(FIRM, as_of=date(2024, 12, 31))
    assert not told.applies(FIRM, as_of=END)


def test_a_re_enacted_rule_goes_on_under_its_new_basis(make: Making) -> None:
    old = {"document": "law", "article": "旧一", "in_force": LIMITED}
    new = {"document": "law", "article": "新一", "in_force": {"from": END.isoformat()}}
    told = make(FIRM, record(FIRM, decided_on=BEGIN), measures=[measure(basis=[old, new])])
    assert [b.article for b in only(told.ask(FIRM, as_of=date(2024, 12, 31))).basis] == ["旧一"]
    assert [b.article for b in only(told.ask(FIRM, as_of=END)).basis] == ["新一"]


def test_a_surviving_measure_cites_the_bases_of_the_event_when_none_counts_any_more(make: Making) -> None:
    survives = measure(survives=True, basis=[{"document": "law", "article": "一", "in_force": LIMITED}])
    told = make(FIRM, record(FIRM), measures=[survives])
    assert [b.article for b in only(told.ask(FIRM, as_of=date(2026, 1, 1))).basis] == ["一"]


def test_a_reach_leads_nowhere_once_its_own_basis_is_gone(make: Making) -> None:
    own = {"document": "law", "article": "五", "in_force": LIMITED}
    to_holders = {"steps": reach("director>holder@now"), "basis": [own]}
    told = make(
        FIRM,
        ZHANG,
        record(FIRM, decided_on=BEGIN),
        link(ZHANG, "director", FIRM),
        measures=[measure(reaches=[[], to_holders])],
    )
    (chain,) = only(told.ask(ZHANG, as_of=date(2024, 12, 31))).chains
    assert [b.article for b in chain.basis] == ["五"]
    assert told.ask(ZHANG, as_of=END).measures == ()
    assert told.applies(FIRM, as_of=END)


def test_an_unknown_event_date_is_a_gap_while_the_bases_hold_and_none_afterwards(make: Making) -> None:
    undated = record(FIRM, decided_on=None, effective_from=BEGIN)
    told = make(FIRM, undated, measures=[dated()])
    missing = {("missing_date", f"{undated.id}#decided_on"): ("ban",)}
    assert gaps(told.ask(FIRM, as_of=date(2024, 6, 1))) == missing
    assert gaps(told.ask(FIRM, as_of=END)) == {}


def test_a_surviving_measure_with_an_unknown_event_date_is_open(make: Making) -> None:
    undated = record(FIRM, decided_on=None, effective_from=BEGIN)
    told = make(FIRM, undated, measures=[dated(survives=True)])
    assert told.ask(FIRM, as_of=date(2026, 1, 1)).outcome == "incomplete"

"""Reaches 惩戒对象范围: from the listed subject along links, and from the decision to whom it names."""

from __future__ import annotations

from datetime import date

import pytest

from engine.measures import chain_order
from tests.engine.conftest import Making
from tests.engine.worlds import (
    DECIDED,
    TODAY,
    gaps,
    link,
    measure,
    naming,
    only,
    organisation,
    person,
    reach,
    record,
)

FIRM, OTHER, ZHANG, LI = organisation("甲"), organisation("乙"), person("张"), person("李")


@pytest.mark.parametrize(
    ("time", "since", "to", "bound"),
    [
        ("now", date(2024, 6, 1), None, True),
        ("now", date(2020, 1, 1), TODAY, False),
        ("now", date(2025, 6, 2), None, False),
        ("at_event", date(2020, 1, 1), date(2024, 6, 1), True),
        ("at_event", DECIDED, None, True),
        ("at_event", date(2020, 1, 1), DECIDED, False),
        ("at_event", date(2024, 1, 11), None, False),
        ("after_event", date(2024, 1, 11), None, True),
        ("after_event", DECIDED, None, False),
        ("after_event", date(2024, 1, 11), TODAY, False),
    ],
)
def test_a_link_holds_now_at_the_event_or_since(
    make: Making, time: str, since: date, to: date | None, bound: bool
) -> None:
    by_office = measure(reaches=[reach(f"legal_representative>holder@{time}")])
    office = link(ZHANG, "legal_representative", FIRM, since, valid_to=to)
    told = make(FIRM, ZHANG, record(FIRM), office, measures=[by_office])
    assert told.applies(ZHANG) is bound
    assert not told.applies(FIRM)


def test_a_measure_reaches_the_new_company_of_the_old_representative(make: Making) -> None:
    """F5: the representative of the punished company, at the event, and every organisation he leads now."""
    path = reach("legal_representative>holder@at_event", "legal_representative>organisation@now")
    before = link(ZHANG, "legal_representative", FIRM, valid_to=date(2024, 6, 1))
    now = link(ZHANG, "legal_representative", OTHER, date(2024, 7, 1))
    listed = record(FIRM)
    found = only(make(FIRM, OTHER, ZHANG, listed, before, now, measures=[measure(reaches=[path])]).ask(OTHER))
    (chain,) = found.chains
    assert [x.id for x in chain.links] == [before.id, now.id]
    assert [x.holds for x in chain.links] == ["at_event", "now"]
    assert chain.reach == "legal_representative>holder@at_event / legal_representative>organisation@now"
    assert (chain.links[0].holder.name, chain.links[1].organisation.name) == ("张", "乙有限公司")


def test_nobody_stands_twice_on_a_path(make: Making) -> None:
    there_and_back = reach("director>holder@now", "director>organisation@now")
    told = make(FIRM, ZHANG, record(FIRM), link(ZHANG, "director", FIRM), measures=[measure(reaches=[there_and_back])])
    assert told.ask(FIRM).measures == ()


def test_a_share_counts_from_the_least_one(make: Making) -> None:
    owners = measure(reaches=[reach("shareholder>holder@now", min_share=0.5)])
    for share, bound in ((0.5, True), (0.49, False)):
        held = link(ZHANG, "shareholder", FIRM, share=share)
        assert make(FIRM, ZHANG, record(FIRM), held, measures=[owners]).applies(ZHANG) is bound


def test_one_measure_along_two_paths_is_one_measure(make: Making) -> None:
    both = measure(reaches=[reach("director|legal_representative>holder@now")])
    offices = [link(ZHANG, kind, FIRM) for kind in ("director", "legal_representative")]
    found = only(make(FIRM, ZHANG, record(FIRM), *offices, measures=[both]).ask(ZHANG))
    assert [[x.id for x in chain.links] for chain in found.chains] == [
        [x.id] for x in sorted(offices, key=lambda x: x.id)
    ]


# --- named persons --------------------------------------------------------------------------------------------------

NAMED = {"named": "responsible"}


def test_whom_the_decision_names_is_bound_and_the_company_is_not(make: Making) -> None:
    listed = record(FIRM)
    told = make(FIRM, ZHANG, LI, listed, naming(listed, ZHANG), measures=[measure(reaches=[[NAMED]])])
    assert (told.applies(ZHANG), told.applies(LI), told.applies(FIRM)) == (True, False, False)
    (chain,) = only(told.ask(ZHANG)).chains
    assert chain.named is not None
    assert (chain.named.person.name, chain.named.role, chain.named.record) == ("张", "responsible", listed.id)


def test_a_naming_binds_for_its_own_record_only(make: Making) -> None:
    over, current = record(FIRM, key="over", effective_to=TODAY), record(FIRM, key="current")
    told = make(FIRM, ZHANG, over, current, naming(over, ZHANG), measures=[measure(reaches=[[NAMED]])])
    assert not told.applies(ZHANG)
    told.tell(naming(current, ZHANG))
    assert told.applies(ZHANG)


def test_another_role_or_finding_does_not_bind(make: Making) -> None:
    listed = record(FIRM)
    found = [{**NAMED, "finding": "dismissed"}]
    for more, bound in (
        ({"finding": "dismissed"}, True),
        ({"finding": "warned"}, False),
        ({"role": "principal", "finding": "dismissed"}, False),
    ):
        assert (
            make(FIRM, ZHANG, listed, naming(listed, ZHANG, **more), measures=[measure(reaches=[found])]).applies(ZHANG)
            is bound
        )


def test_a_finding_that_is_not_recorded_is_a_gap(make: Making) -> None:
    listed = record(FIRM)
    named = naming(listed, ZHANG)
    told = make(FIRM, ZHANG, listed, named, measures=[measure(reaches=[[{**NAMED, "finding": "dismissed"}]])])
    assert gaps(told.ask(ZHANG)) == {("missing_finding", named.id): ("ban",)}


def test_an_office_held_at_the_event_narrows_a_naming(make: Making) -> None:
    listed = record(FIRM)
    in_office = [{**NAMED, "held": {"link": "director"}}]
    for to, bound in ((None, True), (DECIDED, False)):
        office = link(ZHANG, "director", FIRM, valid_to=to)
        told = make(FIRM, ZHANG, listed, naming(listed, ZHANG), office, measures=[measure(reaches=[in_office])])
        assert told.applies(ZHANG) is bound
    (chain,) = only(
        make(
            FIRM,
            ZHANG,
            listed,
            naming(listed, ZHANG),
            link(ZHANG, "director", FIRM),
            measures=[measure(reaches=[in_office])],
        ).ask(ZHANG)
    ).chains
    assert chain.held is not None
    assert (chain.held.type, chain.held.holds, chain.links) == ("director", "at_event", ())
    later = chain.model_copy(update={"held": chain.held.model_copy(update={"id": "link:~"})})
    assert chain_order(chain) < chain_order(later), "two offices give two chains, in an order of their own"


def test_a_named_person_leads_on_to_companies(make: Making) -> None:
    listed = record(FIRM)
    onward = [NAMED, *reach("legal_representative>organisation@now")]
    told = make(
        FIRM,
        OTHER,
        ZHANG,
        listed,
        naming(listed, ZHANG),
        link(ZHANG, "legal_representative", OTHER),
        measures=[measure(reaches=[onward])],
    )
    assert told.applies(OTHER)
    told.tell(link(ZHANG, "legal_representative", FIRM))
    assert not told.applies(FIRM), "the listed company does not stand at both ends"

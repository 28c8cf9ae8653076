"""FollowTheMoney: what the 91 entities of a real set become, and entities that are none."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Kind, Link, Record, Subject
from loaders.formats.ftm import FollowTheMoney
from loaders.rows import FaultKind
from tests.loaders.formats.ftm_entities import COMPANY, ENTITIES, OWNER, OWNS, given_out, load, said

SCHEMATA = Counter(entity["schema"] for entity in ENTITIES.values())
README = {  # as the README of the set counts them
    "Sanction": 41,
    "Ownership": 14,
    "Company": 11,
    "Address": 11,
    "Person": 6,
    "Family": 4,
    "Directorship": 3,
    "Passport": 1,
}
PLACED = ("Company", "Person", "Ownership", "Directorship", "Sanction")


def test_all_entities_are_accounted_for(town):
    assert dict(SCHEMATA) == README
    report = load(town)
    placed = sum(SCHEMATA[schema] for schema in PLACED)
    assert (report.read, report.loaded, report.unchanged) == (len(ENTITIES), placed, 0)
    assert report.reasons == {"unsupported": len(ENTITIES) - placed}
    assert (report.subjects, report.links, report.records) == (
        SCHEMATA["Company"] + SCHEMATA["Person"],
        SCHEMATA["Ownership"] + SCHEMATA["Directorship"],
        SCHEMATA["Sanction"],
    )
    assert Counter(one.kind for one in town.facts(Subject)) == {
        Kind.ENTERPRISE: SCHEMATA["Company"],
        Kind.NATURAL_PERSON: SCHEMATA["Person"],
    }
    general = [one for one in ENTITIES.values() if one["properties"].get("role") == ["ГЕНЕРАЛЬНЫЙ ДИРЕКТОР"]]
    assert Counter(one.type for one in town.facts(Link)) == {
        "shareholder": SCHEMATA["Ownership"],
        "director": SCHEMATA["Directorship"] - len(general),
        "senior_manager": len(general),
    }
    again = load(town)
    assert (again.loaded, again.unchanged, again.quarantined) == (0, placed, report.quarantined)


def test_what_the_readme_says_of_links_and_sanctions_holds_but_for_one_count():
    """It says that 5 ownerships have no percentage; there are 4."""
    owned = [one["properties"] for one in ENTITIES.values() if one["schema"] == "Ownership"]
    assert sum("percentage" not in one for one in owned) == 4
    assert (sum("endDate" in one for one in owned), sum("startDate" not in one for one in owned)) == (11, 1)
    sanctions = [one["properties"] for one in ENTITIES.values() if one["schema"] == "Sanction"]
    assert Counter(one["entity"][0] for one in sanctions) == {
        "NK-abdzbEBkqyT29GyREbiURZ": 28,
        "NK-aU5ybkbRFJucf8YMwsJvDw": 13,
    }
    assert (sum("startDate" in one for one in sanctions), sum("endDate" in one for one in sanctions)) == (25, 3)
    companies = [one["properties"] for one in ENTITIES.values() if one["schema"] == "Company"]
    assert sum("dissolutionDate" in one for one in companies) == 4


def test_dates_and_shares_are_those_of_the_file(town):
    load(town)
    owned = [entity["properties"] for entity in ENTITIES.values() if entity["schema"] == "Ownership"]
    expected = Counter(
        (
            float(one["percentage"][0]) / 100 if "percentage" in one else None,
            *(one.get(end, [None])[0] for end in ("startDate", "endDate")),
        )
        for one in owned
    )
    links = [one for one in town.facts(Link) if one.type == "shareholder"]
    day = lambda value: None if value is None else str(value)  # noqa: E731
    assert Counter((one.share, day(one.valid_from), day(one.valid_to)) for one in links) == expected


def test_a_record_is_made_by_a_sanction_and_by_no_topic(town):
    load(town)
    entities = {record.subject for record in town.facts(Record)}
    named = {one["properties"]["entity"][0] for one in ENTITIES.values() if one["schema"] == "Sanction"}
    assert entities == {f"ftm:{name}" for name in named}
    topical = {key for key, one in ENTITIES.items() if "sanction" in one["properties"].get("topics", ())}
    assert topical - named, "some bear the topic and have no entity Sanction"


@pytest.mark.parametrize(
    ("entity", "kind", "place"),
    [
        ({"schema": "Company", "properties": {}}, FaultKind.MISSING, "id"),
        ({"id": "x", "properties": {}}, FaultKind.MISSING, "schema"),
        ({"id": "x", "schema": "Company"}, FaultKind.SHAPE, "properties"),
        ({"id": "x", "schema": "Company", "properties": {"name": "a"}}, FaultKind.SHAPE, "properties.name"),
        ({"id": "x", "schema": "Vessel", "properties": {}}, FaultKind.UNSUPPORTED, "schema"),
        ({**OWNS, "properties": {"owner": ["p"]}}, FaultKind.MISSING, "properties.asset"),
        ({**OWNS, "properties": {"owner": ["p", "q"], "asset": ["c"]}}, FaultKind.UNSUPPORTED, "properties.owner"),
        ({**OWNS, "properties": {**OWNS["properties"], "endDate": ["2019"]}}, FaultKind.DATE, "properties.endDate"),
    ],
)
def test_an_entity_that_cannot_be_loaded_says_why(entity, kind, place):
    row = FollowTheMoney().row("x.ftm.json", 1, json.dumps(entity), "test")
    assert row.fault is not None
    assert (row.fault.kind, row.fault.field) == (kind, place)


def test_what_is_optional_and_bad_is_left_out_with_a_warning(town):
    vague = {"startDate": ["2019"], "percentage": ["48", "51"]}
    report = said(town, COMPANY, OWNER, {**OWNS, "properties": {**OWNS["properties"], **vague}})
    [link] = town.facts(Link)
    assert (report.loaded, link.valid_from, link.share) == (3, None, None)
    assert set(report.warnings) == {
        "properties.startDate: no single day, left out",
        "properties.percentage: no single percentage, left out",
    }


@pytest.mark.parametrize(
    ("name", "scheme", "right", "wrong"),
    [
        ("uscCode", "uscc", "91350100M000100Y43", "91350100M000100Y44"),
        ("leiCode", "lei", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"),
        ("innCode", "inn", "9715374145", "9715374146"),
        ("ogrnCode", "ogrn", "1207700002212", "1207700002213"),
    ],
)
def test_a_code_is_an_identifier_beside_the_entitys_id_if_it_holds_its_check(town, name, scheme, right, wrong):
    """Whatever codes it has, others name the company by its id: its links must find it."""
    report = said(town, {**COMPANY, "properties": {"name": ["某公司"], name: [right]}}, OWNER, OWNS)
    [company] = [one for one in town.facts(Subject) if one.kind is Kind.ENTERPRISE]
    assert (report.quarantined, company.id) == (0, "ftm:c")
    assert company.identifiers == {"ftm": "c", scheme: right}
    bad = said(town, {"id": "c2", "schema": "Company", "properties": {"name": ["某公司"], name: [wrong]}})
    assert bad.loaded == 1
    assert [warning for warning in bad.warnings if warning.startswith(f"properties.{name}: ")]
    assert next(one for one in town.facts(Subject) if one.id == "ftm:c2").identifiers == {"ftm": "c2"}


@pytest.mark.parametrize(
    ("roles", "types"),
    [
        ([], {"director": None}),
        (["董事长"], {"director": "董事长"}),
        (
            ["法定代表人", "总经理", "董事"],
            {"director": "董事", "legal_representative": "法定代表人", "senior_manager": "总经理"},
        ),
        (["Legal Representative "], {"legal_representative": "Legal Representative "}),
        (["监事"], {"supervisor": "监事"}),
    ],
)
def test_a_directorship_is_the_offices_that_its_roles_mean(town, roles, types):
    directs = {"id": "o", "schema": "Directorship", "properties": {"director": ["p"], "organization": ["c"]}}
    directs["properties"] |= {"role": roles} if roles else {}
    said(town, COMPANY, OWNER, directs)
    assert {str(link.type): link.position for link in town.facts(Link)} == types
    assert Counter(one["schema"] for one in given_out(town)) == {"Company": 1, "Person": 1, "Directorship": 1}
    assert directs in given_out(town)


def test_an_employee_is_a_link(town):
    works = {"id": "o", "schema": "Employment", "properties": {"employee": ["p"], "employer": ["c"], "role": ["法务"]}}
    said(town, COMPANY, OWNER, works)
    [link] = town.facts(Link)
    assert (link.type, link.holder, link.organisation, link.position) == ("employee", "ftm:p", "ftm:c", "法务")


@pytest.mark.parametrize("how", ["beneficial", "Indirect", "ultimate"])
def test_who_does_not_hold_directly_is_no_shareholder(town, how):
    report = said(town, COMPANY, OWNER, {**OWNS, "properties": {**OWNS["properties"], "ownershipType": [how]}})
    assert (dict(report.reasons), report.links) == ({"unsupported": 1}, 0)


def test_a_legal_entity_is_a_body_only_if_something_says_so(town):
    legal = {"id": "l", "schema": "LegalEntity", "properties": {"name": ["ACME"]}}
    founded = {**legal, "id": "m", "properties": {"name": ["ACME"], "incorporationDate": ["2001"]}}
    report = said(town, legal, founded)
    assert [one.id for one in town.facts(Subject)] == ["ftm:m"]
    assert report.reasons == {"unsupported": 1}


@pytest.mark.parametrize(("percentage", "share"), [("33.3", 0.333), ("14.7 %", 0.147), ("100", 1.0), ("0", 0.0)])
def test_a_share_is_the_percentage_to_the_last_digit(town, percentage, share):
    said(town, COMPANY, OWNER, {**OWNS, "properties": {**OWNS["properties"], "percentage": [percentage]}})
    assert [link.share for link in town.facts(Link)] == [share]


@pytest.mark.parametrize("percentage", ["nan", "1_0", "５", "25-50", "101", "-1", "1e1", ""])
def test_what_is_no_percentage_is_no_share(town, percentage):
    report = said(town, COMPANY, OWNER, {**OWNS, "properties": {**OWNS["properties"], "percentage": [percentage]}})
    assert [link.share for link in town.facts(Link)] == [None]
    assert report.warnings == {"properties.percentage: no single percentage, left out": 1}


SANCTION = {"id": "s", "schema": "Sanction", "properties": {"entity": ["c"]}}


@pytest.mark.parametrize(
    ("properties", "days"),
    [
        ({"startDate": ["2024-03-01"], "listingDate": ["2024-02-01"]}, ("2024-02-01", "2024-03-01", None)),
        ({"startDate": ["2024-03-01T08:00:00"], "endDate": ["2024-05-01 10:00"]}, (None, "2024-03-01", "2024-05-01")),
        ({"listingDate": ["2024-02-01"]}, ("2024-02-01", None, None)),
        ({"startDate": ["2024"], "listingDate": ["2023-02-01"]}, (None, None, None)),
        ({"startDate": ["2024-03-01", "2025-03-01"], "listingDate": ["2023-02-01"]}, (None, None, None)),
    ],
)
def test_a_beginning_that_is_not_known_is_not_taken_from_the_day_of_listing(town, properties, days):
    """A record without one makes a gap; with the earlier day it would bind for longer than was said."""
    said(town, COMPANY, {**SANCTION, "properties": {**SANCTION["properties"], **properties}})
    [record] = town.facts(Record)
    known = (record.decided_on, record.effective_from, record.effective_to)
    assert tuple(None if one is None else str(one) for one in known) == days


@pytest.mark.parametrize(("status", "kept"), [("Active", 0), ("inactive", 1), ("Expired", 1), ("Suspended", 1)])
def test_a_sanction_that_lapsed_on_no_day_does_not_bind_for_ever(town, status, kept):
    lapsed = {**SANCTION, "properties": {**SANCTION["properties"], "status": [status]}}
    assert said(town, COMPANY, lapsed).reasons == ({"missing": 1} if kept else {})
    ended = {**lapsed, "id": "s2", "properties": {**lapsed["properties"], "endDate": ["2024-05-01"]}}
    assert said(town, ended).loaded == 1


def test_an_entity_that_owns_itself_is_a_contradiction(town):
    report = said(town, COMPANY, {**OWNS, "properties": {"owner": ["c"], "asset": ["c"]}})
    assert report.reasons == {"contradiction": 1}


def test_a_link_waits_for_its_ends_and_says_which_is_missing(town):
    assert said(town, OWNS, OWNER, COMPANY).loaded == 3
    assert said(town, {**OWNS, "id": "o2", "properties": {"owner": ["nobody"], "asset": ["c"]}}).reasons == {
        "reference": 1
    }


@settings(max_examples=60, deadline=None)
@given(
    entity=st.sampled_from(list(ENTITIES.values())),
    junk=st.none() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=4) | st.integers(), max_size=2),
    data=st.data(),
)
def test_an_entity_that_is_changed_anywhere_is_a_fault_or_a_row(entity, junk, data):
    inside = data.draw(st.booleans())
    properties = entity["properties"]
    name = data.draw(st.sampled_from(sorted(properties if inside else entity)))
    changed = {**entity, "properties": {**properties, name: junk}} if inside else {**entity, name: junk}
    row = FollowTheMoney().row("x.ftm.json", 1, json.dumps(changed), "test")
    assert (row.fault is None) == bool(row.drafts)


def seen(entity, day, **properties):
    changed = {**entity["properties"], **{name: [value] for name, value in properties.items()}}
    return {**entity, "properties": changed, "last_seen": f"{day}T06:00:00", "last_change": "2026-01-01T06:00:00"}


@pytest.mark.parametrize("days", [("2026-03-01", "2026-04-01"), ("2026-04-01", "2026-03-01")])
def test_of_two_deliveries_the_later_stands_whichever_is_loaded_first(town, days):
    sanction = {"id": "s", "schema": "Sanction", "properties": {"entity": ["c"], "listingDate": ["2025-01-01"]}}
    told = {"2026-03-01": ("旧名", "40"), "2026-04-01": ("新名", "60")}
    deliveries = [
        [
            seen(COMPANY, day, name=told[day][0]),
            seen(OWNER, day),
            seen(OWNS, day, percentage=told[day][1]),
            seen(sanction, day, authority=told[day][0]),
        ]
        for day in days
    ]
    for entities in deliveries:
        assert said(town, *entities).quarantined == 0
    assert {one.name for one in town.facts(Subject)} == {"新名", "某人"}
    assert [one.share for one in town.facts(Link)] == [0.6]
    assert [one.department for one in town.facts(Record)] == ["新名"]
    assert {one["last_seen"] for one in given_out(town)} == {"2026-04-01T06:00:00"}
    last = town.store.last_instant()
    for entities in deliveries:
        assert said(town, *entities).unchanged == len(entities)
    assert town.store.last_instant() == last


def test_the_whole_set_delivered_again_a_day_later_supersedes(town):
    load(town)
    placed = [one for one in ENTITIES.values() if one["schema"] in PLACED]
    report = said(town, *({**one, "last_seen": "2099-01-01T00:00:00"} for one in ENTITIES.values()))
    assert (report.loaded, report.reasons) == (len(placed), {"unsupported": len(ENTITIES) - len(placed)})


def test_entities_of_no_day_that_differ_are_a_conflict(town):
    said(town, COMPANY)
    assert said(town, {**COMPANY, "properties": {"name": ["别名"]}}).reasons == {"conflict": 1}

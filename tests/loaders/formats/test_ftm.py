"""FollowTheMoney: the 91 entities of a real set, in and out again, and entities that are none."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Kind, Link, Record, Subject
from loaders.feeds import feed
from loaders.formats.ftm import PERSONAL, FollowTheMoney, numbers_of
from loaders.rows import FaultKind
from tests.command import xinheng

FILE = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data" / "ftm-ownership-sanctions" / "entities.ftm.json"
ENTITIES = {entity["id"]: entity for entity in map(json.loads, FILE.read_text(encoding="utf-8").splitlines())}
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


def load(town, path=FILE):
    chosen = feed("ftm-ownership-sanctions")
    return town.load_rows(chosen.rows([str(path)], {}), chosen.name, frame=chosen.frame(None))


def said(town, *entities):
    path = town.directory / "entities.ftm.json"
    path.write_text("\n".join(map(json.dumps, entities)), encoding="utf-8")
    return load(town, path)


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
    assert Counter(one.type for one in town.facts(Link)) == {
        "shareholder": SCHEMATA["Ownership"],
        "director": SCHEMATA["Directorship"],
    }
    again = load(town)
    assert (again.loaded, again.unchanged, again.quarantined) == (0, placed, report.quarantined)


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


def test_the_numbers_of_persons_are_left_out_and_counted(town):
    report = load(town)
    people = [one for one in ENTITIES.values() if one["schema"] == "Person"]
    for name in PERSONAL:
        bearing = sum(name in one["properties"] for one in people)
        assert report.warnings.get(f"properties.{name}: a number of a person, left out", 0) == bearing
    numbers = {number for one in people for number in numbers_of(one)}
    assert numbers
    kept = json.dumps([dict(one.fields) for one in town.facts(Subject) if one.kind is Kind.NATURAL_PERSON])
    assert not [number for number in numbers if number in kept]


def test_what_was_loaded_is_given_back(tmp_path):
    """The same entities with the same properties, but for the numbers of persons; those in quarantine too."""
    town = {
        "XINHENG_ENVIRONMENT": "development",
        "XINHENG_DATA": str(tmp_path),
        "XINHENG_REGION": "360400",
    }
    assert xinheng("load", "ftm-ownership-sanctions", FILE, settings=town).status == 0
    ran = xinheng("export", "ftm", "--source", "ftm-ownership-sanctions", settings=town)
    back = {entity["id"]: entity for entity in map(json.loads, ran.out.splitlines())}
    assert back.keys() == ENTITIES.keys()
    for key, entity in ENTITIES.items():
        expected = without_numbers(entity)
        assert back[key]["schema"] == entity["schema"]
        assert sets(back[key]["properties"]) == sets(expected["properties"])
        rest = expected.keys() - {"properties"}
        assert {name: back[key][name] for name in rest} == {name: expected[name] for name in rest}


def without_numbers(entity):
    """The entity of a person without the numbers that say who it is, and without the ids that are made of them."""
    if entity["schema"] != "Person":
        return entity
    numbers = [value for name in PERSONAL for value in entity["properties"].get(name, ())]
    free = lambda values: [value for value in values if not any(number in value for number in numbers)]  # noqa: E731
    properties = {name: free(values) for name, values in entity["properties"].items() if name not in PERSONAL}
    return {**entity, "properties": properties, "referents": free(entity["referents"])}


def sets(properties):
    return {name: set(values) for name, values in properties.items()}


def test_the_citys_own_facts_are_given_out_too(town, company, person, link, record):
    from loaders.formats.ftm_export import entities

    town.load(company, person, {**link, "type": "shareholder", "share": 0.3}, record)
    found = list(entities(town.store, known_at=town.store.last_instant()))
    assert Counter(one["schema"] for one in found) == {"Company": 1, "Person": 1, "Ownership": 1, "Sanction": 1}
    [owned] = [one["properties"] for one in found if one["schema"] == "Ownership"]
    assert (owned["asset"], owned["percentage"]) == ([f"uscc:{company['uscc']}"], ["30"])
    assert person["citizen_id"] not in json.dumps(found)


COMPANY = {"id": "c", "schema": "Company", "properties": {"name": ["某公司"]}}
OWNER = {"id": "p", "schema": "Person", "properties": {"name": ["某人"]}}
OWNS = {"id": "o", "schema": "Ownership", "properties": {"owner": ["p"], "asset": ["c"]}}


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


def test_a_code_with_a_wrong_check_character_is_no_identifier(town):
    report = said(town, {**COMPANY, "properties": {"name": ["某公司"], "uscCode": ["91350100M000100Y44"]}})
    assert report.reasons == {"check_character": 1}


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

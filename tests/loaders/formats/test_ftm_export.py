"""FollowTheMoney out again: what came as an entity, and the facts of others."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from loaders.formats.ftm_entity import PERSONAL
from tests.command import xinheng
from tests.loaders.formats.ftm_entities import COMPANY, ENTITIES, FILE, OWNER, given_out, said


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
    town.load(company, person, {**link, "type": "shareholder", "share": 0.29}, record)
    found = given_out(town)
    assert Counter(one["schema"] for one in found) == {"Company": 1, "Person": 1, "Ownership": 1, "Sanction": 1}
    [owned] = [one["properties"] for one in found if one["schema"] == "Ownership"]
    assert (owned["asset"], owned["percentage"]) == ([f"uscc:{company['uscc']}"], ["29"])
    assert person["citizen_id"] not in json.dumps(found)


@pytest.mark.parametrize("said", [{"list": "tax-a"}, {"annulled": True}, {"test": True}])
def test_only_a_sanction_that_was_imposed_is_given_out_as_one(town, company, record, said):
    town.load(company, {**record, **said})
    left_out = []
    assert {one["schema"] for one in given_out(town, leave_out=left_out.append)} == {"Company"}
    assert len(left_out) == 1


def test_a_repaired_record_is_given_out_with_the_day_of_its_repair(town, company, record):
    town.load(company, {**record, "repaired_on": "2025-03-01", "effective_to": "2027-09-02"})
    [sanction] = [one for one in given_out(town) if one["schema"] == "Sanction"]
    assert sanction["properties"]["endDate"] == ["2025-03-01"]


@pytest.mark.parametrize(
    ("link_type", "schema"),
    [
        ("legal_representative", "Directorship"),
        ("employee", "Employment"),
        ("actual_controller", "UnknownLink"),
    ],
)
def test_a_link_is_given_out_as_what_it_is(town, company, person, link, link_type, schema):
    town.load(company, person, {**link, "type": link_type})
    [given] = [one for one in given_out(town) if one["schema"] not in ("Company", "Person")]
    assert (given["schema"], given["properties"]["role"]) == (schema, [link_type])


def test_a_field_that_is_no_entity_is_not_taken_for_one(town, company):
    town.load({**company, "fields": {"ftm": "[1]"}})
    assert [one["id"] for one in given_out(town)] == [f"uscc:{company['uscc']}"]


def test_what_waits_in_quarantine_is_not_given_out_but_for_what_has_no_place(tmp_path):
    town = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(tmp_path), "XINHENG_REGION": "360400"}
    passport = {"id": "d", "schema": "Passport", "properties": {"holder": ["p"], "number": ["AB1234567"]}}
    waiting = {"id": "o", "schema": "Ownership", "properties": {"owner": ["p"], "asset": ["nobody"]}}
    path = tmp_path / "entities.ftm.json"
    path.write_text("\n".join(map(json.dumps, (OWNER, passport, waiting))), encoding="utf-8")
    assert xinheng("load", "ftm-ownership-sanctions", path, settings=town).status == 0
    given = list(map(json.loads, xinheng("export", "ftm", settings=town).out.splitlines()))
    assert {one["id"]: one["properties"] for one in given} == {"p": {"name": ["某人"]}, "d": {"holder": ["p"]}}


def test_an_entity_as_long_as_a_row_may_be_is_kept_whole(town):
    notes = [f"{number} " + "制" * 990 for number in range(170)]
    long = {**COMPANY, "properties": {"name": ["某公司"], "notes": notes}}
    assert said(town, long).loaded == 1
    assert given_out(town) == [long]


def test_of_one_source_what_waits_is_given_out_too_whatever_its_mapping_is_called(tmp_path):
    town = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(tmp_path), "XINHENG_REGION": "360400"}
    source = (
        "{id: elsewhere, department: foreign-affairs, dataset: FollowTheMoney, holds: [ftm-sanction], cadence: P1M}"
    )
    mapping = tmp_path / "own.yaml"
    mapping.write_text(f"id: own\ntitle: own\nformat: ftm\nsource: {source}\n", encoding="utf-8")
    passport = {"id": "d", "schema": "Passport", "properties": {"holder": ["p"]}}
    path = tmp_path / "entities.ftm.json"
    path.write_text("\n".join(map(json.dumps, (OWNER, passport))), encoding="utf-8")
    assert xinheng("load", mapping, path, settings=town).status == 0
    given = {
        source: [
            json.loads(line)["id"]
            for line in xinheng("export", "ftm", "--source", source, settings=town).out.splitlines()
        ]
        for source in ("elsewhere", "own")
    }
    assert given == {"elsewhere": ["p", "d"], "own": []}

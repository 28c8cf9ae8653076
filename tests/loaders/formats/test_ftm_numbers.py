"""FollowTheMoney: what numbers a human being is not taken over, wherever it stands."""

from __future__ import annotations

import json

from api.demo.codes import citizen_id
from graph.model import Kind, Subject
from loaders.formats.ftm_entity import PERSONAL, numbers_of
from tests.loaders.formats.ftm_entities import COMPANY, ENTITIES, OWNER, given_out, load, said


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


def test_no_citizen_id_reaches_the_store(town):
    """Not in a property that numbers a person, not in the notes of a company, not in the id of another data set."""
    number = citizen_id(7)
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    company = {"name": ["某公司"], "idNumber": [number], "notes": ["well known", f"representative: {number}"]}
    person = {"name": ["某人", f"某人 ({spaced})"], "idNumber": [number], "description": [f"cn-{number}"]}
    report = said(
        town,
        {**COMPANY, "properties": company, "referents": [f"cn-{number}", "x-1"]},
        {**OWNER, "properties": person, "caption": f"某人 {number}"},
        {"id": f"cn-{number}", "schema": "Person", "properties": {"name": ["又一人"]}},
    )
    assert (report.loaded, dict(report.reasons)) == (2, {"identifier": 1})
    kept = json.dumps([(one.id, one.name, dict(one.fields)) for one in town.facts(Subject)], ensure_ascii=False)
    assert number not in kept
    assert spaced not in kept
    assert "well known" in kept
    assert "x-1" in kept
    assert number not in town.said + " ".join(report.warnings)
    assert sum(report.warnings.values()) == 7


def test_a_short_number_takes_nothing_else_with_it(town):
    person = {"name": ["某人"], "idNumber": ["17"], "birthDate": ["1981-01-17"], "address": ["17 High Street"]}
    said(town, {**OWNER, "properties": person})
    [given] = given_out(town)
    assert given["properties"] == {name: values for name, values in person.items() if name != "idNumber"}


def test_the_tax_number_of_a_sole_trader_is_a_persons(town):
    report = said(town, {**COMPANY, "properties": {"name": ["ИП"], "innCode": ["183116181362"]}})
    [trader] = town.facts(Subject)
    assert trader.identifiers == {"ftm": "c"}
    assert "183116181362" not in json.dumps(dict(trader.fields))
    assert report.warnings

"""A record on a subject that its list may not hold stays in quarantine, whole row and all."""

import json

import pytest

from graph.model import Kind, Record, Subject
from rules.catalogue import Catalogue
from tests.command import xinheng

PERSONAL = next(
    one for one, said in sorted(Catalogue.shipped().lists.items()) if said.subject_kinds == (Kind.NATURAL_PERSON,)
)
ONLY_BODIES = {"judgment-defaulter": (Kind.ENTERPRISE, Kind.INDIVIDUAL_BUSINESS)}


@pytest.fixture
def on_a_person(person, record):
    return {**record, "key": "r2", "subject": {"citizen_id": person["citizen_id"]}}


def test_a_record_on_a_kind_that_its_list_may_not_hold_is_kept_back(town, company, person, record, on_a_person):
    report = town.load(company, person, record, on_a_person, may_hold=ONLY_BODIES)
    assert (report.records, report.reasons) == (1, {"contradiction": 1})
    assert "the list judgment-defaulter may not hold a subject of kind natural_person" in town.said
    assert "it holds enterprise, individual_business" in town.said
    assert person["citizen_id"] not in town.said


def test_the_subject_may_have_come_before_or_come_after(town, company, person, on_a_person):
    town.load(person)
    assert town.load(on_a_person, may_hold=ONLY_BODIES).reasons == {"contradiction": 1}
    later = {**company, "kind": "government_organ"}
    about = {**on_a_person, "subject": {"uscc": company["uscc"]}}
    report = town.load(about, later, may_hold=ONLY_BODIES)
    assert (report.subjects, report.records, report.reasons) == (1, 0, {"contradiction": 1})
    assert town.facts(Record) == []
    assert len(town.facts(Subject)) == 2


def test_of_a_list_that_says_nothing_every_kind_may_be_held(town, person, on_a_person):
    assert town.load(person, {**on_a_person, "list": "own-list"}, may_hold=ONLY_BODIES).quarantined == 0


def test_the_command_asks_the_catalogue(town, company):
    """A list for persons alone, and a company on it."""
    record = {"fact": "record", "key": "r", "subject": {"uscc": company["uscc"]}, "list": PERSONAL}
    text = "\n".join(map(json.dumps, (company, {**record, "decided_on": "2024-09-02"})))
    home = town.directory
    settings = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(home / "own"), "XINHENG_REGION": "360400"}
    ran = xinheng("load", "city", town.file("own.jsonl", text), "--json", settings=settings)
    assert (ran.status, ran.document["loaded"], ran.document["reasons"]) == (0, 1, {"contradiction": 1})

"""What the city's lines say in words: no citizen ID in a judgement, one spelling of a scheme."""

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.identifiers import parse_identifier
from graph.model import Link, Merge

NUMBER = citizen_id(7)
SPELT = [
    NUMBER,
    f"按身份证{NUMBER}核验",
    f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}",
    f"{NUMBER[:6]}－{NUMBER[6:14]}－{NUMBER[14:]}",
    f"{NUMBER[:6]}–{NUMBER[6:14]}—{NUMBER[14:]}",
    f"见 {NUMBER[:6]} {NUMBER[6:]} 复印件",
    f"id{NUMBER}",
]


def merge(company, person, **words):
    head = {"name": person["name"], "of": {"uscc": company["uscc"]}}
    line = {"fact": "merge", "left": {"citizen_id": person["citizen_id"]}, "right": head}
    return {**line, "by": "归集人员甲", "reason": "身份证件核验", **words}


@pytest.mark.parametrize("place", ["by", "reason", "undone_by", "undone_reason"])
@pytest.mark.parametrize(
    "text",
    SPELT,
    ids=["alone", "in words", "with hyphens", "with wide hyphens", "with dashes", "with blanks", "behind letters"],
)
def test_a_judgement_with_a_citizen_id_in_its_words_is_refused(town, company, person, place, text):
    by_name = {"fact": "subject", "kind": "natural_person", "name": person["name"], "of": {"uscc": company["uscc"]}}
    undone = {"undone": True, "undone_by": "归集人员乙"} if place.startswith("undone") else {}
    report = town.load(company, person, by_name, merge(company, person, **{**undone, place: text}))
    assert (report.reasons, town.facts(Merge)) == ({"identifier": 1}, [])
    assert "name the document" in town.said
    assert NUMBER not in town.said
    assert NUMBER[6:14] not in town.said


def test_a_judgement_that_names_a_document_is_taken(town, company, person):
    by_name = {"fact": "subject", "kind": "natural_person", "name": person["name"], "of": {"uscc": company["uscc"]}}
    report = town.load(company, person, by_name, merge(company, person, reason=f"与 {credit_code(3)} 的任命文件核对"))
    assert report.quarantined == 0
    assert len(town.facts(Merge)) == 1


LEI = "529900T8BM49AURSDO55"


@pytest.mark.parametrize("scheme", ["lei", "LEI", "Lei"])
@pytest.mark.parametrize("typed", ["lei", "LEI"])
def test_a_scheme_is_one_however_it_is_written(town, scheme, typed):
    firm = {"fact": "subject", "kind": "enterprise", "name": "甲公司", "identifiers": {scheme: LEI}, "known_by": scheme}
    part = {"fact": "subject", "kind": "enterprise", "name": "乙公司", "uscc": credit_code(2)}
    held = {"fact": "link", "type": "shareholder", "organisation": {"uscc": credit_code(2)}}
    by_scheme = {**held, "key": "1", "holder": {"scheme": scheme.swapcase(), "value": LEI}}
    by_id = {**held, "key": "2", "holder": {"id": f"{scheme}:{LEI}"}}
    assert town.load(firm, part, by_scheme, by_id).quarantined == 0
    asked = parse_identifier(f"{typed}:{LEI}")
    [found] = town.store.find(asked.scheme, asked.value, known_at=town.store.last_instant())
    assert found.id == f"{asked.scheme}:{asked.value}"
    assert {link.holder for link in town.facts(Link)} == {found.id}


def test_a_citizen_id_is_no_id_however_its_scheme_is_written(town, company, person):
    link = {"fact": "link", "type": "director", "organisation": {"uscc": company["uscc"]}}
    report = town.load(company, {**link, "holder": {"id": f"CITIZEN_ID:{person['citizen_id']}"}})
    assert report.reasons == {"identifier": 1}


def test_one_scheme_is_not_said_twice(town):
    """Two spellings of it with two values: which of them is meant nobody knows."""
    firm = {"fact": "subject", "kind": "enterprise", "name": "甲公司"}
    assert town.load({**firm, "identifiers": {"coh": "1", "COH": "2"}}).quarantined == 1

"""What the city's lines say in words: no citizen ID in a judgement."""

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.model import Merge

NUMBER = citizen_id(7)
SPELT = [
    NUMBER,
    f"按身份证{NUMBER}核验",
    f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}",
    f"见 {NUMBER[:6]} {NUMBER[6:]} 复印件",
    f"id{NUMBER}",
]


def merge(company, person, **words):
    head = {"name": person["name"], "of": {"uscc": company["uscc"]}}
    line = {"fact": "merge", "left": {"citizen_id": person["citizen_id"]}, "right": head}
    return {**line, "by": "归集人员甲", "reason": "身份证件核验", **words}


@pytest.mark.parametrize("place", ["by", "reason", "undone_by", "undone_reason"])
@pytest.mark.parametrize("text", SPELT, ids=["alone", "in words", "with hyphens", "with blanks", "behind letters"])
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

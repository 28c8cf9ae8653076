"""The one fact of a scenario that is different under `unless`."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rules.scenario import changed

GIVEN: dict[str, Any] = {
    "subjects": {"c": "enterprise"},
    "links": {"l1": {"type": "manages", "valid_from": 2020}},
    "records": {"r1": {"list": "fined", "severity": "serious", "fields": {"court": "甲"}}},
}
RECORD = GIVEN["records"]["r1"]


@pytest.mark.parametrize(
    ("path", "value", "record"),
    [
        ("records.r1.severity", "minor", {**RECORD, "severity": "minor"}),
        ("records.r1.number", 7, {**RECORD, "number": 7}),
        ("records.r1.severity", None, {"list": "fined", "fields": {"court": "甲"}}),
        ("records.r1.fields.court", "乙", {**RECORD, "fields": {"court": "乙"}}),
        ("records.r1.fields.court", None, {**RECORD, "fields": {}}),
    ],
)
def test_one_key_of_a_fact_is_other_or_gone(path: str, value: object, record: object) -> None:
    assert changed(GIVEN, {path: value}) == {**GIVEN, "records": {"r1": record}}


def test_a_whole_fact_is_taken_away_or_given() -> None:
    assert changed(GIVEN, {"links.l1": None}) == {**GIVEN, "links": {}}
    named = {"record": "r1", "person": "p"}
    assert changed(GIVEN, {"named.n1": named}) == {**GIVEN, "named": {"n1": named}}


def test_fields_are_given_where_there_were_none() -> None:
    given = {"records": {"r1": {"list": "fined"}}}
    assert changed(given, {"records.r1.fields.court": "乙"}) == {
        "records": {"r1": {"list": "fined", "fields": {"court": "乙"}}}
    }
    assert given == {"records": {"r1": {"list": "fined"}}}, "the other world is a copy"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("records", None, "`records` names no fact: write for example records.r1.repaired_on or links.l1"),
        ("ask.as_of", 1, "`ask.as_of` names no fact: write for example records.r1.repaired_on or links.l1"),
        ("records.r2.severity", "minor", "`records.r2.severity`: nothing is given under `r2`"),
        ("subjects.c.kind", "institution", "`subjects.c.kind`: nothing is given under `c`"),
        ("records.r1.severity", "serious", "`records.r1.severity` changes nothing"),
        ("links.l2", None, "`links.l2` changes nothing"),
    ],
)
def test_what_changes_no_fact_is_refused(path: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        changed(GIVEN, {path: value})

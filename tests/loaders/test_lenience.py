"""What becomes of a bad value: an optional field is left out and counted, a required one keeps its row out."""

import json
from typing import get_args

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.model import Link, Record
from loaders.city import LINE_MODELS, Line

HEAD = "id: own\ntitle: own\nsource: {id: own, department: tax, dataset: own, cadence: P1Y}\n"
FIELDS = {
    "severity": "grave",
    "decided_on": "1.2.2023",
    "acted_on": "2023-02-29",
    "final_on": "soon",
    "sentence_ends_on": "2023",
    "bankruptcy_ends_on": "2023-13-01",
    "publicity_from": "x",
    "amount": "12 000",
    "region": "3604",
    "term_ends_on": "1.2.2023",
    "effective_from": "1.2.2023",
    "effective_to": "2023-02-29",
    "publicity_to": "x",
    "repaired_on": "x",
    "masked_from": "x",
    "masked_to": "x",
}
ENDS = {"term_ends_on", "effective_from", "effective_to", "publicity_to", "repaired_on", "masked_from", "masked_to"}


def records(columns, line=""):
    said = "\n".join(f"      {name}: {{column: {name}}}" for name in columns)
    return f"""{HEAD}columns: [code, {", ".join(columns)}]
lines:
  - line: {{fact: subject, kind: enterprise, name: 甲公司, uscc: {{column: code}}}}
  - line:
      fact: record
      key: r1
      list: fined
      subject: {{uscc: {{column: code}}}}
{said}
{line}"""


@pytest.mark.parametrize("field", sorted(FIELDS.keys() - ENDS))
def test_a_bad_field_whose_absence_makes_a_gap_is_left_out_and_counted(town, field):
    own = town.file("own.yaml", records([field]))
    report = town.load_files(own, town.table("own.csv", ["code", field], [credit_code(1), FIELDS[field]]))
    assert (report.loaded, report.quarantined) == (1, 0)
    [(said, count)] = report.warnings.items()
    assert (said.partition(":")[0], count) == (field, 1)
    assert [getattr(one, field) for one in town.facts(Record)] == [None]


@pytest.mark.parametrize("field", sorted(ENDS))
def test_a_bad_end_is_never_left_out(town, field):
    """Without it the record would bind for longer, or for less, and nobody would be told."""
    own = town.file("own.yaml", records([field]))
    report = town.load_files(own, town.table("own.csv", ["code", field], [credit_code(1), FIELDS[field]]))
    assert (report.loaded, report.quarantined, report.warnings) == (0, 1, {})
    assert [fault["field"] for fault in town.kept[0].faults] == [field]
    assert town.facts(Record) == []


def test_no_end_is_optional_in_any_line():
    optional = {name for model in get_args(Line) for name in model.OPTIONAL}
    assert optional & (ENDS | {"valid_to", "annulled", "undone", "through"}) == set()


def test_no_identity_address_or_kind_is_optional_in_any_line():
    identity = {"fact", "kind", "name", "uscc", "citizen_id", "identifiers", "of", "type", "holder", "organisation"}
    more = {"subject", "list", "key", "number", "record", "person", "role", "left", "right", "id", "code", "table"}
    assert {name for model in get_args(Line) for name in model.OPTIONAL} & (identity | more) == set()


def test_optional_fields_are_fields_of_their_lines():
    for model in LINE_MODELS.values():
        assert set(model.model_fields) >= model.OPTIONAL


def test_a_bad_share_position_and_start_of_a_link_are_left_out(town):
    own = town.file(
        "own.yaml",
        f"""{HEAD}columns: [code, other, share, since]
lines:
  - line: {{fact: subject, kind: enterprise, name: 甲, uscc: {{column: code}}}}
  - line: {{fact: subject, kind: enterprise, name: 乙, uscc: {{column: other}}}}
  - line:
      fact: link
      type: shareholder
      holder: {{uscc: {{column: code}}}}
      organisation: {{uscc: {{column: other}}}}
      share: {{column: share, unit: percent}}
      valid_from: {{column: since, date: ["%Y-%m-%d"]}}
""",
    )
    header, row = ["code", "other", "share", "since"], [credit_code(1), credit_code(2), "120", "2023-02-29"]
    report = town.load_files(own, town.table("own.csv", header, row))
    assert report.warnings == {
        "share: Input should be less than or equal to 1": 1,
        "since: no date of the form %Y-%m-%d": 1,
    }
    assert [(one.share, one.valid_from) for one in town.facts(Link)] == [(None, None)]


def test_a_field_of_the_sources_own_is_left_out_with_one_warning(town):
    line = "      fields: {age: {column: age, within: [0, 130]}, rate: {path: rate}, note: {column: note}}"
    own = town.file(
        "own.yaml",
        records(["age", "rate", "note"]).replace(
            "      age: {column: age}\n      rate: {column: rate}\n      note: {column: note}\n", line
        ),
    )
    rows = town.file("own.json", json.dumps([{"code": credit_code(1), "age": -1, "rate": 0.5, "note": "kept"}]))
    report = town.load_files(own, rows)
    assert report.warnings == {"age: it does not lie between 0 and 130": 1, 'rate: write it as text: "0.5"': 1}
    assert [one.fields for one in town.facts(Record)] == [{"note": "kept"}]


def test_warnings_are_counted_by_column_and_reason_over_all_rows(town):
    own = town.file("own.yaml", records(["region"]).replace("key: r1", "key: {column: code}"))
    rows = [[credit_code(n), "36" if n % 2 else "360400"] for n in range(6)]
    report = town.load_files(own, town.table("own.csv", ["code", "region"], *rows))
    assert (report.loaded, list(report.warnings.values())) == (6, [3])


def test_a_row_that_goes_to_quarantine_counts_no_warning(town):
    own = town.file("own.yaml", records(["region", "effective_to"]))
    rows = [credit_code(1), "36", "x"]
    report = town.load_files(own, town.table("own.csv", ["code", "region", "effective_to"], rows))
    assert (report.quarantined, report.warnings) == (1, {})
    assert {fault["field"] for fault in town.kept[0].faults} == {"region", "effective_to"}


def test_a_line_is_judged_as_a_whole_without_what_was_left_out(town):
    """The region is bad and can be spared; that nothing identifies the company is noticed all the same."""
    own = town.file(
        "own.yaml",
        f"{HEAD}columns: [name, region]\nlines: [{{line: {{fact: subject, kind: enterprise, name: {{column: name}}, "
        "region: {column: region}}}]",
    )
    report = town.load_files(own, town.table("own.csv", ["name", "region"], ["甲公司", "36"]))
    assert report.quarantined == 1
    assert "a name is no identity" in town.said


SPARED = [
    # field, template, value, whether the row is loaded
    ("decided_on", '{column: decided_on, date: ["%Y-%m-%d"], optional: false}', "x", False),
    ("decided_on", "{column: decided_on, optional: false}", "1.2.2023", False),
    ("effective_to", '{column: effective_to, date: ["%Y-%m-%d"], optional: true}', "x", True),
    ("effective_to", "{column: effective_to, optional: true}", "1.2.2023", True),
    ("effective_to", "{first: [{column: effective_to, optional: true}, {column: code}]}", "1.2.2023", True),
    ("list", "{column: list, values: {a: fined}, optional: true}", "b", False),  # no record without a list
]


@pytest.mark.parametrize(("field", "template", "value", "loaded"), SPARED)
def test_the_mappings_own_word_goes_before(town, field, template, value, loaded):
    text = records([field]).replace("      list: fined\n", "" if field == "list" else "      list: fined\n")
    own = town.file("own.yaml", text.replace(f"{field}: {{column: {field}}}", f"{field}: {template}"))
    report = town.load_files(own, town.table("own.csv", ["code", field], [credit_code(1), value]))
    assert (report.loaded, report.quarantined) == ((1, 0) if loaded else (0, 1))
    assert sum(report.warnings.values()) == loaded


def test_the_citys_own_lines_are_not_spared(town, company):
    assert town.load({**company, "region": "36"}).quarantined == 1


def test_a_bad_citizen_id_is_shown_in_no_spelling(town):
    own = town.file(
        "own.yaml",
        f"""{HEAD}columns: [name, id]
lines:
  - line: {{fact: subject, kind: natural_person, name: {{column: name}}, citizen_id: {{column: id, spaces: none}}}}
""",
    )
    number = citizen_id(3)
    spellings = [
        number[:-1] + "?",
        f"{number[:6]} {number[6:14]} {number[14:]}1",
        number[:-1].translate(WIDE) + "？",
        f"-{number}-",
    ]
    report = town.load_files(own, town.table("own.csv", ["name", "id"], *(["某人", one] for one in spellings)))
    assert report.quarantined == len(spellings)
    plain = town.said.translate({wide: digit for digit, wide in WIDE.items()}).replace(" ", "")
    assert number[:17] not in plain


WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}

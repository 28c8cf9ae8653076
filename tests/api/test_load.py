"""`xinheng load` and `quarantine` with mappings: shown before, kept back, given out, mended, in after all."""

from __future__ import annotations

import codecs
import json

import pytest

from api.demo.codes import citizen_id, credit_code
from tests.command import xinheng

MAPPING = """
id: tax-arrears
title: 欠税公告
dialect: {encoding: gbk, delimiter: "\\t"}
source: {id: tax-arrears, department: tax, dataset: 欠税公告, holds: [tax-arrears], cadence: P1M}
columns: [名称, 信用代码, 法定代表人, 证件号码, 欠税额, 公告日期, 备注]
lines:
  - line: {fact: subject, kind: enterprise, mention: true, name: {column: 名称}, uscc: &code {column: 信用代码}}
  - when: [{column: 证件号码, missing: true, not: true}]
    line: {fact: subject, kind: natural_person, name: {column: 法定代表人}, citizen_id: {column: 证件号码}}
  - line:
      fact: record
      subject: {uscc: *code}
      list: tax-arrears
      number: {column: 备注}
      amount: {column: 欠税额, unit: 万元}
      decided_on: {column: 公告日期, date: ["%Y.%m.%d"]}
      effective_from: {column: 公告日期, date: ["%Y.%m.%d"]}
"""
HEADER = "名称\t信用代码\t法定代表人\t证件号码\t欠税额\t公告日期\t备注"
GOOD = f"九江柏川商贸有限公司\t{credit_code(1)}\t程立群\t{citizen_id(1)}\t12.5\t2026.03.01\t甲"
BROKEN = citizen_id(2)[:-1] + ("0" if citizen_id(2)[-1] != "0" else "1")
WRONG = f"九江二号有限公司\t{credit_code(2)}\t某人\t{BROKEN}\t3\t2026.03.02\t乙"
LETTER = f"九江三号有限公司\t{credit_code(3)[:-1]}O\t\t\t3\t2026.03.03\t丙"
SHORT = f"九江四号有限公司\t{credit_code(4)}"


@pytest.fixture
def town(tmp_path):
    (tmp_path / "arrears.yaml").write_text(MAPPING, encoding="utf-8")
    settings = {
        "XINHENG_ENVIRONMENT": "development",
        "XINHENG_DATA": str(tmp_path / "data"),
        "XINHENG_REGION": "360400",
    }

    def run(*words, stdin=""):
        return xinheng(*words, settings=settings, stdin=stdin)

    run.mapping, run.home = tmp_path / "arrears.yaml", tmp_path
    return run


def arrears(town, *rows, name="arrears.txt"):
    path = town.home / name
    path.write_bytes("\n".join([HEADER, *rows]).encode("gbk"))
    return path


def test_a_dry_run_shows_what_would_become_of_the_rows_and_loads_nothing(town):
    ran = town("load", town.mapping, arrears(town, GOOD, WRONG, LETTER, SHORT), "--dry-run")
    assert ran.status == 0
    assert "4 rows read, 1 good, 3 would go to quarantine" in ran.out
    assert "amount: 12500000" in ran.out
    assert citizen_id(1) not in ran.out + ran.err
    assert f"{citizen_id(1)[:6]}********{citizen_id(1)[-4:]}" in ran.out
    assert "no-store" in town("stats", "--json").err, "not even an empty store is made"
    assert json.loads(town("quarantine", "list", "--json").out) == []


def test_what_is_kept_back_is_said_by_file_line_and_column_and_no_citizen_id(town):
    ran = town("load", town.mapping, arrears(town, GOOD, WRONG, LETTER, SHORT), "--json")
    assert ran.document["reasons"] == {"check_character": 1, "letter": 1, "shape": 1}
    rows = json.loads(town("quarantine", "list", "--json").out)
    assert [(row["line"], row["faults"][0]["field"], row["kind"]) for row in rows] == [
        (3, "证件号码", "check_character"),
        (4, "信用代码", "letter"),
        (5, "", "shape"),
    ]
    shown = ran.err + town("quarantine", "list").out + json.dumps(rows)
    assert BROKEN not in shown
    assert [row["line"] for row in json.loads(town("quarantine", "list", "--reason", "letter", "--json").out)] == [4]
    summary = json.loads(town("quarantine", "list", "--summary", "--json").out)
    assert sum(one["rows"] for one in summary) == 3
    content = b"".join(path.read_bytes() for path in (town.home / "data").rglob("*") if path.is_file())
    assert BROKEN.encode() not in content
    assert "九江二号".encode() not in content, "rows are kept encrypted"


def test_rows_are_given_out_mended_and_loaded_and_leave_the_quarantine(town):
    town("load", town.mapping, arrears(town, GOOD, WRONG, LETTER, SHORT))
    assert town("quarantine", "export", "--to", town.home / "out").status == 0
    [path] = (town.home / "out").iterdir()
    content = path.read_bytes()
    assert content.startswith(codecs.BOM_UTF8)
    text = content.decode("utf-8-sig").replace(BROKEN, citizen_id(2)).replace(credit_code(3)[:-1] + "O", credit_code(3))
    path.write_text(text, encoding="utf-8-sig")
    again = town("load", town.mapping, path, "--json").document
    assert (again["read"], again["loaded"], again["quarantined"]) == (3, 2, 1)
    [left] = json.loads(town("quarantine", "list", "--json").out)
    assert left["kind"] == "shape"
    assert town("stats", "--json").document["records"] == {"tax-arrears": 3}


def test_a_row_that_is_mended_wrongly_stays_the_entry_that_it_was(town):
    town("load", town.mapping, arrears(town, LETTER))
    [before] = json.loads(town("quarantine", "list", "--json").out)
    text = town("quarantine", "export").out.removeprefix("\ufeff")
    path = town.home / "mended.tsv"
    path.write_text(text.replace("2026.03.03", "3 March").replace("O\t", "0\t"), encoding="utf-8-sig")
    town("load", town.mapping, path)
    [after] = json.loads(town("quarantine", "list", "--json").out)
    assert after["id"] == before["id"]


def test_a_row_waits_for_what_it_names(town, tmp_path):
    link = {
        "fact": "link",
        "type": "manages",
        "holder": {"uscc": credit_code(1)},
        "organisation": {"uscc": credit_code(2)},
    }
    subjects = [
        {"fact": "subject", "kind": "enterprise", "uscc": credit_code(n), "name": f"九江{n}号有限公司"} for n in (1, 2)
    ]
    first, second = tmp_path / "links.jsonl", tmp_path / "subjects.jsonl"
    first.write_text(json.dumps(link), encoding="utf-8")
    second.write_text("\n".join(map(json.dumps, subjects)), encoding="utf-8")
    assert town("load", "city", first, "--json").document["reasons"] == {"reference": 1}
    town("load", "city", second)
    assert town("quarantine", "retry", "--json").document["city"]["loaded"] == 1
    assert json.loads(town("quarantine", "list", "--json").out) == []


def test_the_same_rows_kept_twice_are_one_entry_and_equal_rows_of_two_lines_are_two(town):
    path = arrears(town, LETTER, LETTER)
    for _ in range(2):
        report = town("load", town.mapping, path, "--json").document
        assert report["quarantined"] == 2
    assert [row["line"] for row in json.loads(town("quarantine", "list", "--json").out)] == [2, 3]


def test_a_delivery_says_through_which_day_it_is_complete(town):
    path = arrears(town, GOOD)
    town("load", town.mapping, path)
    assert [one["state"] for one in json.loads(town("sources", "--json").out)] == ["never loaded"]
    town("load", town.mapping, path, "--through", "2020-01-31")
    assert [(one["through"], one["state"]) for one in json.loads(town("sources", "--json").out)] == [
        ("2020-01-31", "overdue")
    ]
    refused = town("load", town.mapping, path, "--through", "soon")
    assert refused.status == 2
    assert "write it as 2026-01-31" in refused.err


def test_a_bad_optional_field_is_left_out_with_a_counted_warning_and_a_bad_end_never(town):
    vague = GOOD.replace("12.5", "若干")
    report = town("load", town.mapping, arrears(town, vague), "--json").document
    assert report["warnings"] == {"欠税额: it is no number": 1}
    undated = GOOD.replace("2026.03.01", "三月")
    assert town("load", town.mapping, arrears(town, undated), "--json").document["reasons"] == {"date": 1}

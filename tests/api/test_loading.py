"""`xinheng load` by a mapping: a dry run, which rows count, until when a source is complete, and tables of codes."""

import gzip
import json

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.model import Load
from graph.plan import Plan
from graph.sqlite import SqliteStore

OWN = """
id: own
title: own
source: {id: own, department: tax, dataset: 欠税公告, holds: [tax-arrears], cadence: P1M}
columns: [name, code, place, amount, person]
checks:
  - when: [{column: name, contains: [分公司]}]
    warn: true
    reason: a branch
lines:
  - line: {fact: subject, kind: enterprise, name: {column: name}, uscc: {column: code}}
  - when: [{column: person, missing: true, not: true}]
    line: {fact: subject, kind: natural_person, name: 某人, citizen_id: {column: person}}
  - line:
      fact: record
      key: {column: code}
      subject: {uscc: {column: code}}
      list: tax-arrears
      amount: {column: amount, unit: 万元}
      fields: {place: {column: place}}
"""
HEADER = "name,code,place,amount,person"
ROWS = [
    f"九江好有限公司,{credit_code(101)},九江,1.5,{citizen_id(1)}",
    f"九江好有限公司南昌分公司,{credit_code(102)},南昌,much,",
    f"九江错有限公司,{credit_code(103).lower()},九江,2,",
]


@pytest.fixture
def own(town, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    return path


# --- a dry run --------------------------------------------------------------------------------------------------------
def test_a_dry_run_shows_rows_as_they_would_be_loaded_and_counts_all_faults(xinheng, own, rows):
    found = xinheng("load", own, rows, "--dry-run", "--json").json
    assert (found["read"], found["good"], found["bad"]) == (3, 2, 1)
    first, second = found["rows"]
    assert [line["fact"] for line in first["lines"]] == ["subject", "subject", "record"]
    company, person, record = first["lines"]
    assert (company["id"], company["name"]) == (f"uscc:{credit_code(101)}", "九江好有限公司")
    assert record["amount"] == 1_500_000  # fen
    assert (first["line"], second["line"]) == (2, 3)
    assert [(said.partition(":")[0], count) for said, count in found["faults"].items()] == [("code", 1)]
    assert found["warnings"] == {"name: a branch": 1, "amount: it is no number": 1}
    assert "*" in person["citizen_id"]
    assert record["fields"] == {"place": "九江"}


def test_a_dry_run_is_told_to_people(xinheng, own, rows):
    told = xinheng("load", own, rows, "--dry-run")
    assert "3 rows read, 2 good, 1 would go to quarantine" in told.text
    assert "warning: name: a branch (1 rows)" in told.text
    assert "Nothing was loaded." in told.text
    assert "amount: 1500000" in told.text
    assert citizen_id(1) not in told.text + told.err
    assert f"{citizen_id(1)[:6]}********{citizen_id(1)[-4:]}" in told.text


def test_a_dry_run_shows_five_rows_at_most(xinheng, own, rows):
    codes = [f"九江公司,{credit_code(number)},九江,1," for number in range(200, 210)]
    rows.write_text("\n".join([HEADER, *codes]), encoding="utf-8")
    found = xinheng("load", own, rows, "--dry-run", "--json").json
    assert (found["read"], found["good"], len(found["rows"])) == (10, 10, 5)


def test_a_dry_run_writes_nothing(xinheng, town, own, rows):
    before = xinheng("stats", "--json").json, xinheng("sources", "--json").json
    stored = next(town.rglob("graph.sqlite")).read_bytes()
    assert xinheng("load", own, rows, "--dry-run", "--through", "2026-09-30").status == 0
    assert (xinheng("stats", "--json").json, xinheng("sources", "--json").json) == before
    assert xinheng("quarantine", "list", "--json").json == []
    assert next(town.rglob("graph.sqlite")).read_bytes() == stored


def test_a_dry_run_makes_no_store(xinheng, own, rows, tmp_path, monkeypatch):
    monkeypatch.setenv("XINHENG_DATA", str(tmp_path / "elsewhere"))
    assert xinheng("load", own, rows, "--dry-run").status == 0
    assert list(tmp_path.glob("elsewhere/**/graph.sqlite")) == []
    assert "no-store" in xinheng("stats", "--json").err
    assert xinheng("quarantine", "list", "--json").json == []


# --- what becomes of a bad field --------------------------------------------------------------------------------------
def test_a_bad_optional_field_is_left_out_with_a_counted_warning(xinheng, own, rows):
    told = xinheng("load", own, rows, "--json").json
    assert {"name: a branch": 1, "amount: it is no number": 1}.items() <= told["warnings"].items()
    assert (told["loaded"], told["reasons"]) == (2, {"lower_case": 1})


def test_a_bad_day_on_which_a_record_begins_is_never_left_out(xinheng, own, rows):
    day = "      effective_from: {column: place, date: ['%Y.%m.%d']}\n      amount:"
    own.write_text(OWN.replace("      amount:", day), encoding="utf-8")
    rows.write_text(f"{HEADER}\n甲公司,{credit_code(101)},2026.03.01,1,\n乙公司,{credit_code(102)},三月,1,\n", "utf-8")
    told = xinheng("load", own, rows, "--json").json
    assert (told["loaded"], told["reasons"]) == (1, {"date": 1})


# --- which rows -------------------------------------------------------------------------------------------------------
def test_only_rows_with_the_value_asked_for_are_loaded(xinheng, own, rows):
    assert xinheng("load", own, rows, "--where", "place=南昌", "--json").json["read"] == 1
    assert xinheng("load", own, rows, "--where", "place = 九江", "--where", "amount=2", "--json").json["read"] == 1
    assert xinheng("load", own, rows, "--where", "place=", "--json").json["read"] == 0
    assert xinheng("load", own, rows, "--where", "person=", "--json").json["read"] == 2, "where it is missing"


def test_a_column_that_the_file_has_not_is_refused(xinheng, own, rows):
    told = xinheng("load", own, rows, "--where", "city=九江")
    assert told.status == 2
    assert "has no column city" in told.err


def kept(xinheng):
    return [(one["line"], one["kind"]) for one in xinheng("quarantine", "list", "--json").json]


def test_a_row_that_nobody_can_read_is_kept_whatever_rows_are_asked_for_and_once(xinheng, own, rows):
    rows.write_text("\n".join([HEADER, ROWS[0], "a row,of,three", ROWS[2]]) + "\n", encoding="utf-8")
    for place, quarantined in (("南昌", 1), ("宜春", 1), ("九江", 2)):
        told = xinheng("load", own, rows, "--where", f"place={place}", "--json").json
        assert told["read"] == told["loaded"] + told["unchanged"] + told["quarantined"]
        assert told["quarantined"] == quarantined
    assert kept(xinheng) == [(3, "shape"), (4, "lower_case")]


def test_rows_of_json_are_picked_by_what_they_say_whatever_their_shape(xinheng, own, tmp_path):
    whole = dict(zip(HEADER.split(","), ROWS[0].split(","), strict=True))
    stranger = {"place": "九江", "shape": "another"}
    path = tmp_path / "rows.json"
    rows = [whole, stranger, {**stranger, "place": "南昌"}, {"shape": "says no place"}]
    path.write_text(json.dumps(rows), encoding="utf-8")
    told = xinheng("load", own, path, "--where", "place=九江", "--json").json
    assert (told["read"], told["loaded"], told["quarantined"]) == (3, 1, 2)
    assert kept(xinheng) == [(2, "shape"), (4, "shape")]


def test_the_help_says_what_becomes_of_rows_that_nobody_can_read(xinheng):
    said = " ".join(xinheng("load", "--help").text.replace("│", " ").split())
    assert "kept in quarantine all the same" in said


# --- the source and its load ------------------------------------------------------------------------------------------
def source(xinheng):
    return next((one for one in xinheng("sources", "--json").json if one["id"] == "own"), None)


def test_a_load_declares_its_source_and_says_until_when_it_is_complete(xinheng, own, rows):
    assert xinheng("load", own, rows, "--through", "2020-01-31").status == 0
    found = source(xinheng)
    assert (found["department"], found["holds"], found["cadence"]) == ("tax", ["tax-arrears"], "P1M")
    assert (found["through"], found["state"]) == ("2020-01-31", "overdue")
    xinheng("load", own, rows, "--through", "2999-01-31")
    assert (source(xinheng)["through"], source(xinheng)["state"]) == ("2999-01-31", "current")
    xinheng("load", own, rows, "--through", "2019-12-31")  # an older delivery takes nothing back
    assert source(xinheng)["through"] == "2999-01-31"


def test_a_load_that_does_not_say_until_when_leaves_the_source_never_loaded(xinheng, own, rows):
    xinheng("load", own, rows)
    assert (source(xinheng)["through"], source(xinheng)["state"]) == (None, "never loaded")


def test_a_mapping_may_say_it_once_for_all_and_the_command_otherwise(xinheng, own, rows):
    own.write_text(OWN.replace("cadence: P1M}", "cadence: P1M, through: 2019-04-30}"), encoding="utf-8")
    xinheng("load", own, rows)
    assert source(xinheng)["through"] == "2019-04-30"
    xinheng("load", own, rows, "--through", "2019-05-31")
    assert source(xinheng)["through"] == "2019-05-31"


def test_a_mended_declaration_corrects_the_source_and_the_past_keeps_the_old_one(xinheng, town, own, rows):
    xinheng("load", own, rows, "--recorded-at", "2026-11-01T00:00:00Z", "--through", "2026-10-31")
    mended = OWN.replace(
        "holds: [tax-arrears], cadence: P1M", "holds: [tax-arrears, tax-d], cadence: P7D, territory: '360400'"
    )
    own.write_text(mended, encoding="utf-8")
    told = xinheng("load", own, rows, "--recorded-at", "2026-11-02T00:00:00Z")
    assert told.status == 0
    assert "source own: holds was tax-arrears, is tax-arrears, tax-d from now on" in told.err
    assert "source own: cadence was P1M, is P7D from now on" in told.err
    assert "source own: territory was none, is 360400 from now on" in told.err
    assert (source(xinheng)["holds"], source(xinheng)["cadence"]) == (["tax-arrears", "tax-d"], "P7D")
    with SqliteStore(next(town.rglob("graph.sqlite")).parent) as store:
        before, after = store.history("own")
    assert (before.fact.cadence, after.fact.cadence) == ("P1M", "P7D")
    assert before.superseded_at == after.recorded_at
    again = xinheng("load", own, rows, "--recorded-at", "2026-11-02T00:00:00Z")
    assert "from now on" not in again.err
    with SqliteStore(next(town.rglob("graph.sqlite")).parent) as store:
        assert len(store.history("own")) == 2


def test_a_decision_from_before_a_declaration_was_mended_is_replayed_the_same(xinheng, town, own, rows):
    xinheng("load", own, rows, "--through", "2026-10-31")
    asked = (
        "check",
        credit_code(101),
        "--matter",
        "政府采购",
        "--department",
        "采购人",
        "--as-of",
        "2026-10-31",
        "--json",
    )
    before = xinheng(*asked).json
    own.write_text(OWN.replace("cadence: P1M", "cadence: P1D"), encoding="utf-8")
    xinheng("load", own, rows)
    known_at = before["question"]["known_at"]
    assert xinheng(*asked, "--known-at", known_at).json == before
    assert xinheng("replay", before["decision_id"]).status == 0
    assert xinheng(*asked).json["question"]["known_at"] != known_at


def test_as_known_before_its_load_a_source_was_never_loaded(xinheng, town, own, rows):
    xinheng("load", own, rows, "--recorded-at", "2026-11-01T00:00:00Z")
    xinheng("load", own, rows, "--recorded-at", "2026-11-02T00:00:00Z", "--through", "2026-10-31")
    with SqliteStore(next(town.rglob("graph.sqlite")).parent) as store:
        facts = store.facts(known_at=store.last_instant())
        [load] = [one for one in facts if isinstance(one, Load) and one.source == "own"]
        [version] = store.history(load.id)
        day = load.through
        now = store.evidence([], Plan(), as_of=day, known_at=version.recorded_at)
        before = store.evidence([], Plan(), as_of=day, known_at=version.recorded_at.replace(hour=0, day=1))
    assert "own" in {one.id for one in now.sources} & {one.source for one in now.loads}
    assert "own" not in {one.source for one in before.loads}


def test_a_load_that_breaks_off_does_not_say_that_it_is_complete(xinheng, own, tmp_path):
    zipped = tmp_path / "rows.csv.gz"
    zipped.write_bytes(gzip.compress("\n".join([HEADER, *ROWS * 500]).encode())[:-20])
    told = xinheng("load", own, zipped, "--through", "2026-09-30")
    assert told.status == 2
    assert source(xinheng)["state"] == "never loaded"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--through", "31.1.2026"), "--through 31.1.2026 is no date"),
        (("--through", "soon"), "write it as 2026-01-31"),
        (("--where", "place"), "no value"),
        (("--recorded-at", "2026-11-01"), "no time zone"),
    ],
)
def test_an_option_that_is_wrong_is_said_before_anything_is_written(xinheng, own, rows, options, said):
    told = xinheng("load", own, rows, *options)
    assert told.status == 2
    assert said in told.err
    assert source(xinheng) is None


def test_the_citys_lines_say_themselves_what_is_complete(xinheng, town, city_file):
    told = xinheng("load", "city", city_file({"fact": "load"}), "--through", "2026-01-01")
    assert told.status == 2
    assert "--through goes with a mapping" in told.err


# --- codes ------------------------------------------------------------------------------------------------------------
def codes(tmp_path, *rows, name="codes.csv"):
    path = tmp_path / name
    path.write_text("\n".join(["code,name,parent,level", *rows]) + "\n", encoding="utf-8")
    return path


INDUSTRIES = "cn-industry-codes"


def test_a_table_of_codes_is_loaded_beside_the_graph(xinheng, town, tmp_path):
    before = xinheng("stats", "--json").json
    path = codes(tmp_path, "A,农、林、牧、渔业,,1", "A01,农业,A,2")
    told = xinheng("load", INDUSTRIES, path, "--json").json
    assert (told["loaded"], told["codes"], told["quarantined"]) == (2, 2, 0)
    again = xinheng("load", INDUSTRIES, path, "--json").json
    assert (again["unchanged"], again.get("codes", 0)) == (2, 0)
    assert xinheng("stats", "--json").json == before


def test_a_code_with_another_name_is_a_conflict(xinheng, town, tmp_path):
    xinheng("load", INDUSTRIES, codes(tmp_path, "A01,农业,A,2"))
    told = xinheng("load", INDUSTRIES, codes(tmp_path, "A01,林业,A,2", name="other.csv"), "--json").json
    assert told["reasons"] == {"conflict": 1}
    [kept] = xinheng("quarantine", "list", "--json").json
    assert "holds this code with another name or parent" in kept["faults"][0]["reason"]


@pytest.fixture
def divisions(xinheng, town, tmp_path):
    """GB/T 2260 as far as these tests need it: one division in force, and one that once was."""
    areas = tmp_path / "areas.csv"
    areas.write_text("code,name,cityCode,provinceCode\n360402,濂溪区,3604,36\n", encoding="utf-8")
    past = tmp_path / "past.csv"
    past.write_text("revision,code,name\n201508,360421,九江县\n202012,360402,濂溪区\n", encoding="utf-8")
    assert xinheng("load", "cn-admin-divisions", areas, past, "--json").json["codes"] == 3


def regions(city_file, *codes):
    company = {"fact": "subject", "kind": "enterprise", "name": "九江公司"}
    return city_file(*({**company, "uscc": credit_code(300 + n), "region": one} for n, one in enumerate(codes)))


def test_a_division_that_is_not_current_is_a_warning_and_no_fault(xinheng, divisions, city_file):
    told = xinheng("load", "city", regions(city_file, "360402", "360421", "999999", "999998"), "--json").json
    assert (told["loaded"], told["quarantined"]) == (4, 0)
    assert told["warnings"] == {
        "region: a division of no revision that is loaded": 2,
        "region: a division that is no longer current": 1,
    }


def test_while_no_divisions_are_loaded_nothing_is_said_of_them(xinheng, town, city_file):
    assert xinheng("load", "city", regions(city_file, "360421", "999999"), "--json").json["warnings"] == {}


def test_a_dry_run_warns_of_divisions_too(xinheng, divisions, city_file):
    found = xinheng("load", "city", regions(city_file, "360421"), "--dry-run", "--json").json
    assert found["warnings"] == {"region: a division that is no longer current": 1}

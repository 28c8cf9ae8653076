"""The other commands: load, quarantine, stats, sources, ledger, catalogue, and the command line as a whole."""

import json
import sqlite3
import subprocess
import sys

import pytest
from typer.main import get_command

from api.cli import app
from api.demo.codes import citizen_id, credit_code

from .conftest import ASKED, DEFAULTER, ENVIRONMENT, PERSON


def test_load_ends_with_one_object(xinheng, town, city_file):
    new = {"fact": "subject", "kind": "enterprise", "uscc": credit_code(50), "name": "九江新来有限公司"}
    told = xinheng("load", "city", city_file(new, new, {"fact": "load"}), "--json")
    assert told.status == 0
    assert told.json == {
        "read": 3,
        "loaded": 1,
        "unchanged": 1,
        "quarantined": 1,
        "subjects": 1,
        "links": 0,
        "records": 0,
        "reasons": {"missing": 1},
        "warnings": {},
    }
    assert (
        "read 3 = loaded 0 + unchanged 2 + quarantined 1"
        in xinheng("load", "city", city_file(new, new, {"fact": "load"})).text
    )


def test_a_rejected_row_is_said_with_file_line_key_and_reason(xinheng, town, city_file):
    broken = citizen_id(7)[:-1] + "?"
    told = xinheng(
        "load", "city", city_file({"fact": "subject", "kind": "natural_person", "name": "某人", "citizen_id": broken})
    )
    assert "more.jsonl:1 name=某人: citizen_id" in told.err
    assert broken[:17] not in told.err
    listed = xinheng("quarantine", "list", "--json").json
    assert [(row["line"], row["key"]) for row in listed] == [(1, "name=某人")]
    assert broken[:17] not in xinheng("quarantine", "list").text
    assert json.loads(xinheng("quarantine", "export").text)["citizen_id"] == broken


def test_only_the_first_rejected_rows_are_said(xinheng, town, city_file):
    told = xinheng("load", "city", city_file(*({"fact": "load", "through": str(n)} for n in range(30))))
    assert "and 10 more" in told.err


def test_load_takes_standard_input(xinheng, town):
    line = json.dumps({"fact": "subject", "kind": "enterprise", "uscc": credit_code(51), "name": "九江管道有限公司"})
    assert xinheng("load", "city", "-", "--json", stdin=line).json["loaded"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("city", "missing.jsonl"), 2, "missing.jsonl"),
        (("nothing", "x.csv"), 2, "there is no mapping nothing"),
        (("city", "x", "--where", "a=b"), 2, "--where"),
        (("cn-enterprise-register", "x", "--where", "a"), 2, "no value"),
        (("city", "-", "--recorded-at", "yesterday"), 2, "is no instant"),
        (("city", "-", "--recorded-at", "2027-01-01T00:00:00"), 2, "no time zone"),
    ],
)
def test_a_load_that_can_not_begin_says_why(xinheng, town, arguments, status, said):
    told = xinheng("load", *arguments)
    assert told.status == status
    assert said in told.err


def test_what_is_recorded_at_an_instant_that_is_past_is_refused(xinheng, town, city_file):
    new = {"fact": "subject", "kind": "enterprise", "uscc": credit_code(52), "name": "九江迟来有限公司"}
    told = xinheng("load", "city", city_file(new), "--recorded-at", "2020-01-01T00:00:00Z")
    assert told.status == 2
    assert "recorded-at-not-later" in told.err


def test_outside_development_there_are_no_default_keys(xinheng, town, city_file, monkeypatch):
    new = {"fact": "subject", "kind": "enterprise", "uscc": credit_code(53), "name": "九江无钥有限公司"}
    monkeypatch.setenv("XINHENG_ENVIRONMENT", "production")
    told = xinheng("load", "city", city_file(new))
    assert told.status == 2
    assert "XINHENG_SEAL_KEY is not set" in told.err
    assert xinheng("check", DEFAULTER, *ASKED).status == 0  # no citizen ID, no key


def test_stats_count_what_is_current(xinheng, town):
    told = xinheng("stats", "--json").json
    assert told == {
        "subjects": {"enterprise": 4, "natural_person": 1},
        "links": {"legal_representative": 2},
        "records": {"judgment-defaulter": 1},
    }
    assert "enterprise" in xinheng("stats").text


def test_sources_say_what_they_hold_and_whether_they_are_current(xinheng, town):
    told = {one["id"]: one for one in xinheng("sources", "--json").json}
    assert "judgment-defaulter" in told["court"]["holds"]
    assert told["court"]["through"] == "2026-10-31"
    assert "court" in xinheng("sources").text


# --- ledger -----------------------------------------------------------------------------------------------------------
def test_every_answer_is_in_the_ledger_with_who_and_why(xinheng, town):
    xinheng("check", DEFAULTER, *ASKED, "--who", "审批员 王", "--purpose", "政府采购 17 号")
    xinheng("check", DEFAULTER, *ASKED)
    xinheng("check", "9136", *ASKED)
    entries = [json.loads(line) for line in xinheng("ledger", "export").text.splitlines()]
    assert next(entry["who"] for entry in entries) == "审批员 王"
    assert [entry["purpose"] for entry in entries] == ["政府采购 17 号", ""]
    assert xinheng("ledger", "verify", "--json").json["entries"] == 2


def test_who_and_why_hold_no_citizen_id(xinheng, town):
    told = xinheng("check", DEFAULTER, *ASKED, "--purpose", f"为 {PERSON} 办理")
    assert told.status == 2
    assert PERSON not in told.err


def test_a_ledger_cut_short_is_noticed(xinheng, town):
    for _ in range(3):
        xinheng("check", DEFAULTER, *ASKED)
    noted = xinheng("ledger", "verify", "--json").json["head"]
    assert xinheng("ledger", "verify", "--expect", noted).status == 0
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("delete from ledger_entry where seq = 3")
    connection.close()
    told = xinheng("ledger", "verify")
    assert told.status == 1
    assert "cut off" in told.err
    assert xinheng("ledger", "verify", "--expect", "x").status == 2


def test_an_answer_that_can_not_be_entered_is_not_given(xinheng, town):
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("drop table document")
    connection.close()
    told = xinheng("check", DEFAULTER, *ASKED, "--json")
    assert (told.status, told.out) == (3, b"")
    assert json.loads(told.err)["code"] == "operational-data-unavailable"


def test_an_operational_database_of_a_newer_schema_is_refused(xinheng, town):
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    told = xinheng("check", DEFAULTER, *ASKED)
    assert told.status == 3
    assert "9999" in told.err


# --- catalogue --------------------------------------------------------------------------------------------------------
def test_the_shipped_catalogue_is_without_fault(xinheng):
    told = xinheng("catalogue", "lint", "--json")
    assert (told.status, told.json["problems"]) == (0, [])
    assert xinheng("catalogue", "lint").text.startswith("ok")


def test_lint_names_file_line_key_and_remedy(xinheng, tmp_path):
    (tmp_path / "documents.yaml").write_text("- id: x\n  titel: x\n", encoding="utf-8")
    told = xinheng("catalogue", "lint", tmp_path)
    assert told.status == 1
    assert "documents.yaml:2: x.titel: unknown key" in told.err
    listed = xinheng("catalogue", "lint", tmp_path, "--json").json["problems"]
    assert {"file", "line", "key", "message", "remedy"} == set(listed[0])


def test_scenarios_are_run(xinheng):
    told = xinheng("catalogue", "test", "--only", "government-procurement-law.22.judgment-defaulter", "--json")
    assert told.status == 0
    assert told.json["ran"] >= 1
    assert xinheng("catalogue", "test", "--only", "no-such-measure").status == 1


def test_the_catalogue_is_shown(xinheng):
    assert "政府采购" in xinheng("catalogue", "show", "matters").text
    assert len(xinheng("catalogue", "show", "lists", "--json").json) > 100
    one = xinheng("catalogue", "show", "measures", "food-safety-law.135-1.licensee").json
    assert one["effect"] == "deny"
    assert xinheng("catalogue", "show", "recipes").status == 2
    assert xinheng("catalogue", "show", "measures", "nothing").status == 2


# --- the whole --------------------------------------------------------------------------------------------------------
SURFACE = {
    "": "demo serve check check-group replay respond responses search subject expand path control load stats sources "
    "mapping quarantine export identity catalogue keys ledger",
    "export": "ftm",
    "identity": "candidates merge unmerge history",
    "mapping": "guess list check",
    "keys": "create list rotate revoke",
    "quarantine": "list export retry discard restore",
    "catalogue": "lint test show",
    "ledger": "verify export",
}


@pytest.mark.parametrize("group", sorted(SURFACE))
def test_the_surface_of_the_command_line(xinheng, group):
    found = get_command(app)
    found = found.commands[group] if group else found
    assert sorted(found.commands) == sorted(SURFACE[group].split())
    assert xinheng(*group.split(), "--help").status == 0


@pytest.mark.parametrize("arguments", [(), ("ledger",), ("bogus",), ("check",), ("check", "--bogus")])
def test_what_is_no_command_is_bad_input(xinheng, arguments):
    assert xinheng(*arguments).status == 2


def test_a_wrong_option_does_not_repeat_a_citizen_id(xinheng, town):
    told = xinheng("check", DEFAULTER, PERSON, *ASKED)
    assert told.status == 2
    assert PERSON not in told.err


def test_a_defect_is_told_apart_from_an_answer(xinheng, town, monkeypatch):
    monkeypatch.setenv("XINHENG_STORE", str(town))
    (town / "graph.sqlite").mkdir()
    assert xinheng("check", DEFAULTER, *ASKED).status == 3


def test_a_command_does_not_wait_for_packages_that_others_need():
    """Neo4j, migrations, the dictionary of pinyin, the grammar of URIs and the readers of Excel and Parquet take longer
    to load than a check to run."""
    slow = {"neo4j", "alembic", "pypinyin", "jsonschema", "openpyxl", "duckdb"}
    code = f"import sys, api.cli; print(*({slow} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_the_console_script_in_a_process_of_its_own(town):
    command = [sys.executable, "-m", "api.cli", "check", DEFAULTER, *ASKED, "--json"]
    environment = {**ENVIRONMENT, "XINHENG_DATA": str(town), "PATH": "", "PYTHONUTF8": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["outcome"] == "deny"


def test_a_reader_that_goes_away_is_no_error(town):
    command = f"{sys.executable} -m api.cli catalogue show lists --json | head -c 10"
    environment = {**ENVIRONMENT, "XINHENG_DATA": str(town), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr

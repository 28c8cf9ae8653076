"""`xinheng search` and `subject`: organisations looked up, and what is held of one, as over HTTP."""

import json

import pytest
from fastapi.testclient import TestClient

from api.demo.codes import credit_code
from api.deployment import Deployment
from api.http.app import create
from api.settings import load_settings
from graph.identifiers import masked

from .conftest import CLEAN, DAY, DEFAULTER, NAMESAKE, PERSON

ON = ("--as-of", DAY)


@pytest.fixture
def client(xinheng, town):
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


# --- search -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("清白", {"name": "清白"}),
        (DEFAULTER[:14], {"name": DEFAULTER[:14]}),
        (DEFAULTER, {"identifier": DEFAULTER}),
        (f" {DEFAULTER}", {"identifier": DEFAULTER}),
        ("registration_number:110108000000016", {"identifier": "registration_number:110108000000016"}),
        ("没有这家", {"name": "没有这家"}),
    ],
)
def test_a_search_has_the_bytes_of_http(xinheng, client, text, asked):
    told = xinheng("search", text, "--json")
    assert (told.status, told.out) == (0, client.get("/v1/subjects", params=asked).content + b"\n")


def test_organisations_stand_in_a_table_with_ids_to_copy(xinheng, town):
    told = xinheng("search", "九江柏川")
    assert told.status == 0
    assert f"uscc:{DEFAULTER}" in told.text
    assert "九江柏川商贸有限公司" in told.text
    assert "registration_number:110108000000016" in told.text
    assert "no organisation was found" in xinheng("search", "没有这家").text


def test_a_search_goes_on_with_the_cursor(xinheng, town):
    first = xinheng("search", "清白", "--limit", "1")
    assert f"uscc:{CLEAN}" in first.text
    cursor = first.text.split("--cursor ")[1].strip()
    second = xinheng("search", "清白", "--limit", "1", "--cursor", cursor)
    assert f"uscc:{NAMESAKE}" in second.text
    assert "--cursor" not in second.text
    told = xinheng("search", "柏川", "--cursor", cursor, "--json")
    assert (told.status, json.loads(told.err)["code"]) == (2, "bad-cursor")


def test_what_is_left_out_for_good_is_said(xinheng, town, monkeypatch):
    monkeypatch.setattr("api.subjects.MOST_FOUND", 2)
    assert "give more of the name" in xinheng("search", "九江", "--limit", "2").text


def test_a_search_is_asked_as_known_at_an_instant(xinheng, town, city_file):
    new = {"fact": "subject", "kind": "enterprise", "uscc": credit_code(60), "name": "九江晚来有限公司"}
    assert xinheng("load", "city", city_file(new), "--recorded-at", "2026-11-01T00:00:00Z").status == 0
    assert len(xinheng("search", "晚来", "--json").json["subjects"]) == 1
    assert xinheng("search", "晚来", "--known-at", f"{DAY}T12:00:00Z", "--json").json["subjects"] == []


@pytest.mark.parametrize("text", [PERSON, f"citizen_id:{PERSON}", f"程立群 {PERSON}"])
def test_persons_are_found_by_no_text(xinheng, town, text):
    assert xinheng("search", "程立群", "--json").json["subjects"] == []
    told = xinheng("search", text)
    assert told.status == 2
    assert PERSON not in told.err
    assert "xinheng subject -" in told.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEFAULTER[:-1] + ("1" if DEFAULTER[-1] != "1" else "2"), "wrong check character"),
        (DEFAULTER.lower(), "lower-case letter"),
        (" ", "the name is empty"),
        ("", "name"),
        ("x" * 401, "name"),
    ],
)
def test_a_slip_in_what_is_searched_is_told(xinheng, town, text, said):
    told = xinheng("search", text)
    assert (told.status, told.out) == (2, b"")
    assert said in told.err


# --- what is held of one ----------------------------------------------------------------------------------------------
def test_what_is_held_has_the_bytes_of_http(xinheng, client):
    for address in (DEFAULTER, f"uscc:{DEFAULTER}", "registration_number:110108000000016"):
        told = xinheng("subject", address, *ON, "--json")
        over_http = client.get(f"/v1/subjects/{address}", params={"as_of": DAY})
        assert (told.status, told.out) == (0, over_http.content + b"\n")


def test_records_lists_and_sources_stand_in_tables(xinheng, town):
    told = xinheng("subject", DEFAULTER, *ON)
    assert told.status == 0
    for said in (
        "九江柏川商贸有限公司  身份已核实 verified",
        f"uscc:{DEFAULTER}",
        f"as of {DAY} · known at {DAY}T00:00:00.000000+00:00",
        "记录 records: 1",
        "失信被执行人",
        "judgment-defaulter",
        "至 2028-03-10",
        "计入 counts",
        "严重 serious",
        "900,000 元",
        "测试 test",
        "及时 current",
        "investigation:sha256:",
    ):
        assert said in told.text, said
    assert "no record" in xinheng("subject", CLEAN, *ON).text


def test_a_source_that_never_delivered_is_said(xinheng, town, city_file):
    new = {"fact": "source", "id": "new", "department": "court", "dataset": "新数据", "cadence": "P1M"}
    assert xinheng("load", "city", city_file({**new, "holds": ["judgment-defaulter"]})).status == 0
    assert "从未归集 never loaded" in xinheng("subject", CLEAN).text


def test_the_days_are_two_on_the_command_line_as_well(xinheng, town, city_file):
    """as_of says which records count, known_at what was on record."""
    assert "不计入 does not" in xinheng("subject", DEFAULTER, "--as-of", "2028-03-10").text
    renamed = {"fact": "subject", "kind": "enterprise", "uscc": DEFAULTER, "name": "九江新名有限公司"}
    told = xinheng("load", "city", city_file({**renamed, "correction": True}), "--recorded-at", "2026-11-01T00:00:00Z")
    assert told.status == 0, told.err
    now = xinheng("subject", DEFAULTER, *ON).text
    assert now.startswith("九江新名有限公司")
    assert "名称 names" in now
    assert "2026-11-01" in now
    then = xinheng("subject", DEFAULTER, *ON, "--known-at", f"{DAY}T12:00:00Z").text
    assert then.startswith("九江柏川商贸有限公司")
    assert "九江新名有限公司" not in then


def test_a_citizen_id_is_read_from_standard_input_only_and_never_repeated(xinheng, client):
    for told in (xinheng("subject", PERSON), xinheng("subject", f"citizen_id:{PERSON}")):
        assert told.status == 2
        assert PERSON not in told.err
        assert "standard input" in told.err
    told = xinheng("subject", "-", *ON, stdin=PERSON)
    assert told.text.startswith("程立群")
    assert masked(PERSON) in told.text
    assert PERSON not in told.text + told.err
    searched = client.post("/v1/subject-searches", json={"identifier": PERSON, "as_of": DAY})
    assert xinheng("subject", "-", *ON, "--json", stdin=PERSON).out == searched.content + b"\n"


def test_that_nobody_holds_an_identifier_is_an_answer_that_tells_nobody(xinheng, town):
    told = xinheng("subject", "91350100M000100Y43", *ON)
    assert told.status == 3
    assert "库中没有 unknown" in told.text
    assert xinheng("subject", "91350100M000100Y43", *ON, "--json").json["subject"]["identity"] == "unknown"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("九江柏川",), "xinheng search"),
        ((DEFAULTER, "--as-of", "2026-02-30"), "as_of"),
        ((DEFAULTER, "--as-of", "1890-01-01"), "as_of"),
        ((DEFAULTER, "--known-at", "2099-01-01T00:00:00Z"), "known_at"),
        ((DEFAULTER, "--purpose", f"查 {PERSON}"), "purpose"),
    ],
)
def test_what_is_asked_wrongly_of_a_subject_is_refused(xinheng, town, words, said):
    told = xinheng("subject", *words)
    assert (told.status, told.out) == (2, b"")
    assert said in told.err
    assert PERSON not in told.err


def test_a_look_at_a_subject_is_in_the_ledger_and_is_replayed_and_a_search_is_not(xinheng, town):
    why = ("--who", "调查员甲", "--purpose", "2026-17 号线索", *ON, "--json")
    given = [
        xinheng("subject", DEFAULTER, *why).json["investigation_id"],
        xinheng("subject", "-", *why, stdin=PERSON).json["investigation_id"],
    ]
    xinheng("search", "九江")
    text = xinheng("ledger", "export").text
    entries = [json.loads(line) for line in text.splitlines()]
    assert [one["decision_id"] for one in entries] == given
    assert {(one["who"], one["purpose"]) for one in entries} == {("调查员甲", "2026-17 号线索")}
    assert PERSON not in text
    for one in given:
        assert xinheng("replay", one, "--json").json["same"]

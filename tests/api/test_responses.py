"""What officers did with a decision: the same over HTTP and on the command line."""

import json
import sqlite3
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.presentation.words import REASONS
from api.settings import load_settings
from engine.responses import ReasonCode

from .conftest import ASKED, CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON, RIVAL
from .test_http import GROUP, is_problem

DOCS = Path(__file__).parents[2] / "docs"
MEASURE = "government-procurement-law.22.judgment-defaulter"
APPLIED = {"measure": MEASURE, "answer": "applied"}
REASON = {"code": "repaired", "text": "已履行完毕，移出失信名单"}
NOT_APPLIED = {"measure": MEASURE, "answer": "not_applied", "reason": REASON}
ISSUED = {"document": "九财采〔2026〕17号", "decided_on": "2026-11-03"}
KEY = ("keys", "create", "--holder", "审批系统", "--scope", "officer", "--json", "--department")


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def decision(xinheng, town):
    return xinheng("check", DEFAULTER, *ASKED, "--json").json["decision_id"]


@pytest.fixture
def place(decision):
    return f"/v1/decisions/{decision}/responses"


def test_every_reason_has_its_words_and_its_line_in_the_documentation():
    page = DOCS.joinpath("responses.md").read_text(encoding="utf-8")
    assert [line for code, zh in REASONS.items() if (line := f"| `{code}` | {zh} |") not in page] == []
    assert set(REASONS) == set(get_args(ReasonCode))


def test_an_officer_says_what_was_done_and_it_can_be_read_again(client, place, decision):
    given = client.post(place, json={**APPLIED, **ISSUED, "who": "审批员 王"})
    assert given.status_code == 201
    assert given.headers["location"] == given.headers["content-location"] == f"{place}/1"
    said = given.json()
    assert said.pop("at")
    assert said == {
        "decision_id": decision,
        "number": 1,
        "subject": f"uscc:{DEFAULTER}",
        **APPLIED,
        "reason": None,
        **ISSUED,
        "corrects": None,
        "who": "审批员 王",
        "department": "purchaser",
    }
    assert client.get(f"{place}/1").content == given.content
    assert client.get(place).json()["responses"] == [given.json()]


def test_a_correction_stands_and_what_it_corrects_is_kept(client, place):
    first = client.post(place, json=APPLIED).json()
    found = is_problem(client.post(place, json=NOT_APPLIED), 409, "response-conflict")
    assert "corrects 1" in found["remedy"]
    second = client.post(place, json={**NOT_APPLIED, "corrects": 1}).json()
    is_problem(client.post(place, json={**APPLIED, "corrects": 1}), 409, "response-conflict")
    history = client.get(place).json()
    assert history["responses"] == [first, second]
    assert (history["standing"], history["unanswered"]) == ([2], [])


def test_what_nobody_answered_yet_is_listed(client, place):
    assert client.get(place).json()["unanswered"] == [{"subject": f"uscc:{DEFAULTER}", "measure": MEASURE}]


def test_the_command_line_says_and_reads_the_same(client, xinheng, place, decision):
    said = ("--measure", MEASURE, "--answer", "not_applied", "--code", "repaired", "--text", REASON["text"])
    issued = ("--document", ISSUED["document"], "--decided-on", ISSUED["decided_on"])
    given = xinheng("respond", decision, *said, *issued, "--who", "审批员 王", "--json")
    assert given.status == 0
    assert client.get(f"{place}/1").content + b"\n" == given.out
    assert xinheng("responses", decision, "--json").out == client.get(place).content + b"\n"
    shown = xinheng("responses", decision).text
    for word in ("未采取", "信用已修复", REASON["text"], ISSUED["document"], "审批员 王"):
        assert word in shown
    told = xinheng("respond", decision, "--measure", MEASURE, "--answer", "applied", "--json")
    assert (told.status, json.loads(told.err)["code"]) == (2, "response-conflict")
    told = xinheng("respond", decision, "--measure", MEASURE, "--answer", "applied", "--corrects", "1")
    assert "已采取" in told.text
    assert "已更正 corrected by 2" in xinheng("responses", decision).text


def test_the_command_line_lists_what_is_still_to_be_answered(xinheng, decision):
    assert f"未反馈 no response  {MEASURE}" in xinheng("responses", decision).text


def test_what_stands_is_counted_and_exported_over_all_decisions(xinheng, client, place, decision):
    client.post(place, json=APPLIED)
    second = client.post(place, json={**NOT_APPLIED, "corrects": 1})
    shown = xinheng("responses").text
    for word in ("responses: 1", MEASURE, "未采取 not_applied", "信用已修复 repaired"):
        assert word in shown
    assert xinheng("responses", "--json").out == second.content + b"\n"
    assert xinheng("responses", "--measure", MEASURE, "--json").out == second.content + b"\n"
    assert xinheng("responses", "--measure", "another", "--json").out == b""
    assert xinheng("responses", decision, "--measure", MEASURE).status == 2


def test_the_decision_itself_stays_as_it_was(client, xinheng, place, decision):
    before = client.get(f"/v1/decisions/{decision}").content
    client.post(place, json=APPLIED)
    assert client.get(f"/v1/decisions/{decision}").content == before
    assert xinheng("replay", decision).status == 0
    assert xinheng("ledger", "verify", "--json").json["entries"] == 2


def test_a_response_is_not_replayed(client, xinheng, place, decision):
    client.post(place, json=APPLIED)
    told = xinheng("replay", f"{decision}/responses/1")
    assert told.status == 2
    assert "replay its decision" in told.err


def test_the_applicants_of_a_group_are_answered_for_each(client):
    group = client.post("/v1/group-checks", json=GROUP).json()
    place = f"/v1/decisions/{group['decision_id']}/responses"
    unanswered = client.get(place).json()["unanswered"]
    assert {one["subject"] for one in unanswered} >= {f"uscc:{DEFAULTER}", f"uscc:{RIVAL}"}
    [finding] = group["findings"]
    problem = is_problem(
        client.post(place, json={**APPLIED, "measure": finding["rule"]}), 422, "measure-not-in-decision"
    )
    assert f"uscc:{RIVAL}" in problem["remedy"]
    for subject in (DEFAULTER, f"uscc:{RIVAL}"):
        given = client.post(place, json={**APPLIED, "measure": finding["rule"], "subject": subject})
        assert given.status_code == 201, given.text
    is_problem(client.post(place, json={**APPLIED, "subject": CLEAN}), 422, "measure-not-in-decision")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"measure": "never"}, 422, "measure-not-in-decision"),
        ({"subject": RIVAL}, 422, "measure-not-in-decision"),
        ({"subject": DEFAULTER[:-1] + "!"}, 422, "bad-identifier"),
        ({"answer": "perhaps"}, 422, "bad-request-body"),
        ({"answer": "not_applied"}, 422, "bad-request-body"),
        ({"reason": REASON}, 422, "bad-request-body"),
        ({**NOT_APPLIED, "reason": {"code": "repaired"}}, 422, "bad-request-body"),
        ({**NOT_APPLIED, "reason": {"code": "repaired", "text": " "}}, 422, "bad-request-body"),
        ({**NOT_APPLIED, "reason": {"code": "forgotten", "text": "忘了"}}, 422, "bad-request-body"),
        ({**NOT_APPLIED, "reason": {"code": "other", "text": f"{PERSON} 已履行"}}, 422, "bad-identifier"),
        ({"document": f"{PERSON} 号", "decided_on": DAY}, 422, "bad-identifier"),
        ({"who": PERSON}, 422, "bad-identifier"),
        ({"measure": PERSON}, 422, "bad-identifier"),
        ({"document": "九财采〔2026〕17号"}, 422, "bad-request-body"),
        ({"decided_on": DAY}, 422, "bad-request-body"),
        ({"document": "号", "decided_on": "2999-01-01"}, 422, "bad-request-body"),
        ({"document": "号", "decided_on": "2026-02-30"}, 422, "bad-request-body"),
        ({"corrects": 0}, 422, "bad-request-body"),
        ({"corrects": "1"}, 422, "bad-request-body"),
        ({"corrects": 1}, 409, "response-conflict"),
        ({"colour": "red"}, 422, "bad-request-body"),
    ],
)
def test_what_is_wrongly_said_is_a_problem_and_not_kept(client, place, change, status, code):
    found = is_problem(client.post(place, json={**APPLIED, **change}), status, code)
    assert PERSON not in json.dumps(found)
    assert client.get(place).json()["responses"] == []


def test_what_is_not_said_in_json_is_refused(client, place):
    is_problem(client.post(place, content=json.dumps(APPLIED)), 415, "unsupported-media-type")
    is_problem(client.post(place, json={**APPLIED, "document": "x" * (1 << 20)}), 413, "too-large")


def test_responses_that_are_not_there(client, place):
    is_problem(client.get(f"{place}/1"), 404, "unknown-response")
    is_problem(client.get(f"{place}/0"), 422, "bad-request-body")
    nowhere = f"/v1/decisions/sha256:{'0' * 64}/responses"
    is_problem(client.get(nowhere), 404, "unknown-decision")
    is_problem(client.post(nowhere, json=APPLIED), 404, "unknown-decision")


def test_a_decision_that_was_erased_has_no_responses(client, place, town):
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("update document set content = null, erased_at = '2026-11-01T00:00:00'")
    connection.close()
    is_problem(client.post(place, json=APPLIED), 410, "decision-erased")
    is_problem(client.get(place), 410, "decision-erased")
    is_problem(client.get(f"{place}/1"), 410, "decision-erased")


def test_only_the_department_of_the_decision_answers_and_every_officer_reads(client, xinheng, place):
    def bearer(department):
        return {"Authorization": f"Bearer {xinheng(*KEY, department).json['token']}"}

    purchaser, tax = bearer("采购人"), bearer("税务部门")
    found = is_problem(client.post(place, json=APPLIED, headers=tax), 403, "another-department")
    assert "purchaser" in found["remedy"]
    given = client.post(place, json={**APPLIED, "who": "审批员 王"}, headers=purchaser).json()
    assert given["department"] == "purchaser"
    assert given["who"].startswith("审批系统 (key ")
    assert given["who"].endswith(", for 审批员 王")
    assert client.get(place, headers=tax).json()["responses"] == [given]
    is_problem(client.get(place), 401, "key-missing")


def test_a_key_of_investigators_neither_answers_nor_reads(client, xinheng, place):
    issued = xinheng("keys", "create", "--holder", "调查员", "-d", "采购人", "--scope", "investigator", "--json")
    key = {"Authorization": f"Bearer {issued.json['token']}"}
    is_problem(client.post(place, json=APPLIED, headers=key), 403, "wrong-scope")
    is_problem(client.get(place, headers=key), 403, "wrong-scope")

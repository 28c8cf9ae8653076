"""The HTTP application: the command line's bytes, strict requests, and a problem document for every error."""

import json
import sqlite3
import uuid

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.error_pages import pages
from api.http.app import create
from api.settings import load_settings

from .conftest import ASKED, CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON, RIVAL

QUESTION = {"subject": DEFAULTER, "matter": "政府采购", "department": "采购人", "as_of": DAY}
GROUP = {"applicants": [DEFAULTER, RIVAL, CLEAN], "matter": "政府采购", "department": "采购人", "as_of": DAY}
PROBLEM = {"type", "title", "status", "detail", "remedy", "code", "instance", "errors"}


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


def is_problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert set(found) == PROBLEM
    assert (found["status"], found["code"], found["type"]) == (status, code, f"/errors/{code}")
    assert found["title"]
    assert found["detail"]
    assert uuid.UUID(found["instance"].removeprefix("urn:uuid:")) == uuid.UUID(response.headers["x-request-id"])
    assert code in pages()
    return found


def test_a_check_answers_with_the_command_lines_bytes(client, xinheng):
    response = client.post("/v1/checks", json=QUESTION)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content + b"\n" == xinheng("check", DEFAULTER, *ASKED, "--json").out


def test_a_group_check_answers_with_the_command_lines_bytes(client, xinheng, tmp_path):
    (tmp_path / "group.json").write_text(json.dumps(GROUP), encoding="utf-8")
    response = client.post("/v1/group-checks", json=GROUP)
    assert response.content + b"\n" == xinheng("check-group", tmp_path / "group.json", "--json").out
    assert response.json()["outcome"] == "deny"


def test_a_decision_is_fetched_again_byte_for_byte(client):
    given = client.post("/v1/checks", json=QUESTION)
    again = client.get(given.headers["content-location"])
    assert again.content == given.content
    assert client.get(f"/v1/decisions/{given.json()['decision_id']}").content == given.content


def test_an_incomplete_answer_is_an_answer(client):
    response = client.post("/v1/checks", json={**QUESTION, "subject": "九江清白科技有限公司"})
    assert (response.status_code, response.json()["outcome"]) == (200, "incomplete")


def test_a_citizen_id_in_the_body_is_found_and_never_repeated(client):
    response = client.post("/v1/checks", json={**QUESTION, "subject": PERSON})
    assert response.json()["subject"]["name"] == "程立群"
    assert PERSON not in response.text
    assert PERSON not in str(response.headers)


def test_the_ledger_says_who_asked_and_why(client, xinheng):
    client.post("/v1/checks", json={**QUESTION, "who": "审批系统", "purpose": "2026-17"})
    client.post("/v1/checks", json=QUESTION)
    entries = [json.loads(line) for line in xinheng("ledger", "export").text.splitlines()]
    assert [(entry["who"], entry["purpose"]) for entry in entries] == [
        ("审批系统", "2026-17"),
        ("http, not authenticated", ""),
    ]


def test_health_and_readiness(client):
    assert client.get("/health").json() == {"status": "ok"}
    ready = client.get("/ready").json()
    assert ready["status"] == "ready"
    assert ready["known_at"].startswith(DAY)


def test_not_ready_without_the_ledger(client, town):
    client.get("/ready")
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("drop table ledger_head")
    connection.close()
    is_problem(client.get("/ready"), 503, "operational-data-unavailable")
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"subject": DEFAULTER[:-1] + "!"}, 422, "bad-identifier"),
        ({"subject": "360400210000123"}, 422, "bad-identifier"),
        ({"matter": "政府采办"}, 422, "unknown-word"),
        ({"department": "nobody"}, 422, "unknown-word"),
        ({"as_of": "1890-01-01"}, 422, "bad-question"),
        ({"as_of": "2026-02-30"}, 422, "bad-request-body"),
        ({"as_of": 20260130}, 422, "bad-request-body"),
        ({"known_at": "2099-01-01T00:00:00Z"}, 422, "bad-question"),
        ({"known_at": "2026-01-01T00:00:00"}, 422, "bad-request-body"),
        ({"known_at": "2026-13-01T00:00:00Z"}, 422, "bad-request-body"),
        ({"region": "36"}, 422, "bad-request-body"),
        ({"region": 360400}, 422, "bad-request-body"),
        ({"subject": ""}, 422, "bad-request-body"),
        ({"subject": None}, 422, "bad-request-body"),
        ({"subject": "x" * 500}, 422, "bad-request-body"),
        ({"subject": "name:\u0000"}, 422, "bad-request-body"),
        ({"colour": "red"}, 422, "bad-request-body"),
        ({"purpose": f"为 {PERSON}"}, 422, "bad-identifier"),
        ({"as_of": PERSON}, 422, "bad-request-body"),
    ],
)
def test_a_bad_question_is_a_problem(client, change, status, code):
    found = is_problem(client.post("/v1/checks", json={**QUESTION, **change}), status, code)
    assert PERSON not in json.dumps(found)


def test_a_citizen_id_is_not_repeated_as_the_name_of_a_key(client):
    found = is_problem(client.post("/v1/checks", json={**QUESTION, PERSON: 1}), 422, "bad-request-body")
    assert PERSON not in json.dumps(found)


def test_validation_errors_point_at_their_place(client):
    found = is_problem(client.post("/v1/checks", json={"subject": DEFAULTER, "lot/7": 1}), 422, "bad-request-body")
    assert {fault["pointer"] for fault in found["errors"]} == {"/matter", "/department", "/lot~17"}


@pytest.mark.parametrize(
    "changes",
    [
        {"applicants": [DEFAULTER]},
        {"applicants": [DEFAULTER, DEFAULTER]},
        {"consortia": [[RIVAL, "91350100M000100Y43"]]},
        {"applicants": "everybody"},
        {"contract": f"合同 {PERSON}"},
    ],
)
def test_a_bad_group_is_a_problem(client, changes):
    response = client.post("/v1/group-checks", json={**GROUP, **changes})
    assert response.status_code == 422
    assert set(response.json()) == PROBLEM


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"", b"[" * 50_000])
def test_what_is_no_json_is_a_problem(client, body):
    response = client.post("/v1/checks", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert set(response.json()) == PROBLEM


def test_json_that_is_no_object_is_a_problem(client):
    is_problem(client.post("/v1/checks", json=[QUESTION]), 422, "bad-request-body")


def test_other_media_types_are_refused(client):
    response = client.post("/v1/checks", content=b"subject=1", headers={"content-type": "text/plain"})
    is_problem(response, 415, "unsupported-media-type")
    is_problem(client.post("/v1/checks", content=json.dumps(QUESTION)), 415, "unsupported-media-type")


def test_a_body_that_is_too_large_is_refused(client):
    is_problem(client.post("/v1/checks", json={**QUESTION, "purpose": "x" * (1 << 20)}), 413, "too-large")


def test_unknown_addresses_and_methods(client):
    is_problem(client.get("/v2/checks"), 404, "not-found")
    response = client.get("/v1/checks")
    is_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


def test_decisions_that_are_not_there(client, town):
    is_problem(client.get("/v1/decisions/sha256:" + "0" * 64), 404, "unknown-decision")
    is_problem(client.get("/v1/decisions/17"), 422, "bad-request-body")
    given = client.post("/v1/checks", json=QUESTION).json()["decision_id"]
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("update document set content = null, erased_at = '2026-11-01T00:00:00'")
    connection.close()
    is_problem(client.get(f"/v1/decisions/{given}"), 410, "decision-erased")


def test_another_host_name_is_refused(client):
    """A page whose name was made to point at this machine must not reach it through somebody's browser."""
    is_problem(client.get("/health", headers={"host": "evil.example"}), 421, "misdirected")
    assert client.get("/health", headers={"host": "localhost:8000"}).status_code == 200


def test_a_defect_tells_nothing_of_the_inside(client, town, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("api.http.routes.answer_check", broken)
    found = is_problem(client.post("/v1/checks", json=QUESTION), 500, "internal-error")
    assert "secret" not in json.dumps(found)


def test_every_error_has_a_page(client):
    for code in pages():
        response = client.get(f"/errors/{code}")
        assert response.status_code == 200
        assert response.text.startswith(f"# `{code}`")
    is_problem(client.get("/errors/none"), 404, "not-found")


def test_the_surface_of_the_application(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {(path, method) for path, item in paths.items() for method in item} == {
        ("/v1/checks", "post"),
        ("/v1/check-batches", "post"),
        ("/v1/group-checks", "post"),
        ("/v1/decisions/{decision_id}", "get"),
        ("/v1/decisions/{decision_id}/responses", "post"),
        ("/v1/decisions/{decision_id}/responses", "get"),
        ("/v1/decisions/{decision_id}/responses/{number}", "get"),
        ("/v1/subjects/{subject_id}/links", "get"),
        ("/v1/subjects/{subject_id}/control", "get"),
        ("/v1/paths", "post"),
        ("/v1/measures", "get"),
        ("/v1/measures/{measure_id}", "get"),
        ("/v1/documents", "get"),
        ("/v1/documents/{document_id}", "get"),
        ("/v1/sources", "get"),
        ("/v1/subjects", "get"),
        ("/v1/subjects/{subject_id}", "get"),
        ("/v1/subject-searches", "post"),
        ("/v1/investigations/{investigation_id}", "get"),
        ("/health", "get"),
        ("/ready", "get"),
        ("/errors/{code}", "get"),
    }


def test_serving_nothing_is_said_before_the_first_request(xinheng, tmp_path, monkeypatch):
    monkeypatch.setenv("XINHENG_DATA", str(tmp_path / "nothing"))
    assert xinheng("serve").status == 3

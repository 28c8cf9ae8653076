"""The server's log: one JSON line for each request and each fault, and nothing about anybody in it."""

import io
import json
import logging
import sqlite3
from datetime import datetime

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.logs import lines
from api.settings import load_settings

from .conftest import CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON

NAME = "九江清白科技有限公司"
PURPOSE = "程立群的核查"
QUESTION = {"subject": DEFAULTER, "matter": "政府采购", "department": "采购人", "as_of": DAY}
REQUEST = {
    "at",
    "level",
    "logger",
    "event",
    "request_id",
    "method",
    "route",
    "status",
    "milliseconds",
    "key",
    "department",
}


@pytest.fixture
def log():
    """What is logged, line by line, as the server would write it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(lines())
    levels = {name: logging.getLogger(name).level for name in ("", "xinheng")}
    logging.getLogger().addHandler(handler)
    logging.getLogger("xinheng").setLevel(logging.INFO)

    def read():
        handler.flush()
        return [json.loads(line) for line in text.getvalue().splitlines()]

    yield read
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


def requests(log):
    return [line for line in log() if line["logger"] == "xinheng.requests"]


def tells_nothing(log, *more):
    text = json.dumps(log(), ensure_ascii=False)
    for personal in (PERSON, PERSON[6:14], NAME, "程立群", DEFAULTER, CLEAN, *more):
        assert personal not in text


def test_each_request_has_one_line(client, log):
    response = client.post("/v1/checks", json=QUESTION, headers={"X-Request-Id": "gateway-17"})
    client.get("/v1/decisions/" + response.json()["decision_id"])
    client.get(f"/v1/subjects/uscc:{CLEAN}/links?purpose=secret")
    client.get("/nowhere")
    client.get("/v1/checks")
    found = requests(log)
    assert [(one["method"], one["route"], one["status"]) for one in found] == [
        ("POST", "/v1/checks", 200),
        ("GET", "/v1/decisions/{decision_id}", 200),
        ("GET", "/v1/subjects/{subject_id:path}/links", 200),
        ("GET", None, 404),
        ("GET", "/v1/checks", 405),
    ]
    assert {frozenset(one) for one in found} == {frozenset(REQUEST)}
    assert found[0]["request_id"] == "gateway-17"
    assert found[0]["milliseconds"] > 0
    assert datetime.fromisoformat(found[0]["at"]).tzinfo
    tells_nothing(log, "secret", response.json()["decision_id"])


def test_the_line_says_which_key_of_which_department_and_never_the_key_itself(client, log, xinheng):
    told = xinheng(
        *("keys", "create", "--holder", "程立群", "--department", "采购人", "--scope", "officer", "--json")
    ).json
    client.post("/v1/checks", json=QUESTION, headers={"Authorization": f"Bearer {told['token']}"})
    client.post("/v1/checks", json=QUESTION)
    with_key, without = requests(log)
    assert (with_key["key"], with_key["department"], with_key["status"]) == (told["id"], "purchaser", 200)
    assert (without["key"], without["department"], without["status"]) == (None, None, 401)
    tells_nothing(log, told["token"])


@pytest.mark.parametrize(
    "change",
    [
        {"subject": PERSON},
        {"subject": NAME},
        {"subject": f"{PERSON[:-1]}0"},
        {"purpose": PURPOSE, "who": "程立群"},
        {"purpose": f"为 {PERSON}"},
        {"as_of": PERSON},
        {PERSON: 1},
        {"matter": NAME},
    ],
)
def test_what_is_asked_is_not_logged(client, log, change):
    client.post("/v1/checks", json={**QUESTION, **change})
    client.post("/v1/check-batches", json={"questions": [{**QUESTION, **change}]})
    assert len(requests(log)) == 2
    tells_nothing(log)


def test_what_stands_in_a_url_or_for_a_method_or_an_id_is_not_logged(client, log):
    client.get(f"/v1/subjects/citizen_id:{PERSON}/links")
    client.get(f"/v1/subjects/uscc:{CLEAN}/links?who=程立群&purpose={NAME}")
    client.get(f"/{NAME}/{PERSON}")
    client.request(PERSON, "/v1/checks")
    client.get("/health", headers={"X-Request-Id": PERSON})
    assert [one["status"] for one in requests(log)] == [400, 200, 400, 405, 400]
    assert requests(log)[3]["method"] is None
    tells_nothing(log)


def test_of_a_defect_the_log_tells_where_it_is_and_not_what_was_asked(client, log, monkeypatch):
    def broken(question, *_):
        try:
            raise KeyError(question.subject)
        except KeyError as error:
            raise RuntimeError(f"no {question.subject} of {question.purpose}") from error

    monkeypatch.setattr("api.http.routes.answer_check", broken)
    monkeypatch.setattr("api.http.batches.answer_check", broken)
    question = {**QUESTION, "subject": PERSON, "purpose": PURPOSE}
    response = client.post("/v1/checks", json=question)
    assert response.status_code == 500
    client.post("/v1/check-batches", json={"questions": [question]})
    faults = [line for line in log() if line["level"] == "error"]
    assert [[one["kind"] for one in line["errors"]] for line in faults] == [
        ["builtins.RuntimeError", "builtins.KeyError"]
    ] * 2
    assert "test_logs.py" in faults[0]["errors"][0]["places"][0]
    assert faults[0]["errors"][0]["places"][0].endswith(" broken")
    assert faults[0]["request_id"] == response.headers["x-request-id"]
    assert [one["status"] for one in requests(log)] == [500, 200]
    tells_nothing(log)


def test_of_what_is_unavailable_the_log_tells_code_and_reason(client, log, town):
    client.get("/ready")
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("drop table ledger_head")
    connection.close()
    client.post("/v1/checks", json={**QUESTION, "subject": PERSON, "purpose": PURPOSE})
    (fault,) = (line for line in log() if line["level"] == "error")
    assert fault["code"] == "operational-data-unavailable"
    assert "no such table" in fault["event"]
    tells_nothing(log)


def test_of_what_libraries_say_only_the_place_is_told(log):
    logging.getLogger("somebody.else").warning("query of %s", PERSON, extra={"query": NAME, "status": NAME})
    logging.getLogger("uvicorn.error").warning("started %s", PERSON, extra={"color_message": NAME}, stack_info=True)
    foreign, server = log()
    assert foreign["event"].startswith("test_logs:")
    assert server["event"].startswith("started ")
    tells_nothing(log)

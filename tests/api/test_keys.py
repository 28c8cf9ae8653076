"""Keys at the door: who may ask over HTTP, and what the ledger knows of them."""

import json
import sqlite3

import pytest
from fastapi import Response
from fastapi.testclient import TestClient
from starlette.routing import Route

from api.askers import Asker
from api.deployment import Deployment
from api.http.access import STRANGER
from api.http.app import create
from api.settings import load_settings
from engine.keys import Scope

from .conftest import CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON
from .test_http import is_problem

QUESTION = {"subject": DEFAULTER, "matter": "政府采购", "department": "采购人", "as_of": DAY}
LINKS = f"/v1/subjects/uscc:{CLEAN}/links"
OFFICER = ("keys", "create", "--holder", "审批系统", "--department", "采购人", "--scope", "officer", "--json")
INVESTIGATOR = (*OFFICER[:-2], "investigator", "--json")


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://credit.example", raise_server_exceptions=False)


def bearer(issued, **more):
    return {"Authorization": f"Bearer {issued.json['token']}", **more}


def test_without_keys_only_this_machine_is_answered(client):
    is_problem(client.post("/v1/checks", json=QUESTION), 421, "misdirected")
    is_problem(client.get("/health"), 421, "misdirected")
    assert client.post("/v1/checks", json=QUESTION, headers={"host": "127.0.0.1"}).status_code == 200


def test_with_keys_nobody_is_answered_without_one(client, xinheng):
    issued = xinheng(*OFFICER)
    refused = client.post("/v1/checks", json=QUESTION)
    is_problem(refused, 401, "key-missing")
    assert refused.headers["www-authenticate"] == "Bearer"
    is_problem(client.post("/v1/checks", json=QUESTION, headers={"host": "127.0.0.1"}), 401, "key-missing")
    assert client.post("/v1/checks", json=QUESTION, headers=bearer(issued)).json()["outcome"] == "deny"
    assert client.get("/health").json() == {"status": "ok"}


def test_the_answer_is_the_same_whoever_asks(client, xinheng):
    before = client.post("/v1/checks", json=QUESTION, headers={"host": "127.0.0.1"}).content
    assert client.post("/v1/checks", json=QUESTION, headers=bearer(xinheng(*OFFICER))).content == before


def test_a_scope_opens_its_own_routes(client, xinheng):
    officer, investigator = xinheng(*OFFICER), xinheng(*INVESTIGATOR)
    assert client.get(LINKS, headers=bearer(investigator)).status_code == 200
    is_problem(client.get(LINKS, headers=bearer(officer)), 403, "wrong-scope")
    is_problem(client.post("/v1/checks", json=QUESTION, headers=bearer(investigator)), 403, "wrong-scope")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer xh_0123456789ab_short", "Basic eDp5", "Bearer \x7f"])
def test_what_is_no_key_opens_nothing(client, xinheng, header):
    xinheng(*OFFICER)
    refused = client.post("/v1/checks", json=QUESTION, headers={"Authorization": header})
    code = "key-missing" if header.startswith("Basic") else "bad-key"
    is_problem(refused, 401, code)


def test_a_key_that_is_cut_opens_nothing(client, xinheng):
    token = xinheng(*OFFICER).json["token"]
    refused = client.post("/v1/checks", json=QUESTION, headers={"Authorization": f"Bearer {token[:-1]}"})
    is_problem(refused, 401, "bad-key")
    assert token[16:-1] not in refused.text


def test_a_revoked_key_is_refused_at_once(client, xinheng):
    issued = xinheng(*OFFICER)
    assert client.post("/v1/checks", json=QUESTION, headers=bearer(issued)).status_code == 200
    assert xinheng("keys", "revoke", issued.json["id"], "--json").json["state"] == "revoked"
    is_problem(client.post("/v1/checks", json=QUESTION, headers=bearer(issued)), 401, "key-revoked")


def test_after_a_rotation_both_are_answered(client, xinheng):
    old = xinheng(*OFFICER)
    new = xinheng("keys", "rotate", old.json["id"], "--overlap-days", "7", "--json")
    assert new.json["replaces"] == old.json["id"]
    for issued in (old, new):
        assert client.post("/v1/checks", json=QUESTION, headers=bearer(issued)).status_code == 200


def test_a_rotation_without_overlap_ends_the_old_key(client, xinheng):
    old = xinheng(*OFFICER)
    xinheng("keys", "rotate", old.json["id"], "--overlap-days", "0")
    is_problem(client.post("/v1/checks", json=QUESTION, headers=bearer(old)), 401, "key-expired")


def test_the_ledger_knows_who_held_the_key_whatever_the_request_says(client, xinheng, town):
    issued = xinheng(*OFFICER)
    client.post("/v1/checks", json=QUESTION | {"who": "somebody"}, headers=bearer(issued))
    entry = json.loads(xinheng("ledger", "export").out.splitlines()[-1])
    assert entry["who"] == f"审批系统 (key {issued.json['id']}), for somebody"
    assert entry["department"] == "purchaser"
    assert xinheng("ledger", "verify").status == 0


def test_whose_department_was_changed_in_the_ledger_is_noticed(client, xinheng, town):
    client.post("/v1/checks", json=QUESTION, headers=bearer(xinheng(*OFFICER)))
    [database] = [path for path in town.rglob("*.sqlite") if path.name != "graph.sqlite"]
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE ledger_entry SET department = 'tax' WHERE department = 'purchaser'")
    assert xinheng("ledger", "verify").status == 1


def test_keys_are_listed_without_their_secrets(xinheng, town):
    issued = xinheng(*OFFICER)
    listed = xinheng("keys", "list", "--json")
    assert [(key["id"], key["state"]) for key in listed.json] == [(issued.json["id"], "valid")]
    secret = issued.json["token"].removeprefix(f"xh_{issued.json['id']}_")
    for told in (listed, xinheng("keys", "list")):
        assert secret not in told.text


@pytest.mark.parametrize(
    "wrong",
    [
        ("keys", "create", "--holder", "甲", "-d", "没有的部门", "--scope", "officer"),
        ("keys", "create", "--holder", PERSON, "-d", "采购人", "--scope", "officer"),
        ("keys", "create", "--holder", "甲", "-d", "采购人", "--scope", "everything"),
        ("keys", "create", "--holder", "甲", "-d", "采购人"),
        ("keys", "revoke", "0123456789ab"),
        ("keys", "rotate", "0123456789ab"),
    ],
)
def test_wrong_keys_are_bad_input(xinheng, town, wrong):
    told = xinheng(*wrong)
    assert told.status == 2
    assert PERSON not in told.err


def test_serving_elsewhere_needs_a_key(xinheng, town):
    told = xinheng("serve", "--host", "0.0.0.0")
    assert told.status == 2
    assert "xinheng keys create" in told.err


def test_a_citizen_id_in_a_url_is_refused_and_not_repeated(client):
    for url in (f"/v1/subjects/{PERSON}/links", f"/v1/decisions/x?who={PERSON}"):
        refused = client.get(url, headers={"host": "127.0.0.1"})
        is_problem(refused, 400, "citizen-id-in-url")
        assert PERSON not in refused.text


def test_a_request_id_is_taken_over_or_refused(client):
    home = {"host": "127.0.0.1"}
    assert client.get("/health", headers=home | {"X-Request-Id": "gateway-17"}).headers["x-request-id"] == "gateway-17"
    is_problem(client.get("/health", headers=home | {"X-Request-Id": "a b"}), 400, "bad-request-id")
    is_problem(client.get("/health", headers=home | {"X-Request-Id": PERSON}), 400, "bad-request-id")


@pytest.mark.parametrize("scope", list(Scope))
def test_who_asks_for_what_is_public_may_do_nothing_else(scope):
    assert not STRANGER.may(scope)
    assert Asker("somebody at this machine").may(scope)


@pytest.mark.parametrize("public", ["/health", "/ready", "/openapi.json", "/errors/bad-key"])
def test_what_is_public_is_asked_by_a_stranger(client, xinheng, public):
    xinheng(*OFFICER)
    seen = []
    client.app.router.routes.insert(0, Route(public, lambda request: seen.append(request.state.asker) or Response()))
    for host in ("127.0.0.1", "credit.example"):
        client.get(public, headers={"host": host})
    assert seen == [STRANGER, STRANGER]

"""Subjects over HTTP: organisations looked up, a person found by what stands in a body, and what is held of each."""

import json
from datetime import datetime

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.settings import load_settings
from graph.identifiers import masked
from graph.model import Kind, Source, Subject

from .conftest import CLEAN, DAY, DEFAULTER, ENVIRONMENT, NAMESAKE, PERSON, RIVAL
from .test_http import is_problem
from .test_http_catalogue import INJECTIONS

LATER = "2026-11-01T00:00:00Z"


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


def found(client, **asked):
    response = client.get("/v1/subjects", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def ids(page):
    return [one["id"] for one in page["subjects"]]


def write(client, *facts):
    """Facts recorded a day later, as corrections where they differ."""
    client.app.state.deployment.store.write(facts, recorded_at=datetime.fromisoformat(LATER), correct=True)


def person_of(client):
    return client.post("/v1/subject-searches", json={"identifier": PERSON}).json()["subject"]["id"]


# --- organisations, by identifier and by name -------------------------------------------------------------------------
def test_an_organisation_is_found_by_any_of_its_identifiers(client):
    page = found(client, identifier=DEFAULTER)
    assert ids(page) == [f"uscc:{DEFAULTER}"]
    assert page == found(client, identifier="registration_number:110108000000016")
    assert (page["complete"], page["cursor"]) == (True, None)
    assert page["subjects"][0]["name"] == "九江柏川商贸有限公司"


@pytest.mark.parametrize("text", ["柏川", "九江柏川", DEFAULTER[:14], "１１０１０８０００"])
def test_a_part_of_a_name_or_of_an_identifier_finds_it(client, text):
    assert f"uscc:{DEFAULTER}" in ids(found(client, name=text))


def test_pages_of_a_name_hold_each_subject_once(client):
    everybody = sorted(f"uscc:{code}" for code in (DEFAULTER, CLEAN, NAMESAKE, RIVAL))
    page = found(client, name="九江", limit=1)
    shown = ids(page)
    while page["cursor"]:
        page = found(client, cursor=page["cursor"])
        shown += ids(page)
    assert shown == everybody


def test_what_is_written_between_two_pages_moves_none(client):
    first = found(client, name="九江", limit=2)
    write(client, Subject("own:1", Kind.ENTERPRISE, "九江", {"own": "1"}))
    assert ids(found(client, name="九江"))[0] == "own:1"
    second = found(client, cursor=first["cursor"])
    assert ids(first) + ids(second) == sorted(f"uscc:{code}" for code in (DEFAULTER, CLEAN, NAMESAKE, RIVAL))
    assert second["known_at"] == first["known_at"]


def test_what_is_beyond_the_most_is_said_to_be_left_out(client, monkeypatch):
    monkeypatch.setattr("api.subjects.MOST_FOUND", 3)
    page = found(client, name="九江", limit=2)
    assert (page["complete"], len(page["subjects"])) == (True, 2)
    page = found(client, cursor=page["cursor"], limit=1)
    assert (page["complete"], page["cursor"]) == (False, None)


def test_persons_are_found_by_no_text_and_no_id_in_a_url(client):
    assert found(client, name="程立群")["subjects"] == []
    assert found(client, identifier=person_of(client))["subjects"] == []
    refused = client.get("/v1/subjects", params={"identifier": PERSON})
    is_problem(refused, 400, "citizen-id-in-url")
    assert "/v1/subject-searches" in refused.json()["remedy"]
    assert PERSON not in refused.text


def test_an_identifier_that_nobody_holds_finds_nobody(client):
    assert found(client, identifier="91350100M000100Y43")["subjects"] == []


def test_spaces_and_full_width_digits_are_put_right_and_said_to_be(client):
    written = " ９" + DEFAULTER[1:9] + " " + DEFAULTER[9:]
    for response in (
        client.get("/v1/subjects", params={"identifier": written}),
        client.get(f"/v1/subjects/{written}"),
        client.get(f"/v1/subjects/{written}/links"),
        client.post("/v1/subject-searches", json={"identifier": written}),
    ):
        assert response.status_code == 200, response.text
        assert "spaces were left out" in response.headers["xinheng-notice"]
        assert "full-width" in response.headers["xinheng-notice"]
    assert "xinheng-notice" not in client.get("/v1/subjects", params={"identifier": DEFAULTER}).headers


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "bad-question"),
        ({"name": "九江", "identifier": DEFAULTER}, "bad-question"),
        ({"identifier": "九江"}, "bad-identifier"),
        ({"identifier": DEFAULTER[:-1] + "!"}, "bad-identifier"),
        ({"identifier": DEFAULTER.lower()}, "bad-identifier"),
        ({"identifier": "360400210000123"}, "bad-identifier"),
        ({"name": " "}, "bad-identifier"),
        ({"name": "九江", "known_at": "2099-01-01T00:00:00Z"}, "bad-question"),
        ({"name": "九江", "known_at": "2026-01-01"}, "bad-request-body"),
        ({"name": "九江", "limit": "0"}, "bad-request-body"),
        ({"name": "九江", "fuzzy": "true"}, "bad-request-body"),
        ({"name": "x" * 401}, "bad-request-body"),
        ({"cursor": "2"}, "bad-cursor"),
    ],
)
def test_a_search_asked_wrongly_says_what_is_wrong(client, asked, code):
    is_problem(client.get("/v1/subjects", params=asked), 422, code)


def test_a_cursor_belongs_to_its_search_and_every_character_counts(client):
    cursor = found(client, name="九江", limit=1)["cursor"]
    assert ids(found(client, name=" 九江 ", cursor=cursor, limit=2)) == sorted(
        f"uscc:{code}" for code in (CLEAN, NAMESAKE)
    )
    for other in ({"name": "对手"}, {"identifier": DEFAULTER}, {"known_at": f"{DAY}T00:00:01Z"}):
        is_problem(client.get("/v1/subjects", params={"cursor": cursor, **other}), 422, "bad-cursor")
    for place in range(0, len(cursor), 7):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        is_problem(client.get("/v1/subjects", params={"cursor": changed}), 422, "bad-cursor")
    measures = client.get("/v1/measures", params={"limit": 1}).json()["cursor"]
    is_problem(client.get("/v1/subjects", params={"cursor": measures}), 422, "bad-cursor")


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_would_be_a_query_elsewhere_is_a_text(client, text):
    for response in (
        client.get("/v1/subjects", params={"name": text}),
        client.get("/v1/subjects", params={"identifier": f"lei:{text}"}),
        client.get("/v1/subjects", params={"cursor": text}),
        client.get(f"/v1/subjects/{DEFAULTER}", params={"who": text, "purpose": text}),
        client.post("/v1/subject-searches", json={"identifier": f"own:{text}", "purpose": text}),
    ):
        assert response.status_code in (200, 422), response.text
    assert len(found(client, name="九江")["subjects"]) == 4


# --- what is held of one ----------------------------------------------------------------------------------------------
def test_what_is_held_of_an_organisation(client):
    told = client.get(f"/v1/subjects/uscc:{DEFAULTER}", params={"as_of": DAY}).json()
    assert (told["subject"]["identity"], told["subject"]["kind"], told["region"]) == (
        "verified",
        "enterprise",
        "360400",
    )
    assert [(one["name"], one["superseded_at"]) for one in told["names"]] == [("九江柏川商贸有限公司", None)]
    (line,) = told["lists"]
    assert (line["list"], line["records"], line["counting"], line["last_decided_on"]) == (
        "judgment-defaulter",
        1,
        1,
        "2026-03-10",
    )
    (record,) = told["records"]
    assert (record["amount"], record["counts"], record["test"]) == (900000, True, True)
    court = next(one for one in told["sources"] if one["source"] == "court")
    assert (court["through"], court["state"]) == (DAY, "current")


def test_the_days_are_two(client):
    """as_of says which records count, known_at what was on record."""
    address = f"/v1/subjects/{DEFAULTER}"
    for day, counting in (("2026-03-09", 0), ("2026-03-10", 1), ("2028-03-09", 1), ("2028-03-10", 0)):
        (line,) = client.get(address, params={"as_of": day}).json()["lists"]
        assert (line["records"], line["counting"]) == (1, counting)
    write(client, Subject(f"uscc:{DEFAULTER}", Kind.ENTERPRISE, "九江新名有限公司", {"uscc": DEFAULTER}))
    now = client.get(address, params={"as_of": DAY}).json()
    assert [one["name"] for one in now["names"]] == ["九江柏川商贸有限公司", "九江新名有限公司"]
    assert now["names"][0]["superseded_at"] == now["names"][1]["recorded_at"]
    then = client.get(address, params={"as_of": DAY, "known_at": f"{DAY}T12:00:00Z"}).json()
    assert [(one["name"], one["superseded_at"]) for one in then["names"]] == [("九江柏川商贸有限公司", None)]


def test_a_source_is_as_fresh_as_was_known(client):
    write(client, Source("new", "某局", "新数据", ("judgment-defaulter",), "P1M"))
    for day, known_at, states in (
        (DAY, f"{DAY}T12:00:00Z", {"court": "current", "new": None}),
        (DAY, LATER, {"court": "current", "new": "never_loaded"}),
        ("2028-01-01", LATER, {"court": "current", "new": "never_loaded"}),  # what nobody can know yet is not late
    ):
        told = client.get(f"/v1/subjects/{DEFAULTER}", params={"as_of": day, "known_at": known_at}).json()
        of = {one["source"]: one["state"] for one in told["sources"]}
        assert {name: of.get(name) for name in states} == states


def test_a_citizen_id_in_the_body_finds_its_subject_and_is_never_repeated(client):
    response = client.post("/v1/subject-searches", json={"identifier": PERSON, "as_of": DAY})
    told = response.json()
    assert (response.status_code, told["subject"]["name"]) == (200, "程立群")
    assert told["subject"]["identifiers"] == [{"scheme": "citizen_id", "value": masked(PERSON)}]
    assert PERSON not in response.text + str(response.headers)
    again = client.get(f"/v1/subjects/{told['subject']['id']}", params={"as_of": DAY})
    assert again.content == response.content
    assert client.get(response.headers["content-location"]).content == response.content


def test_that_nobody_holds_an_identifier_is_an_answer_to_a_search_and_no_address(client):
    told = client.post("/v1/subject-searches", json={"identifier": "91350100M000100Y43"}).json()
    assert (told["subject"]["identity"], told["complete"], told["total"]) == ("unknown", False, 0)
    is_problem(client.get("/v1/subjects/91350100M000100Y43"), 404, "unknown-subject")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"identifier": PERSON[:-1] + ("1" if PERSON[-1] != "1" else "2")}, 422, "bad-identifier"),
        ({"identifier": "程立群"}, 422, "bad-identifier"),
        ({"identifier": 17}, 422, "bad-request-body"),
        ({"identifier": None}, 422, "bad-request-body"),
        ({"name": "程立群"}, 422, "bad-request-body"),
        ({"purpose": f"查 {PERSON}"}, 422, "bad-identifier"),
        ({"who": PERSON}, 422, "bad-identifier"),
        ({"as_of": "1890-01-01"}, 422, "bad-question"),
        ({"known_at": "2099-01-01T00:00:00Z"}, 422, "bad-question"),
        ({"seconds": 1}, 422, "bad-request-body"),
    ],
    ids=str,
)
def test_a_bad_search_is_a_problem_without_the_number(client, changed, status, code):
    response = client.post("/v1/subject-searches", json={"identifier": PERSON, **changed})
    is_problem(response, status, code)
    assert PERSON not in response.text


def test_every_look_at_a_subject_is_in_the_ledger_and_says_nothing_of_anybody(client, xinheng):
    why = {"who": "调查员甲", "purpose": "2026-17 号线索"}
    told = [
        client.post("/v1/subject-searches", json={"identifier": PERSON, **why}).json(),
        client.get(f"/v1/subjects/{DEFAULTER}", params=why).json(),
    ]
    found(client, name="九江")
    text = xinheng("ledger", "export").text
    entries = [json.loads(line) for line in text.splitlines()]
    assert [one["decision_id"] for one in entries] == [one["investigation_id"] for one in told]
    assert {(one["who"], one["purpose"]) for one in entries} == {("调查员甲", "2026-17 号线索")}
    assert PERSON not in text
    for one in told:
        assert xinheng("replay", one["investigation_id"], "--json").json["same"]


def test_officers_look_organisations_up_and_investigators_see_what_is_held(client, xinheng):
    bearer = {}
    for scope in ("officer", "investigator"):
        issued = xinheng("keys", "create", "--holder", "甲", "--department", "采购人", "--scope", scope, "--json")
        bearer[scope] = {"Authorization": f"Bearer {issued.json['token']}"}
    for scope, status in (("officer", 403), ("investigator", 200)):
        assert client.get("/v1/subjects?name=九江", headers=bearer[scope]).status_code == 200
        assert client.get(f"/v1/subjects/{DEFAULTER}", headers=bearer[scope]).status_code == status
        searched = client.post("/v1/subject-searches", json={"identifier": DEFAULTER}, headers=bearer[scope])
        assert searched.status_code == status


def test_a_search_that_is_no_json_or_too_large_is_refused(client):
    is_problem(client.post("/v1/subject-searches", content=b"{"), 415, "unsupported-media-type")
    is_problem(client.post("/v1/subject-searches", json={"identifier": "x" * (1 << 20)}), 413, "too-large")

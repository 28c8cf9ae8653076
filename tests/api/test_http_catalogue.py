"""The catalogue and the sources over HTTP: filtered, in pages, entry by entry, and refused where asked wrongly."""

import base64
import json

import pytest
from fastapi.testclient import TestClient

from api.catalogue import MeasuresQuery
from api.deployment import Deployment
from api.entries import MeasureEntry
from api.http.app import create
from api.settings import load_settings
from engine.cursor import _checksum
from rules.catalogue import Catalogue

from .conftest import ENVIRONMENT
from .test_http import is_problem

FOOD = "food-safety-law.135-1.responsible-persons"
OWN = """
- id: own.1
  title: 提示
  kind: sanction
  effect: remind
  trigger: {list: judgment-defaulter}
  reaches:
    - steps: [{link: legal_representative, to: holder, holds: now}]
      basis: [{document: company-law, article: 第一条}]
  scope: {matters: [procurement]}
  basis: [{document: food-safety-law, article: 第一条}]
  in_force: {from: 2020-01-01}
"""
INJECTIONS = [
    "company-law' OR '1'='1",
    "'; DROP TABLE subject; --",
    "x'}) MATCH (n) DETACH DELETE n //",
    "company-law\x00",
    "../../etc/passwd",
    "${jndi:ldap://x}",
]


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.shipped()


def every(client, listing, **asked):
    """All pages of a listing, a few entries each."""
    page = client.get(f"/v1/{listing}", params={"limit": 7, **asked}).json()
    found = page[listing]
    while page["cursor"]:
        page = client.get(f"/v1/{listing}", params={"cursor": page["cursor"]}).json()
        assert page[listing]
        found += page[listing]
    assert len(found) == page["total"]
    return found


def ids(found):
    return [one["id"] for one in found]


# --- listings ---------------------------------------------------------------------------------------------------------
def test_the_pages_hold_every_measure_once(client, catalogue):
    assert ids(every(client, "measures")) == sorted(catalogue.measures)


def test_the_pages_hold_every_document_once(client, catalogue):
    assert ids(every(client, "documents")) == sorted(catalogue.documents)


def test_a_page_goes_on_with_another_length(client, catalogue):
    first = client.get("/v1/measures", params={"limit": 3}).json()
    second = client.get("/v1/measures", params={"limit": 5, "cursor": first["cursor"]}).json()
    assert ids(first["measures"] + second["measures"]) == sorted(catalogue.measures)[:8]


def test_measures_by_document_are_those_that_the_document_names(client):
    found = ids(every(client, "measures", document="company-law"))
    assert found == client.get("/v1/documents/company-law").json()["measures"]
    assert "company-law.178-1-5" in found


def test_a_document_that_a_reach_alone_cites_has_its_measures(tmp_path, monkeypatch, client):
    (tmp_path / "own" / "measures").mkdir(parents=True)
    (tmp_path / "own" / "measures" / "own.yaml").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("XINHENG_CATALOGUE", str(tmp_path / "own"))
    with Deployment(load_settings()) as deployment:
        client.app.state.deployment = deployment
        assert "own.1" in client.get("/v1/documents/company-law").json()["measures"]
        assert client.get("/v1/measures/own.1").json()["reaches"][0]["basis"][0]["title"] == "中华人民共和国公司法"


def test_filters_hold_together(client):
    found = every(client, "measures", level="law", effect="deny", matter="政府采购")
    assert found
    assert {(one["level"], one["effect"], one["effect_zh"]) for one in found} == {("law", "deny", "不予")}
    all_of_the_matter = ids(every(client, "measures", matter="procurement"))
    assert set(ids(found)) < set(all_of_the_matter)


def test_a_matter_and_a_department_are_known_by_their_names(client):
    named = every(client, "measures", matter="政府采购", department="采购人")
    assert named == every(client, "measures", matter="procurement", department="purchaser")


def test_measures_without_departments_are_for_whoever_decides(client, catalogue):
    found = set(ids(every(client, "measures", department="purchaser")))
    for measure in catalogue.measures.values():
        departments = measure.scope.departments
        assert (measure.id in found) == (not departments or "purchaser" in departments)


def test_documents_by_level(client):
    found = every(client, "documents", level="judicial_interpretation")
    assert found
    assert {one["level_zh"] for one in found} == {"司法解释"}


# --- entries ----------------------------------------------------------------------------------------------------------
def test_a_measure_is_told_whole(client, catalogue):
    found = client.get(f"/v1/measures/{FOOD}").json()
    assert found["catalogue"] == catalogue.digest
    assert found["how_long_zh"] == "自作出决定之日起 5 年"
    reaches = [reach["text_zh"] for reach in found["reaches"]]
    assert "其法定代表人（事发时）" in reaches
    assert any(text.startswith("决定书载明的") and "直接责任人员" in text for text in reaches)
    assert found["scope"]["matters"][0]["zh"]
    (basis,) = [one for one in found["basis"] if one["document"] == "food-safety-law"]
    assert basis["article"].startswith("第一百三十五条")
    assert (basis["level"], basis["in_force_until"]) == ("law", None)
    assert (found["in_force_from"], found["in_force_until"]) == ("2015-10-01", None)


def test_every_measure_is_told_as_the_schema_says(client, catalogue):
    for name in catalogue.measures:
        response = client.get(f"/v1/measures/{name}")
        assert response.status_code == 200, response.text
        told = MeasureEntry.model_validate(response.json())
        assert told.trigger == catalogue.measures[name].trigger
        assert told.because_of_zh
        assert told.how_long_zh
        assert all(reach.text_zh for reach in told.reaches)


def test_every_document_is_told(client, catalogue):
    for name, document in catalogue.documents.items():
        assert client.get(f"/v1/documents/{name}").json()["title"] == document.title


@pytest.mark.parametrize("listing", ["measures", "documents"])
def test_an_unknown_entry_is_not_found_and_says_where_to_look(client, listing):
    found = is_problem(client.get(f"/v1/{listing}/no-such-thing"), 404, "unknown-entry")
    assert f"GET /v1/{listing}" in found["remedy"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"document": "food-law"}, "unknown-word"),
        ({"matter": "采购办"}, "unknown-word"),
        ({"department": "nobody"}, "unknown-word"),
        ({"level": "法律"}, "bad-request-body"),
        ({"effect": "none"}, "bad-request-body"),
        ({"limit": "0"}, "bad-request-body"),
        ({"limit": "201"}, "bad-request-body"),
        ({"limit": "many"}, "bad-request-body"),
        ({"colour": "red"}, "bad-request-body"),
        ({"matter": ""}, "bad-request-body"),
        ({"matter": "x" * 401}, "bad-request-body"),
    ],
)
def test_a_listing_asked_wrongly_says_what_is_wrong(client, asked, code):
    is_problem(client.get("/v1/measures", params=asked), 422, code)


@pytest.mark.parametrize("path", ["measures", f"measures/{FOOD}", "documents", "documents/company-law", "sources"])
def test_an_unknown_parameter_is_told_everywhere(client, path):
    found = is_problem(client.get(f"/v1/{path}", params={"as_off": "2026-01-01"}), 422, "bad-request-body")
    assert [fault["pointer"] for fault in found["errors"]] == ["/as_off"]


def test_a_parameter_given_twice_is_told_and_neither_value_is_taken(client):
    found = is_problem(client.get("/v1/measures?level=law&limit=2&limit=3"), 422, "bad-request-body")
    assert found["errors"] == [{"pointer": "/limit", "detail": "is given more than once"}]


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_would_be_a_query_elsewhere_is_a_text_that_nobody_knows(client, text):
    for name in ("document", "matter", "department", "level", "effect", "cursor"):
        response = client.get("/v1/measures", params={name: text})
        assert response.status_code == 422, (name, response.text)
    assert client.get("/v1/measures").json()["total"] > 100
    assert client.get("/v1/sources").json()["sources"]


def test_full_width_letters_and_spaces_in_a_word_do_no_harm(client):
    written = client.get("/v1/measures", params={"matter": " ＰＲＯＣＵＲＥＭＥＮＴ "}).json()
    assert written == client.get("/v1/measures", params={"matter": "procurement"}).json()


# --- cursors ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def cursor(client):
    return client.get("/v1/measures", params={"limit": 2, "level": "law"}).json()["cursor"]


def test_every_character_of_a_cursor_counts(client, cursor):
    for place, character in enumerate(cursor):
        changed = cursor[:place] + ("A" if character != "A" else "B") + cursor[place + 1 :]
        is_problem(client.get("/v1/measures", params={"cursor": changed}), 422, "bad-cursor")
    for cut in (cursor[:-1], cursor[1:], cursor + "A", cursor + "=", f" {cursor}", cursor * 2, "", "2", "页"):
        is_problem(client.get("/v1/measures", params={"cursor": cut}), 422, "bad-cursor")


def test_a_cursor_goes_on_with_its_own_question_only(client, cursor):
    assert client.get("/v1/measures", params={"cursor": cursor, "level": "law"}).status_code == 200
    for other in ({"level": "memorandum"}, {"matter": "政府采购"}, {"document": "company-law"}):
        is_problem(client.get("/v1/measures", params={"cursor": cursor, **other}), 422, "bad-cursor")


def test_a_cursor_of_another_listing_is_refused(client, cursor):
    links = client.get("/v1/documents", params={"limit": 1}).json()["cursor"]
    is_problem(client.get("/v1/documents", params={"cursor": cursor}), 422, "bad-cursor")
    is_problem(client.get("/v1/measures", params={"cursor": links}), 422, "bad-cursor")


@pytest.mark.parametrize("change", [{"limit": 100_000}, {"level": "x"}, {"matter": "no such matter", "more": 1}])
def test_a_cursor_with_a_right_checksum_still_says_what_may_be_asked(client, change):
    asked = {**MeasuresQuery().model_dump(), **change}
    content = b"1" + json.dumps({"after": "", "asked": asked, "listing": "measures"}).encode()
    made = base64.urlsafe_b64encode(_checksum(content) + content).decode().rstrip("=")
    is_problem(client.get("/v1/measures", params={"cursor": made}), 422, "bad-cursor")


# --- sources ----------------------------------------------------------------------------------------------------------
def test_the_sources_are_those_of_the_command_line(client, xinheng):
    told = client.get("/v1/sources").json()
    assert told["sources"] == xinheng("sources", "--json").json
    court = next(one for one in told["sources"] if one["id"] == "court")
    assert (court["through"], court["quarantined"]) == ("2026-10-31", 0)
    assert told["known_at"].startswith("2026-10-31")


def test_rows_in_quarantine_are_counted_even_of_nobodys_source(client, xinheng, city_file):
    wrong = {"fact": "record", "key": "r9", "source": "court", "subject": {"uscc": "1"}, "list": "x"}
    xinheng("load", "city", city_file(wrong, {**wrong, "source": "nobody"}))
    told = client.get("/v1/sources").json()
    assert {one["id"]: one["quarantined"] for one in told["sources"] if one["quarantined"]} == {"court": 1}
    assert told["undeclared"] == [{"source": "nobody", "quarantined": 1}]


def test_officers_and_investigators_may_know_what_holds_for_everybody(client, xinheng):
    for scope in ("officer", "investigator"):
        issued = xinheng("keys", "create", "--holder", "甲", "--department", "采购人", "--scope", scope, "--json")
        bearer = {"Authorization": f"Bearer {issued.json['token']}"}
        for path in ("measures", f"measures/{FOOD}", "documents", "documents/company-law", "sources"):
            assert client.get(f"/v1/{path}", headers=bearer).status_code == 200
    is_problem(client.get("/v1/measures"), 401, "key-missing")

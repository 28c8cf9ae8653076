"""Every operation has examples, and each of them is answered: nobody begins with a request that fails."""

import shlex
from datetime import date

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.http_page import examples, operations, page
from api.settings import Settings, load_settings
from graph.model import Kind, Record, Subject

from .conftest import DAY, ENVIRONMENT

DOCUMENT = create(Deployment(Settings(environment="development"))).openapi()
OPERATIONS = [(path, method) for path, method, _ in operations(DOCUMENT)]
FIRST, SECOND = "91360400MA35G0G00E", "91350100M000100Y43"
"""The organisations of the examples."""
CHECKED = {"subject": FIRST, "matter": "政府采购", "department": "采购人", "as_of": DAY}


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        firms = [
            Subject(f"uscc:{FIRST}", Kind.ENTERPRISE, "九江柏川商贸有限公司", {"uscc": FIRST}),
            Subject(f"uscc:{SECOND}", Kind.ENTERPRISE, "福州某某有限公司", {"uscc": SECOND}),
        ]
        listed = Record("record:example", firms[0].id, "judgment-defaulter", decided_on=date(2026, 3, 10))
        deployment.store.write([*firms, listed])
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def given(client):
    """Ids of what was answered before, in place of those of the examples, which nobody can know."""
    decision = client.post("/v1/checks", json=CHECKED).json()["decision_id"]
    measure = {"measure": "government-procurement-law.22.judgment-defaulter", "answer": "applied"}
    client.post(f"/v1/decisions/{decision}/responses", json=measure)
    investigation = client.get(f"/v1/subjects/{FIRST}").json()["investigation_id"]
    invented = "sha256:" + "0123456789abcdef" * 4
    return {f"investigation:{invented}": investigation, invented: decision}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_each_example_is_answered_as_documented(client, given, path, method):
    documented = DOCUMENT["paths"][path][method.lower()]["responses"]
    sent = examples(DOCUMENT, path, method)
    assert sent
    for example in sent:
        url = example.path
        for invented, real in given.items():
            url = url.replace(invented, real)
        response = client.request(method, url, params=example.query, json=example.body)
        if path.endswith("/responses") and method == "POST" and "corrects" not in example.body:
            assert response.status_code == 409  # the measure was responded to already: another corrects it
            continue
        assert str(response.status_code) in documented
        assert response.is_success, response.text
        if path == "/v1/check-batches":
            assert [one["problem"] for one in response.json()["answers"]] == [None] * len(example.body["questions"])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_a_parameter_that_nobody_knows_is_refused_everywhere(client, path, method):
    example = examples(DOCUMENT, path, method)[0]
    asked = {**example.query, "fuzzy": "true"}
    response = client.request(method, example.path, params=asked, json=example.body)
    assert (response.status_code, response.json()["code"]) == (422, "bad-request-body"), response.text
    assert [one["pointer"] for one in response.json()["errors"]] == ["/fuzzy"]


def test_every_error_is_documented_as_a_problem():
    for path, method in OPERATIONS:
        answers = DOCUMENT["paths"][path][method.lower()]["responses"]
        assert "422" in answers
        assert {kind for status, one in answers.items() if status >= "400" for kind in one["content"]} == {
            "application/problem+json"
        }, (method, path)
    assert "HTTPValidationError" not in str(DOCUMENT)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_each_example_is_a_command_of_a_shell(path, method):
    for example in examples(DOCUMENT, path, method):
        words = shlex.split(example.curl)
        assert words[:2] == ["curl", "-s"]
        assert words[2] == f"$SERVER{example.url}"


def test_the_page_says_who_may_ask_what():
    said = page(create(Deployment(Settings(environment="development")))).split("## ")
    for operation, whom in (
        ("POST /v1/checks", "For officers."),
        ("POST /v1/paths", "For investigators."),
        ("GET /v1/measures", "For officers and investigators."),
        ("GET /health", "For anybody, without a key."),
    ):
        (section,) = [one for one in said if one.startswith(f"`{operation}`")]
        assert whom in section
    for path, method in OPERATIONS:
        (section,) = [one for one in said if one.startswith(f"`{method} {path}`")]
        secured = "security" in DOCUMENT["paths"][path][method.lower()]
        assert secured != ("For anybody" in section)

"""What a request may take: media type, bytes however they arrive, time; and that no bound makes an answer wrong."""

import json

import anyio
import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.http.batches import MOST_QUESTIONS
from api.settings import load_settings

from .conftest import CLEAN, DAY, DEFAULTER, ENVIRONMENT, RIVAL
from .test_http import is_problem

QUESTION = {"subject": DEFAULTER, "matter": "政府采购", "department": "采购人", "as_of": DAY}
GROUP = {**{name: QUESTION[name] for name in QUESTION if name != "subject"}, "applicants": [DEFAULTER, RIVAL, CLEAN]}
JSON = {"content-type": "application/json"}
TAKE_A_BODY = {f"/v1/{one}" for one in ("checks", "check-batches", "group-checks", "paths", "subject-searches")} | {
    "/v1/decisions/{decision_id}/responses"
}
SHORTEST = "0.0000001"


@pytest.fixture
def served(town, monkeypatch):
    """Gives a client of the application under these settings: `served(time_budget="0.1")`."""
    opened = []

    def serve(**changed):
        for name, value in {
            **ENVIRONMENT,
            **{f"XINHENG_{name.upper()}": value for name, value in changed.items()},
        }.items():
            monkeypatch.setenv(name, value)
        opened.append(Deployment(load_settings()))
        return TestClient(create(opened[-1]), base_url="http://127.0.0.1", raise_server_exceptions=False)

    yield serve
    for deployment in opened:
        deployment.close()


def entered(xinheng):
    return [json.loads(line) for line in xinheng("ledger", "export").text.splitlines()]


# --- bodies -----------------------------------------------------------------------------------------------------------
def test_every_operation_with_a_body_takes_json_only(served):
    client = served()
    paths = client.get("/openapi.json").json()["paths"]
    bodies = {(method, path) for path, item in paths.items() for method in item if "requestBody" in item[method]}
    assert bodies == {("post", path) for path in TAKE_A_BODY}
    for method, path in sorted(bodies):
        for headers in ({"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}, {}):
            response = client.request(method, path, content=b'{"subject": 1}', headers=headers)
            is_problem(response, 415, "unsupported-media-type")


def test_a_body_that_says_no_length_is_answered(served):
    client = served()
    pieces = iter([json.dumps(QUESTION).encode()[:20], json.dumps(QUESTION).encode()[20:]])
    streamed = client.post("/v1/checks", content=pieces, headers=JSON)
    assert streamed.request.headers.get("content-length") is None
    assert streamed.content == client.post("/v1/checks", json=QUESTION).content


def sent(app, receive, *, headers=(), path="/v1/checks"):
    """The status and the document that the application sends, whoever receives what."""
    messages = []

    async def send(message):
        messages.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    anyio.run(app, scope, receive, send)
    start, *rest = messages
    return start["status"], json.loads(b"".join(message.get("body", b"") for message in rest))


@pytest.mark.parametrize("headers", [(), [(b"content-length", b"17")], [(b"content-length", b"many")]])
@pytest.mark.parametrize(("path", "most"), [("/v1/checks", 1 << 20), ("/v1/check-batches", 4 << 20)])
def test_a_body_without_end_is_counted_as_it_arrives_whatever_it_says_of_its_length(served, path, most, headers):
    arrived = 0

    async def receive():
        nonlocal arrived
        arrived += 1 << 16
        return {"type": "http.request", "body": b" " * (1 << 16), "more_body": True}

    status, document = sent(served().app, receive, headers=headers, path=path)
    assert (status, document["code"]) == (413, "too-large")
    assert arrived == most + (1 << 16)


def test_a_body_that_says_it_is_too_large_is_not_waited_for(served):
    async def receive():
        raise AssertionError("nobody should ask for it")

    status, document = sent(served().app, receive, headers=[(b"content-length", b"99999999")])
    assert (status, document["code"]) == (413, "too-large")


def test_a_body_that_does_not_arrive_is_not_waited_for_beyond_the_time(served):
    async def receive():
        await anyio.sleep(60)

    status, document = sent(served(time_budget="0.2").app, receive)
    assert (status, document["code"]) == (504, "out-of-time")


@pytest.mark.parametrize(
    "body", [b'{"questions":' + b"[" * 50_000, b'{"questions":[' + b'{"subject":' * 50_000, b"[]]", b"\x00"]
)
def test_what_is_nested_without_end_or_no_json_is_a_problem(served, body):
    response = served().post("/v1/check-batches", content=body, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (400, "bad-request")


# --- time -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("path", "body"), [("/v1/checks", QUESTION), ("/v1/group-checks", GROUP)])
def test_who_runs_out_of_time_gets_no_answer_and_nothing_is_entered(served, xinheng, path, body):
    is_problem(served(time_budget=SHORTEST).post(path, json=body), 504, "out-of-time")
    assert entered(xinheng) == []


def test_the_questions_that_a_batch_has_no_time_for_are_each_out_of_time(served, xinheng):
    client = served(batch_time_budget="1", time_budget="60")
    found = client.post("/v1/check-batches", json={"questions": [QUESTION] * MOST_QUESTIONS}).json()["answers"]
    answered = len(entered(xinheng))
    assert answered < MOST_QUESTIONS
    assert {one["decision"]["outcome"] for one in found[:answered]} <= {"deny"}
    assert {one["problem"]["code"] for one in found[answered:]} == {"out-of-time"}
    assert client.post("/v1/checks", json=QUESTION).json()["outcome"] == "deny"


def test_no_budget_makes_an_answer_a_different_one(served, xinheng):
    """Wherever in a check the time ends, there is the whole answer or none."""
    whole = served().post("/v1/checks", json=QUESTION).content
    given = 1
    for step in range(40):
        response = served(time_budget=f"{0.0002 * 1.2**step:f}").post("/v1/checks", json=QUESTION)
        if response.status_code == 504:
            is_problem(response, 504, "out-of-time")
        else:
            assert response.content == whole
            given += 1
    assert given > 1
    assert len(entered(xinheng)) == given


def test_health_is_told_in_no_time(served):
    assert served(time_budget=SHORTEST).get("/health").status_code == 200

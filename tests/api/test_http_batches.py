"""Many checks in one request: each question gets what it would have got alone."""

import json

import pytest
import rfc8785
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.http.batches import LARGEST_BATCH, MOST_QUESTIONS
from api.settings import load_settings

from .conftest import CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON, RIVAL
from .test_http import is_problem

COMMON = {"matter": "政府采购", "department": "采购人", "as_of": DAY}
QUESTION = {"subject": DEFAULTER, **COMMON}
GOOD = [{"subject": one, **COMMON} for one in (DEFAULTER, RIVAL, CLEAN, PERSON, "九江清白科技有限公司", "uscc:nobody")]
BAD = [
    {**QUESTION, "subject": DEFAULTER[:-1] + "!"},
    {**QUESTION, "matter": "政府采办"},
    {**QUESTION, "as_of": "2026-02-30"},
    {**QUESTION, "known_at": "2099-01-01T00:00:00Z"},
    {**QUESTION, "colour": "red"},
    {**QUESTION, "purpose": f"为 {PERSON}"},
    {"subject": DEFAULTER},
    {},
    [],
    "91360400MA35G0G00B",
]
MIXED = [one for pair in zip(GOOD + GOOD, BAD, strict=False) for one in pair]


@pytest.fixture
def client(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


def answers(response, status=200):
    assert response.status_code == status, response.text
    return response.json()["answers"]


def test_every_answer_has_the_bytes_of_the_check_asked_alone(client):
    alone = [client.post("/v1/checks", json=one).content for one in GOOD[:5]]
    told = client.post("/v1/check-batches", json={"questions": GOOD[:5]}).content
    items = b",".join(b'{"decision":%b,"notices":[],"problem":null}' % document for document in alone)
    assert told == b'{"answers":[%b]}' % items


def test_good_and_bad_questions_are_each_answered_for_themselves_in_their_order(client):
    found = answers(client.post("/v1/check-batches", json={"questions": MIXED}))
    assert len(found) == len(MIXED)
    for question, answer in zip(MIXED, found, strict=True):
        alone = client.post("/v1/checks", json=question)
        if alone.status_code == 200:
            assert rfc8785.dumps(answer["decision"]) == alone.content
            assert answer["problem"] is None
        else:
            assert {**answer["problem"], "instance": ""} == {**alone.json(), "instance": ""}
            assert answer["decision"] is None
    assert {answer["problem"]["code"] for answer in found if answer["problem"]} == {
        "bad-identifier",
        "unknown-word",
        "bad-request-body",
        "bad-question",
    }
    assert PERSON not in json.dumps(found)


def test_each_decision_of_a_batch_stands_in_the_ledger(client, xinheng):
    questions = [{**QUESTION, "purpose": "2026-1"}, {**QUESTION, "colour": "red"}, {**GOOD[1], "purpose": "2026-2"}]
    found = answers(client.post("/v1/check-batches", json={"questions": questions}))
    entries = [json.loads(line) for line in xinheng("ledger", "export").text.splitlines()]
    assert [(entry["purpose"], entry["decision_id"]) for entry in entries] == [
        ("2026-1", found[0]["decision"]["decision_id"]),
        ("2026-2", found[2]["decision"]["decision_id"]),
    ]


@pytest.mark.parametrize(
    "batch",
    [
        {"questions": []},
        {"questions": [QUESTION] * (MOST_QUESTIONS + 1)},
        {"questions": QUESTION},
        {"questions": [QUESTION], "colour": "red"},
        {},
        [QUESTION],
    ],
)
def test_an_envelope_that_is_wrong_is_refused_whole(client, xinheng, batch):
    is_problem(client.post("/v1/check-batches", json=batch), 422, "bad-request-body")
    assert xinheng("ledger", "export").text == ""


@pytest.mark.slow
def test_a_thousand_questions_are_answered(client):
    questions = [GOOD[number % len(GOOD)] for number in range(MOST_QUESTIONS)]
    found = answers(client.post("/v1/check-batches", json={"questions": questions}))
    outcomes = [answer["decision"] and answer["decision"]["outcome"] for answer in found]
    assert len(outcomes) == MOST_QUESTIONS
    assert outcomes == [outcomes[number % len(GOOD)] for number in range(MOST_QUESTIONS)]


def test_a_batch_may_be_larger_than_a_check_and_not_without_end(client):
    long = {**QUESTION, "purpose": "为" * 400}
    assert len(json.dumps({"questions": [long] * MOST_QUESTIONS})) > 1 << 20
    response = client.post("/v1/check-batches", json={"questions": [{**long, "colour": "red"}] * MOST_QUESTIONS})
    assert {answer["problem"]["code"] for answer in answers(response)} == {"bad-request-body"}
    is_problem(client.post("/v1/check-batches", json={"questions": ["x" * LARGEST_BATCH]}), 413, "too-large")


def test_a_defect_that_one_question_meets_leaves_the_others_answered(client, monkeypatch):
    import api.http.batches

    answer_check = api.http.batches.answer_check

    def broken_for_one(question, *others):
        if question.subject == RIVAL:
            raise RuntimeError("secret detail")
        return answer_check(question, *others)

    monkeypatch.setattr(api.http.batches, "answer_check", broken_for_one)
    response = client.post("/v1/check-batches", json={"questions": GOOD[:3]})
    first, second, third = answers(response)
    assert second["problem"]["code"] == "internal-error"
    assert "secret" not in response.text
    assert (first["decision"]["outcome"], third["decision"]["outcome"]) == ("deny", "none")


SPACED = " ".join((DEFAULTER[:8], DEFAULTER[8:]))
WIDE = "".join(chr(ord(one) + 0xFEE0) for one in DEFAULTER)
SPACES, WIDTH = "subject: spaces were left out", "subject: full-width and invisible characters were made plain"


@pytest.mark.parametrize(
    ("subject", "notices"),
    [
        (DEFAULTER, []),
        (f"uscc:{DEFAULTER}", []),
        (SPACED, [SPACES]),
        (WIDE, [WIDTH]),
        (f"{WIDE[:8]} {WIDE[8:]}", [SPACES, WIDTH]),
        (f"{PERSON[:6]} {PERSON[6:]}", [SPACES]),
        (" 九江 清白科技有限公司 ", []),
    ],
)
def test_what_was_put_right_in_an_identifier_is_said(client, subject, notices):
    question = {**QUESTION, "subject": subject}
    response = client.post("/v1/checks", json=question)
    assert response.status_code == 200
    assert response.headers.get("xinheng-notice", "") == ", ".join(notices)
    (item,) = answers(client.post("/v1/check-batches", json={"questions": [question]}))
    assert item["notices"] == notices
    if "九江" not in subject:
        plain = PERSON if PERSON[:6] in subject else DEFAULTER
        assert response.content == client.post("/v1/checks", json={**question, "subject": plain}).content


def test_what_was_put_right_in_the_identifiers_of_a_group_is_said_with_their_places(client):
    question = {name: said for name, said in QUESTION.items() if name != "subject"}
    wide = "".join(chr(ord(one) + 0xFEE0) for one in RIVAL) + " "
    response = client.post("/v1/group-checks", json={**question, "applicants": [SPACED, CLEAN, wide]})
    assert response.status_code == 200
    assert response.headers["xinheng-notice"] == (
        "applicants 0 2: spaces were left out, applicants 2: full-width and invisible characters were made plain"
    )
    plain = client.post("/v1/group-checks", json={**question, "applicants": [DEFAULTER, CLEAN, RIVAL]})
    assert plain.content == response.content
    assert "xinheng-notice" not in plain.headers

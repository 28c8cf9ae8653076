"""A story of one tender, told over HTTP: what the check answered, what the officer did, and what became of it.

Of two bidders one is a judgment defaulter, and both have one head. The officer excludes the defaulter, and says so; the
court finds that it had listed the wrong company; the officer takes the exclusion back, the court's correction comes in,
and the check answers anew. What was answered before can be had again, and computed again, to the byte, on both stores.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.demo.codes import citizen_id, credit_code
from api.deployment import Deployment
from api.http.app import create
from api.settings import load_settings
from tests.real import STORES, City, Line, embedded, holds_all, on_neo4j
from tests.real import test_record as marked

DAY, REGION = "2026-06-10", "360400"
LOADED, CORRECTED = "2026-06-01T08:00:00Z", "2026-06-12T08:00:00Z"
LISTED, RIVAL, NUMBER = credit_code(81), credit_code(82), citizen_id(81)
MEASURE = "government-procurement-law.22.judgment-defaulter"
ASKED = {"matter": "政府采购", "department": "采购人", "as_of": DAY}
TENDER = {**ASKED, "applicants": [LISTED, RIVAL], "contract": "九采〔2026〕81号"}
OFFICER = {"who": "审批员 王"}
EXCLUDED = {"answer": "applied", "document": "九财采〔2026〕17号", "decided_on": "2026-06-11", **OFFICER}
TAKEN_BACK = {
    "answer": "not_applied",
    "reason": {"code": "record_wrong", "text": "法院来函：被执行人系同名企业，失信信息已撤销"},
    "document": "九财采〔2026〕19号",
    "decided_on": "2026-06-12",
    "corrects": 1,
    **OFFICER,
}


def listing(**more: Any) -> Line:
    dates = {"decided_on": "2026-01-15", "effective_from": "2026-01-15"}
    return marked("d1", {"uscc": LISTED}, "judgment-defaulter", **dates, **more)


def lines() -> list[Line]:
    company = {"fact": "subject", "kind": "enterprise", "region": REGION}
    head = {"fact": "link", "type": "legal_representative", "holder": {"citizen_id": NUMBER}, "source": "register"}
    return [
        *holds_all("2026-06-30"),
        {**company, "uscc": LISTED, "name": "九江柏川商贸有限公司"},
        {**company, "uscc": RIVAL, "name": "九江对手科技有限公司"},
        {"fact": "subject", "kind": "natural_person", "citizen_id": NUMBER, "name": "程立群"},
        *({**head, "organisation": {"uscc": one}, "valid_from": "2020-01-01"} for one in (LISTED, RIVAL)),
        listing(),
    ]


@dataclass
class Tale:
    """What was answered, in the order of the story."""

    city: City
    client: TestClient
    documents: dict[str, bytes] = field(default_factory=dict)

    def post(self, title: str, path: str, said: Mapping[str, Any], status: int = 200) -> Any:
        return self._answered(title, self.client.post(path, json=said), status)

    def get(self, title: str, path: str) -> Any:
        return self._answered(title, self.client.get(path), 200)

    def _answered(self, title: str, response: Any, status: int) -> Any:
        assert response.status_code == status, response.text
        assert NUMBER not in response.text
        self.documents[title] = response.content
        return response.json()


@contextmanager
def served(city: City) -> Iterator[TestClient]:
    """The application on the store of a city."""
    settings = {name.removeprefix("XINHENG_").lower(): value for name, value in city.settings.items()}
    with Deployment(load_settings(**settings)) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", headers={"X-Request-Id": "story-http"})


def told(city: City) -> Tale:
    city.say(lines(), at=LOADED)
    with served(city) as client:
        tale = Tale(city, client)
        check = tale.post("check", "/v1/checks", {**ASKED, "subject": LISTED})
        group = tale.post("group", "/v1/group-checks", TENDER)
        one, all_ = (f"/v1/decisions/{found['decision_id']}/responses" for found in (check, group))
        tale.post("excluded", one, {"measure": MEASURE, **EXCLUDED}, 201)
        for number, bound in enumerate(tale.get("still open", all_)["unanswered"], 1):
            tale.post(f"excluded with the group {number}", all_, {**bound, **EXCLUDED}, 201)
        tale.post("sent twice", one, {"measure": MEASURE, **EXCLUDED}, 409)
        tale.post("taken back", one, {"measure": MEASURE, **TAKEN_BACK}, 201)
        city.say([listing(annulled=True, correction=True)], at=CORRECTED)
        tale.post("checked again", "/v1/checks", {**ASKED, "subject": LISTED})
        tale.post("group again", "/v1/group-checks", TENDER)
        tale.get("found by name", "/v1/subjects?name=九江")
        found = tale.post("head", "/v1/subject-searches", {"identifier": NUMBER, "as_of": DAY})
        tale.get("head again", f"/v1/subjects/{found['subject']['id']}?as_of={DAY}")
        tale.get("listed", f"/v1/subjects/uscc:{LISTED}?as_of={DAY}")
        tale.post("as known before", "/v1/checks", {**ASKED, "subject": LISTED, "known_at": LOADED})
        tale.get("given before", f"/v1/decisions/{check['decision_id']}")
        tale.get("responses", one)
        tale.get("responses of the group", all_)
    return tale


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Tale:
    """The story on the embedded store."""
    return told(embedded(tmp_path_factory.mktemp("embedded"), REGION))


@pytest.fixture(scope="module", params=STORES)
def tale(request: pytest.FixtureRequest, beside: Tale, tmp_path_factory: pytest.TempPathFactory) -> Tale:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return told(on_neo4j(tmp_path_factory.mktemp("neo4j"), REGION, server, None))


def of(tale: Tale, title: str) -> Any:
    return json.loads(tale.documents[title])


def test_the_defaulter_is_excluded_and_the_officer_says_by_which_decision(tale: Tale) -> None:
    assert of(tale, "check")["outcome"] == "deny"
    assert [measure["id"] for measure in of(tale, "check")["measures"]] == [MEASURE]
    said = of(tale, "excluded")
    assert (said["number"], said["subject"], said["department"]) == (1, f"uscc:{LISTED}", "purchaser")
    assert (said["answer"], said["document"], said["who"]) == ("applied", "九财采〔2026〕17号", "审批员 王")


def test_bidders_with_one_head_are_answered_for_each(tale: Tale) -> None:
    [finding] = of(tale, "group")["findings"]
    excluded = {(one["subject"], one["measure"]) for one in of(tale, "responses of the group")["responses"]}
    assert excluded >= {(f"uscc:{code}", finding["rule"]) for code in (LISTED, RIVAL)}
    assert (f"uscc:{LISTED}", MEASURE) in excluded
    assert of(tale, "responses of the group")["unanswered"] == []


def test_what_is_sent_twice_is_kept_once(tale: Tale) -> None:
    assert of(tale, "sent twice")["code"] == "response-conflict"


def test_the_exclusion_is_taken_back_and_both_are_kept(tale: Tale) -> None:
    history = of(tale, "responses")
    assert history["responses"] == [of(tale, "excluded"), of(tale, "taken back")]
    assert history["standing"] == [2]
    assert history["responses"][1]["reason"]["code"] == "record_wrong"


def test_once_the_court_has_corrected_its_list_the_bidder_is_free_and_one_head_remains(tale: Tale) -> None:
    assert of(tale, "checked again")["outcome"] == "none"
    assert of(tale, "checked again")["decision_id"] != of(tale, "check")["decision_id"]
    assert [one["measures"] for one in of(tale, "group again")["decisions"]] == [[], []]
    assert of(tale, "group again")["findings"] == of(tale, "group")["findings"]


def test_the_bidders_are_found_by_name_and_their_head_by_a_number_that_no_answer_repeats(tale: Tale) -> None:
    assert [one["id"] for one in of(tale, "found by name")["subjects"]] == [f"uscc:{LISTED}", f"uscc:{RIVAL}"]
    assert of(tale, "head")["subject"]["name"] == "程立群"
    assert of(tale, "head again")["subject"] == of(tale, "head")["subject"]
    assert of(tale, "listed")["subject"]["name"] == "九江柏川商贸有限公司"


def test_what_was_answered_before_is_had_again_to_the_byte(tale: Tale) -> None:
    assert tale.documents["given before"] == tale.documents["check"]
    assert tale.documents["as known before"] == tale.documents["check"]


@pytest.mark.parametrize("title", ["check", "group", "checked again", "group again"])
def test_every_decision_is_replayed(tale: Tale, title: str) -> None:
    replayed = tale.city.run("replay", of(tale, title)["decision_id"], "--json").document
    assert (replayed["same"], replayed["differing"]) == (True, [])


def test_every_answer_and_every_response_is_in_the_ledger_which_is_whole(tale: Tale) -> None:
    entries = [json.loads(line) for line in tale.city.run("ledger", "export").out.splitlines()]
    responses = of(tale, "responses")["responses"] + of(tale, "responses of the group")["responses"]
    checks, looked_up = 5, 3
    assert len(entries) == checks + looked_up + len(responses)
    assert sorted(entry["decision_id"] for entry in entries if "/responses/" in entry["decision_id"]) == sorted(
        f"{one['decision_id']}/responses/{one['number']}" for one in responses
    )
    assert tale.city.run("ledger", "verify", "--json").document["entries"] == len(entries)


@pytest.mark.parametrize("tale", STORES[1:], indirect=True)
def test_both_stores_give_the_same_documents_byte_for_byte(tale: Tale, beside: Tale) -> None:
    assert {title: timeless(one) for title, one in tale.documents.items()} == {
        title: timeless(one) for title, one in beside.documents.items()
    }


def timeless(document: bytes) -> bytes:
    """But for the instant at which a response was given, which no question fixes."""
    return re.sub(rb'"at":"[^"]+"', b'"at":""', document)

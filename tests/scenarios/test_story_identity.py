"""A story of one person whom two sources know: the register by name only, the court by citizen ID.

The court lists him as a judgment defaulter; the company that he heads is not found through him, because a name is no
identity. The two are proposed, judged to be one, and found; the judgement is undone, and what was answered in between
stays what it was.
"""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.identifiers import named_person_id
from tests.real import STORES, City, Line, embedded, holds_all, on_neo4j
from tests.real import test_record as marked

INCOMPLETE = 3
DAY = "2026-06-10"
LOADED, MERGED, UNMERGED = "2026-06-01T08:00:00Z", "2026-06-05T08:00:00Z", "2026-06-08T08:00:00Z"
CODE, NUMBER, NAME, WRITTEN = credit_code(71), citizen_id(71), "程立群", "程立羣"
HEAD = named_person_id(f"uscc:{CODE}", WRITTEN)
FIRM = {"uscc": CODE}
JUDGED = {"--user": "归集人员甲", "--reason": "营业执照与身份证件核验"}
UNJUDGED = {"--user": "归集人员乙", "--reason": "经核系同名他人"}


def lines() -> list[Line]:
    head, person = {"name": WRITTEN, "of": FIRM}, {"citizen_id": NUMBER}
    subject, link = {"fact": "subject"}, {"fact": "link", "organisation": FIRM, "valid_from": "2020-01-01"}
    dates = {"decided_on": "2026-01-15", "effective_from": "2026-01-15"}
    return [
        *holds_all("2026-06-30"),
        {**subject, "kind": "enterprise", **FIRM, "name": "九江柏川商贸有限公司", "region": "360402"},
        {**subject, "kind": "natural_person", **head},
        {**subject, "kind": "natural_person", **person, "name": NAME},
        {**link, "type": "legal_representative", "holder": head, "source": "register"},
        {**link, "type": "employee", "holder": person, "source": "court"},
        marked("d1", person, "judgment-defaulter", **dates),
    ]


def told(city: City) -> City:
    city.say(lines(), at=LOADED)
    return city


@pytest.fixture(params=STORES)
def city(request: pytest.FixtureRequest, tmp_path: Any) -> City:
    if request.param == "embedded":
        return told(embedded(tmp_path, "360400"))
    return told(on_neo4j(tmp_path, "360400", request.getfixturevalue("neo4j_server"), None))


def judge(city: City, what: str, ends: tuple[str, str], at: str, said: dict[str, str]) -> Any:
    words = [word for option in said.items() for word in option]
    return city.run("identity", what, *ends, *words, "--yes", "--recorded-at", at, "--json").document


def check(city: City, known_at: str, status: int = 0) -> Any:
    return city.check(CODE, "日常监管", "市场监督管理部门", DAY, known_at, status=status).document


def proposed(city: City) -> list[Any]:
    found: list[Any] = city.run("identity", "candidates", HEAD, "--json").document["candidates"]
    return found


def test_one_person_of_two_sources_is_proposed_judged_found_and_parted_again(city: City) -> None:
    before = check(city, LOADED, INCOMPLETE)
    assert before["measures"] == []
    assert [gap["kind"] for gap in before["gaps"]] == ["unidentified_holder"]

    (candidate,) = proposed(city)
    ends = candidate["left"], candidate["right"]
    assert HEAD in ends
    assert "same name" in [one["says"] for one in candidate["evidence"]]
    assert check(city, LOADED, INCOMPLETE) == before, "a proposal changes nothing"

    assert judge(city, "merge", ends, MERGED, JUDGED)["one"]
    merged = check(city, MERGED)
    (measure,) = merged["measures"]
    (chain,) = measure["chains"]
    assert [record["list"] for record in chain["records"]] == ["judgment-defaulter"]
    assert chain["links"][0]["holder"]["name"] == NAME
    assert proposed(city) == []

    assert not judge(city, "unmerge", ends, UNMERGED, UNJUDGED)["one"]
    assert check(city, UNMERGED, INCOMPLETE)["measures"] == []
    assert proposed(city) == [], "somebody said that they are two"

    assert check(city, MERGED) == merged
    for decision in (before, merged):
        replayed = city.run("replay", decision["decision_id"], "--json").document
        assert (replayed["same"], replayed["differing"]) == (True, [])
    events = city.run("identity", "history", HEAD, "--json").document
    assert [(event["what"], event["by"]) for event in events] == [("merged", "归集人员甲"), ("undone", "归集人员乙")]

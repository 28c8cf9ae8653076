"""A story of two heads of one name: the real register knows both by name only, and a court lists one of them by number.

Nothing says which of them, if any, is the one whom the court lists: the check of a company can't see the listing, and
says so. A steward sees the papers and judges of one head; later another undoes it. Both stores answer with the same
bytes all the way, and what was answered in between can be asked for again.

Companies and heads are real, the number is invented, the record is a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from api.demo.codes import citizen_id
from graph.identifiers import named_person_id
from tests.command import Ran, xinheng
from tests.real import REGISTER, STORES, City, Line, embedded, holds_all, on_neo4j, registered
from tests.real import test_record as marked

DAY = "2026-06-01"
MERGED, UNMERGED = f"{DAY}T09:00:00Z", f"{DAY}T10:00:00Z"
YEAR, PLACE = REGISTER / "jiangxi" / "1998.csv.gz", "上饶"


def namesakes() -> tuple[str, str, str]:
    """The first name under which the register knows the heads of two companies; their codes, and the name."""
    headed: dict[str, str] = {}
    for row in registered([YEAR], 地区=PLACE):
        code, head = row["统一社会信用代码"], row["法人代表"]
        if headed.setdefault(head, code) != code:
            return headed[head], code, head
    raise AssertionError("no two companies with heads of one name")


CODE, NAMESAKES_CODE, HEAD = namesakes()
BY_NAME = named_person_id(f"uscc:{CODE}", HEAD)
NUMBER = citizen_id(41)
SUPERVISION = "memo-2016-141.12"
STEWARD, OTHER = ("归集人员甲", "身份证件与公司登记档案核对一致"), ("归集人员乙", "系同名他人，档案有误")


@dataclass(frozen=True)
class Story:
    """What was answered about the company before the judgement, under it, and after it was undone."""

    city: City
    before: Ran
    between: Ran
    after: Ran


def court() -> list[Line]:
    number: Line = {"citizen_id": NUMBER}
    dates = {"decided_on": "2026-01-15", "effective_from": "2026-01-15"}
    person: Line = {"fact": "subject", "kind": "natural_person", "name": HEAD, "source": "test", **number}
    return [*holds_all("2026-06-30"), person, marked("i1", number, "judgment-defaulter", **dates)]


def judge(city: City, what: str, said: tuple[str, str], at: str) -> Ran:
    """Of the person whom the register knows and the holder of the number, which is read from standard input."""
    user, reason = said
    words = ["identity", what, BY_NAME, "-", "--user", user, "--reason", reason, "--recorded-at", at, "--yes", "--json"]
    ran = xinheng(*words, settings=city.settings, stdin=f"{NUMBER}\n")
    assert ran.status == 0, ran.err
    assert NUMBER not in ran.out + ran.err
    return ran


def supervised(city: City, status: int = 0, known_at: str | None = None) -> Ran:
    return city.check(CODE, "日常监管", "市场监督管理部门", DAY, known_at=known_at, status=status)


def told(city: City) -> Story:
    assert city.load("cn-enterprise-register", YEAR, at=f"{DAY}T01:00:00Z", 地区=PLACE)["loaded"] > 0
    assert city.say(court(), at=f"{DAY}T08:00:00Z")["records"] == 1
    before = supervised(city, status=3)
    judge(city, "merge", STEWARD, MERGED)
    between = supervised(city)
    judge(city, "unmerge", OTHER, UNMERGED)
    return Story(city, before, between, supervised(city, status=3))


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story on the embedded store."""
    return told(embedded(tmp_path_factory.mktemp("embedded"), "360000"))


@pytest.fixture(scope="module", params=STORES)
def story(request: pytest.FixtureRequest, beside: Story, tmp_path_factory: pytest.TempPathFactory) -> Story:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return told(on_neo4j(tmp_path_factory.mktemp("neo4j"), "360000", server, twin=None))


def gaps(document: Any) -> list[tuple[str, list[str]]]:
    return [(gap["kind"], gap["could_add"]) for gap in document["gaps"]]


def test_before_the_judgement_the_listing_is_not_seen_and_the_answer_says_what_is_missing(story: Story) -> None:
    document = story.before.document
    assert (document["outcome"], document["complete"], document["measures"]) == ("incomplete", False, [])
    assert [could_add for kind, could_add in gaps(document) if kind == "unidentified_holder"] == [[SUPERVISION]]


def test_under_the_judgement_the_listing_reaches_the_company_by_the_registers_link(story: Story) -> None:
    document = story.between.document
    assert document["outcome"] == "heighten_supervision"
    (measure,) = document["measures"]
    (chain,) = measure["chains"]
    (link,) = chain["links"]
    assert (measure["id"], link["type"], link["source"]) == (
        SUPERVISION,
        "legal_representative",
        "cn-enterprise-register",
    )
    assert (link["holder"]["name"], link["organisation"]["id"]) == (HEAD, f"uscc:{CODE}")
    assert link["holder"]["id"].startswith("person:")
    assert [record["number"] for record in chain["records"]] == ["测试〔2026〕i1号"]


def test_under_the_judgement_nothing_is_missing_of_the_head(story: Story) -> None:
    assert "unidentified_holder" not in {kind for kind, _ in gaps(story.between.document)}


def test_after_it_was_undone_all_is_as_if_nothing_had_been_judged(story: Story) -> None:
    assert said(story.after) == said(story.before)


def said(answer: Ran) -> Any:
    """What is concluded, without what tells one question from the same at another instant."""
    document = answer.document
    return {key: value for key, value in document.items() if key not in ("decision_id", "question")}


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_each_answer_is_replayed_to_the_same_bytes(story: Story, when: str) -> None:
    given = getattr(story, when).document["decision_id"]
    replayed = story.city.run("replay", given, "--json").document
    assert (replayed["same"], replayed["differing"]) == (True, [])


def test_the_question_asked_again_as_known_then_has_the_same_bytes(story: Story) -> None:
    assert supervised(story.city, known_at=MERGED).out == story.between.out
    assert supervised(story.city, known_at=f"{DAY}T08:00:00Z", status=3).out == story.before.out


def test_the_history_tells_who_judged_and_who_undid_it_and_why(story: Story) -> None:
    history = story.city.run("identity", "history", BY_NAME, "--json").document
    judged = [(event["what"], event["by"], event["reason"], event["stands"]) for event in history]
    assert judged == [("merged", *STEWARD, False), ("undone", *OTHER, True)]
    assert {event["left"] for event in history} | {event["right"] for event in history} > {BY_NAME}


def test_a_namesake_who_heads_another_company_is_not_touched(story: Story) -> None:
    """The register's other head of that name stays a person of that company, without identity and without a listing."""
    asked = (NAMESAKES_CODE, "日常监管", "市场监督管理部门", DAY)
    document = story.city.check(*asked, known_at=MERGED, status=3).document
    assert document["measures"] == []
    assert ("unidentified_holder", [SUPERVISION]) in gaps(document)


@pytest.mark.parametrize("story", STORES[1:], indirect=True)
def test_both_stores_give_the_same_bytes(beside: Story, story: Story) -> None:
    assert [one.out for one in (story.before, story.between, story.after)] == [
        one.out for one in (beside.before, beside.between, beside.after)
    ]


def test_no_number_is_kept_in_the_clear(beside: Story) -> None:
    kept = [path for path in beside.city.home.rglob("*") if path.is_file() and path.suffix != ".jsonl"]
    assert kept
    assert not [path.name for path in kept if NUMBER.encode() in path.read_bytes()]

"""A story of listed companies of Jiangxi: a person barred by name, and a holder that is a bidder once somebody says so.

Companies, boards, posts and shares are those of cn-listed-ownership-extract and cn-listed-directors; the two bidders
stand in cn-enterprise-register too. The revoked licence and its decision are test records. Sources know persons and
holders by name, and a name is no identity: what joins two of them is a judgement, which can be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from graph.identifiers import named_person_id
from tests.real import BOARDS, LISTED, REGISTER, STORES, City, Line, embedded, holds_all, listed, on_neo4j, registered
from tests.real import test_record as marked

DAY = "2026-06-01"
BEFORE, JUDGED, UNDONE = f"{DAY}T12:00:00Z", f"{DAY}T14:00:00Z", None
"""What was known before the judgements, after them, and in the end, when they had been undone."""
PHARMACY, SENIOR = "C-C27--", "gsgg"
CONTROL = 50
REGISTERED = [
    REGISTER / "jiangxi" / "1996.csv.gz",
    REGISTER / "jiangxi" / "1997.csv.gz",
    REGISTER / "sichuan" / "1993.csv.gz",
]
COMPANIES = {row["gpdm"]: row for row in listed("company_basic_info.csv")}
SHARES = listed("shareholder_info.csv")
OFFICES = {(row["name"], row["gpdm"]) for row in listed("keydirector_info.csv")}
SENIORS = {(row["name"], row["gpdm"]) for row in listed("keydirector_info.csv") if row["zwdm"] == SENIOR}


@dataclass(frozen=True)
class Officer:
    """A name on two boards: of a pharmaceutical company, and as a senior manager of another."""

    name: str
    of: Line
    elsewhere: Line

    def at(self, company: Line) -> Line:
        return {"name": self.name, "of": {"uscc": company["xydm"]}}

    def id_at(self, company: Line) -> str:
        return named_person_id(f"uscc:{company['xydm']}", self.name)


@dataclass(frozen=True)
class Holding:
    """A share that a source books on a name, and the company of that name."""

    name: str
    organisation: str
    percent: float
    company: str

    @property
    def holder(self) -> Line:
        """The holder as its source knows it: a name on one company's list."""
        return {"scheme": "cn-listed-ownership-extract", "value": f"{self.organisation} {self.name}"}

    @property
    def bidders(self) -> list[str]:
        return [self.company, COMPANIES[self.organisation]["xydm"]]


def officer() -> Officer:
    found = sorted(
        (name, of, there)
        for name, of in OFFICES - SENIORS
        for whose, there in SENIORS
        if whose == name and there != of and COMPANIES[of]["hydm"] == PHARMACY
    )
    name, of, there = found[0]
    return Officer(name, COMPANIES[of], COMPANIES[there])


def holdings() -> list[Holding]:
    """Holdings whose holder has the full name of a company that the register holds, greatest first."""
    codes = {row["企业名称"]: row["统一社会信用代码"] for row in registered(REGISTERED)}
    found = [Holding(r["name"], r["gpdm"], float(r["gdcgbl"]), codes.get(r["name"], "")) for r in SHARES]
    return sorted((h for h in found if h.company), key=lambda holding: -holding.percent)


OFFICER = officer()
CONTROLLING, MINOR = (
    next(h for h in holdings() if h.percent > CONTROL),
    next(h for h in holdings() if 25 < h.percent < CONTROL),
)
BOARD = CONTROLLING.organisation[:6]
"""The stock code of the company whose board the other set lists as well."""


def revoked() -> list[Line]:
    """The food licence of the pharmaceutical company is revoked, and the decision names the officer."""
    named = {"fact": "named", "source": "test", "record": {"key": "f1"}, "person": OFFICER.at(OFFICER.of)}
    return [
        *holds_all(DAY),
        marked("f1", {"uscc": OFFICER.of["xydm"]}, "food-licence-revoked", decided_on="2026-01-15", fields={}),
        {**named, "role": "directly_responsible", "finding": "负有直接责任", "document": "测试〔2026〕f1号"},
    ]


def judgements(**more: Any) -> list[Line]:
    """The officer of both boards is one person, the holders are the companies of their names, and so is the share."""
    pairs: list[tuple[Line, Line]] = [
        (OFFICER.at(OFFICER.of), OFFICER.at(OFFICER.elsewhere)),
        *((holding.holder, {"uscc": holding.company}) for holding in (CONTROLLING, MINOR)),
        ({"scheme": "stock_code", "value": BOARD}, {"uscc": CONTROLLING.bidders[1]}),
    ]
    judged = {"fact": "merge", "source": "test", "by": "归集人员甲", "reason": "测试：书面核实"}
    return [{**judged, "left": left, "right": right, **more} for left, right in pairs]


def loaded(city: City) -> City:
    city.load("cn-listed-ownership-extract", *sorted(LISTED.glob("*.csv")), at=f"{DAY}T01:00:00Z")
    for hour, path in enumerate(REGISTERED, 2):
        city.load("cn-enterprise-register", path, at=f"{DAY}T0{hour}:00:00Z")
    boards = [BOARDS / "import" / "stock.csv.gz", BOARDS / "executive_prep.csv.gz"]
    city.load("cn-listed-directors", *boards, at=f"{DAY}T06:00:00Z", code=BOARD)
    city.say(revoked(), at=f"{DAY}T07:00:00Z")
    assert city.say(judgements(), at=f"{DAY}T13:00:00Z")["loaded"] == 4
    undone = {"undone": True, "undone_by": "归集人员乙", "undone_reason": "测试：核实有误"}
    assert city.say(judgements(**undone), at=f"{DAY}T15:00:00Z")["loaded"] == 4
    return city


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city on the embedded store."""
    return loaded(embedded(tmp_path_factory.mktemp("embedded"), "360000"))


@pytest.fixture(scope="module", params=STORES)
def city(request: pytest.FixtureRequest, beside: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return loaded(on_neo4j(tmp_path_factory.mktemp("neo4j"), "360000", server, beside))


def licence(city: City, company: Line, known_at: str | None, status: int = 0) -> Line:
    asked = ("食品生产经营许可", "市场监督管理部门", DAY, known_at)
    return city.check(company["xydm"], *asked, status=status).document


def work(city: City, person: str, known_at: str | None = None, status: int = 0) -> Line:
    return city.check(person, "食品从业", "市场监督管理部门", DAY, known_at, status=status).document


def fired(document: Line) -> list[str]:
    return [measure["id"] for measure in document["measures"]]


def test_the_company_whose_licence_was_revoked_gets_no_new_one(city: City) -> None:
    document = licence(city, OFFICER.of, BEFORE)
    assert (document["outcome"], fired(document)) == ("deny", ["food-safety-law.135-1.licensee"])
    assert document["measures"][0]["until"] == "2031-01-16"


def test_the_officer_whom_the_decision_names_may_not_work_in_food(city: City) -> None:
    document = work(city, OFFICER.id_at(OFFICER.of), BEFORE)
    assert (document["outcome"], document["subject"]["name"]) == ("deny", OFFICER.name)
    (measure,) = document["measures"]
    (chain,) = measure["chains"]
    assert measure["id"] == "food-safety-law.135-1.responsible-persons"
    assert (chain["named"]["role"], chain["named"]["finding"]) == ("directly_responsible", "负有直接责任")
    assert chain["records"][0]["subject"]["name"] == OFFICER.of["gsmc"]
    assert measure["until"] == "2031-01-16"


def test_nothing_proves_since_when_the_legal_representative_represents(city: City) -> None:
    """The statute binds whoever represented the company when it was decided; the source dates no office."""
    document = work(city, named_person_id(f"uscc:{OFFICER.of['xydm']}", OFFICER.of["fddbr"]), status=3)
    assert document["outcome"] == "incomplete"
    assert "undated_link" in {gap["kind"] for gap in document["gaps"]}


def test_his_namesake_on_another_board_is_another_until_a_steward_says_otherwise(city: City) -> None:
    namesake = OFFICER.id_at(OFFICER.elsewhere)
    assert work(city, namesake, BEFORE, status=3)["measures"] == []
    assert work(city, namesake, JUDGED)["outcome"] == "deny"
    assert work(city, namesake, UNDONE, status=3)["measures"] == []


def test_the_employer_is_reviewed_while_its_manager_is_known_to_be_the_barred_officer(city: City) -> None:
    assert fired(licence(city, OFFICER.elsewhere, BEFORE, status=3)) == []
    document = licence(city, OFFICER.elsewhere, JUDGED)
    assert (document["outcome"], fired(document)) == ("strict_review", ["food-safety-law.135-3.employer"])
    (measure,) = document["measures"]
    (link,) = measure["chains"][0]["links"]
    assert (link["type"], link["source"]) == ("senior_manager", "cn-listed-ownership-extract")
    assert measure["lifted_by"][0]["links"] == [link["id"]]
    assert measure["if_wrong"] == [measure["chains"][0]["named"]["id"]]
    assert fired(licence(city, OFFICER.elsewhere, UNDONE, status=3)) == []


def test_a_holder_is_a_bidder_only_while_a_judgement_says_that_it_is(city: City) -> None:
    """It has the full name of the bidder; the group check does not ask for names."""
    assert city.check_group(CONTROLLING.bidders, DAY, BEFORE, status=3).document["findings"] == []
    document = city.check_group(CONTROLLING.bidders, DAY, JUDGED).document
    (finding,) = document["findings"]
    assert (document["outcome"], finding["rule"]) == ("deny", "procurement-regulation.18-1.holding")
    assert finding["binds"] == sorted(f"uscc:{code}" for code in CONTROLLING.bidders)
    (link,) = finding["chains"][0]["links"]
    assert (link["holder"]["name"], link["share"]) == (CONTROLLING.name, CONTROLLING.percent / 100)
    assert city.check_group(CONTROLLING.bidders, DAY, UNDONE, status=3).document["findings"] == []


def test_a_minor_holding_is_no_control_whoever_holds_it(city: City) -> None:
    for known_at in (BEFORE, JUDGED, UNDONE):
        assert city.check_group(MINOR.bidders, DAY, known_at, status=3).document["findings"] == []


def test_a_stock_code_that_two_sources_give_is_ambiguous_until_they_are_judged_one(city: City) -> None:
    """Each source brings a company of its own: under the credit code, and under the stock code alone."""
    asked = (f"stock_code:{BOARD}", "政府采购", "采购人", DAY)
    before = city.check(*asked, BEFORE, status=3).document
    assert (before["subject"]["identity"], len(before["subject"]["candidates"])) == ("ambiguous", 2)
    assert before["outcome"] == "incomplete"
    judged = city.check(*asked, JUDGED).document
    assert (judged["subject"]["identity"], judged["outcome"]) == ("verified", "none")
    assert city.check(*asked, UNDONE, status=3).document["subject"]["identity"] == "ambiguous"

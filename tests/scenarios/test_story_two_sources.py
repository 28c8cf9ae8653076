"""A story of companies that two sources know: the register of enterprises, and a vendor's extract of listed companies.

Whichever is loaded first, there is one company under the register's name, with the links of both. Then one of them is
listed for unpaid wages; the listing is masked while an objection is heard, and repaired: what was answered on the way
can be asked for again, by what was known at the time. Companies and representatives are real, the records are tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graph.identifiers import named_person_id
from tests.real import LISTED, REGISTER, STORES, City, Line, embedded, holds_all, listed, on_neo4j, registered
from tests.real import test_record as marked

DAY = "2026-06-01"
LISTING, MASKING, REPAIR = "2026-06-02T08:00:00Z", "2026-06-10T08:00:00Z", "2026-06-25T08:00:00Z"
"""When the list, the masking and the repair became known."""
MASKED_FROM, MASKED_TO, REPAIRED_ON = "2026-06-05", "2026-06-20", "2026-06-22"
BEFORE_THE_MASK, UNDER_THE_MASK, AFTER_THE_MASK, AFTER_THE_REPAIR = (
    "2026-06-04",
    "2026-06-08",
    "2026-06-21",
    "2026-06-23",
)
EARLY, LATE = REGISTER / "jiangxi" / "1998.csv.gz", REGISTER / "jiangxi" / "2006.csv.gz"
EXTRACT = sorted(LISTED.glob("*.csv"))
PLACES = {EARLY: "上饶", LATE: "南昌"}
Delivery = tuple[str, Sequence[Path], dict[str, str]]


@dataclass(frozen=True)
class Company:
    """What the two sources say of one company; they differ in its name."""

    code: str
    name: str
    head: str
    vendor_name: str
    vendor_head: str

    def id_of(self, head: str) -> str:
        return named_person_id(f"uscc:{self.code}", head)

    @property
    def heads(self) -> list[str]:
        return sorted({self.head, self.vendor_head})


def company(year: Path) -> Company:
    by_code = {row["xydm"]: row for row in listed("company_basic_info.csv")}
    found = [
        Company(code, row["企业名称"], row["法人代表"], vendor["gsmc"], vendor["fddbr"])
        for row in registered([year], 地区=PLACES[year])
        if (vendor := by_code.get(code := row["统一社会信用代码"])) and vendor["gsmc"] != row["企业名称"]
    ]
    return found[0]


REGISTERED_FIRST, EXTRACTED_FIRST = company(EARLY), company(LATE)
BOTH = [REGISTERED_FIRST, EXTRACTED_FIRST]
BY_ORDER = pytest.mark.parametrize("company", BOTH, ids=["registered-first", "extracted-first"])


def register(year: Path) -> Delivery:
    return "cn-enterprise-register", [year], {"地区": PLACES[year]}


VENDOR: Delivery = ("cn-listed-ownership-extract", EXTRACT, {})


def defaulters() -> list[Line]:
    """Every head that either source names is a judgment defaulter."""
    heads = [{"name": head, "of": {"uscc": one.code}} for one in BOTH for head in one.heads]
    dates = {"decided_on": "2026-01-15", "effective_from": "2026-01-15"}
    return [marked(f"d{number}", head, "judgment-defaulter", **dates) for number, head in enumerate(heads, 1)]


def wages(**more: Any) -> Line:
    dates = {"decided_on": "2026-01-15", "effective_from": "2026-01-15"}
    return marked("w1", {"uscc": EXTRACTED_FIRST.code}, "wage-arrears", **dates, **more)


def loaded(city: City, deliveries: Sequence[Delivery]) -> City:
    for hour, (mapping, files, where) in enumerate(deliveries, 1):
        assert city.load(mapping, *files, at=f"{DAY}T0{hour}:00:00Z", **where)["loaded"] > 0
    city.say([*holds_all("2026-06-30"), *defaulters()], at=f"{DAY}T08:00:00Z")
    mask = {"masked_from": MASKED_FROM, "masked_to": MASKED_TO, "correction": True}
    for at, line in ((LISTING, wages()), (MASKING, wages(**mask)), (REPAIR, wages(**mask, repaired_on=REPAIRED_ON))):
        assert city.say([line], at=at)["loaded"] == 1
    return city


STORY = [register(EARLY), VENDOR, register(LATE)]


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city on the embedded store."""
    return loaded(embedded(tmp_path_factory.mktemp("embedded"), "360000"), STORY)


@pytest.fixture(scope="module")
def other_way_round(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The same deliveries, the last first."""
    return loaded(embedded(tmp_path_factory.mktemp("reversed"), "360000"), STORY[::-1])


@pytest.fixture(scope="module", params=STORES)
def city(request: pytest.FixtureRequest, beside: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return loaded(on_neo4j(tmp_path_factory.mktemp("neo4j"), "360000", server, beside), STORY)


def supervision(city: City, company: Company) -> Any:
    return city.check(company.code, "日常监管", "市场监督管理部门", DAY).document


def procurement(city: City, as_of: str, known_at: str | None = None) -> Any:
    return city.check(EXTRACTED_FIRST.code, "政府采购", "采购人", as_of, known_at).document


@BY_ORDER
def test_two_sources_make_one_company_under_the_name_in_the_register(city: City, company: Company) -> None:
    subject = supervision(city, company)["subject"]
    assert company.name != company.vendor_name
    assert (subject["identity"], subject["id"], subject["name"]) == ("verified", f"uscc:{company.code}", company.name)


@BY_ORDER
def test_the_name_that_only_the_vendor_gives_is_no_longer_found(city: City, company: Company) -> None:
    found = city.check(company.name, "政府采购", "采购人", DAY, status=3).document["subject"]
    assert f"uscc:{company.code}" in {one["id"] for one in found["candidates"]}
    gone = city.check(company.vendor_name, "政府采购", "采购人", DAY, status=3).document["subject"]
    assert f"uscc:{company.code}" not in {one["id"] for one in gone["candidates"]}


@BY_ORDER
def test_the_links_of_both_sources_stand(city: City, company: Company) -> None:
    """Each is ground for supervision by itself, and each must be ended to lift it."""
    document = supervision(city, company)
    assert document["outcome"] == "heighten_supervision"
    (measure,) = document["measures"]
    links = [link for chain in measure["chains"] for link in chain["links"]]
    heads = {(link["holder"]["id"], link["source"]) for link in links if link["type"] == "legal_representative"}
    assert heads == {
        (company.id_of(company.head), "cn-enterprise-register"),
        (company.id_of(company.vendor_head), "cn-listed-ownership-extract"),
    }
    assert {link for clause in measure["lifted_by"] for link in clause["links"]} == {link["id"] for link in links}


def test_a_head_whom_both_sources_name_is_one_person_and_two_names_are_two() -> None:
    assert len(REGISTERED_FIRST.heads) == 1
    assert len(EXTRACTED_FIRST.heads) == 2


@BY_ORDER
def test_the_order_of_the_deliveries_is_not_to_be_seen(beside: City, other_way_round: City, company: Company) -> None:
    for matter, department in (("日常监管", "市场监督管理部门"), ("政府采购", "采购人")):
        asked = (company.code, matter, department, UNDER_THE_MASK)
        assert other_way_round.check(*asked).out == beside.check(*asked).out


@pytest.mark.parametrize(
    ("as_of", "known_at", "outcome"),
    [
        (BEFORE_THE_MASK, LISTING, "restrict"),
        (UNDER_THE_MASK, LISTING, "restrict"),
        (UNDER_THE_MASK, MASKING, "none"),
        (BEFORE_THE_MASK, MASKING, "restrict"),
        (AFTER_THE_MASK, MASKING, "restrict"),
        (AFTER_THE_REPAIR, MASKING, "restrict"),
        (AFTER_THE_MASK, REPAIR, "restrict"),
        (AFTER_THE_REPAIR, REPAIR, "none"),
    ],
)
def test_the_answer_follows_both_clocks(city: City, as_of: str, known_at: str, outcome: str) -> None:
    document = procurement(city, as_of, known_at)
    assert document["outcome"] == outcome
    assert [m["id"] for m in document["measures"]] == ["wage-regulation.48.procurement"] * (outcome == "restrict")


def test_before_the_listing_was_known_there_was_nothing_to_restrict(city: City) -> None:
    assert procurement(city, BEFORE_THE_MASK, f"{DAY}T08:00:00Z")["outcome"] == "none"


def test_the_end_of_the_restriction_is_what_was_then_known_of_it(city: City) -> None:
    known = [procurement(city, BEFORE_THE_MASK, at)["measures"][0]["until"] for at in (LISTING, MASKING, REPAIR)]
    assert known == [None, MASKED_FROM, MASKED_FROM]
    assert procurement(city, AFTER_THE_MASK, REPAIR)["measures"][0]["until"] == REPAIRED_ON


@pytest.mark.parametrize("known_at", [LISTING, MASKING, None], ids=["listing", "masking", "repair"])
def test_a_decision_is_replayed_by_what_was_known_when_it_was_given(city: City, known_at: str | None) -> None:
    given = procurement(city, UNDER_THE_MASK, known_at)
    replayed = city.run("replay", given["decision_id"], "--json").document
    assert (replayed["same"], replayed["differing"]) == (True, [])

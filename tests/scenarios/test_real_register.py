"""The main job on real input: 九江 and 万州 in one store, and the two questions offices ask most often.

The companies and their representatives are real; the credit records are test records and marked so, in the data and in
every answer. The register knows representatives by name only: each is a person of that organisation. What the embedded
store answers, Neo4j answers byte for byte (tests/real.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.settings import load_settings
from tests.command import Ran
from tests.real import REGISTER, STORES, City, embedded, holds_all, on_neo4j, registered, test_record

DAY = "2026-06-01"
LOADED_AT = {"九江": f"{DAY}T00:00:00Z", "万州": f"{DAY}T01:00:00Z"}
ROWS = {"九江": 15_610, "万州": 2_488}
"""By the README of the set; what else is expected is computed from the raw rows."""
FILES = {
    "九江": sorted((REGISTER / "jiangxi").glob("*.csv.gz")),
    "万州": sorted((REGISTER / "chongqing").glob("*.csv.gz")),
}
PROVINCE = {"九江": "江西", "万州": "重庆"}
POSITION = re.compile(r"[(（](执行董事|董事长|负责人|经理|总经理)[)）]$")


@dataclass(frozen=True)
class Company:
    name: str
    code: str
    head: str


def companies(place: str) -> list[Company]:
    """Three companies of a place with a representative each, read from the raw file of a year."""
    year = next(path for path in FILES[place] if path.name == {"九江": "2011.csv.gz", "万州": "2009.csv.gz"}[place])
    rows = [row for row in registered([year], 地区=place) if row["法人代表"] != "N/A"]
    found = [Company(row["企业名称"], row["统一社会信用代码"], row["法人代表"]) for row in rows]
    return [c for c in found if c.code.startswith("91") and c.name.endswith("有限公司") and "分公司" not in c.name][:3]


LISTED, HEADED, CLEAN = companies("九江")
THERE_LISTED, THERE_HEADED, THERE_CLEAN = companies("万州")
ALL = [LISTED, HEADED, CLEAN, THERE_LISTED, THERE_HEADED, THERE_CLEAN]


def head_of(company: Company) -> dict[str, Any]:
    return {"name": company.head, "of": {"uscc": company.code}}


def test_lines() -> Iterator[dict[str, Any]]:
    """Two records in each place: on a company, and on another's head."""
    yield from holds_all(DAY)
    subjects: list[dict[str, Any]] = [{"uscc": LISTED.code}, head_of(HEADED)]
    subjects += [{"uscc": THERE_LISTED.code}, head_of(THERE_HEADED)]
    for number, subject in enumerate(subjects, 1):
        yield test_record(
            f"t{number}",
            subject,
            "judgment-defaulter",
            decided_on="2026-01-15",
            effective_from="2026-01-15",
            amount=860000,
            fields={"debt": "个人所负数额较大债务到期未清偿"},
        )


test_lines.__test__ = False  # type: ignore[attr-defined]


def shifted(row: dict[str, str], place: str) -> bool:
    """A partnership whose second partner stands in a column of its own: all that follows has moved."""
    return row["所在省份"] != PROVINCE[place]


def expected(place: str) -> dict[str, Any]:
    """What loading a place reports, from its raw rows: a head for each name in the field, by organisation."""
    rows = list(registered(FILES[place], 地区=place))
    good = [row for row in rows if not shifted(row, place)]
    codes = {row["统一社会信用代码"] for row in good}
    heads = {
        (row["统一社会信用代码"], POSITION.sub("", name.strip()))
        for row in good
        for name in re.split("[、，,]", row["法人代表"])
        if name.strip() not in ("", "-", "N/A")
    }
    return {
        "read": len(rows),
        "loaded": len(good),
        "unchanged": 0,
        "quarantined": len(rows) - len(good),
        "subjects": len(codes) + len(heads),
        "links": len(heads),
        "records": 0,
    }


def loaded(city: City) -> City:
    for place, files in FILES.items():
        report = city.load("cn-enterprise-register", *files, at=LOADED_AT[place], 地区=place)
        want = expected(place)
        assert {name: report[name] for name in want} == want
        assert want["read"] == ROWS[place]
        assert report["reasons"] == ({"check": want["quarantined"]} if want["quarantined"] else {})
        assert report["warnings"] == {}
    assert city.say(list(test_lines()), at=f"{DAY}T02:00:00Z")["records"] == 4
    return city


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city on the embedded store."""
    return loaded(embedded(tmp_path_factory.mktemp("embedded"), "360400"))


@pytest.fixture(scope="module", params=STORES)
def city(request: pytest.FixtureRequest, beside: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return loaded(on_neo4j(tmp_path_factory.mktemp("neo4j"), "360400", server, beside))


def procurement(city: City, company: Company) -> Ran:
    return city.check(company.code, "政府采购", "采购人", DAY)


def supervision(city: City, company: Company, status: int = 0) -> dict[str, Any]:
    return city.check(company.code, "日常监管", "市场监督管理部门", DAY, status=status).document


@pytest.mark.parametrize("company", [LISTED, THERE_LISTED], ids=["jiujiang", "wanzhou"])
def test_a_listed_company_is_refused_in_procurement(city: City, company: Company) -> None:
    document = procurement(city, company).document
    assert document["subject"]["name"] == company.name
    assert document["outcome"] == "deny"
    (measure,) = [m for m in document["measures"] if m["effect"] == "deny"]
    (chain,) = measure["chains"]
    assert [r["subject"]["name"] for r in chain["records"]] == [company.name]
    assert [r["test"] for r in chain["records"]] == [True]


@pytest.mark.parametrize("company", [HEADED, THERE_HEADED], ids=["jiujiang", "wanzhou"])
def test_the_company_of_a_listed_head_is_not_refused_in_procurement(city: City, company: Company) -> None:
    document = procurement(city, company).document
    assert (document["outcome"], document["measures"]) == ("none", [])
    holders = [link["holder"]["name"] for lead in document["leads"] for link in lead["chain"]["links"]]
    assert company.head in holders


@pytest.mark.parametrize("company", [HEADED, THERE_HEADED], ids=["jiujiang", "wanzhou"])
def test_the_company_of_a_listed_head_is_supervised(city: City, company: Company) -> None:
    assert supervision(city, company)["outcome"] == "heighten_supervision"


@pytest.mark.parametrize("company", [CLEAN, THERE_CLEAN], ids=["jiujiang", "wanzhou"])
def test_nobody_knows_who_the_head_of_a_clean_company_is(city: City, company: Company) -> None:
    """A rule that asks for the head's own records can't be answered from a name."""
    document = supervision(city, company, status=3)
    assert document["outcome"] == "incomplete"
    assert {gap["kind"] for gap in document["gaps"]} == {"unidentified_holder"}


@pytest.mark.parametrize("company", [CLEAN, THERE_CLEAN], ids=["jiujiang", "wanzhou"])
def test_a_clean_company_is_clean_in_procurement(city: City, company: Company) -> None:
    assert procurement(city, company).document["outcome"] == "none"


@pytest.mark.parametrize("company", [HEADED, THERE_HEADED], ids=["jiujiang", "wanzhou"])
def test_the_listed_head_may_not_be_registered_elsewhere(city: City, company: Company) -> None:
    """The person whom the register knows by name only has an id of its own, and is barred as the listed one."""
    links = procurement(city, company).document["leads"][0]["chain"]["links"]
    document = city.check(links[0]["holder"]["id"], "公司任职", "市场监督管理部门", DAY).document
    assert document["outcome"] == "deny"
    assert document["subject"]["name"] == company.head


def test_a_row_whose_columns_are_shifted_waits_with_its_reason_and_its_remedy(city: City) -> None:
    """Its organisation is not in the store: nothing of such a row can be trusted."""
    kept: Any = city.run("quarantine", "list", "--json").document
    rows = [row for place, files in FILES.items() for row in registered(files, 地区=place) if shifted(row, place)]
    assert [row["faults"][0]["value"] for row in kept] == [row["企业类型"] for row in rows]
    assert all("shifted" in row["faults"][0]["reason"] and row["faults"][0]["remedy"] for row in kept)
    for row in rows:
        document = city.check(row["统一社会信用代码"], "政府采购", "采购人", DAY, status=3).document
        assert document["subject"]["identity"] == "unknown"


@pytest.mark.parametrize(
    "company", ALL, ids=[f"{place}-{part}" for place in ROWS for part in ("listed", "headed", "clean")]
)
def test_http_passes_on_the_same_bytes(city: City, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = procurement(city, company)
    for name, value in city.settings.items():
        monkeypatch.setenv(name, value)
    with (
        Deployment(load_settings()) as deployment,
        TestClient(create(deployment), base_url="http://localhost") as client,
    ):
        asked = {"subject": company.code, "matter": "政府采购", "department": "采购人", "as_of": DAY}
        answer = client.post("/v1/checks", json=asked)
    assert answer.status_code == 200
    assert answer.content == ran.out.rstrip("\n").encode()

"""The main job on real input: the 15,610 enterprises of 九江, and the two questions offices ask most often.

The companies and their representatives are real; the credit records are test records and marked so, in the data and in
every answer. The register knows representatives by name only: each is a person of that organisation.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.deployment import Deployment
from api.http.app import create
from api.settings import load_settings
from rules.catalogue import Catalogue
from tests.command import Ran, xinheng

REGISTER = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data" / "cn-enterprise-register" / "jiangxi"
COLUMNS = {"name": "企业名称", "code": "统一社会信用代码", "head": "法人代表"}
DAY = "2026-06-01"


@dataclass(frozen=True)
class Company:
    name: str
    code: str
    head: str


def companies() -> list[Company]:
    """九江 companies of 2011 with a representative, read from the raw file."""
    with gzip.open(REGISTER / "2011.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["地区"] == "九江" and row["法人代表"] != "N/A"]
    found = [Company(*(row[column] for column in COLUMNS.values())) for row in rows]
    return [c for c in found if c.code.startswith("91") and c.name.endswith("有限公司") and "分公司" not in c.name]


LISTED, HEADED, CLEAN = companies()[:3]


def head_of(company: Company) -> dict[str, Any]:
    return {"name": company.head, "of": {"uscc": company.code}}


def test_records(lists: list[str]) -> Iterator[dict[str, Any]]:
    """A source that holds the lists of the catalogue, and two records: on a company, and on another's head."""
    yield {"fact": "source", "id": "test", "department": "test", "dataset": "测试", "holds": lists, "cadence": "P1Y"}
    yield {"fact": "load", "source": "test", "through": DAY}
    for key, subject in (("t1", {"uscc": LISTED.code}), ("t2", head_of(HEADED))):
        yield {
            "fact": "record",
            "source": "test",
            "key": key,
            "subject": subject,
            "list": "judgment-defaulter",
            "severity": "serious",
            "decided_on": "2026-01-15",
            "effective_from": "2026-01-15",
            "amount": 860000,
            "number": f"测试〔2026〕{key}号",
            "fields": {"debt": "个人所负数额较大债务到期未清偿"},
            "test": True,
        }


test_records.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a store that holds 九江 and the test records."""
    home = tmp_path_factory.mktemp(request.param)
    settings = {
        "XINHENG_ENVIRONMENT": "development",
        "XINHENG_DATA": str(home / "data"),
        "XINHENG_REGION": "360400",
        "XINHENG_STORE": str(home / "store"),
    }
    if request.param == "neo4j":
        from tests.neo4j_harness import empty

        server = request.getfixturevalue("neo4j_server")
        empty(server)
        settings |= {
            "XINHENG_STORE": server.url,
            "XINHENG_STORE_USER": server.user,
            "XINHENG_STORE_PASSWORD": server.password,
        }
    files = sorted(REGISTER.glob("*.csv.gz"))
    at = ["--recorded-at", "2026-06-01T00:00:00Z"]
    loaded = xinheng("load", "cn-enterprise-register", *files, "--where", "地区=九江", *at, "--json", settings=settings)
    assert loaded.status == 0, loaded.err
    assert loaded.document == {
        "read": 15610,
        "loaded": 15610,
        "unchanged": 0,
        "quarantined": 0,
        **_new(files),
    }
    lists = sorted(Catalogue.shipped().lists)
    lines = home / "test-records.jsonl"
    lines.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in test_records(lists)), encoding="utf-8")
    loaded = xinheng("load", "city", lines, "--recorded-at", "2026-06-01T01:00:00Z", "--json", settings=settings)
    assert loaded.status == 0, loaded.err
    assert loaded.document["records"] == 2
    return settings


def _new(files: list[Path]) -> dict[str, int]:
    """Subjects and links that the raw rows make: a head for each name in the field, by organisation."""
    subjects: set[tuple[str, ...]] = set()
    heads: set[tuple[str, ...]] = set()
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["地区"] != "九江":
                    continue
                code = row["统一社会信用代码"]
                subjects.add((code,))
                names = row["法人代表"].replace("，", "、").replace(",", "、").split("、")
                heads |= {(code, name.strip()) for name in names if name.strip() not in ("", "-", "N/A")}
    return {"subjects": len(subjects | heads), "links": len(heads), "records": 0}


def check(settings: dict[str, str], subject: str, matter: str, department: str, status: int = 0) -> Ran:
    words = ["--matter", matter, "--department", department, "--as-of", DAY, "--json"]
    ran = xinheng("check", subject, *words, settings=settings)
    assert ran.status == status, ran.err
    return ran


def test_a_listed_company_is_refused_in_procurement(city: dict[str, str]) -> None:
    document = check(city, LISTED.code, "政府采购", "采购人").document
    assert document["subject"]["name"] == LISTED.name
    assert document["outcome"] == "deny"
    (measure,) = [m for m in document["measures"] if m["effect"] == "deny"]
    (chain,) = measure["chains"]
    assert [r["subject"]["name"] for r in chain["records"]] == [LISTED.name]
    assert [r["test"] for r in chain["records"]] == [True]


def test_the_company_of_a_listed_head_is_not_refused_in_procurement(city: dict[str, str]) -> None:
    document = check(city, HEADED.code, "政府采购", "采购人").document
    assert (document["outcome"], document["measures"]) == ("none", [])
    holders = [link["holder"]["name"] for lead in document["leads"] for link in lead["chain"]["links"]]
    assert HEADED.head in holders


def test_the_company_of_a_listed_head_is_supervised(city: dict[str, str]) -> None:
    document = check(city, HEADED.code, "日常监管", "市场监督管理部门").document
    assert document["outcome"] == "heighten_supervision"


def test_nobody_knows_who_the_head_of_a_clean_company_is(city: dict[str, str]) -> None:
    """A rule that asks for the head's own records can't be answered from a name."""
    document = check(city, CLEAN.code, "日常监管", "市场监督管理部门", status=3).document
    assert document["outcome"] == "incomplete"
    assert {gap["kind"] for gap in document["gaps"]} == {"unidentified_holder"}


def test_a_clean_company_is_clean_in_procurement(city: dict[str, str]) -> None:
    assert check(city, CLEAN.code, "政府采购", "采购人").document["outcome"] == "none"


def test_the_listed_head_may_not_be_registered_elsewhere(city: dict[str, str]) -> None:
    """The person whom the register knows by name only has an id of its own, and is barred as the listed one."""
    links = check(city, HEADED.code, "政府采购", "采购人").document["leads"][0]["chain"]["links"]
    document = check(city, links[0]["holder"]["id"], "公司任职", "市场监督管理部门").document
    assert document["outcome"] == "deny"
    assert document["subject"]["name"] == HEADED.head


@pytest.mark.parametrize("company", [LISTED, HEADED, CLEAN], ids=["listed", "headed", "clean"])
def test_http_passes_on_the_same_bytes(city: dict[str, str], company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = check(city, company.code, "政府采购", "采购人")
    for name, value in city.items():
        monkeypatch.setenv(name, value)
    with (
        Deployment(load_settings()) as deployment,
        TestClient(create(deployment), base_url="http://localhost") as client,
    ):
        asked = {"subject": company.code, "matter": "政府采购", "department": "采购人", "as_of": DAY}
        answer = client.post("/v1/checks", json=asked)
    assert answer.status_code == 200
    assert answer.content == ran.out.rstrip("\n").encode()


def test_the_same_bytes_on_both_stores(city: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each store's documents are kept beside those of the other, and compared with what is there."""
    kept = tmp_path_factory.getbasetemp() / "nine-rivers"
    kept.mkdir(exist_ok=True)
    for company in (LISTED, HEADED, CLEAN):
        out = check(city, company.code, "政府采购", "采购人").out
        path = kept / company.code
        if path.exists():
            assert path.read_text(encoding="utf-8") == out
        path.write_text(out, encoding="utf-8")

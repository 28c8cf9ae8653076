"""Cities of real companies: the sets of the shared folder loaded through the command line, and test records on them.

The companies, the persons and the links are real and public; every credit record is a test record and says so, in the
data and in every answer. Who plays which part is picked from the raw files by a rule, so that no test names a person.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rules.catalogue import Catalogue
from tests.command import Ran, xinheng
from tests.neo4j_harness import Neo4jUrl, empty

DATA = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data"
REGISTER = DATA / "cn-enterprise-register"
LISTED = DATA / "cn-listed-ownership-extract"
BOARDS = DATA / "cn-listed-directors"
NANCHANG = DATA / "cn-company-graph-nanchang" / "graph.json"
SOURCE = "test"
Line = dict[str, Any]


def registered(files: Iterable[Path], **where: str) -> Iterator[dict[str, str]]:
    """The raw rows of the register that say this: ``地区="九江"``."""
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from (row for row in csv.DictReader(file) if where.items() <= row.items())


def listed(name: str) -> list[dict[str, str]]:
    """The raw rows of a file of cn-listed-ownership-extract."""
    with (LISTED / name).open(encoding="gbk", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def holds_all(through: str) -> list[Line]:
    """A source of test records that holds every list of the catalogue, and is up to date."""
    holds = sorted(Catalogue.shipped().lists)
    return [
        {"fact": "source", "id": SOURCE, "department": SOURCE, "dataset": "测试", "holds": holds, "cadence": "P1Y"},
        {"fact": "load", "source": SOURCE, "through": through},
    ]


def test_record(key: str, subject: Line, listing: str, **more: Any) -> Line:
    """A record that says of itself that it is a test."""
    number = f"测试〔2026〕{key}号"
    said = {"fact": "record", "source": SOURCE, "key": key, "subject": subject, "list": listing, "number": number}
    return {**said, "severity": "serious", **more, "test": True}


test_record.__test__ = False  # type: ignore[attr-defined]


@dataclass(frozen=True)
class City:
    """A store behind the command line. What it answers, its ``twin`` on the other store must answer byte for byte."""

    settings: Mapping[str, str]
    home: Path
    twin: City | None = None

    def run(self, *words: object, status: int = 0) -> Ran:
        ran = xinheng(*words, settings=self.settings)
        assert ran.status == status, ran.err or ran.out
        return ran

    def load(self, mapping: str, *files: Path, at: str, **where: str) -> Line:
        """Load files; ``at`` is the instant of recording. What the load reports."""
        picked = [word for column, value in where.items() for word in ("--where", f"{column}={value}")]
        return self.run("load", mapping, *files, *picked, "--recorded-at", at, "--json").document

    def say(self, lines: Sequence[Line], at: str) -> Line:
        """Load lines of the city's own schema; none may be refused."""
        path = self.home / "lines.jsonl"
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
        report = self.load("city", path, at=at)
        assert report["quarantined"] == 0
        return report

    def check(
        self, subject: str, matter: str, department: str, as_of: str, known_at: str | None = None, status: int = 0
    ) -> Ran:
        words = ["check", subject, "--matter", matter, "--department", department, "--as-of", as_of, "--json"]
        return self._asked([*words, *_known(known_at)], status)

    def check_group(self, applicants: Sequence[str], as_of: str, known_at: str | None = None, status: int = 0) -> Ran:
        """Applicants of one procurement contract."""
        contract = {
            "applicants": list(applicants),
            "contract": "测试合同",
            "matter": "政府采购",
            "department": "采购人",
        }
        path = self.home / "group.json"
        path.write_text(json.dumps(contract), encoding="utf-8")
        return self._asked(["check-group", path, "--as-of", as_of, "--json", *_known(known_at)], status)

    def _asked(self, words: Sequence[object], status: int) -> Ran:
        ran = self.run(*words, status=status)
        if self.twin:
            assert self.twin.run(*words, status=status).out == ran.out
        assert all(record["test"] for record in records(ran.document))
        return ran


def _known(known_at: str | None) -> list[str]:
    return ["--known-at", known_at] if known_at else []


def records(document: Any) -> list[Line]:
    """Every record anywhere in a document."""
    if isinstance(document, list):
        return [record for one in document for record in records(one)]
    if not isinstance(document, dict):
        return []
    own = [one for one in document.get("records", ()) if isinstance(one, dict) and "list" in one]
    return own + [record for one in document.values() for record in records(one)]


def embedded(home: Path, region: str) -> City:
    """An empty embedded store."""
    return City(
        {
            "XINHENG_ENVIRONMENT": "development",
            "XINHENG_DATA": str(home / "data"),
            "XINHENG_REGION": region,
            "XINHENG_STORE": str(home / "store"),
        },
        home,
    )


def on_neo4j(home: Path, region: str, server: Neo4jUrl, twin: City | None) -> City:
    """The Neo4j of the tests, emptied."""
    empty(server)
    home.mkdir(exist_ok=True)
    reached = {
        "XINHENG_STORE": server.url,
        "XINHENG_STORE_USER": server.user,
        "XINHENG_STORE_PASSWORD": server.password,
    }
    return City({**embedded(home, region).settings, **reached}, home, twin)


STORES = ["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)]
"""What a fixture `city` is parametrised by."""

"""The same files, in whatever order they come, end in the same facts and the same quarantine.

Five real sets and lines of the city's own that name what the others bring. A delivery is what one command loads: a file
that needs another to be read (the extract of listed companies gives credit codes in one file only) comes with it. What
came too early waits in the quarantine and is tried once more when all is there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.neo4j import Neo4jStore
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from tests.neo4j_harness import Neo4jUrl
from tests.real import BOARDS, DATA, LISTED, NANCHANG, REGISTER, City, Line, embedded, holds_all, on_neo4j, registered
from tests.real import test_record as marked

ENVIRONMENT = DATA / "cn-env-penalties-permits"
YEARS = [REGISTER / "jiangxi" / f"{year}.csv.gz" for year in (1997, 1998)]
PLACE, STOCK_CODE = "上饶", "600373"
CODES = [row["统一社会信用代码"] for row in registered(YEARS, 地区=PLACE)]
INFO, SHARES, OFFICERS = (LISTED / f"{name}_info.csv" for name in ("company_basic", "shareholder", "keydirector"))


@dataclass(frozen=True)
class Delivery:
    mapping: str
    files: tuple[Path, ...]
    where: tuple[tuple[str, str], ...] = ()

    def load(self, city: City) -> None:
        picked = [word for column, value in self.where for word in ("--where", f"{column}={value}")]
        report = city.run("load", self.mapping, *self.files, *picked, "--json").document
        assert report["read"] == report["loaded"] + report["unchanged"] + report["quarantined"]


REAL = [
    *(Delivery("cn-enterprise-register", (year,), (("地区", PLACE),)) for year in YEARS),
    Delivery("cn-listed-ownership-extract", (INFO, SHARES)),
    Delivery("cn-listed-ownership-extract", (OFFICERS, INFO)),
    Delivery("cn-listed-directors", (BOARDS / "import" / "stock.csv.gz",), (("code", STOCK_CODE),)),
    Delivery("cn-listed-directors", (BOARDS / "executive_prep.csv.gz",), (("code", STOCK_CODE),)),
    Delivery("cn-company-graph-nanchang", (NANCHANG,)),
    *(Delivery("cn-env-penalties-permits", (path,)) for path in sorted(ENVIRONMENT.glob("*.json"))),
]
"""Among them rows that can never be loaded: a company that holds itself, wrong check characters."""


def records() -> list[Line]:
    """Records on companies of the register, a person named in one, and a judgement across two sources."""
    listed = {"scheme": "stock_code", "value": STOCK_CODE}
    (company,) = [row for row in registered(YEARS[1:], 地区=PLACE) if "中文天地" in row["企业名称"]]
    named = {"fact": "named", "source": "test", "record": {"key": "o1"}, "role": "directly_responsible"}
    head = {"name": company["法人代表"], "of": {"uscc": company["统一社会信用代码"]}}
    return [
        {**named, "person": head},
        *(
            marked(f"o{n}", {"uscc": code}, "wage-arrears", decided_on="2026-01-15")
            for n, code in enumerate(CODES[:5], 2)
        ),
        marked("o1", {"uscc": company["统一社会信用代码"]}, "food-licence-revoked", decided_on="2026-01-15"),
        {"fact": "merge", "left": listed, "right": head["of"], "by": "归集人员甲", "reason": "测试：书面核实"},
        *reversed(holds_all("2026-06-30")),
    ]


@dataclass(frozen=True)
class Ended:
    """What a city holds in the end, without the instants at which it came."""

    facts: dict[str, str]
    quarantine: list[tuple[str, ...]]


def ended(city: City, store: GraphStore) -> Ended:
    last = store.last_instant()
    assert last
    facts = {fact.id: repr(fact) for fact in store.facts(known_at=last)}
    rows = [(row["mapping"], Path(row["file"]).name, str(row["line"]), json.dumps(row["faults"])) for row in kept(city)]
    return Ended(facts, sorted(rows))


def deliver(city: City, order: Sequence[Delivery]) -> int:
    """Each by a command of its own, and then what waits in the quarantine: what a row waited for may itself have waited
    for another. How many rows had come too early."""
    for delivery in order:
        delivery.load(city)
    before = kept(city)
    for _ in range(2):
        city.run("quarantine", "retry", "--json")
    return len(before) - len(kept(city))


def kept(city: City) -> Any:
    return city.run("quarantine", "list", "--json").document


def own_lines(home: Path) -> Delivery:
    path = home / "own-lines.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in records()), encoding="utf-8")
    return Delivery("city", (path,))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[Delivery]:
    return [*REAL, own_lines(tmp_path_factory.mktemp("lines"))]


@pytest.fixture(scope="module")
def in_order(everything: list[Delivery], tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """What holders come before what refers to them, so that nothing has to wait."""
    return on_a_new_store(everything, tmp_path_factory)


def on_a_new_store(order: Sequence[Delivery], homes: pytest.TempPathFactory) -> Ended:
    city = embedded(homes.mktemp("city"), "360000")
    deliver(city, order)
    with SqliteStore(Path(city.settings["XINHENG_STORE"])) as store:
        return ended(city, store)


def test_what_can_not_be_loaded_in_any_order_stays_in_quarantine(in_order: Ended) -> None:
    """Each row has its place; nothing that only came too early is among them."""
    places = {(mapping, file) for mapping, file, *_ in in_order.quarantine}
    assert places == {
        ("cn-listed-ownership-extract", SHARES.name),
        ("cn-env-penalties-permits", "permits.json"),
    }


def test_the_last_first(everything: list[Delivery], in_order: Ended, tmp_path: Path) -> None:
    city = embedded(tmp_path, "360000")
    assert deliver(city, everything[::-1]) > len(records()) - len(holds_all("")), "and nearly every line had to wait"
    with SqliteStore(Path(city.settings["XINHENG_STORE"])) as store:
        assert ended(city, store) == in_order


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order(
    data: st.DataObject, everything: list[Delivery], in_order: Ended, tmp_path_factory: pytest.TempPathFactory
) -> None:
    order = data.draw(st.permutations(everything))
    assert on_a_new_store(order, tmp_path_factory) == in_order


def test_the_files_of_one_command_are_given_in_any_order(tmp_path_factory: pytest.TempPathFactory) -> None:
    files = (INFO, SHARES, OFFICERS)
    given_so, otherwise = (
        on_a_new_store([Delivery("cn-listed-ownership-extract", order)], tmp_path_factory)
        for order in (files, files[::-1])
    )
    assert given_so == otherwise


@pytest.mark.neo4j
def test_the_last_first_on_neo4j(
    everything: list[Delivery], in_order: Ended, neo4j_url: Neo4jUrl, tmp_path: Path
) -> None:
    city = on_neo4j(tmp_path, "360000", neo4j_url, None)
    deliver(city, everything[::-1])
    with Neo4jStore(neo4j_url.url, neo4j_url.user, neo4j_url.password) as store:
        assert ended(city, store) == in_order

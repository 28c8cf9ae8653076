"""The other sets: each counted from its raw files by DuckDB or the standard library, beside what its README says."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from stdnum.cn import uscc

from tests.command import xinheng
from tests.loaders.real.support import DATA, Loaded, counts, load_set, new, table


def sql(query: str, *files: Path, **options: str) -> list[tuple[Any, ...]]:
    """A query over raw tables, `{0}`, `{1}`…, all their cells text."""
    said = "".join(f", {name}={value}" for name, value in options.items())
    names = [f"read_csv('{file}', all_varchar=true, header=true{said})" for file in files]
    return duckdb.sql(query.format(*names)).fetchall()


def repeated(loaded: Loaded) -> None:
    """A load repeated changes nothing, and keeps the same rows back."""
    read, was_loaded, unchanged, quarantined = counts(loaded.report)
    assert counts(loaded.again()) == (read, 0, was_loaded + unchanged, quarantined)
    assert len(loaded.kept) == quarantined


def bare(text: str) -> str:
    """As identifiers are compared: without blanks, full-width characters made half-width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


# --- cn-listed-directors ----------------------------------------------------------------------------------------------


def test_listed_directors(tmp_path: Path) -> None:
    stocks, people = (DATA / "cn-listed-directors" / name for name in ("import/stock.csv.gz", "executive_prep.csv.gz"))
    loaded = load_set(tmp_path, "cn-listed-directors", [stocks, people])
    ((companies,),) = sql("SELECT count(DISTINCT lpad(code, 6, '0')) FROM {0}", stocks)
    ((rows, persons),) = sql("SELECT count(*), count(DISTINCT (code, name)) FROM {0}", people)
    ((posts,),) = sql(
        "SELECT count(DISTINCT (code, name, post)) FROM (SELECT code, name, unnest(split(jobs, '/')) post FROM {0})",
        people,
    )
    assert loaded.report["read"] == companies + rows
    assert loaded.report["quarantined"] == 0
    assert new(loaded.report) == (companies + persons, posts, 0)
    assert loaded.stats["subjects"] == {"enterprise": companies, "natural_person": persons}
    ((untold,),) = sql("SELECT count(*) FROM {0} WHERE gender NOT IN ('男', '女')", people)
    assert untold == sum(n for what, n in loaded.report["warnings"].items() if what.startswith("gender")) + sum(
        1 for row in table(people) if row["gender"] == "null"
    )
    readme = {"companies": 3_188, "rows": 24_775, "posts": 29_073, "hashes of names": 20_872}
    assert (companies, rows, posts) == (readme["companies"], readme["rows"], readme["posts"])
    assert persons > readme["hashes of names"], "a name is no identity: nobody sits on two boards here"
    repeated(loaded)


def test_nobody_of_one_name_is_one_person_on_two_boards(tmp_path: Path) -> None:
    """王伟 stands under eleven hashes and on more boards than that; each of them is a person of his company."""
    stocks, people = (DATA / "cn-listed-directors" / name for name in ("import/stock.csv.gz", "executive_prep.csv.gz"))
    cut = tmp_path / "wang.csv"
    rows = [row for row in table(people) if row["name"] == "王伟"]
    cut.write_text(
        "name,gender,age,code,jobs\n" + "".join(",".join(row.values()) + "\n" for row in rows), encoding="utf-8"
    )
    loaded = load_set(tmp_path, "cn-listed-directors", [stocks, cut])
    assert loaded.stats["subjects"]["natural_person"] == len({row["code"] for row in rows}) > 11


# --- cn-listed-ownership-extract --------------------------------------------------------------------------------------

EXTRACT = DATA / "cn-listed-ownership-extract"
FILES = [EXTRACT / name for name in ("company_basic_info.csv", "keydirector_info.csv", "shareholder_info.csv")]


def listed(name: str) -> list[dict[str, str]]:
    import csv

    return list(table(EXTRACT / name, encoding="gbk", delimiter="\t", quoting=csv.QUOTE_NONE))


def test_listed_ownership(tmp_path: Path) -> None:
    loaded = load_set(tmp_path, "cn-listed-ownership-extract", FILES)
    companies, posts, shares = (listed(path.name) for path in FILES)
    full = {row["gpdm"]: row["gsmc"] for row in companies}
    selves = [row for row in shares if full[row["gpdm"]] == row["name"]]
    held = [row for row in shares if row not in selves]
    is_person = re.compile(r"[一-龥]{2,3}").fullmatch
    people = {(row["gpdm"], row["fddbr"]) for row in companies} | {(row["gpdm"], row["name"]) for row in posts}
    people |= {(row["gpdm"], row["name"]) for row in held if is_person(row["name"])}
    holders = {(row["gpdm"], bare(row["name"])) for row in held if not is_person(row["name"])}
    types = {"dsz": "director", "gsds": "director", "dldsxr": "director", "gsjs": "supervisor"}
    officers = {(row["gpdm"], row["zwdm"], row["name"]) for row in posts}
    assert [row["gpdm"] for row in selves] == ["002712.SZ"]
    assert loaded.report["read"] == len(companies) + len(posts) + len(shares)
    assert loaded.report["reasons"] == {"contradiction": len(selves)}
    assert loaded.stats["subjects"] == {
        "enterprise": len(companies) + len(holders),
        "natural_person": len({(code, bare(name)) for code, name in people}),
    }
    expected = Counter(types.get(post, "senior_manager") for _, post, _ in officers)
    expected += Counter(legal_representative=len(companies), shareholder=len(held))
    assert loaded.stats["links"] == expected
    readme = {"companies": 56, "shareholdings": 509, "posts": 1_058}
    assert (len(companies), len(shares), len(officers)) == tuple(readme.values())
    assert all(uscc.is_valid(row["xydm"]) for row in companies)
    repeated(loaded)


def test_shareholders_alone_say_what_is_missing(tmp_path: Path) -> None:
    loaded = load_set(tmp_path, "cn-listed-ownership-extract", [EXTRACT / "shareholder_info.csv"])
    assert loaded.report["reasons"] == {"reference": len(listed("shareholder_info.csv"))}
    assert "no row of the files given says what credit code belongs to it" in loaded.kept[0]["faults"][0]["reason"]


# --- cn-company-graph-nanchang ----------------------------------------------------------------------------------------


def test_nanchang(tmp_path: Path) -> None:
    path = DATA / "cn-company-graph-nanchang" / "graph.json"
    graph = json.loads(path.read_text(encoding="utf-8"))
    loaded = load_set(tmp_path, "cn-company-graph-nanchang", [path])
    nodes, edges = graph["nodes"].values(), graph["edges"].values()
    kinds = Counter(node["type"] for node in nodes)
    fields = Counter(edge["field"].removesuffix("_of") for edge in edges)
    assert counts(loaded.report) == (len(nodes) + len(edges), len(nodes) + len(edges), 0, 0)
    assert loaded.stats["subjects"] == {"enterprise": kinds["company"], "natural_person": kinds["person"]}
    assert loaded.stats["links"] == {("senior_manager" if name == "manager" else name): n for name, n in fields.items()}
    shares = [
        {
            share["percentage"]
            for one in edge["qualifier"]
            for share in one["props"].get("shares", [])
            if "percentage" in share
        }
        for edge in edges
    ]
    disagreeing = sum(len(found) > 1 for found in shares)
    assert sum(n for what, n in loaded.report["warnings"].items() if "its sources disagree" in what) == disagreeing
    readme = {"nodes": 93, "edges": 117, "companies": 41, "persons": 52}
    assert (len(nodes), len(edges), kinds["company"], kinds["person"]) == tuple(readme.values())
    repeated(loaded)


# --- cn-env-penalties-permits -----------------------------------------------------------------------------------------


def test_environment(tmp_path: Path) -> None:
    folder = DATA / "cn-env-penalties-permits"
    penalties, permits, lists = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("penalties", "permits", "lists")
    )
    loaded = load_set(tmp_path, "cn-env-penalties-permits", sorted(folder.glob("*.json")))
    held = {
        row["dischargePermitNumber"]: [c["dischargePermitNumber"][:18] for c in row["permitChanges"]] for row in permits
    }
    good = [row for row in permits if all(uscc.is_valid(code) for code in held[row["dischargePermitNumber"]])]
    bad = [row for row in permits if row not in good]
    letters = [row for row in bad if "O" in "".join(held[row["dischargePermitNumber"]])]
    assert counts(loaded.report) == (
        len(penalties) + len(permits) + len(lists),
        len(penalties) + len(good) + len(lists),
        0,
        len(bad),
    )
    assert loaded.report["reasons"] == {"letter": len(letters), "check_character": len(bad) - len(letters)}
    green = [row for row in lists if row["evaluationResult"] == "绿色"]
    assert loaded.stats["records"] == {
        "environmental-penalty": len(penalties),
        "discharge-permit": sum(len(row["permitChanges"]) for row in good),
        "environmental-credit-green": len(green),
        "key-discharger": len(lists) - len(green),
    }
    names = re.compile("分公司|加油站|经营处|经营部|营业部")
    warned = {what: n for what, n in loaded.report["warnings"].items() if "a branch" in what}
    told = ("title", "approvalSummary", "violationReasonSummary", "reasonForViolation")
    booked = [row for row in penalties if any(names.search(row[one] or "") for one in told)]
    assert list(warned.values()) == [len(booked)]
    assert len(booked) > sum(bool(names.search(row["title"])) for row in penalties)
    readme = {"penalties": 10, "permits": 4, "lists": 4}
    assert (len(penalties), len(permits), len(lists)) == tuple(readme.values())
    repeated(loaded)


def test_fines_are_in_yuan_and_document_numbers_in_one_kind_of_brackets(tmp_path: Path) -> None:
    from api.deployment import Deployment
    from api.settings import Settings
    from graph.model import Record

    path = DATA / "cn-env-penalties-permits" / "penalties.json"
    load_set(tmp_path, "cn-env-penalties-permits", [path])
    settings = Settings(environment="development", data=tmp_path, store=str(tmp_path / "store"), region="360400")
    with Deployment(settings) as opened:
        last = opened.store.last_instant()
        assert last
        records = [fact for fact in opened.store.facts(known_at=last) if isinstance(fact, Record)]
    said = json.loads(path.read_text(encoding="utf-8"))
    fines = [round(float(row["penaltyAmount"]) * 10_000 * 100) for row in said if row["penaltyAmount"]]
    assert sum(record.amount or 0 for record in records) == sum(fines) == 90 * 10_000 * 100  # the README: 90 万元
    assert not [record.number for record in records if record.number and "【" in record.number]
    assert sum("【" in (row["documentNumber"] or "") for row in said) > 0


# --- cn-countermeasure-lists ------------------------------------------------------------------------------------------


def test_countermeasures(tmp_path: Path) -> None:
    path = DATA / "cn-countermeasure-lists" / "sanctions-organizations.csv"
    loaded = load_set(tmp_path, "cn-countermeasure-lists", [path])
    rows = list(table(path))
    ids = {
        "List of Export Controls": "export-control-list",
        "Export Control Watch List": "export-control-watch-list",
        "UEL": "unreliable-entity-list",
        "List of Targets of Countermeasures": "countermeasure-list",
        "AFSL": "anti-foreign-sanctions-list",
        "": "countermeasure-unnamed",
    }
    assert counts(loaded.report) == (len(rows), len(rows), 0, 0)
    assert loaded.stats["records"] == Counter(ids.get(row["List"], "countermeasure-military-industry") for row in rows)
    names = {row["Name"] for row in rows}
    assert loaded.report["subjects"] == len({bare(name) for name in names})
    assert (len(rows), len(names)) == (415, 298), "as the README says; some differ by blanks and widths only"
    short = sum(bool(re.fullmatch(r"\d\d\.\d\d\.\d\d", row["Date"])) for row in rows)
    assert short == 57, "the README: two forms of a date in one column, both read"
    repeated(loaded)


# --- jp-labor-violations ----------------------------------------------------------------------------------------------


def test_japanese_violations(tmp_path: Path) -> None:
    import csv

    path = DATA / "jp-labor-violations" / "appearances.tsv"
    loaded = load_set(tmp_path, "jp-labor-violations", [path])
    rows = list(table(path, delimiter="\t", quoting=csv.QUOTE_NONE))
    columns = ("company_name", "location", "first_appeared", "violation_law", "violation_summary", "prosecution_date")
    keys = Counter(tuple(row[column].strip() for column in columns) for row in rows)
    twice = sum(n - 1 for n in keys.values())
    assert counts(loaded.report) == (len(rows), len(rows) - twice, 0, twice)
    assert loaded.report["reasons"] == ({"conflict": twice} if twice else {})
    places = {(row["company_name"], row["location"]) for row in rows}
    assert loaded.report["subjects"] == len({bare(f"{name} | {place}") for name, place in places})
    assert loaded.stats["records"] == {"jp-labour-violation": len(rows) - twice}
    crossing = sum(row["crossed_data_gap"] == "true" for row in rows)
    told = sum(n for what, n in loaded.report["warnings"].items() if "the source has a gap" in what)
    assert crossing - twice <= told <= crossing
    assert (len(rows), len(places), crossing) == (1_927, 1_866, 212), "as the README says"
    repeated(loaded)


# --- tables of codes --------------------------------------------------------------------------------------------------


def test_divisions(tmp_path: Path) -> None:
    folder = DATA / "cn-admin-divisions"
    files = [folder / name for name in ("provinces.csv", "cities.csv", "areas.csv")]
    loaded = load_set(tmp_path, "cn-admin-divisions", files)
    ((codes,),) = sql(
        "SELECT count(DISTINCT rpad(code, 6, '0')) FROM "
        "(SELECT code FROM {0} UNION ALL SELECT code FROM {1} UNION ALL SELECT code FROM {2})",
        *files,
    )
    ((stands_twice,),) = sql("SELECT count(*) FROM {0} WHERE code LIKE '%00'", files[2])
    ((rows,),) = sql(
        "SELECT (SELECT count(*) FROM {0}) + (SELECT count(*) FROM {1}) + (SELECT count(*) FROM {2})", *files
    )
    assert codes == 3_348, "as the README of all data says"
    assert counts(loaded.report) == (rows - stands_twice, codes, 0, 0)
    assert loaded.report["codes"] == codes
    repeated(loaded)


def test_industries(tmp_path: Path) -> None:
    path = DATA / "cn-industry-codes" / "gbt4754-2017.csv"
    loaded = load_set(tmp_path, "cn-industry-codes", [path])
    ((rows, codes, nameless),) = sql(
        "SELECT count(*), count(DISTINCT code), count(*) FILTER (WHERE coalesce(name, '') = '') FROM {0}", path
    )
    assert counts(loaded.report) == (rows, codes, 0, nameless)
    assert loaded.report["reasons"] == {"missing": nameless}
    assert (rows, codes) == (1_972, 1_971), "the README: 0179 stands twice, once without a name"
    repeated(loaded)


def test_a_set_goes_by_its_own_columns(tmp_path: Path) -> None:
    settings = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(tmp_path), "XINHENG_REGION": "360400"}
    ran = xinheng("load", "cn-industry-codes", EXTRACT / "shareholder_info.csv", settings=settings)
    assert ran.status == 2
    assert "has no column code" in ran.err


@pytest.mark.parametrize("name", ["executive.csv.gz", "executive_stock.csv.gz"])
def test_ids_that_are_hashes_of_names_are_no_table_of_the_mapping(name: str, tmp_path: Path) -> None:
    settings = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(tmp_path), "XINHENG_REGION": "360400"}
    ran = xinheng("load", "cn-listed-directors", DATA / "cn-listed-directors" / "import" / name, settings=settings)
    assert ran.status == 2
    assert "has no column" in ran.err

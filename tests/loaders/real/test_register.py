"""cn-enterprise-register: 九江 and 万州 in every run, the whole with ``XINHENG_WHOLE_REGISTER=1``.

Everything expected is counted by DuckDB or by hand from the raw files, beside what the README of the set says.
"""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from collections import Counter
from functools import cache
from operator import itemgetter
from pathlib import Path

import duckdb
import pytest
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from graph.model import Link, Subject
from graph.sqlite import SqliteStore
from loaders.feeds import feed
from loaders.rows import FaultKind
from tests.loaders.real.support import DATA, Loaded, counts, load_set, new, table

REGISTER = DATA / "cn-enterprise-register"
DIVISIONS = [DATA / "cn-admin-divisions" / name for name in ("provinces.csv", "cities.csv", "areas.csv")]
HISTORY = DATA / "cn-admin-divisions" / "gb2260-history.tsv.gz"
CODE, HEAD = "统一社会信用代码", "法人代表"
MISSING = ("", "N/A", "-")
PLACES = {"九江": ("jiangxi", 15_610), "万州": ("chongqing", 2_488)}  # rows, as the README counts them
PROVINCES = {"jiangxi": "江西", "chongqing": "重庆", "jiangsu": "江苏", "sichuan": "四川"}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of credit codes, GB 32100."""
README_ROWS = {"jiangxi": 122_094, "chongqing": 68_439, "jiangsu": 148_287, "sichuan": 107_803}


def files(province: str) -> list[Path]:
    return sorted((REGISTER / province).glob("*.csv.gz"))


@cache
def rows_of(province: str, place: str | None = None) -> list[dict[str, str]]:
    return [row for path in files(province) for row in table(path) if place in (None, row["地区"])]


def fault_of(code: str) -> str | None:
    """Why a text is neither a credit code nor an older registration number; checked by python-stdnum alone."""
    if re.fullmatch(r"\d{13}", code):
        return None
    if re.fullmatch(r"\d{15}", code):
        return None if mod_11_10.is_valid(code) else "check_character"
    if len(code) != 18 or not set(code.upper()) <= set(ALPHABET):
        return "identifier"
    if not uscc.is_valid(code.upper()):
        return "check_character"
    return None if code == code.upper() else "lower_case"


def is_good(code: str) -> bool:
    return fault_of(code) is None


def is_shifted(row: dict[str, str]) -> bool:
    """A representative too many, or one whose name has several parts: another column stands where the province does."""
    return row["所在省份"] not in PROVINCES.values()


def heads_of(row: dict[str, str]) -> set[str]:
    """The representatives of a row; a title behind a name belongs to the post."""
    said = row[HEAD].strip()
    found = [] if said in MISSING else said.split("、")
    titled = r" ?[(（](?:执行董事|董事长|副董事长|董事|总经理|副总经理|经理|负责人|执行事务合伙人|离职)[)）]$"
    return {re.sub(titled, "", name.strip()) for name in found if name.strip()}


def plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


@pytest.fixture(scope="module")
def divisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Operational data that hold the tables of divisions."""
    home = tmp_path_factory.mktemp("register")
    load_set(home, "cn-admin-divisions", [*DIVISIONS, HISTORY])
    return home


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest, divisions: Path) -> tuple[str, Loaded]:
    """A place in a store of its own."""
    name = str(request.param)
    where = ("--where", f"地区={name}")
    return name, load_set(divisions, "cn-enterprise-register", files(PLACES[name][0]), *where, store=name)


def test_every_row_is_loaded_or_kept(place: tuple[str, Loaded]) -> None:
    name, loaded = place
    province, said = PLACES[name]
    rows = rows_of(province, name)
    assert loaded.report["read"] == len(rows) == said
    shifted = [row for row in rows if is_shifted(row)]
    wrong = [row for row in rows if not is_shifted(row) and not is_good(row[CODE])]
    good = [row for row in rows if not is_shifted(row) and is_good(row[CODE])]
    assert counts(loaded.report) == (len(rows), len(good), 0, len(shifted) + len(wrong))
    assert loaded.report["reasons"].get("check", 0) == len(shifted)
    assert new(loaded.report) == (
        len({row[CODE] for row in good} | {(row[CODE], plain(head)) for row in good for head in heads_of(row)}),
        len({(row[CODE], plain(head)) for row in good for head in heads_of(row)}),
        0,
    )


def test_subjects_and_links_are_of_the_right_kind(place: tuple[str, Loaded]) -> None:
    name, loaded = place
    good = [row for row in rows_of(PLACES[name][0], name) if not is_shifted(row) and is_good(row[CODE])]
    stats = loaded.stats
    shops = [row for row in good if row[CODE].startswith("92")]
    assert stats["subjects"].get("individual_business", 0) == len(shops)
    assert sum(n for kind, n in stats["subjects"].items() if kind != "natural_person") == len(good)
    assert stats["links"].get("operator", 0) == sum(len(heads_of(row)) for row in shops)
    assert sum(stats["links"].values()) == loaded.report["links"]
    assert stats["records"] == {}


def test_a_load_repeated_changes_nothing(place: tuple[str, Loaded]) -> None:
    _, loaded = place
    read, was_loaded, _, quarantined = counts(loaded.report)
    assert counts(loaded.again()) == (read, 0, was_loaded, quarantined)
    assert len([row for row in loaded.kept if f"/{PLACES[place[0]][0]}/" in row["file"]]) == quarantined


def test_divisions_that_are_no_longer_current_are_counted_and_loaded(place: tuple[str, Loaded]) -> None:
    name, loaded = place
    current = {code.ljust(6, "0") for path in DIVISIONS for code in (row["code"] for row in table(path))}
    former = {row["code"] for row in table(HISTORY, delimiter="\t")}
    good = [row for row in rows_of(PLACES[name][0], name) if not is_shifted(row) and is_good(row[CODE])]
    regions = Counter(row[CODE][2:8] for row in good)
    odd = {region: n for region, n in regions.items() if region not in current}
    warned = loaded.report["warnings"]
    assert warned.get(f"{CODE}: a division that is no longer current", 0) == sum(
        n for region, n in odd.items() if region in former
    )
    assert warned.get(f"{CODE}: a division of no revision that is loaded", 0) == sum(
        n for region, n in odd.items() if region not in former
    )
    assert odd, "one code in ten names such a division"


def test_amounts_that_are_none_are_counted(place: tuple[str, Loaded]) -> None:
    """Nearly every spelling is understood; the others are left out, amount and currency, each with a warning."""
    name, loaded = place
    good = [row for row in rows_of(PLACES[name][0], name) if not is_shifted(row) and is_good(row[CODE])]
    said = [row["注册资金"].strip() for row in good if row["注册资金"].strip() not in MISSING]
    without_number = [one for one in said if not re.search(r"\d", one)]
    warned = sum(n for what, n in loaded.report["warnings"].items() if what.startswith("注册资金"))
    assert len(said) > len(good) / 2
    assert 2 * len(without_number) <= warned <= 2 * len(without_number) + 10


README_SHIFTED = {("2009", 382), ("2013", 5024), ("2013", 8220), ("2014", 4614), ("2015", 2375), ("2015", 6718)}
"""The README names these six of 江西; the province tells ten more there, and ten in the three others."""


@pytest.mark.parametrize("province", sorted(PROVINCES))
def test_shifted_rows_are_known_by_file_and_line(province: str) -> None:
    expected = {
        (path.name[:4], line) for path in files(province) for line, row in enumerate(table(path), 2) if is_shifted(row)
    }
    found = set()
    for year in sorted({year for year, _ in expected}):
        rows = feed("cn-enterprise-register").rows([str(REGISTER / province / f"{year}.csv.gz")], {})
        shifted = [row for row in rows if row.fault and row.fault.kind is FaultKind.CHECK]
        assert {row.fault.field for row in shifted if row.fault} <= {"企业类型", "所在省份"}
        found |= {(year, row.line) for row in shifted}
    assert found == expected
    assert found >= README_SHIFTED or province != "jiangxi"


@pytest.mark.parametrize(
    ("province", "year", "title", "warnings"),
    [("jiangxi", 2006, "离职", 1), ("sichuan", 2013, "副总经理", 0)],
    ids=["left", "deputy"],
)
def test_a_title_behind_a_name_is_a_position(
    province: str, year: int, title: str, warnings: int, tmp_path: Path
) -> None:
    """And of a representative who has left, a warning says so."""
    rows = [row for row in table(REGISTER / province / f"{year}.csv.gz") if f"（{title}）" in row[HEAD]]
    (name,) = (head for row in rows for head in heads_of(row))
    loaded = load_set(tmp_path, "cn-enterprise-register", [cut(tmp_path, province, {row[CODE] for row in rows})])
    store = Path(loaded.settings["XINHENG_STORE"])
    with SqliteStore(store) as held:
        last = held.last_instant()
        assert last
        facts = list(held.facts(known_at=last))
    assert [fact.name for fact in facts if isinstance(fact, Subject) and fact.kind == "natural_person"] == [name]
    assert [fact.position for fact in facts if isinstance(fact, Link)] == [title]
    assert sum(n for what, n in loaded.report["warnings"].items() if "has left" in what) == warnings


def cut(tmp_path: Path, province: str, codes: set[str]) -> Path:
    """The raw rows with these codes, as a file of their own."""
    rows = [row for row in rows_of(province) if row[CODE] in codes]
    path = tmp_path / f"{province}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def twice_named(province: str) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for row in rows_of(province):
        named.setdefault(row[CODE], set()).add(row["企业名称"])
    return {code: names for code, names in named.items() if len(names) > 1}


@pytest.mark.slow
def test_one_code_with_two_names_keeps_the_second_back(tmp_path: Path) -> None:
    (code,) = twice_named("sichuan")  # the README: one in each of the two provinces
    assert is_good(code)
    loaded = load_set(tmp_path, "cn-enterprise-register", [cut(tmp_path, "sichuan", {code})])
    assert loaded.report["reasons"] == {"conflict": 1}


@pytest.mark.slow
def test_two_names_under_a_number_that_identifies_nobody_are_both_kept_back(tmp_path: Path) -> None:
    (number,) = twice_named("jiangsu")  # 企合苏镇分字第0010, of two branches
    assert not is_good(number)
    loaded = load_set(tmp_path, "cn-enterprise-register", [cut(tmp_path, "jiangsu", {number})])
    assert (loaded.report["reasons"], loaded.report["read"]) == ({"identifier": 2}, 2)


@pytest.mark.slow
def test_codes_with_lower_case_letters_other_texts_and_older_numbers(tmp_path: Path) -> None:
    """What python-stdnum says of each code of 江苏 that is no good credit code, against what became of it."""
    rows = rows_of("jiangsu")
    odd = {row[CODE] for row in rows if not (len(row[CODE]) == 18 and uscc.is_valid(row[CODE]) and row[CODE].isupper())}
    odd = {code for code in odd if not re.fullmatch(r"\d{18}", code) or not uscc.is_valid(code)}
    path = cut(tmp_path, "jiangsu", odd)
    loaded = load_set(tmp_path, "cn-enterprise-register", [path])
    kept = [row for row in table(path) if not is_shifted(row) and not is_good(row[CODE])]
    shifted = [row for row in table(path) if is_shifted(row)]
    older = {row[CODE] for row in table(path) if re.fullmatch(r"\d{13}|\d{15}", row[CODE]) and is_good(row[CODE])}
    assert len(older) > 7_000, "the README: 6,740 of 15 digits and 495 of 13"
    assert loaded.report["quarantined"] - loaded.report["reasons"].get("conflict", 0) == len(kept) + len(shifted)


WHOLE = os.environ.get("XINHENG_WHOLE_REGISTER") == "1"


@pytest.mark.skipif(not WHOLE, reason="the whole register is loaded where XINHENG_WHOLE_REGISTER=1 asks for it")
def test_the_whole_register(tmp_path: Path) -> None:
    rows, kept, first = 0, Counter[str](), dict[str, dict[str, str]]()
    again = 0
    for province, said in README_ROWS.items():
        count = duckdb.sql(
            "SELECT count(*) FROM read_csv(?, all_varchar=true, header=true, quote='\"', strict_mode=false)",
            params=[[str(path) for path in files(province)]],
        ).fetchall()
        assert count == [(said,)]
    everything = sorted(path for province in README_ROWS for path in files(province))
    for row in (row for path in everything for row in table(path)):
        rows += 1
        fault = "check" if is_shifted(row) else fault_of(row[CODE])
        if fault:
            kept[fault] += 1
        elif row[CODE] not in first:
            first[row[CODE]] = row
        elif SAID(row) == SAID(first[row[CODE]]):
            again += 1
        else:
            kept["conflict"] += 1
    heads = {(code, plain(head)) for code, row in first.items() for head in heads_of(row)}
    amounts = [row["注册资金"].strip() for row in first.values() if row["注册资金"].strip() not in MISSING]
    meaningless = sum(re.sub(r"[\d.,()]", "", one) in NO_UNITS or not re.search(r"\d", one) for one in amounts)
    loaded = load_set(tmp_path, "cn-enterprise-register", everything)
    assert counts(loaded.report) == (rows, len(first), again, sum(kept.values()))
    assert loaded.report["reasons"] == kept
    assert new(loaded.report) == (len(first) + len(heads), len(heads), 0)
    warned = sum(n for what, n in loaded.report["warnings"].items() if what.startswith("注册资金"))
    assert warned == meaningless
    assert (rows, len(first), again, dict(kept)) == IN_THE_DOCUMENTATION


NO_UNITS = {"元/万元", "万美", "万丹麦克郎"}
"""Yuan or ten thousand; which dollars; the Danish crown misspelt."""
SAID = itemgetter("企业名称", "注册日期", HEAD, "注册资金")
IN_THE_DOCUMENTATION = (
    446_623,
    445_708,
    85,
    {"check": 26, "lower_case": 15, "check_character": 61, "identifier": 727, "conflict": 1},
)


def test_the_documentation_gives_these_figures() -> None:
    said = (Path(__file__).parents[3] / "docs" / "real-data.md").read_text(encoding="utf-8")
    rows, loaded, unchanged, kept = IN_THE_DOCUMENTATION
    assert f"| read | {rows:,} |" in said
    assert f"| loaded | {loaded:,} |" in said
    assert f"| unchanged | {unchanged:,} |" in said
    for reason, number in kept.items():
        assert f"| quarantined, `{reason}` | {number:,} |" in said
    assert rows == loaded + unchanged + sum(kept.values()) == sum(README_ROWS.values())

"""Mappings: the register of enterprises, and mappings of one's own."""

import gzip
import re
from datetime import date

import pytest

from api.demo.codes import credit_code
from graph.model import Link, Load, Source, Subject
from loaders.feeds import feed
from loaders.files import UnreadableFile
from loaders.mapping import BadMapping, mapping_names, read_mapping

HEADER = "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址"
ENTERPRISE, SHOP, BRANCH = credit_code(1), credit_code(2, "individual_business"), credit_code(3)
ROWS = [
    f'九江柏川商贸有限公司,{ENTERPRISE},2015-03-01,N/A,程立群,"50万","销售,仓储",江西,九江,九江市',
    f'九江一舟副食店,{SHOP},2016-03-01,N/A,樊一舟,"N/A","零售",江西,九江,九江市',
    f'某某银行股份有限公司九江分行,{BRANCH},2001-03-01,N/A,游四海,"N/A","存款",江西,九江,九江市',
    f'九江无人有限公司,{credit_code(4)},2001-03-01,N/A,N/A,"N/A","N/A",江西,九江,九江市',
    f'九江多人有限公司,{credit_code(5)},2001-03-01,N/A,甲某、乙某,"N/A","N/A",江西,九江,九江市',
    f'南昌他处有限公司,{credit_code(6)},2001-03-01,N/A,丙某,"N/A","N/A",江西,南昌,南昌市',
    f'九江错码有限公司,{credit_code(7)[:-1]}!,2001-03-01,N/A,丁某,"N/A","N/A",江西,九江,九江市',
    "少了几格,x,y",
]


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "2018.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, *ROWS]).encode()))
    return str(path)


@pytest.fixture
def loaded(town, register):
    return town, town.load_files("cn-enterprise-register", register, where={"地区": "九江"})


def test_the_register_is_shipped():
    assert "cn-enterprise-register" in mapping_names()


def test_rows_are_picked_and_counted(loaded):
    _, report = loaded
    assert (report.read, report.loaded, report.quarantined) == (7, 5, 2)  # a row with too few cells has no 地区


def test_a_representative_known_by_name_is_a_person_of_that_organisation(loaded):
    town, report = loaded
    people = [one for one in town.facts(Subject) if one.kind == "natural_person"]
    assert sorted(one.name for one in people) == ["乙某", "樊一舟", "游四海", "甲某", "程立群"]
    assert not any(one.identified for one in people)
    assert (report.subjects, report.links) == (10, 5)


def test_the_office_follows_from_the_kind_of_body_and_has_no_date(loaded):
    town, _ = loaded
    links = {one.organisation: one for one in town.facts(Link)}
    assert links[f"uscc:{ENTERPRISE}"].type == "legal_representative"
    assert links[f"uscc:{SHOP}"].type == "operator"
    assert links[f"uscc:{BRANCH}"].type == "principal"
    assert all(one.valid_from is None for one in links.values())


def test_region_and_day_come_from_code_and_column(loaded):
    town, _ = loaded
    [one] = [one for one in town.facts(Subject) if one.id == f"uscc:{ENTERPRISE}"]
    assert (one.region, one.established_on, one.name) == ("360400", date(2015, 3, 1), "九江柏川商贸有限公司")


def test_the_source_says_until_when_it_is_complete(loaded):
    town, _ = loaded
    assert [one.id for one in town.facts(Source)] == ["cn-enterprise-register"]
    assert [one.through for one in town.facts(Load)] == [date(2019, 4, 30)]


def test_a_wrong_code_is_kept_with_file_line_and_reason(loaded):
    town, _ = loaded
    kept = next(one for one in town.kept if one.kind == "identifier")
    assert (kept.line, kept.mapping) == (8, "cn-enterprise-register")
    assert "2018.csv.gz" in kept.file
    assert "position 18" in town.said


def test_a_load_repeated_changes_nothing(loaded, register):
    town, _ = loaded
    report = town.load_files("cn-enterprise-register", register, where={"地区": "九江"})
    assert (report.loaded, report.unchanged, report.quarantined) == (0, 5, 2)
    assert len(town.kept) == 2


def test_a_row_with_too_few_cells_is_kept(town, register):
    report = town.load_files("cn-enterprise-register", register)
    assert (report.read, report.quarantined) == (8, 2)
    assert "3 cells under 10 columns" in town.said


def test_a_line_number_is_that_of_the_rows_first_line(town, tmp_path):
    path = tmp_path / "lines.csv"
    name = '"九江\n换行有限公司"'
    path.write_text("\n".join([HEADER, f"{name},{ENTERPRISE},2015-03-01,,,,,江西,九江,x", ROWS[6]]), encoding="utf-8")
    rows = list(feed("cn-enterprise-register").rows([str(path)], {}))
    assert [row.line for row in rows] == [2, 4]


def test_an_unknown_mapping_is_said_with_those_there_are():
    with pytest.raises(BadMapping, match="there is no mapping enterprise-register") as caught:
        read_mapping("enterprise-register")
    assert {"city", *mapping_names()} <= set(re.split(", | or |one of ", str(caught.value.remedy)))


def test_a_file_without_the_columns_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("name,code\na,b\n", encoding="utf-8")
    register = feed("cn-enterprise-register")
    with pytest.raises(BadMapping, match="no column 企业名称"):
        register.rows([str(path)], {})


def test_a_mapping_of_ones_own_is_a_file(town):
    own = town.file(
        "own.yaml",
        """
id: own
title: own
source: {id: own, department: tax, dataset: own, cadence: P1Y, through: 2026-01-01}
columns: [name, code]
lines:
  - line: {fact: subject, kind: enterprise, name: {column: name}, uscc: {column: code}}
""",
    )
    table = town.table("own.csv", ["name", "code"], ["九江自有有限公司", ENTERPRISE])
    assert town.load_files(own, table).subjects == 1


def test_a_mapping_that_is_not_there_is_unreadable(tmp_path):
    with pytest.raises(UnreadableFile):
        read_mapping(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("declared", "written"), [("gbk", "utf-8"), ("gb18030", "utf-8"), ("utf-8", "gbk"), ("utf-8", "gb18030")]
)
@pytest.mark.parametrize(
    ("ending", "content"), [(".csv", "名称,代码\n甲乙,1\n"), (".jsonl", '{"名称": "甲乙", "代码": "1"}\n')]
)
def test_a_file_in_another_encoding_than_the_mapping_says_is_told_which(tmp_path, declared, written, ending, content):
    own = tmp_path / "own.yaml"
    own.write_text(
        f"{{id: own, title: t, dialect: {{encoding: {declared}}}, columns: [名称, 代码], "
        "source: {id: own, department: tax, dataset: d, cadence: P1M}, "
        "lines: [{line: {fact: code, table: t, code: {column: 代码}, name: {column: 名称}}}]}",
        encoding="utf-8",
    )
    table = tmp_path / f"a{ending}"
    table.write_bytes(content.encode(written))
    with pytest.raises((BadMapping, UnreadableFile)) as told:
        list(feed(str(own)).rows([str(table)], {}))
    assert f"encoding: {'utf-8' if written == 'utf-8' else 'gb'}" in told.value.remedy


# --- the declaration of the source ------------------------------------------------------------------------------------
DECLARING = """
id: own
title: own
source: {id: own, department: tax, dataset: x, holds: [tax-arrears], cadence: P1M}
columns: [name, code]
lines: [{line: {fact: subject, kind: enterprise, name: {column: name}, uscc: {column: code}}}]
"""


def redeclared(town):
    """The versions of a source whose mapping was mended between two loads, and the report of the second."""
    rows = town.table("rows.csv", ["name", "code"], ["甲", credit_code(1)])
    town.load_files(town.file("own.yaml", DECLARING), rows)
    report = town.load_files(town.file("own.yaml", DECLARING.replace("P1M", "P1D")), rows)
    return town.store.history("own"), report


def test_a_mended_declaration_is_a_new_version_and_stops_no_load(town):
    (before, after), report = redeclared(town)
    assert (before.fact.cadence, after.fact.cadence) == ("P1M", "P1D")
    assert (before.superseded_at, after.superseded_at) == (after.recorded_at, None)
    assert (report.read, report.unchanged) == (1, 1)


@pytest.mark.neo4j
def test_a_mended_declaration_is_a_new_version_in_the_production_store(town, neo4j_store):
    town.store = neo4j_store
    (before, after), _ = redeclared(town)
    assert (before.fact.cadence, after.fact.cadence) == ("P1M", "P1D")
    assert before.superseded_at == after.recorded_at

"""Drafts of mappings: what is certain is said, what is not is asked, and no value of the file is shown."""

import csv
import gzip
import io
import re
from itertools import islice

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.demo.codes import citizen_id, credit_code
from graph.model import Link, Record, Subject
from loaders.feeds import feed
from loaders.guess import guess
from loaders.mapping import TO_BE_NAMED, BadMapping, parsed
from loaders.reading import UnreadableFile
from tests.loaders.real.support import DATA

SETS = sorted(path.name for path in DATA.iterdir() if path.is_dir())
NO_TABLE = {"HK-MO-TW.json"}  # names below names, and no rows
NO_ARRAY = {"statements_not_array.json"}  # invalid on purpose: no reader reads it
NAMED = {"cadence": "P1M", "kind": "enterprise", "effective_to": "null", "publicity_to": "null"}


def named(draft, **said):
    """The draft with everything named: by its key, else in one way."""
    said = NAMED | said

    def name(found):
        return f"{found[1]}{said.get(found[2], 'own')}"

    text = re.sub(rf"(^[ -]*(\w+): \[?){TO_BE_NAMED}", name, draft, flags=re.MULTILINE)
    return text.replace(TO_BE_NAMED, said.get("scheme", "own"))


def own(tmp_path, draft, **said):
    path = tmp_path / "own.yaml"
    path.write_text(named(draft, **said), encoding="utf-8")
    return str(path)


def table(tmp_path, *rows, name="a.csv", encoding="utf-8", delimiter=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    path = tmp_path / name
    path.write_bytes(text.getvalue().encode(encoding))
    return str(path)


@pytest.mark.parametrize("name", SETS)
def test_the_draft_of_every_file_reads_it_when_it_is_named(tmp_path, name):
    files = [path for path in sorted((DATA / name).rglob("*")) if path.suffix in (".json", ".csv", ".tsv", ".gz")]
    assert files
    for file in files:
        if file.name in NO_TABLE:
            with pytest.raises(UnreadableFile, match="no objects with keys in common"):
                guess(str(file))
            continue
        draft = guess(str(file))
        with pytest.raises(BadMapping, match="still to-be-named"):
            parsed("draft.yaml", draft)
        if file.name not in NO_ARRAY:
            assert any(islice(feed(own(tmp_path, draft)).rows([str(file)], {}), 1)), file


def test_nothing_is_loaded_by_a_draft_and_each_open_question_is_told_with_its_line(tmp_path):
    file = table(tmp_path, ["名称", "罚款金额(万元)"], ["甲公司", "1.5"])
    path = tmp_path / "draft.yaml"
    draft = guess(file)
    path.write_text(draft, encoding="utf-8")
    with pytest.raises(BadMapping) as told:
        feed(str(path))
    open_lines = [number for number, line in enumerate(draft.splitlines()[2:], start=3) if TO_BE_NAMED in line]
    for number in open_lines:
        assert f"{path}:{number}: " in told.value.message
    assert "source.department: still to-be-named" in told.value.message
    assert "the comment beside it" in told.value.remedy


PENALTIES = [
    "行政相对人名称 行政相对人代码_1（统一社会信用代码） 法定代表人 身份证号 处罚决定书文号 处罚机关 "
    "处罚机关统一社会信用代码 作出日期 罚款金额（万元） 公示截止期 备注",
    *(
        f"九江第{n}有限公司 {credit_code(n)} 程立群、樊一舟 {citizen_id(n)} 〔2026〕{n}号 市监局 {credit_code(99)} "
        f"2026年3月{n}日 {n}.5 2027/03/{n:02} 不得外传"
        for n in range(1, 9)
    ),
]
PENALTIES = [row.split() for row in PENALTIES]


def test_a_table_of_penalties_is_understood_by_headers_and_confirmed_by_values(tmp_path, town):
    file = table(tmp_path, *PENALTIES, encoding="gbk", delimiter="|")
    draft = guess(file)
    said = yaml.safe_load(draft)
    assert said["dialect"] == {"encoding": "gbk", "delimiter": "|"}
    record = said["lines"][-1]["line"]
    assert record["number"] == {"column": "处罚决定书文号"}
    assert record["decided_on"] == {"column": "作出日期", "date": ["%Y年%m月%d日"]}
    assert record["amount"] == {"column": "罚款金额（万元）", "unit": "万元"}
    assert record["publicity_to"] == record["list"] == TO_BE_NAMED
    report = town.load_files(own(tmp_path, draft, list="environmental-penalty"), file)
    assert (report.read, report.loaded) == (8, 8)
    assert {one.amount for one in town.facts(Record)} == {n * 1_000_000 + 500_000 for n in range(1, 9)}
    assert len(town.facts(Link)) == 16


def test_a_draft_shows_no_value_of_a_row(tmp_path):
    draft = guess(table(tmp_path, *PENALTIES))
    shown = {cell for row in PENALTIES[1:] for cell in row if cell in draft}
    assert shown == set()


def test_the_code_of_another_body_is_not_that_of_the_subject(tmp_path):
    draft = guess(table(tmp_path, *PENALTIES))
    [code] = re.findall(r"uscc: &code (\{.*\})", draft)
    assert yaml.safe_load(code) == {"column": "行政相对人代码_1（统一社会信用代码）"}
    assert re.search(r"# 处罚机关统一社会信用代码: another column is the uscc already", draft)


@pytest.mark.parametrize("row", [["甲公司", credit_code(1)], ["2026-03-01", "乙"], ["甲", citizen_id(1)]])
def test_a_file_without_a_header_is_refused_and_its_first_row_not_shown(tmp_path, row):
    with pytest.raises(UnreadableFile) as told:
        guess(table(tmp_path, row, ["乙公司", "x"]))
    assert told.value.remedy == "give the file a header"
    assert row[1] not in str(told.value)


def test_a_header_that_its_values_belie_is_not_believed(tmp_path):
    draft = guess(
        table(tmp_path, ["企业名称", "统一社会信用代码", "成立日期"], *([f"甲{n}", f"A{n}", "早"] for n in range(4)))
    )
    assert "# 统一社会信用代码: only 0% of its values are a valid uscc" in draft
    assert "established_on: {column: 成立日期} ?" in draft
    assert "established_on" not in yaml.safe_load(draft)["lines"][0]["line"]


def test_a_code_is_known_by_its_values_where_the_header_does_not_say(tmp_path):
    draft = guess(table(tmp_path, ["名称", "列二"], *([f"甲{n}", credit_code(n)] for n in range(1, 5))))
    assert "uscc: &code {column: 列二}" in draft


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_title_above_the_header_is_found(tmp_path, town, name):
    rows = [["九江市欠税公告", "", ""], ["", "", ""], ["纳税人名称", "社会信用代码", "备注"]]
    rows += [[f"九江第{n}有限公司", credit_code(n), "无"] for n in range(1, 4)]
    if name.endswith("xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
        file = str(tmp_path / name)
        book.save(file)
    else:
        file = table(tmp_path, *rows)
    draft = guess(file)
    assert yaml.safe_load(draft)["dialect"] == {"header_row": 3}
    report = town.load_files(own(tmp_path, draft), file)
    assert (report.read, report.loaded) == (3, 3)


def first_rows(tmp_path, path, count, name):
    """The header and first rows of a table of a set, in a file of their own."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return table(tmp_path, *islice(csv.reader(io.StringIO(text, newline="")), count + 1), name=name)


@pytest.mark.parametrize(
    ("mapping", "path", "said"),
    [
        ("cn-enterprise-register", "cn-enterprise-register/jiangxi/2018.csv.gz", {}),
        (
            "cn-countermeasure-lists",
            "cn-countermeasure-lists/sanctions-organizations.csv",
            {"scheme": "cn-countermeasure-lists", "list": "countermeasure-list", "effective_to": "null"},
        ),
    ],
)
def test_a_draft_loads_the_subjects_that_the_shipped_mapping_loads(tmp_path, towns, mapping, path, said):
    file = first_rows(tmp_path, DATA / path, 300, "rows.csv")
    by_shipped, by_draft = towns
    by_shipped.load_files(mapping, file)
    draft = guess(file).replace(f"id: {TO_BE_NAMED}", f"id: {mapping}")
    by_draft.load_files(own(tmp_path, draft, **said), file)

    def subjects(town):
        return {(one.id, one.kind, one.name, one.established_on) for one in town.facts(Subject)}

    assert len(subjects(by_shipped)) > 200
    assert subjects(by_draft) == subjects(by_shipped)


def test_persons_are_known_by_their_number_and_it_is_no_key_of_a_record(tmp_path, town):
    rows = [[f"甲{n}", citizen_id(n), f"2026-03-0{n}"] for n in range(1, 4)]
    file = table(tmp_path, ["姓名", "公民身份号码", "立案日期"], *rows)
    draft = guess(file)
    assert yaml.safe_load(draft)["lines"][-1]["line"]["key"] == TO_BE_NAMED
    report = town.load_files(own(tmp_path, draft, list="judgment-defaulter", key="{column: 立案日期}"), file)
    assert (report.loaded, report.subjects, report.records) == (3, 3, 3)


def test_shareholders_are_asked_for_and_not_guessed(tmp_path):
    draft = guess(
        table(tmp_path, ["企业名称", "统一社会信用代码", "股东", "持股比例"], ["甲", credit_code(1), "乙", "50"])
    )
    assert "# 股东: is a shareholder a person or an organisation, by which identifier?" in draft
    assert "share: {column: 持股比例, unit: percent}" in draft
    assert len(yaml.safe_load(draft)["lines"]) == 1


@pytest.mark.parametrize(
    ("content", "places"),
    [
        ('{"data": {"rows": [{"名称": "甲"}, {"名称": "乙", "附": [{"x": 1}]}]}}', ["data.rows[]"]),
        ('{"a": {"k1": {"名称": "甲"}, "k2": {"名称": "乙"}}, "b": [{"股": 1}]}', ["a.*", "b[]"]),
        ('{"k1": {"名称": "甲"}, "k2": {"名称": "乙"}}', ["*"]),
    ],
)
def test_the_places_of_rows_in_a_json_file_are_found(tmp_path, content, places):
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    assert yaml.safe_load(guess(str(path)))["dialect"]["rows"] == places


def test_keys_that_are_numbers_of_somebody_are_not_shown(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(f'{{"{citizen_id(1)}": [{{"名称": 1}}]}}', encoding="utf-8")
    with pytest.raises(UnreadableFile) as told:
        guess(str(path))
    assert citizen_id(1) not in str(told.value)


@pytest.mark.parametrize("content", ["[" * 100_000, "", "{}", "[]", "[1]", "[[{}]]", '{"a.b": [{"c": 1}]}'])
def test_json_without_rows_is_refused(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableFile):
        guess(str(path))


PIECES = [
    "企业名称",
    "统一社会信用代码",
    "注册资本（万元）",
    ",",
    "\n",
    '"',
    "\t",
    "2026-01-01",
    "{",
    "}",
    "[",
    "]",
    ":",
    '"a"',
]
PIECES += ["\0", "龥", "1", "'", "#", "&x", "*y", "%", "\\", "- ", "null", TO_BE_NAMED]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=40),
    name=st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_whatever_a_file_holds_its_draft_is_sound_or_it_is_refused(tmp_path, pieces, name, encoding):
    path = tmp_path / name
    path.write_bytes("".join(pieces).encode(encoding))
    try:
        draft = guess(str(path))
    except UnreadableFile:
        return
    with pytest.raises(BadMapping) as told:
        parsed("draft", draft)
    assert all(f": still {TO_BE_NAMED}" in one for one in told.value.message.split("; "))

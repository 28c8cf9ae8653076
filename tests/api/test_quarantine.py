"""The quarantine by the command line: what is kept and shown of a row, how it is mended, and tried once more."""

import csv
import io
import json
from pathlib import Path

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.model import Subject
from graph.sqlite import SqliteStore
from loaders.mapping import read_mapping

OWN = """
id: own
title: own
source: {id: own, department: tax, dataset: 欠税公告, holds: [tax-arrears], cadence: P1M}
columns: [name, code, key, amount, person]
lines:
  - line: {fact: subject, kind: enterprise, name: {column: name}, uscc: {column: code}}
  - when: [{column: person, missing: true, not: true}]
    line: {fact: subject, kind: natural_person, name: 某人, citizen_id: {column: person}}
  - line:
      fact: record
      key: {column: key}
      subject: {uscc: {column: code}}
      list: tax-arrears
      amount: {column: amount, unit: 万元}
"""
HEADER = ["name", "code", "key", "amount", "person"]
GOOD = ["九江好有限公司", credit_code(101), "k1", "1.5", citizen_id(1)]
WRONG_CODE = credit_code(102)[:-1] + ("0" if credit_code(102)[-1] != "0" else "1")
BAD = ["九江错有限公司", WRONG_CODE, "k2", "2", citizen_id(2)]


@pytest.fixture
def own(town, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path):
    """Writes a CSV file with these rows."""

    def write(*rows, name="rows.csv", header=HEADER):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        path = tmp_path / name
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    return write


@pytest.fixture
def load(xinheng, own):
    """Loads files by the mapping, and gives the counts."""

    def run(*files, mapping=None):
        told = xinheng("load", mapping or own, *files, "--json")
        assert told.status == 0, told.err
        return told.json

    return run


@pytest.fixture
def kept(xinheng):
    def run(*options):
        return xinheng("quarantine", "list", *options, "--json").json

    return run


@pytest.fixture
def exported(xinheng, tmp_path):
    """The one file that the quarantine of a mapping is exported to."""

    def run(mapping="own"):
        told = xinheng("quarantine", "export", "--mapping", mapping, "--to", tmp_path / "out")
        assert told.status == 0, told.err
        [path] = [line.rpartition(": ")[0] for line in told.err.splitlines() if str(tmp_path / "out") in line]
        return path

    return run


def lines_of(path):
    with open(path, encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))


def rewrite(path, rows):
    with open(path, "w", encoding="utf-8-sig", newline="") as text:
        csv.writer(text, lineterminator="\n").writerows(rows)


# --- kept and shown ---------------------------------------------------------------------------------------------------
def test_nothing_of_a_row_is_in_the_database_in_the_clear(town, load, table):
    load(table(BAD, [*BAD[:4], "360499000"]))
    content = (town / "operational.sqlite").read_bytes()
    for cell in (citizen_id(2), "九江错有限公司", "k2,2"):
        assert cell.encode() not in content
    assert WRONG_CODE.encode() in content  # what a steward is shown of it


def test_the_same_load_repeated_keeps_a_row_once(load, kept, table):
    rows = table(GOOD, BAD)
    assert [load(rows)["quarantined"], load(rows)["quarantined"]] == [1, 1]
    [one] = kept()
    assert (one["line"], one["kind"], one["mapping"]) == (3, "check_character", "own")
    assert one["faults"][0]["field"] == "code"


def test_two_equal_rows_at_two_lines_are_two_entries(load, kept, table):
    load(table(BAD, BAD))
    assert [one["line"] for one in kept()] == [2, 3]


def test_a_row_that_moved_to_another_line_is_another_entry(load, kept, table):
    load(table(BAD))
    load(table(GOOD, BAD))
    assert [one["line"] for one in kept()] == [2, 3]


def test_rows_are_listed_by_reason_file_and_mapping(load, kept, table):
    load(table(BAD, [*GOOD[:3], "much", ""], name="a.csv"))
    load(table([*BAD[:2], "k3", "1", "1"], ["九江", credit_code(7).lower(), "k4", "", ""], name="b.csv"))
    assert [one["line"] for one in kept("--reason", "lower_case")] == [3]
    assert {one["kind"] for one in kept("--file", "a.csv")} == {"check_character"}
    assert len(kept("--file", "b.csv")) == len(kept("--file", str(kept("--file", "b.csv")[0]["file"]))) == 2
    assert kept("--mapping", "city") == kept("--reason", "reference") == []


def test_what_is_kept_back_is_said_by_file_line_and_column(xinheng, own, kept, table):
    broken = citizen_id(3)[:-1] + ("0" if citizen_id(3)[-1] != "0" else "1")
    letter = credit_code(104)[:-1] + "O"
    told = xinheng(
        "load", own, table(GOOD, [*GOOD[:4], broken], ["丙", letter, "k3", "1", ""], ["丁", credit_code(105)]), "--json"
    )
    assert told.json["reasons"] == {"check_character": 1, "letter": 1, "shape": 1}
    assert [(one["line"], one["faults"][0]["field"], one["kind"]) for one in kept()] == [
        (3, "person", "check_character"),
        (4, "code", "letter"),
        (5, "", "shape"),
    ]
    assert broken not in told.err + xinheng("quarantine", "list").text + json.dumps(kept())
    assert "rows.csv:3" in told.err


def test_the_summary_counts_by_mapping_file_and_reason(xinheng, load, table):
    path = table(BAD, BAD, ["九江", credit_code(7).lower(), "k4", "", ""])
    load(path)
    assert xinheng("quarantine", "list", "--summary", "--json").json == [
        {"mapping": "own", "file": str(path), "reason": "check_character", "rows": 2},
        {"mapping": "own", "file": str(path), "reason": "lower_case", "rows": 1},
    ]
    assert "3 rows" in xinheng("quarantine", "list", "--summary").text


def test_an_empty_quarantine_is_said_to_be_empty(xinheng, town, kept):
    assert kept() == []
    assert "holds no row" in xinheng("quarantine", "export").err


NUMBER = citizen_id(9)
PLACES = [
    [*BAD[:4], NUMBER],
    [*BAD[:4], NUMBER[:17]],
    [*BAD[:4], f"{NUMBER[:17]}?"],
    [*BAD[:4], f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"],
    [NUMBER, *BAD[1:]],
    ["甲", NUMBER, "k", "1", ""],
    ["甲", WRONG_CODE, NUMBER, "1", ""],
    ["甲", WRONG_CODE, "k", NUMBER, ""],
    [NUMBER],
]


@pytest.mark.parametrize("row", PLACES, ids=range(len(PLACES)))
def test_a_citizen_id_is_masked_in_everything_shown(xinheng, own, table, row):
    path = table(row)
    shown = [xinheng("load", own, path), xinheng("load", own, path, "--dry-run"), xinheng("load", own, path, "--json")]
    shown += [xinheng("load", own, path, "--dry-run", "--json")]
    for options in ((), ("--json",), ("--summary",)):
        shown.append(xinheng("quarantine", "list", *options))
    shown.append(xinheng("quarantine", "retry", "--mapping", own))
    assert all(told.status == 0 for told in shown)
    for told in shown:
        said = (told.text + told.err).replace(" ", "").replace("│", "").replace("\n", "")
        assert NUMBER[:17] not in said


def test_the_citizen_id_of_a_good_row_is_masked_in_the_preview(xinheng, own, table):
    told = xinheng("load", own, table(GOOD), "--dry-run", "--json")
    [row] = told.json["rows"]
    [masked] = [line["citizen_id"] for line in row["lines"] if "citizen_id" in line]
    assert "*" in masked
    assert citizen_id(1) not in told.text


# --- mended and loaded again ------------------------------------------------------------------------------------------
def test_a_mended_row_is_loaded_and_its_entry_is_gone(xinheng, load, kept, exported, table):
    load(table(GOOD, BAD))
    path = exported()
    header, [name, why, *cells] = lines_of(path)
    assert header == ["xinheng_entry", "xinheng_why", *HEADER]
    assert cells == BAD
    assert "wrong check character" in why
    rewrite(path, [header, [name, why, cells[0], credit_code(102), *cells[2:]]])
    told = load(path)
    assert (told["read"], told["loaded"], told["records"], told["quarantined"]) == (1, 1, 1, 0)
    assert kept() == []
    assert xinheng("stats", "--json").json["records"]["tax-arrears"] == 2


def test_a_row_mended_wrongly_stays_the_same_entry_with_its_new_reason(load, kept, exported, table):
    rows = table(BAD)
    load(rows)
    [before] = kept()
    path = exported()
    header, [name, why, *cells] = lines_of(path)
    rewrite(path, [header, [name, why, cells[0], credit_code(102).lower(), *cells[2:]]])
    assert load(path)["quarantined"] == 1
    [after] = kept()
    assert after["id"] == before["id"]
    assert (after["file"], after["line"], after["kind"]) == (str(rows), 2, "lower_case")
    assert lines_of(exported())[1][3] == credit_code(102).lower()


def test_the_original_file_loaded_again_is_no_second_entry(load, kept, exported, table):
    rows = table(BAD)
    load(rows)
    path = exported()
    header, [name, why, *cells] = lines_of(path)
    rewrite(path, [header, [name, why, "另一名", *cells[1:]]])
    load(path)
    load(rows)
    assert len(kept()) == 1


def test_a_row_whose_entry_is_gone_does_not_take_another_with_it(load, kept, exported, table):
    """The database gives the number of a deleted entry to the next one."""
    load(table(BAD))
    path = exported()
    header, [name, why, *cells] = lines_of(path)
    rewrite(path, [header, [name, why, cells[0], credit_code(102), *cells[2:]]])
    load(path)
    load(table(["九江", credit_code(7).lower(), "k4", "", ""], name="other.csv"))
    [other] = kept()
    load(path)
    assert kept() == [other]


@pytest.mark.parametrize("name", ["", "7", "1-00000000", "no such entry"])
def test_a_row_that_names_no_entry_is_a_row_like_any_other(load, kept, table, name):
    load(table(BAD))
    told = load(table([name, "", *GOOD], header=["xinheng_entry", "xinheng_why", *HEADER], name="mended.csv"))
    assert (told["loaded"], len(kept())) == (1, 1)


def test_of_several_rows_those_that_are_mended_leave_and_the_others_stay(xinheng, load, kept, exported, table):
    load(table(GOOD, BAD, ["丙", credit_code(104)[:-1] + "O", "k3", "1", ""], ["丁", credit_code(105)]))
    path = Path(exported())
    mended = path.read_text("utf-8-sig").replace(WRONG_CODE, credit_code(102))
    path.write_text(mended.replace(credit_code(104)[:-1] + "O", credit_code(104)), "utf-8-sig")
    told = load(path)
    assert (told["read"], told["loaded"], told["quarantined"]) == (3, 2, 1)
    assert [one["kind"] for one in kept()] == ["shape"]
    assert xinheng("stats", "--json").json["records"]["tax-arrears"] == 3


def test_a_row_with_too_many_cells_is_exported_whole_and_mended(load, kept, exported, table):
    load(table([*GOOD[:2], "k,9", "1", "", "too", "many"]))
    path = exported()
    header, [name, why, *cells] = lines_of(path)
    assert cells == [*GOOD[:2], "k,9", "1", "", "too", "many"]
    rewrite(path, [header, [name, why, *cells[:-1]]])
    assert load(path)["quarantined"] == 1
    [still] = kept()
    assert "8 cells under 7 columns" in still["faults"][0]["reason"]
    path = exported()
    header, [name, why, *cells] = lines_of(path)
    assert (header[2:], cells) == (HEADER, [*GOOD[:2], "k,9", "1", "", "too"])
    rewrite(path, [header, [name, why, *cells[:5]]])
    assert (load(path)["loaded"], kept()) == (1, [])


def test_the_rows_of_several_tables_need_a_directory(xinheng, load, table, own, tmp_path):
    load(table(BAD))
    load(table([*BAD, "x"], header=[*HEADER, "more"], name="more.csv"))
    told = xinheng("quarantine", "export", "--mapping", "own")
    assert told.status == 2
    assert "--to" in told.err
    assert xinheng("quarantine", "export", "--mapping", "own", "--to", tmp_path / "out").status == 0
    mended = sorted((tmp_path / "out").iterdir())
    assert [path.suffix for path in mended] == [".csv", ".csv"]
    assert [lines_of(path)[1][2:] for path in mended] == [BAD, [*BAD, "x"]]
    assert all(path.stat().st_mode & 0o077 == 0 for path in mended)


GBK = """
id: gbk
title: gbk
dialect: {encoding: gbk, delimiter: "\\t", quoting: false}
source: {id: gbk, department: tax, dataset: x, cadence: P1M}
columns: [名称, 代码]
lines: [{line: {fact: subject, kind: enterprise, name: {column: 名称}, uscc: {column: 代码}}}]
"""


def test_rows_of_a_gbk_file_without_quoting_are_exported_and_mended_in_utf8(xinheng, town, kept, exported, tmp_path):
    mapping, rows = tmp_path / "gbk.yaml", tmp_path / "rows.txt"
    mapping.write_text(GBK, encoding="utf-8")
    rows.write_bytes(f'名称\t代码\n九江"好"公司\t{WRONG_CODE}\n'.encode("gbk"))
    assert xinheng("load", mapping, rows, "--json").json["quarantined"] == 1
    path = exported("gbk")
    text = Path(path).read_bytes()
    assert text.startswith(b"\xef\xbb\xbfxinheng_entry\t")
    assert path.endswith(".tsv")
    assert '\t九江"好"公司\t' in text.decode("utf-8-sig")
    Path(path).write_bytes(text.replace(WRONG_CODE.encode(), credit_code(102).encode()))
    told = xinheng("load", mapping, path, "--json").json
    assert (told["loaded"], told["quarantined"], kept()) == (1, 0, [])
    hits = xinheng("quarantine", "retry", "--mapping", mapping)
    assert hits.status == 0


def test_a_quote_in_a_file_without_quoting_survives_a_retry(xinheng, town, kept, tmp_path):
    mapping, rows = tmp_path / "gbk.yaml", tmp_path / "rows.txt"
    mapping.write_text(GBK.replace("uscc:", "fields: {x: {column: 代码, pad: 3}}, uscc:"), encoding="utf-8")
    rows.write_bytes(f'名称\t代码\n"九江"公司\t{credit_code(102).lower()}\n'.encode("gbk"))
    xinheng("load", mapping, rows)
    mapping.write_text(GBK.replace("{column: 代码}", f"{credit_code(102)}"), encoding="utf-8")
    assert xinheng("quarantine", "retry", "--mapping", mapping, "--json").json[str(mapping)]["loaded"] == 1
    assert kept() == []
    with SqliteStore(next(town.rglob("graph.sqlite")).parent) as store:
        assert '"九江"公司' in {
            one.name for one in store.facts(known_at=store.last_instant()) if isinstance(one, Subject)
        }


def test_standard_output_is_a_table_that_can_be_loaded(xinheng, load, kept, table, own):
    load(table(BAD))
    told = xinheng("quarantine", "export", "--mapping", "own")
    assert told.out.startswith(b"\xef\xbb\xbf")
    rows = told.out.decode("utf-8-sig").replace(WRONG_CODE, credit_code(102))
    path = own.parent / "piped.csv"
    path.write_text(rows, encoding="utf-8")
    assert (load(path)["loaded"], kept()) == (1, [])


JSON_ROWS = """
id: nested
title: nested
source: {id: nested, department: tax, dataset: x, cadence: P1M}
columns: [company, code]
lines: [{line: {fact: subject, kind: enterprise, name: {path: company.name}, uscc: {column: code}}}]
"""


def test_rows_of_json_are_exported_as_json_lines_and_mended(xinheng, town, load, kept, exported, tmp_path):
    mapping, rows = tmp_path / "nested.yaml", tmp_path / "rows.json"
    mapping.write_text(JSON_ROWS, encoding="utf-8")
    rows.write_text(json.dumps([{"company": {"name": "甲"}, "code": WRONG_CODE}]), encoding="utf-8")
    assert load(rows, mapping=mapping)["quarantined"] == 1
    path = exported("nested")
    assert path.endswith(".jsonl")
    text = Path(path).read_text(encoding="utf-8-sig")
    assert json.loads(text)["company"] == {"name": "甲"}
    Path(path).write_text(text.replace(WRONG_CODE, credit_code(102)), encoding="utf-8")
    assert (load(path, mapping=mapping)["loaded"], kept()) == (1, [])


def test_the_citys_own_lines_are_exported_and_mended(xinheng, town, load, kept, exported, city_file):
    line = {"fact": "subject", "kind": "enterprise", "name": "甲", "uscc": WRONG_CODE}
    load(city_file(line), mapping="city")
    path = exported("city")
    text = Path(path).read_text(encoding="utf-8-sig")
    assert {key: value for key, value in json.loads(text).items() if not key.startswith("xinheng_")} == line
    Path(path).write_text(text.replace(WRONG_CODE, credit_code(102)), encoding="utf-8")
    assert (load(path, mapping="city")["loaded"], kept()) == (1, [])


# --- tried once more --------------------------------------------------------------------------------------------------
def test_rows_are_tried_again_after_what_they_name_was_loaded(xinheng, town, load, kept, city_file):
    record = {"fact": "record", "key": "r9", "source": "court", "subject": {"uscc": credit_code(103)}, "list": "x"}
    assert load(city_file(record), mapping="city")["reasons"] == {"reference": 1}
    company = {"fact": "subject", "kind": "enterprise", "name": "甲", "uscc": credit_code(103)}
    load(city_file(company, name="company.jsonl"), mapping="city")
    told = xinheng("quarantine", "retry", "--json").json
    assert (told["city"]["loaded"], told["city"]["records"], kept()) == (1, 1, [])
    assert xinheng("quarantine", "retry", "--json").json == {}


def test_a_link_waits_for_both_its_ends(xinheng, town, load, kept, city_file):
    ends = [{"uscc": credit_code(number)} for number in (103, 104)]
    link = {"fact": "link", "type": "manages", "holder": ends[0], "organisation": ends[1]}
    assert load(city_file(link), mapping="city")["reasons"] == {"reference": 1}
    companies = [{"fact": "subject", "kind": "enterprise", "name": "甲", **end} for end in ends]
    for number, company in enumerate(companies):
        assert len(kept()) == 1
        load(city_file(company, name=f"{number}.jsonl"), mapping="city")
        told = xinheng("quarantine", "retry", "--json").json["city"]
        assert told["links"] == number
    assert kept() == []


def test_rows_are_tried_again_by_a_mended_mapping(xinheng, load, kept, own, table):
    load(table(["九江好有限公司", credit_code(101).lower(), "k1", "1.5", ""]))
    own.write_text(OWN.replace("uscc: {column: code}", f"uscc: {credit_code(101)}"), encoding="utf-8")
    told = xinheng("quarantine", "retry", "--mapping", own)
    assert "1 rows tried, 1 loaded after all" in told.text
    assert kept() == []


def test_rows_that_the_mended_mapping_does_not_pick_are_let_go(xinheng, load, kept, own, table):
    load(table(BAD))
    own.write_text(
        OWN.replace("lines:", "where: [{column: name, contains: [错], not: true}]\nlines:"), encoding="utf-8"
    )
    xinheng("quarantine", "retry", "--mapping", own)
    assert kept() == []


def test_rows_that_are_still_wrong_stay(xinheng, load, kept, own, table):
    load(table(BAD))
    before = [(one["id"], one["line"], one["kind"]) for one in kept()]
    told = xinheng("quarantine", "retry", "--mapping", own)
    assert "1 rows tried, 0 loaded" in told.text
    assert [(one["id"], one["line"], one["kind"]) for one in kept()] == before


ASKING = """
id: asking
title: asking
source: {id: asking, department: tax, dataset: x, cadence: P1M}
lookups: {credit code: {key: stock, value: code}}
tables:
  - columns: [stock, code, title]
    lines: [{line: {fact: subject, kind: enterprise, name: {column: title}, uscc: {column: code}}}]
  - columns: [stock, share]
    lines:
      - line:
          fact: record
          key: {column: stock}
          subject: {uscc: {column: stock, lookup: credit code}}
          list: tax-arrears
          amount: {column: share, unit: 万元}
"""


@pytest.fixture
def asking(town, table, tmp_path):
    """A mapping, the file that it asks, and one whose rows can only be read with what that says."""
    mapping = tmp_path / "asking.yaml"
    mapping.write_text(ASKING, encoding="utf-8")
    companies = table(["000001", credit_code(101), "九江好有限公司"], header=["stock", "code", "title"], name="c.csv")
    return mapping, companies, table(["000001", "5"], ["000002", "5"], header=["stock", "share"], name="s.csv")


def test_rows_are_tried_again_with_the_file_in_which_their_mapping_looks_something_up(xinheng, load, kept, asking):
    mapping, companies, shares = asking
    assert load(shares, mapping=mapping)["reasons"] == {"reference": 2}
    load(companies, mapping=mapping)
    told = xinheng("quarantine", "retry", "--mapping", mapping, "--with", companies, "--json").json[str(mapping)]
    assert (told["read"], told["loaded"], told["records"], told["quarantined"]) == (2, 1, 1, 1)
    assert [(one["line"], one["kind"]) for one in kept()] == [(3, "reference")]


def test_without_that_file_nothing_is_tried_and_the_remedy_is_said(xinheng, load, kept, asking, own, table):
    mapping, companies, shares = asking
    load(shares, mapping=mapping)
    before = kept()
    refused = xinheng("quarantine", "retry", "--mapping", mapping)
    assert refused.status == 2
    assert "--with FILE" in refused.err
    wrong = xinheng("quarantine", "retry", "--mapping", mapping, "--with", shares)
    assert wrong.status == 2
    assert "give a file with the columns stock and code" in wrong.err
    needless = xinheng("quarantine", "retry", "--mapping", own, "--with", companies)
    assert (needless.status, "leave --with out" in needless.err) == (2, True)
    alone = xinheng("quarantine", "retry", "--with", companies)
    assert (alone.status, "--with goes with --mapping" in alone.err) == (2, True)
    assert kept() == before


def test_rows_of_a_shipped_mapping_that_looks_something_up_are_left_and_named(xinheng, town, load, kept, tmp_path):
    mapping = read_mapping("cn-listed-ownership-extract")
    columns = next(table.columns for table in mapping.tables if "xydm" not in table.columns)
    cells = [(mapping.dialect.delimiter or ",").join(row) for row in (columns, ["1"] * len(columns))]
    rows = tmp_path / "rows.csv"
    rows.write_text("\n".join(cells), encoding=mapping.dialect.encoding)
    assert load(rows, mapping="cn-listed-ownership-extract")["quarantined"] == 1
    before = kept()
    told = xinheng("quarantine", "retry")
    assert told.status == 0
    assert "1 rows left; try them with --mapping cn-listed-ownership-extract --with FILE" in told.err
    assert kept() == before


def test_without_a_mapping_rows_of_ones_own_mapping_are_named_and_left(xinheng, load, kept, table, city_file):
    load(table(BAD, BAD))
    load(city_file({"fact": "load"}), mapping="city")
    told = xinheng("quarantine", "retry")
    assert told.status == 0
    assert "own: 2 rows left; give its file, as --mapping own.yaml" in told.err
    assert "city: 1 rows tried, 0 loaded" in told.text
    assert len(kept()) == 3


def test_rows_sealed_with_another_key_are_told_and_left(xinheng, load, kept, table, own, monkeypatch):
    load(table(BAD))
    monkeypatch.setenv("XINHENG_SEAL_KEY", "5a" * 32)
    for command in (("export", "--mapping", "own"), ("retry", "--mapping", own)):
        told = xinheng("quarantine", *command)
        assert told.status == 2
        assert "sealed with another key" in told.err
        assert "XINHENG_SEAL_KEY" in told.err
    assert len(kept()) == 1


# --- judged -----------------------------------------------------------------------------------------------------------
WHY = ("--user", "归集员 王", "--reason", "mended in the original file")
LOWER = ["九江", credit_code(7).lower(), "k4", "", ""]


def test_a_row_mended_in_its_original_file_is_discarded(xinheng, load, kept, table, own):
    rows = table(GOOD, BAD, LOWER)
    load(rows)
    entry = kept()[0]["entry"]
    told = xinheng("quarantine", "discard", entry, *WHY)
    assert (told.status, told.err) == (0, "1 rows discarded\n")
    assert [one["kind"] for one in kept()] == ["lower_case"]
    assert [one["rows"] for one in kept("--summary")] == [1]
    [gone] = kept("--discarded")
    assert gone["entry"] == entry
    [said] = gone["judgements"]
    assert (said["verdict"], said["by"], said["reason"]) == ("discarded", "归集员 王", "mended in the original file")
    assert "discarded by 归集员 王" in xinheng("quarantine", "list", "--discarded").text
    assert WRONG_CODE not in xinheng("quarantine", "export", "--mapping", "own").text
    assert xinheng("quarantine", "retry", "--mapping", own, "--json").json[str(own)]["read"] == 1


def test_the_sum_stays_right_after_a_row_was_discarded(xinheng, load, kept, table):
    rows = table(GOOD, BAD)
    load(rows)
    xinheng("quarantine", "discard", kept()[0]["entry"], *WHY)
    told = load(rows)
    assert (told["read"], told["loaded"], told["unchanged"], told["quarantined"]) == (2, 0, 1, 1)
    assert (kept(), len(kept("--discarded"))) == ([], 1)


@pytest.mark.parametrize(
    "picked",
    [("--kind", "check_character"), ("--file", "a.csv"), ("--mapping", "own", "--file", "a.csv")],
    ids=" ".join,
)
def test_rows_of_a_kind_or_a_file_are_discarded_together_after_a_question(xinheng, load, kept, table, picked):
    load(table(BAD, BAD, name="a.csv"))
    load(table(LOWER, name="b.csv"))
    asked = xinheng("quarantine", "discard", *picked, *WHY, stdin="n\n")
    assert "discard 2 rows?" in asked.err
    assert (asked.status, len(kept())) == (130, 3)
    assert xinheng("quarantine", "discard", *picked, *WHY, stdin="y\n").status == 0
    assert [one["kind"] for one in kept()] == ["lower_case"]
    assert len(kept("--discarded")) == 2


def test_nobody_is_asked_who_says_yes_before(xinheng, load, kept, table):
    load(table(BAD, BAD))
    told = xinheng("quarantine", "discard", "--kind", "check_character", "--yes", *WHY)
    assert (told.err, kept()) == ("2 rows discarded\n", [])


def test_a_row_that_was_discarded_wrongly_is_restored(xinheng, load, kept, table):
    load(table(BAD))
    entry = kept()[0]["entry"]
    xinheng("quarantine", "discard", entry, *WHY)
    assert xinheng("quarantine", "restore", entry, "--user", "归集员 李", "--reason", "the wrong one").status == 0
    [one] = kept()
    assert [(said["verdict"], said["by"]) for said in one["judgements"]] == [
        ("discarded", "归集员 王"),
        ("restored", "归集员 李"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1-00000000", *WHY), "holds no entry"),
        (("1", *WHY), "no name of an entry"),
        (WHY, "which entries?"),
        (("1-00000000", "--file", "a.csv", *WHY), "not both"),
        (("1-00000000", "--reason", "x"), "--user"),
        (("1-00000000", "--user", "x"), "--reason"),
    ],
    ids=["gone", "number", "none", "both", "nobody", "no reason"],
)
def test_a_judgement_that_is_not_whole_is_refused(xinheng, load, kept, table, words, said):
    load(table(BAD))
    told = xinheng("quarantine", "discard", *words)
    assert told.status == 2
    assert said in told.err
    assert len(kept()) == 1


# --- said of the source -----------------------------------------------------------------------------------------------
def test_a_source_says_how_many_of_its_rows_are_in_quarantine(xinheng, load, kept, table, own, city_file):
    own.write_text(OWN.replace("{id: own,", "{id: tax-office,"), encoding="utf-8")
    load(table(GOOD, BAD, LOWER))
    wrong = {"fact": "record", "key": "r9", "source": "court", "subject": {"uscc": WRONG_CODE}, "list": "x"}
    load(city_file(wrong, {**wrong, "source": "nobody"}), mapping="city")
    held = {one["id"]: one["quarantined"] for one in xinheng("sources", "--json").json}
    assert {name: rows for name, rows in held.items() if rows} == {"tax-office": 2, "court": 1}
    assert "nobody: 1 rows in quarantine, of no declared source" in xinheng("sources").err
    xinheng("quarantine", "discard", "--mapping", "own", "--yes", *WHY)
    assert {one["id"]: one["quarantined"] for one in xinheng("sources", "--json").json}["tax-office"] == 0

"""Excel files: the cells as text, a fault for what would have to be guessed."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from api.demo.codes import citizen_id
from loaders.reading import Dialect, UnreadableFile, raw_rows
from loaders.rows import FaultKind
from tests.loaders.reading.sheets import packed, sheet_of


def workbook(*rows, title="Sheet1", more=()):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for other in more:
        book.create_sheet(other).append([other])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLSX", "a.xlsx.gz"])
def test_a_row_has_its_number_its_text_and_a_cell_for_each_column(folder, name):
    content = workbook(["name", "code"], ["甲,公司", 1], ["乙公司"])
    one, other = folder.read(name, content)
    assert (one.line, one.text, one.cells) == (2, '"甲,公司",1', {"name": "甲,公司", "code": "1"})
    assert (other.line, other.text, other.cells) == (3, "乙公司,", {"name": "乙公司", "code": None})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  x ", "  x "),
        (12, "12"),
        (-3, "-3"),
        (12.0, "12"),
        (12.5, "12.5"),
        (8.2899999999999991, "8.29"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (999999999999999, "999999999999999"),
        (True, "true"),
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 10, 20, 30), "2024-03-01T10:20:30"),  # noqa: DTZ001  (Excel knows no time zones)
        (time(8, 30), "08:30:00"),
        (timedelta(hours=30, minutes=5), "30:05:00"),
        ("#N/A", "#N/A"),
        (None, None),
    ],
)
def test_each_cell_is_text(folder, value, text):
    [row] = folder.read("a.xlsx", workbook(["a", "b"], [value, "x"]))
    assert row.cells == {"a": text, "b": "x"}


def test_a_formula_is_a_fault_that_names_its_column(folder):
    bad, good = folder.read("a.xlsx", workbook(["名称", "金额"], ["甲", "=1+1"], ["乙", 2]))
    assert (bad.fault.kind, bad.fault.field, bad.fault.remedy) == (FaultKind.FORMULA, "金额", "paste the values")
    assert (bad.cells, bad.text) == ({}, "甲,=1+1")
    assert good.cells["金额"] == "2"


@pytest.mark.parametrize("number", [10**15, 360400198001010000, -(10**15), 1e15, 1.5e300])
def test_a_number_of_more_digits_than_excel_keeps_is_a_fault(folder, number):
    [row] = folder.read("a.xlsx", workbook(["名称", "代码"], ["甲", number]))
    assert (row.fault.kind, row.fault.field) == (FaultKind.NUMBER, "代码")
    assert "Excel keeps 15 digits; " in f"{row.fault.reason}; "
    assert row.fault.remedy == "format the column as text"


def test_a_fault_shows_no_citizen_id(folder):
    number = citizen_id(1)
    cells = [int(number[:17]) * 10, f'="{number}"']
    for row in folder.read("a.xlsx", workbook(["a", "b"], [cells[0], "x"], ["x", cells[1]])):
        assert row.fault
        assert number[6:14] not in str(row.fault)


def test_rows_and_columns_that_are_empty_are_skipped(folder):
    content = workbook([], ["a", "b", None, None], [None, ""], [1, 2, None, ""], [], [3])
    assert [(row.line, row.cells) for row in folder.read("a.xlsx", content)] == [
        (4, {"a": "1", "b": "2"}),
        (6, {"a": "3", "b": None}),
    ]


def test_a_cell_beyond_the_header_is_a_fault(folder):
    [row] = folder.read("a.xlsx", workbook(["a", "b"], [1, 2, None, 4]))
    assert (row.fault.kind, row.text) == (FaultKind.SHAPE, "1,2,,4")
    assert "4 cells under 2 columns" in row.fault.reason


def test_a_column_without_a_name_is_called_by_its_place(folder):
    assert folder.header("a.xlsx", workbook(["a", None, 2024])) == ["a", "@2", "2024"]


def test_two_columns_of_one_name_make_a_file_unreadable(folder):
    with pytest.raises(UnreadableFile, match="several columns are called a"):
        folder.read("a.xlsx", workbook(["a", "b", "a"]))


def test_a_formula_in_the_header_makes_a_file_unreadable(folder):
    with pytest.raises(UnreadableFile, match="its header: @2: a formula"):
        folder.read("a.xlsx", workbook(["a", "=A1"]))


def test_an_empty_sheet_has_no_columns_and_no_rows(folder):
    assert folder.header("a.xlsx", workbook()) == []
    assert folder.read("a.xlsx", workbook()) == []


def test_the_first_sheet_is_read_unless_another_is_named(folder):
    content = workbook(["a"], title="甲", more=["乙"])
    assert folder.header("a.xlsx", content) == ["a"]
    assert folder.header("a.xlsx", content, sheet="乙") == ["乙"]
    with pytest.raises(UnreadableFile, match=r"no sheet 丙 \(its sheets are 甲, 乙\)"):
        folder.header("a.xlsx", content, sheet="丙")


def test_what_a_file_says_of_its_size_is_not_believed(folder):
    content = packed(sheet_of([["a"], ["1"], ["2"]], dimension="A1"))
    assert [row.cells["a"] for row in folder.read("a.xlsx", content)] == ["1", "2"]


def test_rows_left_out_in_the_file_are_counted(folder):
    content = packed('<row r="2"><c t="inlineStr"><is><t>a</t></is></c></row><row r="9"><c r="A9"><v>1</v></c></row>')
    assert [(row.line, row.cells) for row in folder.read("a.xlsx", content)] == [(9, {"a": "1"})]


def test_a_row_beyond_the_last_one_makes_a_file_unreadable(folder):
    content = packed('<row r="1"><c><v>1</v></c></row><row r="999999999999"><c><v>1</v></c></row>')
    with pytest.raises(UnreadableFile, match="beyond the last one of Excel"):
        folder.read("a.xlsx", content)


def test_a_day_that_excel_cannot_show_is_none(folder):
    book = openpyxl.Workbook()
    for number in ("a", -5, 10**8):
        book.active.append([number])
    book.active["A2"].number_format = book.active["A3"].number_format = "yyyy-mm-dd"
    content = io.BytesIO()
    book.save(content)
    before, beyond = folder.read("a.xlsx", content.getvalue())
    assert (before.fault.kind, before.fault.reason) == (FaultKind.DATE, "Excel knows no day before 1900")
    assert beyond.cells == {"a": "#VALUE!"}


def test_of_a_broken_sheet_the_rows_before_are_read(folder):
    rows = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(2000))
    path = folder.write("a.xlsx", packed(rows + '<row><c t="s"><v>77</v></c></row>'))
    read = raw_rows(path, Dialect())
    assert [next(read).line for _ in range(999)] == list(range(2, 1001))
    with pytest.raises(UnreadableFile, match="no sound Excel file"):
        list(read)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x03\x04 and nothing more", b"\xd0\xcf\x11\xe0 an old Excel file", b"name,code\n1,2\n"],
)
def test_what_is_no_excel_file_is_unreadable(folder, content):
    with pytest.raises(UnreadableFile, match="no sound Excel file"):
        folder.read("a.xlsx", content)


def test_a_zip_archive_without_a_workbook_is_unreadable(folder):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(UnreadableFile, match="no sound Excel file"):
        folder.read("a.xlsx", content.getvalue())


def test_entities_that_multiply_are_refused(folder):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(UnreadableFile, match="no sound Excel file"):
        folder.read("a.xlsx", packed("<row><c t='str'><v>&b;</v></c></row>", prologue=bomb))


cells = st.none() | st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=5)
cells = cells.filter(lambda cell: cell is None or not cell.startswith("="))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.lists(st.tuples(cells, cells, cells).filter(any), max_size=4))
def test_whatever_text_is_written_is_read_back(folder, rows):
    header = [get_column_letter(place) for place in range(1, 4)]
    read = folder.read("a.xlsx", packed(sheet_of([header, *rows])))
    assert [(row.line, tuple(row.cells.values())) for row in read] == list(enumerate(rows, start=2))


TITLED = (["九江市欠税公告"], ["（2026年3月）"], [], ["名称", "代码"], ["甲公司", "1"])


def test_a_title_above_the_header_is_no_row(folder):
    content = workbook(*TITLED)
    assert folder.header("a.xlsx", content, header_row=4) == ["名称", "代码"]
    [row] = folder.read("a.xlsx", content, header_row=4)
    assert (row.line, row.cells) == (5, {"名称": "甲公司", "代码": "1"})


def test_what_left_the_quarantine_has_no_title_above_its_header(folder):
    content = workbook(["xinheng_entry", "xinheng_why", "名称"], ["1-0a1b2c3d", "…", "甲公司"])
    [row] = folder.read("a.xlsx", content, header_row=4)
    assert row.cells["名称"] == "甲公司"


def numbered(*rows):
    """A sheet whose rows and cells say where they stand: ``(3, {"A": "x"})``."""
    cells = (
        f'<row r="{number}">'
        + "".join(f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for letter, text in row)
        + "</row>"
        for number, row in rows
    )
    return packed("".join(cells))


HEADER = (1, [("A", "名称"), ("B", "代码")])


def test_rows_left_out_and_cells_left_out_are_empty(folder):
    rows = folder.read("a.xlsx", numbered(HEADER, (3, [("B", "1")]), (900_000, [("A", "甲")])))
    assert [(row.line, row.cells) for row in rows] == [
        (3, {"名称": None, "代码": "1"}),
        (900_000, {"名称": "甲", "代码": None}),
    ]


@pytest.mark.parametrize("number", [3, 4])
def test_a_row_whose_number_goes_back_is_told_and_not_lost(folder, number):
    content = numbered(HEADER, (4, [("A", "甲")]), (number, [("A", "乙")]), (5, [("A", "丙")]))
    with pytest.raises(UnreadableFile, match=f"row {number} stands behind row 4") as told:
        folder.read("a.xlsx", content)
    assert "save it anew in Excel" in told.value.remedy


@pytest.mark.parametrize("cells", [[("B", "1"), ("A", "甲")], [("A", "甲"), ("A", "乙")]])
def test_a_cell_that_goes_back_is_told_and_not_lost(folder, cells):
    with pytest.raises(UnreadableFile, match="in row 2 a cell stands behind one that is right of it"):
        folder.read("a.xlsx", numbered(HEADER, (2, cells)))

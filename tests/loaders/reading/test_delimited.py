"""Tables of text: CSV, TSV and their kin."""

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from loaders.reading import Dialect, UnreadableFile
from loaders.rows import FaultKind


def test_a_row_has_its_line_its_text_and_a_cell_for_each_column(folder):
    one, other = folder.read("a.csv", "name,code\n甲公司,1\n乙公司,2\n")
    assert (one.line, one.text, one.cells, one.fault) == (2, "甲公司,1", {"name": "甲公司", "code": "1"}, None)
    assert (other.line, other.text) == (3, "乙公司,2")


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_with_any_line_break_or_with_the_file(folder, line_break, last):
    text = f"a,b{line_break}1,2{line_break}3,4" + (line_break if last else "")
    assert [(row.line, row.text) for row in folder.read("a.csv", text)] == [(2, "1,2"), (3, "3,4")]


def test_a_row_is_numbered_by_its_first_line_and_keeps_the_line_breaks_in_it(folder):
    rows = folder.read("a.csv", 'a,b\r\n"1\r\n\r\n2",x\r\n3,y\r\n')
    assert [(row.line, row.cells["a"]) for row in rows] == [(2, "1\r\n\r\n2"), (5, "3")]
    assert rows[0].text == '"1\r\n\r\n2",x'


def test_empty_lines_are_skipped_and_counted(folder):
    assert [row.line for row in folder.read("a.csv", "\n\na,b\n\n1,2\n\n\n3,4\n")] == [5, 8]


def test_an_empty_file_has_no_columns_and_no_rows(folder):
    assert folder.header("a.csv", "") == []
    assert folder.read("a.csv", "") == []
    assert folder.read("a.csv", "\n\n") == []


def test_a_header_alone_has_no_rows(folder):
    assert folder.header("a.csv", "a,b\n") == ["a", "b"]
    assert folder.read("a.csv", "a,b\n") == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_byte_order_mark_is_dropped(folder, encoding):
    text = "\ufeff名称,代码\n甲,1\n".encode(encoding)
    assert folder.header("a.csv", text, encoding=encoding) == ["名称", "代码"]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_each_encoding_is_read(folder, encoding):
    [row] = folder.read("a.csv", "名称\n九江柏川商贸有限公司\n".encode(encoding), encoding=encoding)
    assert row.cells == {"名称": "九江柏川商贸有限公司"}


@pytest.mark.parametrize("name", ["a.tsv", "a.txt", "a", "a.tsv.gz"])
def test_the_dialect_says_the_delimiter(folder, name):
    [row] = folder.read(name, "a\tb\n1,2\t3\n", delimiter="\t")
    assert row.cells == {"a": "1,2", "b": "3"}


def test_without_quoting_quotes_are_plain_characters(folder):
    rows = folder.read("a.tsv", 'a\tb\n"1\t2"\n3\t"\n', delimiter="\t", quoting=False)
    assert [tuple(row.cells.values()) for row in rows] == [('"1', '2"'), ("3", '"')]


def test_a_doubled_quote_is_one_and_a_quote_inside_a_cell_is_plain(folder):
    [row] = folder.read("a.csv", 'a,b\n"1 ""x""",2"3\n')
    assert row.cells == {"a": '1 "x"', "b": '2"3'}


@pytest.mark.parametrize(("line", "count"), [("1", 1), ("1,2,3", 3), (",,", 3), ("  ", 1)])
def test_a_row_that_does_not_fit_under_the_header_is_a_fault(folder, line, count):
    bad, good = folder.read("a.csv", f"a,b\n{line}\n1,2\n")
    assert (bad.fault.kind, bad.text, bad.cells) == (FaultKind.SHAPE, line, {})
    assert f"{count} cells under 2 columns" in bad.fault.reason
    assert good.fault is None


def test_two_columns_of_one_name_make_a_file_unreadable(folder):
    with pytest.raises(UnreadableFile, match="several columns are called a"):
        folder.read("a.csv", "a,b,a\n1,2,3\n")


def test_a_column_without_a_name_is_called_by_its_place(folder):
    [row] = folder.read("a.csv", "a,,\n1,2,3\n")
    assert row.cells == {"a": "1", "@2": "2", "@3": "3"}


def test_text_after_a_closing_quote_is_a_fault(folder):
    bad, good = folder.read("a.csv", 'a,b\n"1" x,2\n3,4\n')
    assert "text follows the quote that closes a cell" in bad.fault.reason
    assert good.cells == {"a": "3", "b": "4"}


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\r", "\0"])
def test_a_delimiter_is_one_character_that_can_separate(delimiter):
    with pytest.raises(ValidationError):
        Dialect(delimiter=delimiter)


def alphabet(encoding):
    """Characters that the encoding holds one to one."""
    characters = st.characters(codec=encoding, exclude_characters="\0\ufeff")
    return characters.filter(lambda one: one.encode(encoding).decode(encoding) == one)


@st.composite
def tables(draw):
    encoding = draw(st.sampled_from(["utf-8", "gbk", "gb18030"]))
    text = st.text(alphabet(encoding) | st.sampled_from('",;\t\r\n x'), max_size=8)
    header = draw(st.lists(text.filter(bool), min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.lists(text, min_size=len(header), max_size=len(header)), max_size=5))
    quoting, line_break = draw(
        st.sampled_from(
            [(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r"), (csv.QUOTE_ALL, "\r\n")]
        )
    )
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    return encoding, {"quoting": quoting, "lineterminator": line_break, "delimiter": delimiter}, header, rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tables())
def test_whatever_table_is_written_is_read_back_with_its_line_numbers(folder, table):
    encoding, style, header, rows = table
    written, begun = io.StringIO(newline=""), []
    writer = csv.writer(written, **style)
    for row in (header, *rows):
        begun.append(1 + len(re.findall("\r\n|\r|\n", written.getvalue())))
        writer.writerow(row)
    content, dialect = written.getvalue().encode(encoding), {"encoding": encoding, "delimiter": style["delimiter"]}
    assert folder.header("a.csv", content, **dialect) == header
    read = folder.read("a.csv", content, **dialect)
    assert [(row.line, list(row.cells.values()), row.fault) for row in read] == [
        (line, row, None) for line, row in zip(begun[1:], rows, strict=True)
    ]


@pytest.mark.parametrize(
    "title", ["九江市欠税公告,,\n\n", '"九江市\n欠税公告"\n', "欠税公告\n单位：万元\n", '说明："甲\n乙\n']
)
def test_a_title_above_the_header_is_no_row(folder, title):
    text = title + "名称,代码,金额\n甲公司,1,2\n"
    assert folder.header("a.csv", text, header_row=3) == ["名称", "代码", "金额"]
    [row] = folder.read("a.csv", text, header_row=3)
    assert (row.line, row.cells["代码"]) == (4, "1")


def test_a_header_row_beyond_the_end_leaves_no_columns(folder):
    assert folder.header("a.csv", "a,b\n1,2\n", header_row=3) == []


def test_what_left_the_quarantine_has_no_title_above_its_header(folder):
    [row] = folder.read("a.csv", "xinheng_entry,xinheng_why,名称\n1-0a1b2c3d,…,甲公司\n", header_row=3)
    assert row.cells["名称"] == "甲公司"

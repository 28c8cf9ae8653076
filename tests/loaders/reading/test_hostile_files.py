"""Files that are wrong, broken or made to harm: each row is read or a fault, and nothing is held whole."""

import errno
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tracemalloc
import zipfile
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.demo.codes import citizen_id
from loaders.reading import Dialect, UnreadableFile, header_of, raw_rows
from loaders.reading.delimited import MOST_BYTES, MOST_LINES
from loaders.reading.encodings import spelt
from loaders.reading.lines import BEGINNING, LONGEST
from loaders.reading.sources import CHUNK, MEBIBYTE, faults_said
from loaders.rows import FaultKind
from tests.loaders.reading.sheets import packed, sheet_of

TABLES_OF_TEXT = ["a.csv", "a.jsonl", "a.json", "a.csv.gz"]


def faults(rows):
    return [(row.line, row.fault.kind if row.fault else None) for row in rows]


# --- encodings


def test_bytes_that_are_no_text_spoil_their_row_only(folder):
    content = "名称,代码\n甲,1\n乙,2\n丙,3\n".encode().replace("乙".encode(), "乙".encode("gbk"))
    one, bad, other = folder.read("a.csv", content)
    assert (bad.line, bad.text, bad.cells) == (3, "\\xd2\\xd2,2", {})
    assert (bad.fault.kind, bad.fault.field, bad.fault.value) == (FaultKind.ENCODING, "名称", "\\xd2")
    assert "kept as \\xNN" in bad.fault.remedy
    assert (one.cells["名称"], other.cells["名称"]) == ("甲", "丙")


def test_a_line_of_json_that_is_no_text_spoils_its_row_only(folder):
    rows = folder.read("a.jsonl", b'{"a": "\xe7\x94\xb2"}\n{"a": "\xff"}\n{"a": 1}\n')
    assert faults(rows) == [(1, None), (2, FaultKind.ENCODING), (3, None)]
    assert rows[1].text == '{"a": "\\xff"}'


@pytest.mark.parametrize("given", ["utf-8", "gbk"])
@pytest.mark.parametrize(("written", "named"), [("gbk", "gbk"), ("gb18030", "gb18030"), ("utf-8", "utf-8")])
def test_a_header_in_another_encoding_names_the_one_that_fits(folder, given, written, named):
    if given == named:
        return
    text = "名称,法定代表人\n甲,乙\n" if named != "gb18030" else "名称𠀀,法定代表人\n甲,乙\n"
    with pytest.raises(UnreadableFile, match=rf"it is no text in {given} \(say encoding: {named} in the mapping"):
        folder.header("a.csv", text.encode(written), encoding=given)


def test_a_header_in_no_encoding_is_said(folder):
    with pytest.raises(UnreadableFile, match=r"no text in utf-8 \(save it as UTF-8"):
        folder.header("a.csv", b"a\xff\xff,b\n1,2\n")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_json_whose_first_row_is_in_another_encoding_names_the_one_that_fits(folder, name):
    text = '[{"名称": "甲乙丙"},\n {"名称": "丁"}]' if name == "a.json" else '{"名称": "甲乙丙"}\n{"名称": "丁"}\n'
    with pytest.raises(UnreadableFile, match="say encoding: gbk in the mapping"):
        folder.read(name, text.encode("gbk"))


def test_the_mark_of_another_encoding_is_believed(folder):
    [row] = folder.read("a.csv", "\ufeff名称\n甲\n", encoding="gbk")
    assert row.cells == {"名称": "甲"}
    for encoding in ("utf-16-le", "utf-16-be"):
        with pytest.raises(UnreadableFile, match=r"it is in UTF-16 \(save it as UTF-8"):
            folder.read("a.csv", "\ufeffa,b\n".encode(encoding))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"a,b\n"), r"a gzip file .end its name in \.gz"),
        (packed(sheet_of([["a"]])), r"as Excel files are .end its name in \.xlsx"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file of the old format"),
        (b"%PDF-1.7\n", "a PDF file"),
    ],
    ids=["gzip", "excel", "parquet", "old excel", "pdf"],
)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_what_is_no_text_is_recognised(folder, name, content, said):
    with pytest.raises(UnreadableFile, match=said):
        folder.read(name, content)


def test_a_nul_byte_spoils_its_row_only(folder):
    assert faults(folder.read("a.csv", "a,b\n1\0,2\n3,4\n")) == [(2, FaultKind.SHAPE), (3, None)]
    assert faults(folder.read("a.jsonl", '{"a": "\0"}\n{}\n')) == [(1, FaultKind.SHAPE), (2, None)]
    [row] = folder.read("a.csv", "a\n\0\n")
    assert (row.text, row.fault.reason) == ("\0", "a NUL byte")


# --- quotes


def test_a_quote_that_is_not_closed_spoils_its_line_only(folder):
    rows = folder.read("a.csv", 'a,b\n1,2\n"3,4\n5,6\n7,8\n')
    assert faults(rows) == [(2, None), (3, FaultKind.SHAPE), (4, None), (5, None)]
    assert (rows[1].text, rows[1].fault.reason) == ('"3,4', "a quote opened here is not closed")


def test_a_quote_that_closes_in_the_midst_of_a_later_line_spoils_its_own_line_only(folder):
    rows = folder.read("a.csv", 'a,b\n"1,2\n3,4\n5,"6" x\n7,8\n')
    assert faults(rows) == [(2, FaultKind.SHAPE), (3, None), (4, FaultKind.SHAPE), (5, None)]


@pytest.mark.parametrize(("line", "count"), [("x", MOST_LINES + 1), ("x" * 1000, 70)])
def test_a_quote_is_given_up_after_many_lines_or_bytes_and_nothing_is_swallowed(folder, line, count):
    content = 'a\n"open\n' + f"{line}\n" * count + '"closed"\n'
    rows = folder.read("a.csv", content)
    assert faults(rows) == [(2, FaultKind.SHAPE)] + [(number, None) for number in range(3, count + 4)]


@pytest.mark.parametrize(("line", "count"), [("x", MOST_LINES - 2), ("x" * 1000, MOST_BYTES // 1001 - 1)])
def test_a_row_in_many_lines_is_one(folder, line, count):
    [row] = folder.read("a.csv", 'a\n"open\n' + f"{line}\n" * count + 'closed"\n')
    assert row.cells["a"].count("\n") == count + 1


def test_a_file_of_nothing_but_open_quotes_is_read_to_its_end(folder):
    block = '"x\n' + "y\n" * MOST_LINES
    rows = folder.read("a.csv", "a\n" + block * 50)
    assert [row.line for row in rows] == list(range(2, 50 * (MOST_LINES + 1) + 2))
    assert sum(row.fault is not None for row in rows) == 50


# --- lines and files without bounds


def big_file(path, *parts):
    """A file of parts, each bytes or (bytes, how many times)."""
    with path.open("wb") as file:
        for part, times in ((part, 1) if isinstance(part, bytes) else part for part in parts):
            for _ in range(times):
                file.write(part)
    return str(path)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    ("name", "before", "opens", "after"),
    [("a.csv", b"a,b", b"", b"1,2"), ("a.csv", b"a,b", b'"', b"1,2"), ("a.jsonl", b"{}", b'{"a": "', b'{"a": 1}')],
)
def test_a_line_of_a_hundred_megabytes_is_never_held_whole(folder, name, before, opens, after, end):
    block = b"x" * MEBIBYTE
    path = big_file(folder.path / name, before + end + opens, (block, 100), end + after + end)
    tracemalloc.start()
    try:
        *_, long, last = raw_rows(path, Dialect())
        assert tracemalloc.get_traced_memory()[1] < 10 * MEBIBYTE
    finally:
        tracemalloc.stop()
    length = 100 * MEBIBYTE + len(opens + end)
    assert (long.line, last.line, last.fault) == (2, 3, None)
    assert (long.fault.kind, long.text) == (FaultKind.TOO_LONG, (opens + block).decode()[:BEGINNING])
    assert f"a line of {length:,} bytes, at byte {len(before + end)} of the file" in long.fault.reason


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, LONGEST + CHUNK, 3 * LONGEST])
def test_the_longest_line_has_a_mebibyte_with_its_line_break(folder, length):
    rows = folder.read("a.csv", b"a\n" + b"x\n" * 3 + b"y" * (length - 1) + b"\n1\n", quoting=False)
    kind = FaultKind.TOO_LONG if length > LONGEST or length > 131072 else None
    assert faults(rows) == [(2, None), (3, None), (4, None), (5, kind), (6, None)]


def test_the_beginning_of_a_long_line_ends_with_a_whole_character(folder):
    [row] = folder.read("a.csv", "a\n" + "x" + "名" * LONGEST + "\n")
    assert row.text == "x" + "名" * ((BEGINNING - 1) // 3)


def test_a_long_cell_is_kept_and_said(folder):
    long, last = folder.read("a.csv", f"a,b\n{'x' * 200_000},2\n3,4\n")
    assert (long.fault.kind, len(long.text), last.line) == (FaultKind.TOO_LONG, 200_002, 3)
    assert "a cell of more than 131,072 characters" in long.fault.reason


def test_a_header_without_end_is_unreadable(folder):
    with pytest.raises(UnreadableFile, match="its header: a line of"):
        folder.header("a.csv", b"x" * (2 * LONGEST))


def test_a_text_without_end_in_a_json_file_is_refused(folder):
    path = big_file(folder.path / "a.json", b'[{"a": 1}, {"a": "', (b"x" * MEBIBYTE, 40), b'"}]')
    rows = raw_rows(path, Dialect())
    assert next(rows).cells["a"] == 1
    with pytest.raises(UnreadableFile, match="a single text or gap of more than 16,777,216 bytes"):
        next(rows)


READ_TWO = """
import sys
from pathlib import Path
from loaders.reading import Dialect, raw_rows
from loaders.reading.sources import faults_said
def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
for path in sys.argv[1:]:
    print(sum(1 for _ in raw_rows(path, Dialect())), peak())
"""


def table_file(folder, name, count):
    """A file with so many rows."""
    path = folder.path / f"{count}-{name}"
    lines = ({"a": f"{number:09}", "b": "九江柏川商贸有限公司", "c": "x" * 90} for number in range(count))
    match name.partition(".")[2]:
        case "csv" | "csv.gz":
            opener = gzip.open if name.endswith(".gz") else open
            with opener(path, "wt", encoding="utf-8") as file:
                file.write("a,b,c\n")
                file.writelines(",".join(line.values()) + "\n" for line in lines)
        case "jsonl":
            with path.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
        case "json":
            with path.open("w", encoding="utf-8") as file:
                file.write("[{}")
                file.writelines("," + json.dumps(line) for line in lines)
                file.write("]")
        case "xlsx":
            path.write_bytes(packed(sheet_of([["a", "b", "c"], *(line.values() for line in lines)])))
        case "parquet":
            query = f"SELECT i AS a, md5(i::VARCHAR) AS b, md5((-i)::VARCHAR) AS c FROM range({count}) AS t(i)"
            code = f"import duckdb; duckdb.sql({query!r}).write_parquet({str(path)!r}, row_group_size=20000)"
            subprocess.run([sys.executable, "-c", code], check=True)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "small", "large"),
    [
        ("a.csv", 10_000, 90_000),
        ("a.csv.gz", 10_000, 90_000),
        ("a.jsonl", 10_000, 90_000),
        ("a.json", 10_000, 70_000),
        ("a.xlsx", 3_000, 20_000),
        ("a.parquet", 20_000, 120_000),
    ],
)
def test_memory_does_not_grow_with_the_file(folder, name, small, large):
    paths = [table_file(folder, name, count) for count in (small, large)]
    done = subprocess.run([sys.executable, "-c", READ_TWO, *paths], check=True, capture_output=True, text=True)
    (few, before), (many, after) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert few >= small
    assert many >= large
    assert after - before < 24 * 1024, "KiB more for the larger file"


# --- bombs


def gzip_of(path, *parts):
    """A gzip file of members, each (bytes, how many times)."""
    return big_file(path, *((gzip.compress(part), times) for part, times in parts))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.json.gz", "a.xlsx.gz", "a.parquet.gz"])
def test_a_gzip_bomb_is_refused(folder, name):
    path = gzip_of(folder.path / name, (b'{"a":', 1), (b" " * 10 * MEBIBYTE, 12))
    with pytest.raises(UnreadableFile, match=r"a gzip bomb|a single text or gap"):
        list(raw_rows(path, Dialect()))


def test_the_rows_before_a_gzip_bomb_are_read(folder):
    line = b"3,4" + b" " * 100_000 + b"\n"
    rows = raw_rows(gzip_of(folder.path / "a.csv.gz", (b"a,b\n1,2\n", 1), (line * 100, 15)), Dialect())
    assert next(rows).cells == {"a": "1", "b": "2"}
    with pytest.raises(UnreadableFile, match=r"a gzip bomb: [\d,]+ bytes came out of [\d,]+ \(unpack it yourself"):
        list(rows)


def test_a_large_file_that_packs_well_is_no_bomb(folder):
    lines = "".join(f"{number},{number * 7919 % 10007}\n" for number in range(100_000)).encode()
    path = gzip_of(folder.path / "a.jsonl.gz", (lines, 1), (b"x\n" * MEBIBYTE, 20))
    assert next(raw_rows(path, Dialect())).fault.kind is FaultKind.SHAPE


@pytest.mark.parametrize(
    ("part", "size"),
    [("xl/worksheets/sheet2.xml", 60 * MEBIBYTE), ("xl/sharedStrings.xml", 300 * MEBIBYTE)],
)
def test_an_excel_bomb_is_refused_before_it_is_unpacked(folder, part, size):
    content = io.BytesIO()
    archive = zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open(part, "w") as member:
        for _ in range(size // MEBIBYTE):
            member.write(b" " * MEBIBYTE)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        folder.read("a.xlsx", content.getvalue())


# --- files that change or are none

LINE = "1" * 40 + "\n"


def test_a_file_that_grows_is_read_up_to_its_size_at_the_beginning(folder):
    path = folder.write("a.csv", "a\n" + LINE * 20_000)
    rows = raw_rows(path, Dialect())
    next(rows)
    with open(path, "a") as file:
        file.write("2\n" * 1000)
    assert {row.cells["a"] for row in rows} == {"1" * 40}


def test_the_last_line_of_a_file_that_is_being_written_is_not_believed(folder):
    path = folder.write("a.csv", "a\n" + LINE * 20_000 + "12")
    rows = raw_rows(path, Dialect())
    next(rows)
    with open(path, "a") as file:
        file.write("34\n")
    with pytest.raises(UnreadableFile, match="line 20002 is being written"):
        list(rows)


def test_a_file_that_shrinks_is_an_error_and_the_rows_before_stay(folder):
    path = folder.write("a.csv", "a\n" + LINE * 20_000)
    rows = raw_rows(path, Dialect())
    next(rows)
    os.truncate(path, 100)
    with pytest.raises(UnreadableFile, match="it became shorter while it was read"):
        list(rows)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz", "a.json.gz"])
def test_of_a_gzip_file_cut_short_the_rows_before_are_read(folder, name):
    lines = [f'{{"a": {number * 7919 % 10007}}}' for number in range(200_000)]
    text = "[" + ",\n".join(lines) + "]" if name == "a.json.gz" else "\n".join(lines)
    whole = gzip.compress(text.encode())
    path = folder.path / name
    path.write_bytes(whole[: len(whole) // 2])
    rows = raw_rows(str(path), Dialect())
    assert len(list(islice(rows, 50_000))) == 50_000
    with pytest.raises(UnreadableFile, match=r"no sound gzip file: .*end-of-stream"):
        list(rows)


@pytest.mark.parametrize("name", [*TABLES_OF_TEXT[:3], "a.csv.gz", "a.xlsx", "a.parquet", "a.xlsx.gz"])
def test_what_is_no_file_is_unreadable_and_says_what_to_do(folder, name):
    (folder.path / "folder" / name).mkdir(parents=True)
    for path, said in [
        (folder.path / "folder" / name, "Is a directory .give the files in it"),
        (folder.path / "none" / name, "No such file or directory .give the path of a file that is there"),
        (folder.path / "\0" / name, "no file has this name"),
    ]:
        with pytest.raises(UnreadableFile, match=said):
            list(raw_rows(str(path), Dialect()))
        with pytest.raises(UnreadableFile, match=said):
            header_of(str(path), Dialect())


def test_a_file_that_may_not_be_read_is_unreadable():
    """Whoever runs the tests as root may read everything, so the system's refusal is given here."""
    with pytest.raises(UnreadableFile, match="have its owner let you read it"), faults_said("a.csv"):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_what_is_not_gzipped_is_said(folder):
    (folder.path / "a.csv.gz").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UnreadableFile, match="no sound gzip file: Not a gzipped file"):
        list(raw_rows(str(folder.path / "a.csv.gz"), Dialect()))


def test_the_name_of_a_file_is_shown_without_a_citizen_id(folder):
    with pytest.raises(UnreadableFile) as error:
        header_of(f"{folder.path}/{citizen_id(1)}.csv", Dialect())
    assert citizen_id(1) not in str(error.value)


def test_standard_input_is_read_as_a_table_with_a_delimiter(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("名称\n甲\n".encode("gbk"))))
    assert [row.cells for row in raw_rows("-", Dialect(encoding="gbk"))] == [{"名称": "甲"}]


# --- whatever bytes

PIECES = [
    b'"',
    b'"',
    b",",
    b"\n",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xff",
    b"a",
    b'{"a": 1}',
    "名".encode(),
    "名".encode("gbk"),
]
anything = st.binary(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join)
encodings = st.sampled_from(["utf-8", "gbk", "gb18030"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(anything, encodings, st.booleans())
def test_of_whatever_bytes_each_line_that_is_not_empty_is_in_one_row(folder, content, encoding, quoting):
    dialect = Dialect(encoding=encoding, quoting=quoting)
    try:
        rows = list(raw_rows(folder.write("a.csv", content), dialect))
    except UnreadableFile:
        return
    accounted(content, rows, encoding, header=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(anything, encodings)
def test_of_whatever_bytes_each_line_that_is_not_blank_is_a_row_of_json_lines(folder, content, encoding):
    try:
        rows = list(raw_rows(folder.write("a.jsonl", content), Dialect(encoding=encoding)))
    except UnreadableFile:
        return
    accounted(content, rows, encoding, header=False)


def accounted(content, rows, encoding, *, header):
    """Every line belongs to one row, whose text it is; those before the first row to the header."""
    for mark in ("\ufeff".encode(), "\ufeff".encode("gb18030")):
        content = content.removeprefix(mark)
    lines = re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", content)
    blank = b"\r\n" if header else b" \t\r\n"
    left = {number for number, line in enumerate(lines, start=1) if line.strip(blank)}
    for row in rows:
        own = range(row.line, row.line + 1 + len(re.findall("\r\n|\r|\n", row.text)))
        text = spelt(b"".join(lines[number - 1] for number in own), encoding)
        assert row.text == (text.removesuffix("\n").removesuffix("\r") if header else text.strip(" \t\r\n"))
        row.text.encode()
        assert bool(row.fault) != bool(row.cells) or row.text == "{}"
        left -= set(own)
    first = min((row.line for row in rows), default=len(lines) + 1)
    assert not left or (header and max(left) < first)

"""Parquet files: the cells as text."""

import duckdb
import pytest

from loaders.reading import Dialect, UnreadableFile, header_of, raw_rows
from loaders.rows import FaultKind


@pytest.fixture
def parquet(folder):
    """`parquet("SELECT 1 AS a")` writes what a query gives, and returns the path."""

    def write(query, name="a.parquet"):
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            database.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        return str(path)

    return write


def read(path, **dialect):
    return list(raw_rows(path, Dialect(**dialect)))


def test_a_row_has_its_ordinal_its_text_and_a_cell_for_each_column(parquet):
    path = parquet("SELECT * FROM (VALUES ('甲,公司', 1), ('乙公司', NULL)) AS t(name, code)")
    one, other = read(path)
    assert (one.line, one.text, one.cells) == (1, '"甲,公司",1', {"name": "甲,公司", "code": "1"})
    assert (other.line, other.text, other.cells) == (2, "乙公司,", {"name": "乙公司", "code": None})
    assert header_of(path, Dialect()) == ["name", "code"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12::BIGINT", "12"),
        ("12345678901234567890123456789012345.678::DECIMAL(38,3)", "12345678901234567890123456789012345.678"),
        ("911360400000000001::BIGINT", "911360400000000001"),
        ("12.0::DOUBLE", "12"),
        ("12.50::DECIMAL(10,2)", "12.5"),
        ("0.1::FLOAT", "0.1"),
        ("0.1::DOUBLE + 0.2::DOUBLE", "0.3"),
        ("'nan'::DOUBLE", "nan"),
        ("TRUE", "true"),
        ("DATE '2024-03-01'", "2024-03-01"),
        ("TIMESTAMP '2024-03-01 00:00:00'", "2024-03-01"),
        ("TIMESTAMP '2024-03-01 10:20:30.5'", "2024-03-01T10:20:30.5"),
        ("TIMESTAMPTZ '2024-02-29 16:00:00+00'", "2024-03-01T00:00:00+08"),
        ("'infinity'::DATE", "infinity"),
        ("TIME '08:30:00'", "08:30:00"),
        ("encode('甲')", "甲"),
        ("['甲', NULL]", '["甲",null]'),
        ("{'a': 1, 'b': '甲'}", '{"a":1,"b":"甲"}'),
        ("MAP {'a': 1}", '{"a":1}'),
        ("''", None),
        ("'2024-03-01 00:00:00'", "2024-03-01 00:00:00"),
        ("NULL::INTEGER", None),
    ],
)
def test_each_cell_is_text(parquet, value, text):
    [row] = read(parquet(f"SELECT {value} AS a, 'x' AS b"))
    assert row.cells == {"a": text, "b": "x"}


def test_text_that_was_left_as_bytes_is_in_the_encoding_of_the_dialect(parquet):
    path = parquet("SELECT unhex(hex('甲')) AS a UNION ALL SELECT unhex('bcd7') UNION ALL SELECT unhex('ff')")
    utf8, gbk, neither = read(path)
    assert utf8.cells == {"a": "甲"}
    assert (gbk.fault.kind, gbk.fault.field, gbk.text) == (FaultKind.ENCODING, "a", "\\xbc\\xd7")
    assert (neither.fault.kind, neither.fault.value) == (FaultKind.ENCODING, "\\xff")
    assert read(path, encoding="gbk")[1].cells == {"a": "甲"}


def test_a_floating_number_of_which_digits_are_lost_is_a_fault(parquet):
    [row] = read(parquet("SELECT '甲' AS name, 9.1136040000000001e17::DOUBLE AS code"))
    assert (row.fault.kind, row.fault.field) == (FaultKind.NUMBER, "code")
    assert "a floating number keeps 15 digits" in row.fault.reason


def test_columns_keep_their_names_whatever_their_letters(parquet):
    path = parquet("SELECT 1 AS \"Name 'x\", {'b': 2, 'c': [3]} AS nested, 4 AS \"\u3000列\"")
    assert header_of(path, Dialect()) == ["Name 'x", "nested", "\u3000列"]
    assert [list(row.cells.values()) for row in read(path)] == [["1", '{"b":2,"c":[3]}', "4"]]


def test_columns_that_differ_in_their_letters_only_are_two(folder, parquet):
    path = parquet("SELECT 1 AS aa, 2 AS bb")
    content = (folder.path / "a.parquet").read_bytes().replace(b"bb", b"AA")
    path = folder.write("b.parquet", content)
    assert [row.cells for row in read(path)] == [{"aa": "1", "AA": "2"}]
    path = folder.write("c.parquet", content.replace(b"AA", b"aa"))
    with pytest.raises(UnreadableFile, match="several columns are called aa"):
        read(path)


@pytest.mark.parametrize("name", ["a[1].parquet", "a*.parquet", "year=2024/a?.parquet"])
def test_a_path_is_a_path_and_no_pattern(parquet, name):
    parquet("SELECT 2 AS b", "a1.parquet")
    path = parquet("SELECT 1 AS a", name)
    assert [row.cells for row in read(path)] == [{"a": "1"}]


def test_a_gzipped_one_is_unpacked_beside(folder, parquet):
    parquet("SELECT 1 AS a")
    path = folder.write("b.parquet.gz", (folder.path / "a.parquet").read_bytes())
    assert [row.cells for row in read(path)] == [{"a": "1"}]


def test_many_rows_keep_their_order(parquet):
    rows = read(parquet("SELECT i AS a FROM range(5000) AS t(i)"))
    assert [(row.line, row.cells["a"]) for row in rows] == [(n + 1, str(n)) for n in range(5000)]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"name,code\n1,2\n"])
def test_what_is_no_parquet_file_is_unreadable(folder, content):
    with pytest.raises(UnreadableFile, match="no sound Parquet file"):
        folder.read("a.parquet", content)


def test_a_file_cut_short_is_unreadable(folder, parquet):
    parquet("SELECT i AS a FROM range(5000) AS t(i)")
    content = (folder.path / "a.parquet").read_bytes()
    with pytest.raises(UnreadableFile, match="no sound Parquet file"):
        folder.read("b.parquet", content[: len(content) // 2])

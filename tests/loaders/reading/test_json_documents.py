"""JSON files: rows in an array, in an array below, in an object."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from api.demo.codes import citizen_id
from loaders.reading import Dialect, UnreadableFile, raw_rows
from loaders.reading.json_documents import DEEPEST
from loaders.reading.lines import BEGINNING, LONGEST
from loaders.rows import FaultKind


def test_the_elements_of_an_array_are_rows(folder):
    one, other = folder.read("a.json", '[{"b": 1, "a": {"c": [null, true, 1.50]}}, {"a": "甲"}]')
    assert (one.line, one.cells) == (1, {"b": 1, "a": {"c": [None, True, 1.5]}, "@rows": "[]"})
    assert (other.line, other.cells) == (2, {"a": "甲", "@rows": "[]"})


def test_the_text_of_a_row_is_canonical_and_holds_all_of_its_cells(folder):
    [row] = folder.read("a.json", '{"n": {"k": {"b" : 1,\n "a": "甲"}}}', rows=("n.*",))
    assert row.text == '{"@key":"k","@rows":"n.*","a":"甲","b":1}'
    assert json.loads(row.text) == row.cells


def test_rows_stand_in_an_array_below(folder):
    text = '{"total": 2, "data": {"list": [{"a": 1}, {"a": 2}], "other": [{"a": 3}]}, "list": [{"a": 4}]}'
    assert [row.cells["a"] for row in folder.read("a.json", text, rows=("data.list[]",))] == [1, 2]


def test_the_values_of_an_object_are_rows_with_their_key(folder):
    rows = folder.read("a.json", '{"nodes": {"x": {"a": 1}, "y": {"a": 2}}}', rows=("nodes.*",))
    assert [(row.cells["@key"], row.cells["a"]) for row in rows] == [("x", 1), ("y", 2)]
    [row] = folder.read("a.json", '{"x": {"a": 1}}', rows=("*",))
    assert row.cells == {"@key": "x", "@rows": "*", "a": 1}


def test_rows_of_several_places_say_where_they_stood(folder):
    text = '{"nodes": {"x": {"a": 1}}, "edges": [{"a": 2}]}'
    rows = folder.read("a.json", text, rows=("edges[]", "nodes.*"))
    assert [(row.line, row.cells["@rows"], row.cells["a"]) for row in rows] == [(1, "nodes.*", 1), (2, "edges[]", 2)]


def test_a_file_without_rows_at_that_place_is_unreadable(folder):
    with pytest.raises(UnreadableFile, match=r"no rows at data\[\]: it is an object of nodes, edges"):
        folder.read("a.json", '{"nodes": {"x": {}}, "edges": []}', rows=("data[]",))
    with pytest.raises(UnreadableFile, match=r"no rows at \[\]: it is no object"):
        folder.read("a.json", "7")
    assert folder.read("a.json", "[]") == []


def test_an_empty_file_has_no_keys_and_no_rows(folder):
    assert folder.read("a.json", "") == []
    assert folder.header("a.json", "") == []


def test_the_header_is_the_keys_of_the_first_row(folder):
    assert folder.header("a.json", '[7, {"b": 1, "a": 2}, {"c": 3}]') == ["b", "a", "@rows"]


@pytest.mark.parametrize("place", ["", "a", "[]a", "a[].b[]", "a.*.b", ".a[]", "a..b[]", "a*"])
def test_a_place_of_rows_is_written_in_one_of_three_ways(place):
    with pytest.raises(ValidationError, match="no place of rows"):
        Dialect(rows=(place,))


def test_no_rows_lie_in_rows():
    with pytest.raises(ValidationError, match=r"a\[\] lies inside a row of \*"):
        Dialect(rows=("*", "a[]"))
    assert Dialect(rows=("[]", "data[]")).rows == ("[]", "data[]")


FAULTS = [
    ("7", FaultKind.SHAPE, "no JSON object"),
    ('[{"a": 1}]', FaultKind.SHAPE, "no JSON object"),
    ('{"a": 1, "a": 2}', FaultKind.SHAPE, "a key stands twice"),
    ('{"b": {"a": 1, "a": 1}}', FaultKind.SHAPE, "a key stands twice"),
    ('{"a": 1e999}', FaultKind.NUMBER, "a number beyond all bounds"),
    ('{"@rows": 1}', FaultKind.SHAPE, "this key is Xinheng's own"),
    ('{"a": "\\ud83d"}', FaultKind.ENCODING, "no text"),
    ('{"a": "\0"}', FaultKind.SHAPE, "a NUL byte"),
    ('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), FaultKind.SHAPE, "nested deeper than 100"),
    ('{"a":' + "[" * 50_000 + "]" * 50_000 + "}", FaultKind.SHAPE, "nested deeper than 100"),
    ('{"a": "' + "x" * (LONGEST + 1) + '"}', FaultKind.TOO_LONG, "a row of more than 1,048,576 characters"),
    ('{"a": [' + "1," * LONGEST + "1]}", FaultKind.TOO_LONG, "a row of more than 1,048,576 characters"),
]


@pytest.mark.parametrize(("element", "kind", "reason"), FAULTS)
def test_an_element_that_is_no_sound_row_is_a_fault_and_the_others_are_read(folder, element, kind, reason):
    before, bad, after = folder.read("a.json", '[{"a": 0}, ' + element + ', {"a": 2}]')
    assert (bad.line, bad.cells, bad.fault.kind) == (2, {}, kind)
    assert reason in bad.fault.reason
    assert len(bad.text) <= BEGINNING
    assert (before.cells["a"], after.cells["a"], after.line) == (0, 2, 3)


def test_half_a_character_and_bytes_that_are_no_text_are_spelt_out(folder):
    text = b'[{"a": "x\xff"}, {"a": "\\ud83d", "\xfe": 1}, {"a": "\\ud83d\\ude00 \\\\ud83d"}]'
    byte, half, sound = folder.read("a.json", text)
    assert json.loads(byte.text)["a"] == "x\\xff"
    assert json.loads(half.text) == {"a": "\\ud83d", "\\xfe": 1, "@rows": "[]"}
    assert (byte.fault.kind, byte.fault.value, half.fault.kind) == (FaultKind.ENCODING, "\\xff", FaultKind.ENCODING)
    assert sound.cells["a"] == "😀 \\ud83d"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_each_encoding_is_read_and_a_byte_order_mark_dropped(folder, encoding):
    mark = "" if encoding == "gbk" else "\ufeff"
    [row] = folder.read("a.json", f'{mark}[{{"名称": "九江柏川"}}]'.encode(encoding), encoding=encoding)
    assert row.cells["名称"] == "九江柏川"


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("", "premature EOF"),
        ("]]", "trailing garbage"),
        (", {", "premature EOF"),
        (', {"a": NaN}]', "invalid char"),
        (', {"a": "\n"}]', "invalid character inside string"),
    ],
)
def test_of_a_broken_file_the_rows_before_are_read(folder, rest, reason):
    path = folder.write("a.json", '[{"a": "' + citizen_id(1) + '"}' + rest)
    rows = raw_rows(path, Dialect())
    assert next(rows).cells["a"] == citizen_id(1)
    with pytest.raises(UnreadableFile, match=reason) as error:
        list(rows)
    assert citizen_id(1) not in str(error.value)


@pytest.mark.parametrize("before", [10, 256 * 1024 - 3000])
def test_a_number_beyond_what_python_can_hold_does_not_reach_the_parser(folder, before):
    with pytest.raises(UnreadableFile, match="a number of more than 4,300 digits"):
        folder.read("a.json", "[" + " " * before + "9" * 4301 + "]")
    [row] = folder.read("a.json", '[{"a": ' + " " * before + "9" * 4300 + "}]")
    assert row.cells["a"] == 10**4300 - 1


def test_json_lines_under_the_name_of_a_json_file_are_recognised(folder):
    with pytest.raises(UnreadableFile, match=r"end its name in \.jsonl"):
        folder.read("a.json", '{"a": 1}\n{"a": 2}\n')


scalars = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
values = st.recursive(scalars | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.dictionaries(texts.filter(lambda key: key != "@rows"), values), max_size=5), st.booleans())
def test_whatever_objects_are_written_are_read_back(folder, objects, ascii_only):
    rows = folder.read("a.json", json.dumps(objects, ensure_ascii=ascii_only))
    assert [dict(row.cells) for row in rows] == [{**one, "@rows": "[]"} for one in objects]
    assert [row.line for row in rows] == list(range(1, len(objects) + 1))

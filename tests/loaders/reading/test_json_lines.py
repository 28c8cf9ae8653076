"""JSON lines: one object a line."""

import json

import pytest

from api.demo.codes import citizen_id
from loaders.rows import FaultKind


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz"])
def test_each_line_is_a_row(folder, name):
    one, other = folder.read(name, '{"a": 1, "b": {"c": [null, true, 1.5]}}\n\n  {"a": "甲"}\r\n')
    assert (one.line, one.cells) == (1, {"a": 1, "b": {"c": [None, True, 1.5]}})
    assert (other.line, other.text, other.cells) == (3, '{"a": "甲"}', {"a": "甲"})


def test_the_header_is_the_keys_of_the_first_row_that_can_be_read(folder):
    assert folder.header("a.jsonl", 'x\n{"b": 1, "a": 2}\n{"c": 3}\n') == ["b", "a"]
    assert folder.header("a.jsonl", "") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "no JSON object"),
        ("7", "no JSON object"),
        ('{"a": 1', "no JSON object: Expecting"),
        ("name,code", "no JSON object: Expecting value"),
        ('{"a": 1, "a": 2}', "a key stands twice"),
        ('{"b": [{"a": 1, "a": 2}]}', "a key stands twice"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": -Infinity}', "-Infinity is no JSON number"),
        ('{"a": 1e999}', "a number beyond all bounds"),
        ('{"a": ' + "9" * 5000 + "}", "Exceeds the limit"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a": "\0"}', "a NUL byte"),
        ("\u3000", "no JSON object"),
    ],
)
def test_a_line_that_is_no_object_is_a_fault_and_the_next_one_is_read(folder, line, reason):
    bad, good = folder.read("a.jsonl", f'{line}\n{{"a": 1}}\n')
    assert (bad.line, bad.text, bad.cells, bad.fault.kind) == (1, line, {}, FaultKind.SHAPE)
    assert reason in bad.fault.reason
    assert (good.line, good.fault) == (2, None)


def test_half_a_character_is_a_fault(folder):
    bad, whole, plain = folder.read("a.jsonl", '{"a": "\\ud83d"}\n{"a": "\\ud83d\\ude00"}\n{"a": "\\\\ud83d"}\n')
    assert (bad.fault.kind, bad.text) == (FaultKind.ENCODING, '{"a": "\\ud83d"}')
    assert (whole.cells, plain.cells) == ({"a": "😀"}, {"a": "\\ud83d"})


def test_a_fault_shows_no_citizen_id(folder):
    [row] = folder.read("a.jsonl", '{"citizen_id": "' + citizen_id(1))
    assert citizen_id(1) not in str(row.fault)
    assert citizen_id(1) not in repr(row)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_other_encodings_are_read(folder, encoding):
    lines = "\n".join(json.dumps({"名称": name}, ensure_ascii=False) for name in ("甲", "乙"))
    assert [row.cells["名称"] for row in folder.read("a.jsonl", lines.encode(encoding), encoding=encoding)] == [
        "甲",
        "乙",
    ]

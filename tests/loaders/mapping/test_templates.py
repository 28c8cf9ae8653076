"""The shapes of templates and the words of conditions, each on one row."""

import pytest

from loaders.rows import Fault, FaultKind
from tests.loaders.mapping.rows import filled, holds

CASES = [
    # --- constants and nested templates
    ("enterprise", {}, "enterprise"),
    (True, {}, True),
    (None, {}, None),
    ({"uscc": {"column": "a"}}, {"a": "91"}, {"uscc": "91"}),
    ({"uscc": {"column": "a"}, "name": {"column": "b"}}, {"a": "", "b": "N/A"}, None),
    ({"of": {"uscc": {"column": "a"}}, "name": "x"}, {"a": ""}, {"name": "x"}),
    # --- places
    ({"path": "a.b[0].c"}, {"a": {"b": [{"c": "1"}]}}, "1"),
    ({"path": "a.b"}, {"a": "text"}, None),
    ({"path": "a[].b", "join": "、"}, {"a": [{"b": "x"}, {"b": "y"}]}, "x、y"),
    ({"column": "a.b"}, {"a.b": "1"}, "1"),
    # --- choose: the first case that applies
    (
        {"choose": [{"column": "a", "is": ["x"], "then": "one"}, {"column": "a", "contains": ["x"], "then": "two"}]},
        {"a": "xx"},
        "two",
    ),
    ({"choose": [{"column": "a", "is": ["x"], "then": {"column": "b"}}]}, {"a": "x", "b": "from b"}, "from b"),
    ({"choose": [{"column": "a", "is": ["x"], "then": "one"}], "otherwise": {"column": "b"}}, {"b": "else"}, "else"),
    ({"choose": [{"column": "a", "is": ["x"], "then": "one"}]}, {"a": "y"}, None),
    ({"choose": [{"column": "a", "is": ["x"], "then": None}], "otherwise": "y"}, {"a": "x"}, None),
    # --- first: the first that is there
    ({"first": [{"column": "a"}, {"column": "b"}, "none"]}, {"a": " ", "b": "B"}, "B"),
    ({"first": [{"column": "a"}, {"column": "b"}, "none"]}, {}, "none"),
    ({"first": [{"column": "a"}]}, {}, None),
    ({"first": [{"column": "a"}, ""]}, {}, ""),
    # --- together: all parts or none
    ({"together": [{"column": "a"}, {"column": "b"}], "with": " | "}, {"a": "x", "b": 2}, "x | 2"),
    ({"together": [{"column": "a"}, {"column": "b"}]}, {"a": "x", "b": ""}, None),
    ({"together": [{"column": "a"}, {"first": [{"column": "b"}, ""]}], "with": "|"}, {"a": "x"}, "x|"),
]


@pytest.mark.parametrize(("template", "cells", "expected"), CASES)
def test_a_template_is_filled(template, cells, expected):
    assert filled(template, **cells) == expected


@pytest.mark.parametrize(
    ("template", "item", "expected"),
    [
        ({"item": True}, " 董事 ", "董事"),
        ({"item": True, "path": "version"}, {"version": "2"}, "2"),
        ({"column": "a", "item": True}, "董事", "董事"),
        (
            {"choose": [{"item": True, "contains": ["监事"], "then": "supervisor"}], "otherwise": "x"},
            "监事",
            "supervisor",
        ),
        (
            {"choose": [{"item": True, "path": "kind", "is": ["a"], "then": {"item": True, "path": "n"}}]},
            {"kind": "a", "n": 1},
            1,
        ),
    ],
)
def test_the_item_under_way_is_a_place(template, item, expected):
    assert filled(template, item=item, a="whole cell") == expected


BAD = {"column": "a", "as": "integer"}


@pytest.mark.parametrize(
    "template",
    [
        BAD,
        {"first": [BAD, "otherwise"]},
        {"together": ["x", BAD]},
        {"choose": [{"column": "a", "is": ["no"], "then": BAD}]},
    ],
)
def test_a_bad_value_is_not_passed_over(template):
    assert filled(template, a="no") == Fault("a", "no", "it is no number", kind=FaultKind.NUMBER)


def test_a_path_that_cannot_be_followed_is_a_fault_of_the_row():
    found = filled({"path": "length(a)"}, a=7)
    assert found.kind == FaultKind.SHAPE
    assert "length(a)" in found.reason


CONDITIONS = [
    ({"is": ["x", "y"]}, "y", True),
    ({"is": ["x"]}, " x ", True),
    ({"is": ["1"]}, 1, True),
    ({"is": ["true"]}, True, True),
    ({"is": ["x"]}, "xx", False),
    ({"starts_with": ["92", "93"]}, "9360", True),
    ({"starts_with": ["92"]}, "192", False),
    ({"ends_with": ["分公司"]}, "九江分公司", True),
    ({"contains": ["合伙"]}, "有限合伙企业", True),
    ({"matches": r"^\d{15}$"}, "1" * 15, True),
    ({"matches": r"\d"}, "a1b", True),
    ({"matches": r"^\d$"}, "12", False),
    ({"same_as": {"column": "other"}}, "same", True),
    ({"same_as": {"column": "empty"}}, "same", False),
    ({"is": ["a"], "contains": ["b"]}, "xbx", True),
    ({"missing": True}, "", True),
    ({"missing": True}, "N/A", True),
    ({"missing": True}, [], True),
    ({"missing": True}, "there", False),
    ({"is": ["x"]}, "", False),
    ({"is": ["x"], "missing": True}, "", True),
    ({"is": ["x"]}, {"nested": 1}, False),
    ({"is": ["x"]}, ["x"], False),
]


@pytest.mark.parametrize(("said", "value", "expected"), CONDITIONS)
def test_a_condition_holds_or_not_and_the_contrary_with_not(said, value, expected):
    cells = {"c": value, "other": "same", "empty": ""}
    assert holds({"column": "c", **said}, **cells) is expected
    assert holds({"column": "c", **said, "not": True}, **cells) is not expected


@pytest.mark.parametrize("said", [{"is": ["91"]}, {"same_as": {"column": "b"}}])
def test_a_condition_may_follow_a_lookup(said):
    assert not holds({"column": "a", **said}, a="1", b={"column": "x"})
    assert holds({"column": "b", "same_as": {"column": "a", "lookup": "code"}}, a="1", b="91")

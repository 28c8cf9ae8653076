"""Each conversion of a cell: what it makes of good values, what it says of bad ones, and its edges."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.rows import Fault, FaultKind
from tests.loaders.mapping.rows import converted

GOOD = [
    # --- without a conversion
    ("  九江 ", {}, "九江"),
    ("", {}, None),
    (" N/A ", {}, None),
    (None, {}, None),
    (0, {}, 0),
    # --- dates
    ("2024-03-01", {"date": ["%Y-%m-%d"]}, "2024-03-01"),
    ("2024-3-1", {"date": ["%Y-%m-%d"]}, "2024-03-01"),
    ("2024年3月1日", {"date": ["%Y年%m月%d日"]}, "2024-03-01"),
    ("２０２４-０３-０１", {"date": ["%Y-%m-%d"]}, "2024-03-01"),
    ("20240301", {"date": ["%Y%m%d"]}, "2024-03-01"),
    (20240301, {"date": ["%Y%m%d"]}, "2024-03-01"),
    ("31.12.99", {"date": ["%d.%m.%Y", "%d.%m.%y"]}, "1999-12-31"),
    ("05.03.2025", {"date": ["%d.%m.%Y", "%d.%m.%y"]}, "2025-03-05"),
    ("2024-02-29", {"date": ["%Y-%m-%d"]}, "2024-02-29"),
    ("2024-02-29", {"date": ["%Y-%m-%d"], "inclusive": True}, "2024-03-01"),
    ("2023-12-31", {"date": ["%Y-%m-%d"], "inclusive": True}, "2024-01-01"),
    ("9999-12-31", {"date": ["%Y-%m-%d"]}, "9999-12-31"),
    ("2024-03-01 08:30:00", {"date": ["%Y-%m-%d %H:%M:%S"]}, "2024-03-01"),
    # --- numbers
    ("12.50", {"unit": "yuan"}, "12.5"),
    ("1,234,567.89", {"unit": "yuan"}, "1234567.89"),
    ("１２", {"unit": "yuan"}, "12"),
    ("0", {"unit": "yuan"}, "0"),
    ("1e3", {"unit": "yuan"}, "1000"),
    ("0.07", {"unit": "万元"}, "700"),
    ("12.3456", {"unit": "万元"}, "123456"),
    (Decimal("1.10"), {"unit": "yuan"}, "1.1"),
    ("51", {"unit": "percent"}, 0.51),
    ("0.1", {"unit": "percent"}, 0.001),
    ("-5", {"as": "integer"}, -5),
    ("3.0", {"as": "integer"}, 3),
    (3.0, {"as": "integer"}, 3),
    ("120", {"within": [0, 120]}, 120),
    ("-3", {"within": [None, 0]}, -3),
    # --- codes and texts
    ("1", {"pad": 6}, "000001"),
    (1, {"pad": 6}, "000001"),
    ("600000", {"pad": 6}, "600000"),
    ("3604", {"pad_right": 6}, "360400"),
    ("91360400", {"characters": [3, 8]}, "360400"),
    ("91", {"characters": [3, 8]}, None),
    ("一\u3000 二", {"spaces": "none"}, "一二"),
    ("a \u3000 b", {"spaces": "single"}, "a b"),
    ("【2024】1号", {"replace": {"【": "〔", "】": "〕"}}, "〔2024〕1号"),
    ("王强（董事）", {"extract": "^(.+?)（"}, "王强"),
    ("王强", {"extract": "^(.+?)（"}, None),
    ("b", {"extract": "(a)|b"}, None),
    ("男", {"values": {"男": "male", "女": None}}, "male"),
    ("女", {"values": {"男": "male", "女": None}}, None),
    (True, {"values": {"true": "yes"}}, "yes"),
    ("是", {"as": "boolean"}, True),
    ("N", {"as": "boolean"}, False),
    (7, {"as": "text"}, "7"),
    ("1", {"lookup": "code"}, "91"),
    # --- several values
    ([], {}, None),
    (["董事", "经理", "董事"], {"join": "、"}, "董事、经理"),
    (["董事", None, ""], {"join": "、"}, "董事"),
    ([None, ""], {"join": "、"}, None),
    ("董事", {"join": "、"}, "董事"),
    ([30, 30], {"distinct": True, "unit": "percent"}, 0.3),
    (30, {"distinct": True}, 30),
]


@pytest.mark.parametrize(("value", "said", "expected"), GOOD)
def test_a_value_is_converted(value, said, expected):
    assert converted(value, **said) == expected


def test_conversions_follow_each_other_in_the_order_of_the_documentation():
    said = {"extract": r"^(\d+)号", "pad": 4, "values": {"0007": "七"}}
    assert converted("7号", **said) == "七"


BAD = [
    ("2023-02-29", {"date": ["%Y-%m-%d"]}, FaultKind.DATE, "no date of the form %Y-%m-%d"),
    ("1.2.2023", {"date": ["%Y-%m-%d", "%Y/%m/%d"]}, FaultKind.DATE, "%Y-%m-%d or %Y/%m/%d"),
    ("0000-01-01", {"date": ["%Y-%m-%d"]}, FaultKind.DATE, "no date"),
    ("9999-12-31", {"date": ["%Y-%m-%d"], "inclusive": True}, FaultKind.DATE, "there is no day after it"),
    ("2024111", {"date": ["%Y%m%d"]}, FaultKind.DATE, "no date"),  # the 1st of November, or the 11th of January
    ("12万", {"unit": "yuan"}, FaultKind.NUMBER, "no number"),
    ("1,23", {"unit": "yuan"}, FaultKind.NUMBER, "no number"),
    ("1234,567", {"unit": "yuan"}, FaultKind.NUMBER, "no number"),
    ("一百", {"unit": "万元"}, FaultKind.NUMBER, "no number"),
    ("NaN", {"unit": "yuan"}, FaultKind.NUMBER, "no number"),
    ("30%", {"unit": "percent"}, FaultKind.NUMBER, "no number"),
    ("3.5", {"as": "integer"}, FaultKind.NUMBER, "no whole number"),
    ("-1", {"within": [0, 120]}, FaultKind.NUMBER, "does not lie between 0 and 120"),
    ("121", {"within": [0, 120]}, FaultKind.NUMBER, "does not lie between"),
    ("1234567", {"pad": 6}, FaultKind.VALUE, "no code of up to 6 digits"),
    ("60000A", {"pad": 6}, FaultKind.VALUE, "no code"),
    ("１２", {"pad": 6}, FaultKind.VALUE, "no code"),
    ("²", {"pad_right": 6}, FaultKind.VALUE, "no code"),
    ("不明", {"values": {"男": "male"}}, FaultKind.VALUE, "the mapping knows no such value"),
    ("perhaps", {"as": "boolean"}, FaultKind.VALUE, "neither true nor false"),
    ([30, 40], {"distinct": True}, FaultKind.VALUE, "its sources disagree"),
    ({"a": 1}, {"as": "text"}, FaultKind.SHAPE, "is no single value"),
    ([1, 2], {"unit": "yuan"}, FaultKind.SHAPE, "is no single value"),
    (float("inf"), {"unit": "yuan"}, FaultKind.NUMBER, "beyond all measure"),
    (float("nan"), {"unit": "yuan"}, FaultKind.NUMBER, "beyond all measure"),
    (Decimal("1E+999999999"), {"as": "text"}, FaultKind.NUMBER, "beyond all measure"),
    ("2", {"lookup": "code"}, FaultKind.REFERENCE, "no row of the files given says what code belongs to it"),
]


@pytest.mark.parametrize(("value", "said", "kind", "reason"), BAD)
def test_a_bad_value_has_a_fault_that_names_column_kind_and_reason(value, said, kind, reason):
    found = converted(value, **said)
    assert isinstance(found, Fault)
    assert (found.field, found.kind) == ("c", kind)
    assert reason in found.reason


def test_a_value_that_the_mapping_does_not_know_is_told_with_those_it_knows():
    assert converted("不明", values={"男": "male", "女": "female"}).remedy == "one of 男, 女; or add it to the mapping"


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y年%m月%d日", "%Y/%m/%d"]))
def test_every_day_is_read_back_in_every_form(day, form):
    written = form.replace("%Y", f"{day.year:04}").replace("%m", f"{day.month:02}").replace("%d", f"{day.day:02}")
    assert converted(written, date=[form]) == day.isoformat()


@given(st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False))
def test_every_amount_of_yuan_is_read_back_with_and_without_commas(amount):
    for written in (f"{amount:f}", f"{amount:,f}"):
        assert Decimal(converted(written, unit="yuan")) == amount


@given(st.integers(0, 999_999))
def test_zeros_lost_to_a_spreadsheet_are_given_back(number):
    assert converted(number, pad=6) == f"{number:06}"

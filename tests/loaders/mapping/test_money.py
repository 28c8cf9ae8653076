"""Amounts in free text: whatever amount is written, in any spelling, is read back; what could be two things is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.mapping.money import CURRENCIES, Money, NoMoney, money_of
from tests.loaders.mapping.rows import converted

READ = [
    ("800万人民币", 800_000_000, "CNY"),
    ("800万元", 800_000_000, "CNY"),
    ("800万元人民币", 800_000_000, "CNY"),
    ("人民币800万元整", 800_000_000, "CNY"),
    ("800", 80_000, "CNY"),
    ("0万", 0, "CNY"),
    ("10,683.2000(万)", 10_683_200_000, "CNY"),
    ("50.5000(万美元)", 50_500_000, "USD"),
    ("５０（万美元）", 50_000_000, "USD"),
    ("50 万 美元", 50_000_000, "USD"),
    ("1.5亿", 15_000_000_000, "CNY"),
    ("100港币", 10_000, "HKD"),
    ("美元100万", 100_000_000, "USD"),
    ("3000元整", 300_000, "CNY"),
    ("0.01元", 1, "CNY"),
    ("10万新加坡元", 10_000_000, "SGD"),
]


@pytest.mark.parametrize(("text", "hundredths", "currency"), READ)
def test_an_amount_is_read(text, hundredths, currency):
    assert money_of(text) == Money(hundredths, currency)


NONE = [
    ("", "no amount"),
    ("无", "no amount"),
    ("八百万元", "no amount"),
    ("1亿2000万", "no amount"),  # the words of a sum, not one number
    ("1,00万", "no amount"),  # a comma that sets off no thousands: 1.00 or 100
    ("1.2.3", "no amount"),
    ("100 200万", "several numbers"),
    ("100(5)万", "several numbers"),
    ("(5)100万", "several numbers"),
    ("-5万", "currency - is not known"),
    ("5万卢布", "currency 卢布 is not known"),
    ("人民币100万美元", "two currencies"),
    ("美元100万人民币", "two currencies"),
    ("0.001元", "finer than a hundredth"),
]


@pytest.mark.parametrize(("text", "reason"), NONE)
def test_what_is_no_amount_or_could_be_two_is_refused(text, reason):
    with pytest.raises(NoMoney, match=reason):
        money_of(text)


AMOUNTS = st.decimals(min_value=0, max_value=10**10, places=4, allow_nan=False)
SPELLINGS = [
    "{number}万{currency}",
    "{number}万{currency}整",
    "{number}(万{currency})",
    "{number}（万{currency}）",
    "{number} 万 {currency}",
    "{currency}{number}万",
    "{currency}{number}万元整",
]


@given(AMOUNTS, st.sampled_from(sorted(CURRENCIES)), st.sampled_from(SPELLINGS), st.booleans())
def test_every_amount_in_every_spelling_is_read_back(amount, currency, spelling, commas):
    number = f"{amount:,f}" if commas else f"{amount:f}"
    found = money_of(spelling.format(number=number, currency=currency))
    assert found == Money(int(amount * 1_000_000), CURRENCIES[currency])


@given(st.text(alphabet="0123456789.,()（）万亿元美人民币整 -", max_size=14))
def test_no_text_is_read_as_more_digits_than_it_has(text):
    try:
        found = money_of(text)
    except NoMoney:
        return
    digits = "".join(character for character in text if character.isdigit())
    assert Decimal(found.hundredths).normalize().as_tuple().digits == Decimal(digits).normalize().as_tuple().digits


def test_a_cell_gives_amount_and_currency_apart():
    assert converted("50万美元", money="fen") == 50_000_000
    assert converted("50万美元", money="currency") == "USD"
    assert converted("面议", money="fen").reason == "it says no amount of money"

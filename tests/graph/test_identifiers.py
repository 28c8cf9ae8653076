"""Identifiers: what is verified, what is put right, and what is refused with the slip's name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from api.demo.codes import citizen_id as fake_citizen_id
from graph.errors import BadIdentifier
from graph.identifiers import (
    Identifier,
    citizen_id,
    credit_code,
    fact_id,
    holds_citizen_id,
    looks_like_citizen_id,
    named_person_id,
    organisation_code,
    organisation_id,
    parse_identifier,
    person_id,
    registration_number,
    verify,
)
from graph.model import SealedId
from loaders.formats.personal import holds_citizen_id as standing_alone
from loaders.rows import discreet

CODE = "91350100M000100Y43"
CITIZEN = "11010519491231002X"  # the example of GB 11643 itself
REGISTRATION = "110108000000016"


def fault(text: str) -> str:
    with pytest.raises(BadIdentifier) as caught:
        parse_identifier(text)
    return str(caught.value)


@pytest.mark.parametrize("code", [CODE, "11100000000013127D", "91110000600037341L"])
def test_a_credit_code_is_recognised(code: str) -> None:
    assert parse_identifier(code) == Identifier("uscc", code)


@pytest.mark.parametrize("registrar", "159ANY")
def test_credit_codes_of_every_registrar_are_taken(registrar: str) -> None:
    body = f"{registrar}1360400MA0000001"
    assert parse_identifier(body + uscc.calc_check_digit(body)).scheme == "uscc"


@pytest.mark.parametrize(
    "typed",
    [f"  {CODE} ", "9135 0100 M000 100Y 43", "９１３５０１００Ｍ０００１００Ｙ４３", "\u3000" + CODE + "\u200b"],
)
def test_spaces_and_full_width_characters_are_put_right(typed: str) -> None:
    assert parse_identifier(typed).value == CODE


def test_lower_case_is_named_with_its_place_and_remedy() -> None:
    assert "lower-case letter m at position 9" in fault(CODE.lower())
    assert "write M" in fault(CODE.lower())


@pytest.mark.parametrize(
    ("typed", "letter", "remedy"),
    [("9135O100M000100Y43", "O at position 5", "0?"), ("9I350100M000100Y43", "I at position 2", "1?")],
)
def test_the_letters_that_credit_codes_lack_are_named_with_what_was_meant(typed: str, letter: str, remedy: str) -> None:
    assert f"letter {letter}: the alphabet of credit codes has none" in fault(typed)
    assert f"did you mean {remedy}" in fault(typed)


def test_a_lower_case_o_is_a_letter_o() -> None:
    assert "did you mean 0?" in fault("9135o100M000100Y43")


def test_a_wrong_check_character_is_named_with_the_right_one() -> None:
    assert "wrong check character of the credit code: expected 3" in fault(CODE[:-1] + "4")


def test_other_characters_are_named_by_their_place() -> None:
    assert "position 9" in fault("91350100-000100Y43")
    assert "position 5" in fault("9135é100M000100Y43")


def test_letters_where_the_region_stands_are_named() -> None:
    assert "letter A at position 5" in fault("9135A100M000100Y43")


def test_fifteen_digits_are_a_registration_number() -> None:
    said = fault(REGISTRATION)
    assert "15 digits: this is a registration number 工商注册号, not a credit code" in said
    assert "registration_number:" in said


def test_thirteen_digits_are_an_older_registration_number() -> None:
    assert "13 digits: this is a registration number" in fault("3604001000123")


@pytest.mark.parametrize("typed", ["", "   ", "1", CODE + "1", "9" * 17])
def test_other_lengths_are_named(typed: str) -> None:
    assert "nothing was given" in fault(typed) or "characters: a credit code has 18" in fault(typed)


def test_a_registration_number_is_verified_by_its_check_digit() -> None:
    assert parse_identifier(f"registration_number:{REGISTRATION}") == Identifier("registration_number", REGISTRATION)
    with pytest.raises(BadIdentifier, match="wrong check digit of the registration number: expected 6"):
        registration_number("110108000000017")


def test_an_old_registration_number_has_no_check_digit() -> None:
    assert registration_number("3604001000123") == "3604001000123"


@pytest.mark.parametrize("number", ["12345", "36040010001234", "36040010001２３４５６７８", "36040010001a3"])
def test_other_registration_numbers_are_refused(number: str) -> None:
    with pytest.raises(BadIdentifier):
        registration_number(number)


def test_an_organisation_code_is_verified_with_and_without_its_hyphen() -> None:
    for typed in ("600037341", "60003734-1", "organisation_code:60003734-1"):
        assert parse_identifier(typed) == Identifier("organisation_code", "600037341")
    assert "expected 1" in fault("60003734-2")


def test_an_organisation_code_may_end_in_x_and_hold_letters() -> None:
    assert organisation_code("D2143569-X") == "D2143569X"  # the example of GB 11714
    assert "8 digits or capitals" in fault("600037 34一")


def test_other_schemes_are_taken_as_they_are_and_a_lei_is_verified() -> None:
    assert parse_identifier("gb-coh:01234567") == Identifier("gb-coh", "01234567")
    assert parse_identifier("lei:529900T8BM49AURSDO55") == Identifier("lei", "529900T8BM49AURSDO55")
    assert "legal entity identifier" in fault("LEI:529900T8BM49AURSDO56")


@pytest.mark.parametrize("typed", [":x", "lei:", "uscc: "])
def test_an_empty_scheme_or_value_is_refused(typed: str) -> None:
    assert "empty" in fault(typed)


def test_a_citizen_id_is_recognised_and_never_shown() -> None:
    found = parse_identifier(CITIZEN)
    assert found.scheme == "citizen_id"
    assert found.value == CITIZEN
    assert repr(found) == str(found) == "Identifier(citizen_id:110105********002X)"


def test_the_x_of_a_citizen_id_may_be_small() -> None:
    assert parse_identifier(CITIZEN.lower()).value == CITIZEN


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("110105194912310021", "the check character does not fit"),
        ("110105194913310021", "positions 7 to 14 are no date of birth"),
        ("160105194912310021", "positions 1 to 2 are no province"),
        ("citizen_id:11010519491231", "14 characters instead of 18"),
        ("citizen_id:1101051949123100OX", "no digit at position 17 (did you mean the digit 0?)"),
        ("citizen_id:11010530491231002X", "positions 7 to 14"),
        ("citizen_id:1101051949123100２Y", "no digit at position 18"),
    ],
)
def test_a_fault_in_a_citizen_id_is_named_by_place_alone(typed: str, said: str) -> None:
    assert said in fault(typed)


@given(
    st.sampled_from([CITIZEN, "110105194912310046"]),
    st.integers(0, 17),
    st.sampled_from("0123456789XOIxoil ９-Ａ\u00b2٣"),
    st.sampled_from(["", "citizen_id:", "uscc:", "registration_number:", "lei:", "organisation_code:"]),
    st.integers(0, 18),
)
def test_no_error_shows_a_citizen_id_however_it_was_mistyped(
    number: str, place: int, typo: str, scheme: str, cut: int
) -> None:
    """Not even four digits of it; 2007 is the year before which registration numbers had 13 digits."""
    typed = scheme + number[:place] + typo + number[place + 1 : 18 - cut % 4]
    told = refusal(typed)
    assert not re.search(r"\d{4}", told.replace("2007", "")), told


def refusal(typed: str) -> str:
    try:
        parse_identifier(typed)
    except BadIdentifier as error:
        return " ".join(map(str, (error, error.message, error.remedy, error.where, error.__cause__, error.args)))
    return ""


def test_what_is_a_credit_code_and_a_citizen_id_must_be_said() -> None:
    """Regions that end in 19 leave room for a number that is both."""
    both = next(
        number
        for tail in range(10_000)
        for check in "0123456789X"
        if uscc.is_valid(number := f"11010219491231{tail // 10:03d}{check}") and looks_like_citizen_id(number)
    )
    assert "both a credit code and a citizen ID" in fault(both)
    assert both not in fault(both)
    assert parse_identifier(f"uscc:{both}").scheme == "uscc"
    assert parse_identifier(f"citizen_id:{both}").scheme == "citizen_id"


def test_residence_permits_of_hong_kong_and_foreigners_are_taken() -> None:
    from stdnum.cn import ric

    for area in ("810000", "830000", "911840"):
        body = f"{area}19900101001"
        assert looks_like_citizen_id(body + ric.calc_check_digit(body + "0"))


@given(st.text(max_size=30))
def test_any_text_is_an_identifier_or_a_clear_error(text: str) -> None:
    if not refusal(text):
        found = parse_identifier(text)
        assert found.scheme
        assert verify(found.scheme, found.value) == found.value


def test_ids_of_subjects_derive_from_their_identifiers() -> None:
    assert organisation_id("uscc", credit_code(CODE)) == f"uscc:{CODE}"
    assert organisation_id("lei", "529900T8BM49AURSDO55") == "lei:529900T8BM49AURSDO55"
    assert person_id(SealedId("ab" * 32, "mask")) == "person:" + "ab" * 16


def test_a_citizen_id_makes_no_organisation_id() -> None:
    with pytest.raises(BadIdentifier) as caught:
        organisation_id("citizen_id", citizen_id(CITIZEN))
    assert CITIZEN not in str(caught.value)


def test_a_person_known_by_name_is_a_person_of_that_organisation() -> None:
    here = named_person_id(f"uscc:{CODE}", "程立群")
    assert re.fullmatch(r"named:[0-9a-f]{32}", here)
    assert here == named_person_id(f"uscc:{CODE}", " 程 立群")
    assert here != named_person_id("uscc:11100000000013127D", "程立群")


def test_fact_ids_derive_from_source_and_natural_key() -> None:
    first = fact_id("link", "register", "a", "b")
    assert re.fullmatch(r"link:[0-9a-f]{32}", first)
    assert first == fact_id("link", "register", "a", "b")
    others = {
        fact_id("link", "register", "ab"),
        fact_id("link", "court", "a", "b"),
        fact_id("link", "register", "b", "a"),
    }
    assert len({first, *others, fact_id("record", "register", "a", "b")}) == 5


@pytest.mark.parametrize("apart", ["", " ", "\u3000", "-", "－", "‐", "–", "—", "−"])
@pytest.mark.parametrize("finds", [holds_citizen_id, standing_alone, lambda text: discreet(text) != text])
def test_a_citizen_id_is_seen_whatever_stands_within_it(finds: Callable[[str], bool], apart: str) -> None:
    number = fake_citizen_id(7)
    assert finds(f"证件 {apart.join((number[:6], number[6:14], number[14:]))} 号")


@pytest.mark.parametrize("text", ["91350100M000100Y43", "2026-01-15 至 2027-01-15", "京财采〔2026〕12号", ""])
@pytest.mark.parametrize("finds", [holds_citizen_id, standing_alone, lambda text: discreet(text) != text])
def test_codes_days_and_numbers_of_documents_are_no_citizen_ids(finds: Callable[[str], bool], text: str) -> None:
    assert not finds(text)

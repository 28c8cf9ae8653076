"""Identifiers of subjects, verified by their check characters, and the ids that derive from them.

Written differently but meaning the same is put right: spaces, full-width characters. What may be a slip is refused with
the slip's name and its remedy: lower case, the letter O for zero, a wrong check character, a number of another scheme.
No error holds the text that was given: a mistyped credit code may be somebody's citizen ID.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from stdnum import lei as stdnum_lei
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iso7064 import mod_11_10
from stdnum.ru import inn as ru_inn
from stdnum.ru import ogrn as ru_ogrn

from graph.errors import BadIdentifier
from graph.model import SealedId

USCC_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
ORGANISATION_CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
LOOKALIKES = {"O": "0", "I": "1", "S": "5", "V": "U or Y", "Z": "2"}
# Provinces of GB/T 2260, residence permits of Hong Kong, Macao and Taiwan, permanent residence of foreigners.
CITIZEN_ID_AREAS = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9\d")
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would make an encoder for each call
_CITIZEN_ID_SHAPE = re.compile(r"[1-9]\d{5}(18|19|20)\d{9}[\dXx]")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A verified identifier. A citizen ID is masked wherever it is shown."""

    scheme: str
    value: str

    def __repr__(self) -> str:
        shown = masked(self.value) if self.scheme == "citizen_id" else self.value
        return f"Identifier({self.scheme}:{shown})"

    __str__ = __repr__


def plain(text: str) -> str:
    """The text without spaces and invisible characters, full-width characters made half-width.

    >>> plain(" ９１３６ 0400ＭＡ ")
    '91360400MA'
    """
    if text.isascii():
        return "".join(text.split())
    normal = unicodedata.normalize("NFKC", text)
    if normal.isprintable() and " " not in normal:
        return normal
    return "".join(c for c in normal if not c.isspace() and unicodedata.category(c) != "Cf")


def parse_identifier(text: str) -> Identifier:
    """What a user typed: a credit code, a citizen ID, an organisation code, or ``scheme:value``.

    Raises `BadIdentifier`, naming the fault and its remedy.

    >>> parse_identifier("91350100 M000100Y43")
    Identifier(uscc:91350100M000100Y43)
    >>> parse_identifier("11010519491231002X")
    Identifier(citizen_id:110105********002X)
    """
    typed = plain(text)
    scheme, colon, value = typed.partition(":")
    if colon:
        return Identifier(scheme.lower(), verify(scheme, value))
    if not typed:
        raise BadIdentifier("nothing was given", remedy="give a credit code, a citizen ID or scheme:value")
    if _CITIZEN_ID_SHAPE.fullmatch(typed) and not uscc.is_valid(typed):
        return Identifier("citizen_id", citizen_id(typed))
    if uscc.is_valid(typed) and looks_like_citizen_id(typed):
        raise BadIdentifier("this is both a credit code and a citizen ID", remedy="write uscc:… or citizen_id:…")
    if len(typed) in (9, 10):
        return Identifier("organisation_code", organisation_code(typed))
    return Identifier("uscc", credit_code(typed))


def verify(scheme: str, value: str) -> str:
    """The value of this scheme in its one spelling; schemes that are not known here are taken as they are.

    Raises `BadIdentifier`.
    """
    if not scheme or not plain(value):
        raise BadIdentifier("the scheme or the value is empty", remedy="write scheme:value, for example lei:…")
    check = VERIFIERS.get(scheme.lower())
    return check(value) if check else plain(value)


def credit_code(text: str) -> str:
    """A unified social credit code 统一社会信用代码 (GB 32100), verified.

    >>> credit_code("91350100M000100Y44")
    Traceback (most recent call last):
    graph.errors.BadIdentifier: wrong check character of the credit code: expected 3
    """
    code = plain(text)
    _refuse_other_lengths(code)
    _refuse_foreign_characters(code)
    expected = uscc.calc_check_digit(code[:17])
    if code[-1] != expected:
        raise BadIdentifier(f"wrong check character of the credit code: expected {expected}", slip="check_character")
    return code


def _refuse_other_lengths(code: str) -> None:
    if len(code) == 15 and code.isdigit():
        raise BadIdentifier(
            "15 digits: this is a registration number 工商注册号, not a credit code",
            remedy="give it as registration_number:…",
            slip="registration_number",
        )
    if len(code) == 13 and code.isdigit():
        raise BadIdentifier(
            "13 digits: this is a registration number 工商注册号 from before 2007, not a credit code",
            remedy="give it as registration_number:…",
            slip="registration_number",
        )
    if len(code) != 18:
        raise BadIdentifier(
            f"{len(code)} characters: a credit code has 18", remedy="give other identifiers as scheme:value"
        )


def _refuse_foreign_characters(code: str) -> None:
    for position, letter in enumerate(code, start=1):
        if letter in USCC_ALPHABET:
            continue
        if letter.upper() in LOOKALIKES and letter.isascii():
            raise BadIdentifier(
                f"letter {letter} at position {position}: the alphabet of credit codes has none",
                remedy=f"did you mean {LOOKALIKES[letter.upper()]}?",
                slip="letter",
            )
        if letter.upper() in USCC_ALPHABET and letter.isascii():
            raise BadIdentifier(
                f"lower-case letter {letter} at position {position}: credit codes are written in capitals",
                remedy=f"write {letter.upper()}",
                slip="lower_case",
            )
        raise BadIdentifier(f"the character at position {position} is no letter or digit of a credit code")
    for position, letter in enumerate(code[2:8], start=3):
        if not letter.isdigit():
            raise BadIdentifier(f"letter {letter} at position {position}: a credit code has the region's digits there")


def citizen_id(text: str) -> str:
    """A citizen ID 公民身份号码 (GB 11643), verified; a lower-case x is its X. No error tells a digit of it.

    >>> citizen_id("110105194912310021")
    Traceback (most recent call last):
    graph.errors.BadIdentifier: citizen ID: the check character does not fit
    """
    number = plain(text).upper()
    if len(number) != 18:
        raise BadIdentifier(f"citizen ID: {len(number)} characters instead of 18")
    for position, character in enumerate(number, start=1):
        if not (character in "0123456789" or (character == "X" and position == 18)):
            hint = {"O": "did you mean the digit 0?", "I": "did you mean the digit 1?"}.get(character, "")
            raise BadIdentifier(f"citizen ID: no digit at position {position}", remedy=hint)
    if not CITIZEN_ID_AREAS.match(number):
        raise BadIdentifier("citizen ID: positions 1 to 2 are no province")
    _refuse_impossible_birth(number)
    if ric.calc_check_digit(number) != number[-1]:
        raise BadIdentifier("citizen ID: the check character does not fit", slip="check_character")
    return number


def _refuse_impossible_birth(number: str) -> None:
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        born = None
    if born is None or not date(1800, 1, 1) <= born < date(2100, 1, 1):
        raise BadIdentifier("citizen ID: positions 7 to 14 are no date of birth") from None


def looks_like_citizen_id(text: str) -> bool:
    """Whether a text is a valid citizen ID.

    >>> looks_like_citizen_id("11010519491231002x"), looks_like_citizen_id("91350100M000100Y43")
    (True, False)
    """
    if len(text) < 18 and text.isascii():
        return False
    typed = plain(text)
    if len(typed) != 18 or not _CITIZEN_ID_SHAPE.fullmatch(typed):
        return False
    try:
        return bool(citizen_id(typed))
    except BadIdentifier:
        return False


WITHIN_NUMBERS = r"[ \u3000\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
"""What people write between the digits of one number: blanks, and dashes of every length and width. A pattern."""
_DASHES = re.compile(WITHIN_NUMBERS)


def holds_citizen_id(text: str) -> bool:
    """Whether a valid citizen ID stands anywhere in a text, with blanks or dashes within it or without.

    >>> holds_citizen_id("按身份证 １１０１０５ 19491231 002x 核验"), holds_citizen_id("按 91350100M000100Y43 核验")
    (True, False)
    >>> holds_citizen_id("110105－19491231–002X")
    True
    """
    digits = _DASHES.sub("", plain(text))
    return any(looks_like_citizen_id(found[1]) for found in re.finditer(r"(?=([0-9]{17}[0-9Xx]))", digits))


def masked(number: str) -> str:
    """How a citizen ID is shown: region and last four.

    >>> masked("11010519491231002X")
    '110105********002X'
    """
    return f"{number[:6]}********{number[-4:]}"


def registration_number(text: str) -> str:
    """A registration number 工商注册号: 15 digits with a check digit (GB/T 17710), or 13 digits without one.

    >>> registration_number("110108000000016")
    '110108000000016'
    """
    number = plain(text)
    if not re.fullmatch(r"\d{13}|\d{15}", number, re.ASCII):
        raise BadIdentifier(
            f"{len(number)} characters: a registration number has 15 digits, one from before 2007 has 13",
            remedy="digits only",
        )
    if len(number) == 15 and not mod_11_10.is_valid(number):
        raise BadIdentifier(
            f"wrong check digit of the registration number: expected {mod_11_10.calc_check_digit(number[:14])}",
            slip="check_character",
        )
    return number


def organisation_code(text: str) -> str:
    """An organisation code 组织机构代码 (GB 11714), verified; the hyphen before its check character is left out.

    >>> organisation_code("60003734-1")
    '600037341'
    >>> organisation_code("60003734-2")
    Traceback (most recent call last):
    graph.errors.BadIdentifier: wrong check character of the organisation code: expected 1
    """
    code = plain(text).replace("-", "")
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]|[0-9A-Z]{9}", code):
        raise BadIdentifier("an organisation code has 8 digits or capitals and a check character")
    expected = _organisation_check(code[:8])
    if code[8] != expected:
        raise BadIdentifier(
            f"wrong check character of the organisation code: expected {expected}", slip="check_character"
        )
    return code


def _organisation_check(body: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(body, ORGANISATION_CODE_WEIGHTS, strict=True))
    return "0123456789X"[(11 - total % 11) % 11]


def _foreign(name: str, validate: Callable[[str], str]) -> Callable[[str], str]:
    def verified(text: str) -> str:
        try:
            return validate(plain(text))
        except ValidationError as error:
            slip = "check_character" if isinstance(error, InvalidChecksum) else ""
            raise BadIdentifier(f"not a {name}: {error}", slip=slip) from None

    return verified


VERIFIERS: Mapping[str, Callable[[str], str]] = {
    "uscc": credit_code,
    "citizen_id": citizen_id,
    "registration_number": registration_number,
    "organisation_code": organisation_code,
    "lei": _foreign("legal entity identifier", stdnum_lei.validate),
    "inn": _foreign("Russian tax number", ru_inn.validate),
    "ogrn": _foreign("Russian registration number", ru_ogrn.validate),
}


def organisation_id(scheme: str, value: str) -> str:
    """The id of a subject known by a verified identifier other than a citizen ID: ``uscc:…``, ``lei:…``."""
    if scheme == "citizen_id":
        raise BadIdentifier("a citizen ID is no subject id", remedy="seal it and use person_id")
    return f"{scheme}:{value}"


def person_id(sealed: SealedId) -> str:
    """The id of a person known by a citizen ID."""
    return f"person:{sealed.digest[:32]}"


def named_person_id(organisation: str, name: str) -> str:
    """The id of a person known only by name, *of that organisation*: its namesakes elsewhere are others."""
    return f"named:{_digest(organisation, plain(name))}"


def fact_id(prefix: str, source: str, *natural_key: str) -> str:
    """The id of a fact, derived from its source and natural key: ``link:…``, ``record:…``, ``naming:…``."""
    return f"{prefix}:{_digest(source, *natural_key)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256(_AS_JSON(parts).encode()).hexdigest()[:32]

"""Invented identifiers that hold their checks. The citizen IDs are of a county that does not exist and of people born
more than a century ago, so that they are nobody's."""

from __future__ import annotations

from datetime import date, timedelta

from stdnum.cn import ric, uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NO_SUCH_COUNTY = "360499"
FIRST_BIRTH = date(1900, 1, 1)
BIRTHS = 7_000
SEQUENCES = 1_000
PREFIXES = {
    "enterprise": "91",
    "individual_business": "92",
    "unincorporated_organisation": "91",
    "government_organ": "11",
    "public_institution": "12",
    "social_organisation": "51",
}


def credit_code(number: int, kind: str = "enterprise", region: str = "360400") -> str:
    """The unified social credit code of the invented organisation with this number."""
    digits, rest = "", number
    for _ in range(6):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    body = f"{PREFIXES[kind]}{region}MAX{digits}"
    return body + uscc.calc_check_digit(body)


def citizen_id(number: int) -> str:
    """The citizen ID of the invented person with this number, below seven million."""
    sequence, day = divmod(number, BIRTHS)
    born = FIRST_BIRTH + timedelta(days=day)
    body = f"{NO_SUCH_COUNTY}{born:%Y%m%d}{sequence % SEQUENCES:03}"
    return body + ric.calc_check_digit(body + "0")

"""Numbers of human beings in the free text of exchange formats: no store may hold them in the clear."""

from __future__ import annotations

import re

from graph.identifiers import WITHIN_NUMBERS, looks_like_citizen_id

# At every place anew: a house number before it must not hide a citizen ID.
_CANDIDATE = re.compile(
    rf"(?<![0-9A-Za-z])(?=(\d(?:{WITHIN_NUMBERS}?\d){{16}}{WITHIN_NUMBERS}?[\dXxＸｘ])(?![0-9A-Za-z]))"
)
_WITHIN = re.compile(WITHIN_NUMBERS)
LEAST_CHARACTERS = 6
"""Of a number that is looked for in other text: a shorter one stands in half of all addresses."""


def holds_citizen_id(text: str) -> bool:
    """Whether a valid citizen ID stands by itself anywhere in a text, with blanks or dashes within it or without: what
    is part of a longer number is none.

    >>> holds_citizen_id("No. 7 110105-19491231-002X (Beijing)"), holds_citizen_id("91350100M000100Y43")
    (True, False)
    """
    return any(looks_like_citizen_id(_WITHIN.sub("", found[1])) for found in _CANDIDATE.finditer(text))


def holds_one_of(text: str, numbers: frozenset[str]) -> bool:
    """Whether one of the numbers stands in a text by itself: not as part of a longer word or number.

    >>> holds_one_of("ru-inn-183116181362", frozenset({"183116181362"})), holds_one_of("1 High St", frozenset({"1"}))
    (True, False)
    """
    return any(
        re.search(rf"(?<![^\W_]){re.escape(number)}(?![^\W_])", text, re.IGNORECASE) is not None
        for number in numbers
        if len(number) >= LEAST_CHARACTERS and number.casefold() in text.casefold()
    )

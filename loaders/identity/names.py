"""Names as evidence: one spelling of what is written differently, how it sounds, and how two names differ.

Traditional characters become simplified ones (OpenCC), full-width ones half-width; spaces, brackets and dots go.
Sounds are pinyin without tones (pypinyin), because that is what is typed when the wrong homophone is picked; so
``程立群``, ``CHENG Liqun`` and ``Liqun Cheng`` sound alike. A character *replaced* by one that sounds otherwise is how
siblings and sister companies differ, not how typing goes wrong: that is another name, however alike the two look.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from opencc import OpenCC
from rapidfuzz.distance import OSA

Level = Literal["same", "sound", "edited", "different"]
_NUMERALS = re.compile(r"[0-9零〇一二三四五六七八九十百甲乙丙丁]")
_FORMS = {"有限责任公司": "有限公司"}
"""Two spellings of one legal form (公司法: 有限责任公司 may be written 有限公司)."""


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=65_536)
def spelling(name: str) -> str:
    """The name in its one spelling; words of names in Latin letters are sorted.

    >>> spelling("程 立羣"), spelling("九江柏川商貿（集團）有限责任公司"), spelling("Liqun  CHENG")
    ('程立群', '九江柏川商贸集团有限公司', 'cheng liqun')
    """
    normal = unicodedata.normalize("NFKC", name).casefold()
    words = re.findall(r"\w+", normal)
    if _latin(normal):
        return " ".join(sorted(words))
    simple = str(_simplifier().convert("".join(words)))
    for long, short in _FORMS.items():
        simple = simple.replace(long, short)
    return simple


@lru_cache(maxsize=65_536)
def sound(spelled: str, *, person: bool) -> str:
    """How a spelling sounds; of a Chinese person surname and given name are sorted like the words of a Latin one.

    >>> sound("程立群", person=True), sound("cheng liqun", person=True), sound("柏川", person=False)
    ('chengliqun', 'chengliqun', 'baichuan')
    """
    if _latin(spelled):
        return spelled.replace(" ", "")
    from pypinyin import lazy_pinyin  # its dictionary takes a while to load, and most commands do without it

    syllables = lazy_pinyin(spelled)
    if person and len(spelled) > 1:
        syllables = sorted([syllables[0], "".join(syllables[1:])])
    return "".join(syllables)


def level(left: str, right: str, *, person: bool) -> Level:
    """How two spellings differ. ``edited``: one character too many, too few, or two swapped."""
    if left == right:
        return "same"
    if not person and _NUMERALS.findall(left) != _NUMERALS.findall(right):
        return "different"  # the first branch and the second
    if sound(left, person=person) == sound(right, person=person):
        return "sound"
    moved = len(left) != len(right) or sorted(left) == sorted(right)
    if moved and min(len(left), len(right)) > 1 and OSA.distance(left, right, score_cutoff=1) == 1:
        return "edited"
    return "different"


def _latin(text: str) -> bool:
    return not any("㐀" <= character <= "鿿" or ord(character) > 0x1FFFF for character in text)

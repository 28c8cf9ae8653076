"""Three truths: true, false, unknown. Conjunction, disjunction and negation are Kleene's.

An unknown judgement carries the gaps that make it unknown; a known one carries none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Gap = tuple[str, str]
"""Kind and what it is about."""


@dataclass(frozen=True)
class Judgement:
    value: bool | None
    gaps: frozenset[Gap] = frozenset()


TRUE = Judgement(True)
FALSE = Judgement(False)


def known(value: bool) -> Judgement:
    return TRUE if value else FALSE


def unknown(*gaps: Gap) -> Judgement:
    return Judgement(None, frozenset(gaps))


def all_of(parts: Iterable[Judgement]) -> Judgement:
    parts = list(parts)
    if any(part.value is False for part in parts):
        return FALSE
    if all(part.value is True for part in parts):
        return TRUE
    return Judgement(None, frozenset().union(*(part.gaps for part in parts if part.value is None)))


def any_of(parts: Iterable[Judgement]) -> Judgement:
    parts = list(parts)
    if any(part.value is True for part in parts):
        return TRUE
    if all(part.value is False for part in parts):
        return FALSE
    return Judgement(None, frozenset().union(*(part.gaps for part in parts if part.value is None)))


def negation(part: Judgement) -> Judgement:
    return part if part.value is None else known(not part.value)

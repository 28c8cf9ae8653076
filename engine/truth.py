"""Three-valued truth (Kleene) that remembers what is missing.

Unknown is not false: what keeps a measure from being true is named as a gap (design, section 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GapKey = tuple[str, str]
"""The kind of a gap, and the fact or field that it is about."""
NOTHING: frozenset[GapKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Truth:
    """``value`` is True, False, or None for unknown; ``gaps`` says why it is unknown."""

    value: bool | None
    gaps: frozenset[GapKey] = NOTHING

    def __invert__(self) -> Truth:
        return self if self.value is None else of(not self.value)


TRUE, FALSE = Truth(True), Truth(False)


def of(value: bool) -> Truth:
    return TRUE if value else FALSE


def unknown(kind: str, about: str) -> Truth:
    return Truth(None, frozenset({(kind, about)}))


def all_of(parts: Iterable[Truth]) -> Truth:
    """False as soon as one part is, unknown as long as one part is."""
    gaps: set[GapKey] = set()
    open_ = False
    for part in parts:
        if part.value is False:
            return FALSE
        if part.value is None:
            open_ = True
            gaps |= part.gaps
    return Truth(None, frozenset(gaps)) if open_ else TRUE


def any_of(parts: Iterable[Truth]) -> Truth:
    """True as soon as one part is, unknown as long as one part is."""
    gaps: set[GapKey] = set()
    open_ = False
    for part in parts:
        if part.value:
            return TRUE
        if part.value is None:
            open_ = True
            gaps |= part.gaps
    return Truth(None, frozenset(gaps)) if open_ else FALSE

"""One hop for a whole frontier: the links of many subjects in one statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from graph.model import LinkType
from graph.plan import LinkStep, Toward
from graph.sqlite.rows import LINK_TYPE_NUMBERS, numbers_json
from graph.sqlite.values import day_number

TOWARDS: tuple[Toward, ...] = ("holder", "organisation")
Hop = tuple[int, int, int, int, float | None, int, int]
"""A link as met: near end, far end, number of the type, valid_to, share, mark of the far end, version."""

# A want is packed into one integer: subject << 8 | type << 2 | open << 1 | marked. ``open`` leaves out links that
# ended by as_of, ``marked`` those whose far end never had what a path may end at (graph.sqlite.schema).
_FLAGS = 0b11
_HOP = """
SELECT link.{near}, link.{far}, link.type, link.valid_to, link.share, link.{far}_mark, link.v
FROM json_each(:wants) w CROSS JOIN link INDEXED BY link_by_{near}
  ON link.{near} = w.value >> 8 AND link.type = (w.value >> 2) & 63 AND link.{far}_mark >= w.value & 1
WHERE link.valid_to > (w.value >> 1 & 1) * :as_of AND link.tf <= :known AND link.tt > :known"""
# A step to the holder is walked backwards from the holder.
_HOPS: Mapping[Toward, str] = {
    "holder": _HOP.format(near="holder", far="organisation"),
    "organisation": _HOP.format(near="organisation", far="holder"),
}
_BETWEEN = """
SELECT link.holder, link.organisation, link.type, link.v
FROM json_each(:wants) w CROSS JOIN link INDEXED BY link_by_holder
  ON link.holder = w.value >> 8 AND link.type = (w.value >> 2) & 63 AND link.organisation_mark >= 1
WHERE link.organisation IN (SELECT value FROM json_each(:ends)) AND link.tf <= :known AND link.tt > :known"""


class Hops:
    """Reads links in one snapshot, as known at ``known`` (µs)."""

    def __init__(self, connection: sqlite3.Connection, as_of: date, known: int) -> None:
        self._connection = connection
        self._terms = {"as_of": day_number(as_of), "known": known}

    def of(self, toward: Toward, wants: Sequence[int]) -> Iterable[Hop]:
        """The links that are wanted."""
        return self._connection.execute(_HOPS[toward], {"wants": numbers_json(wants), **self._terms})

    def between(
        self, holders: Collection[int], types: Collection[LinkType], organisations: Collection[int]
    ) -> Iterable[tuple[int, int, int, int]]:
        """Links of these types between these subjects: holder, organisation, number of the type, version."""
        wants = wants_of([(holders, every(types))])
        terms = {"wants": numbers_json(wants), "ends": numbers_json(organisations), **self._terms}
        return self._connection.execute(_BETWEEN, terms)


def asked_of(steps: Iterable[tuple[LinkStep, bool]]) -> list[int]:
    """What to want at any subject for these steps, each with whether a path may go no further behind it."""
    flags: dict[int, int] = {}
    for step, is_last in steps:
        for link_type in step.types:
            number = LINK_TYPE_NUMBERS[link_type]
            flags[number] = flags.get(number, _FLAGS) & _flags_of(step, is_last)
    return [number << 2 | some for number, some in flags.items()]


def every(types: Iterable[LinkType]) -> list[int]:
    """What to want for all links of these types, ended or not, whatever stands at the far end."""
    return [LINK_TYPE_NUMBERS[link_type] << 2 for link_type in types]


def wants_of(fronts: Sequence[tuple[Collection[int], Sequence[int]]]) -> list[int]:
    """The wants at these subjects, each with what is asked of it; what several ask for is wanted once."""
    wants = [subject << 8 | asked for subjects, some in fronts for subject in subjects for asked in some]
    if len(fronts) == 1:
        return wants
    flags: dict[int, int] = {}
    for want in wants:
        flags[want >> 2] = flags.get(want >> 2, _FLAGS) & want
    return [links << 2 | some for links, some in flags.items()]


def _flags_of(step: LinkStep, is_last: bool) -> int:
    """What a step needs not to see. ``at_event`` looks at links that have ended since."""
    return (step.holds != "at_event") << 1 | is_last


def fits(step: LinkStep, valid_to: int, share: float | None, as_of: int) -> bool:
    """Whether a link may serve a step; one without a share is kept, since it makes a gap."""
    if step.holds != "at_event" and valid_to <= as_of:
        return False
    return step.min_share is None or share is None or share >= step.min_share

"""One hop for a whole frontier: the links of many subjects in one statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from graph.model import LinkType
from graph.plan import LinkStep, Toward
from graph.sqlite.rows import LINK_TYPE_NUMBERS, canonical_json
from graph.sqlite.values import day_number

# A want is packed into one integer: subject << 8 | type << 2 | open << 1 | marked. ``open`` leaves out links that
# ended by as_of, ``marked`` those whose far end never had what a path may end at (graph.sqlite.schema).
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


class Hop(NamedTuple):
    near: int
    far: int
    type: int
    valid_to: int
    share: float | None
    mark: int
    link: int


class Hops:
    """Reads links in one snapshot, as known at ``known`` (µs)."""

    def __init__(self, connection: sqlite3.Connection, as_of: date, known: int) -> None:
        self._connection = connection
        self._terms = {"as_of": day_number(as_of), "known": known}

    def of(self, toward: Toward, wants: Mapping[tuple[int, int], int]) -> Iterable[Hop]:
        """The links at these subjects: by subject and number of the type, which of them to leave out."""
        packed = canonical_json([subject << 8 | number << 2 | flags for (subject, number), flags in wants.items()])
        return map(Hop._make, self._connection.execute(_HOPS[toward], {"wants": packed, **self._terms}))

    def between(
        self, holders: Collection[int], types: Collection[LinkType], organisations: Collection[int]
    ) -> Iterable[tuple[int, int, int, int]]:
        """Links of these types between these subjects: holder, organisation, number of the type, version."""
        wants = [holder << 8 | LINK_TYPE_NUMBERS[link_type] << 2 for holder in holders for link_type in types]
        terms = {"wants": canonical_json(wants), "ends": canonical_json(list(organisations)), **self._terms}
        return self._connection.execute(_BETWEEN, terms)


def flags_of(step: LinkStep, is_last: bool) -> int:
    """What a step needs not to see. ``at_event`` looks at links that have ended since."""
    return (step.holds != "at_event") << 1 | is_last


def fits(step: LinkStep, hop: Hop, as_of: int) -> bool:
    """Whether a link may serve a step; one without a share is kept, since it makes a gap."""
    if step.holds != "at_event" and hop.valid_to <= as_of:
        return False
    return step.min_share is None or hop.share is None or hop.share >= step.min_share

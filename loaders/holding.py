"""Whom a list may hold: the catalogue says of each list the kinds of its subjects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from graph.errors import BadFact
from graph.model import Fact, Kind, Record
from graph.store import Check

MayHold = Mapping[str, Collection[Kind]]
ANY_KIND: MayHold = MappingProxyType({})


def holding(may_hold: MayHold) -> Check:
    """The check of records by their list and their subject's kind."""

    def check(fact: Fact, kinds: Mapping[str, Kind]) -> None:
        if not isinstance(fact, Record):
            return
        kind, allowed = kinds.get(fact.subject), may_hold.get(fact.list)
        if kind is not None and allowed is not None and kind not in allowed:
            raise BadFact(
                f"the list {fact.list} may not hold a subject of kind {kind}",
                remedy=f"it holds {', '.join(allowed)}: correct the subject or the list",
                where=fact.id,
            )

    return check

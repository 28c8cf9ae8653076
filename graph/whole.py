"""What both stores do alike when they judge a batch: rows are written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from graph.model import Fact
from graph.store import Settle, Written

REFUSED = (Written.CONFLICT, Written.UNKNOWN_REFERENCE)
CHANGED = (Written.NEW, Written.CORRECTED)


class Batch(Protocol):
    """A batch under way, in memory: nothing of it is written yet."""

    def offer(self, place: int, fact: Fact) -> Written:
        """Judge one fact, and take it in if it is to be written."""
        ...

    def take_back(self, number: int) -> None:
        """Forget the last facts that were taken in, as many as this."""
        ...


def judged(batch: Batch, facts: Sequence[Fact], rows: Sequence[int] | None) -> tuple[Written, ...]:
    """What becomes of each fact. ``rows`` numbers the row of each; without it each is a row of its own."""
    if rows is None:
        return tuple(batch.offer(place, fact) for place, fact in enumerate(facts))
    results: list[Written] = []
    for _, group in groupby(zip(rows, range(len(facts)), facts, strict=True), key=lambda one: one[0]):
        found = [batch.offer(place, fact) for _, place, fact in group]
        if any(one in REFUSED for one in found):
            batch.take_back(sum(one in CHANGED for one in found))
            found = [one if one in REFUSED else Written.HELD_BACK for one in found]
        results += found
    return tuple(results)


def settled_by(facts: Sequence[Fact], correct: bool) -> Settle:
    """What is offered stands, if the writer corrects; else it is a conflict."""
    return lambda place, _: facts[place] if correct else None

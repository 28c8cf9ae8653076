"""What sources declare and how far they reach, remembered between questions."""

from __future__ import annotations

from graph.model import Load, Source

Declarations = tuple[tuple[Source, ...], tuple[Load, ...]]
"""The sources, and of each the load that reaches furthest, both by id."""


class Declared:
    """Of one store. All evidence holds all declarations, and they change with deliveries only. What was known at an
    instant that the store's clock has reached stays as it is, so what was read last is kept. Threads may share it;
    instants are in µs."""

    def __init__(self) -> None:
        self._reached = 0
        self._kept: tuple[int, Declarations] | None = None

    def saw(self, last: int | None) -> None:
        """The store's clock stands at this instant."""
        self._reached = max(self._reached, last or 0)

    def at(self, known: int) -> Declarations | None:
        """As known at this instant, if that was read last."""
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == known else None

    def keep(self, known: int, read: Declarations) -> Declarations:
        if known <= self._reached:
            self._kept = known, read
        return read

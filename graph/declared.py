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
        self.reached = 0
        """The last instant at which the store's clock was seen."""
        self._kept: tuple[int, Declarations] | None = None

    def saw(self, last: int) -> None:
        self.reached = max(self.reached, last)

    def at(self, known: int) -> Declarations | None:
        """As known at this instant, if that was read last."""
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == known else None

    def keep(self, known: int, read: Declarations, *, reached: int) -> Declarations:
        """``reached``: where the clock stood before this was read. What it had not reached may have changed since."""
        if known <= reached:
            self._kept = known, read
        return read

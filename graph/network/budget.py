"""How long a question of an investigator may take: each call of the store, and all of them together."""

from __future__ import annotations

import time
from collections.abc import Callable

from graph.errors import OutOfTime

SECONDS = 10.0
PART = 0.5
"""What one call may take of all the time there is."""


class Budget:
    """Counts from when it is made. ``clock`` gives seconds."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock, self._end = clock, clock() + seconds

    def call(self) -> float:
        """The seconds that the next call may take. Raises `OutOfTime` where none are left."""
        left = self._end - self._clock()
        if left <= 0:
            raise OutOfTime(f"the question took more than {self.seconds:g} s", remedy="ask for less at once")
        return min(left, PART * self.seconds)

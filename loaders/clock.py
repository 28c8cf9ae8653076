"""The instants of a load.

Without `--recorded-at` the store gives each batch the instant at which it is written. With it, the n-th write of the
load gets that instant and n microseconds, whether or not it changed anything, so that the same files make the same
instants. All of them lie within one second, which is how a load that was cut short is told from a past that may not be
written to any more: repeated with the same instant, it goes on after the store's last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from graph.errors import RecordedAtNotLater
from graph.model import Fact
from graph.store import GraphStore, Written

ONE_TICK = timedelta(microseconds=1)
ONE_LOAD = timedelta(seconds=1)


class LoadClock:
    """Writes to a store at the instants of one load."""

    def __init__(self, store: GraphStore, begins: datetime | None) -> None:
        self._store, self._begins, self._next = store, begins, begins

    def write(self, facts: Sequence[Fact], corrects: bool) -> Sequence[Written]:
        """Raises `RecordedAtNotLater` if the store has gone on beyond the load's second and lacks one of the facts."""
        try:
            report = self._store.write(facts, recorded_at=self._tick(), correct=corrects)
        except RecordedAtNotLater:
            if self._may_go_on():
                report = self._store.write(facts, recorded_at=self._tick(), correct=corrects)
            elif all(_is_current(self._store, fact) for fact in facts):
                return [Written.UNCHANGED] * len(facts)  # an old load is repeated: its instant is not needed again
            else:
                raise
        return report.results

    def retract(self, fact_id: str) -> Sequence[Written]:
        """Raises `RecordedAtNotLater` if the store has gone on beyond the load's second."""
        try:
            report = self._store.retract([fact_id], recorded_at=self._tick())
        except RecordedAtNotLater:
            if not self._may_go_on():
                raise
            report = self._store.retract([fact_id], recorded_at=self._tick())
        return report.results

    def _tick(self) -> datetime | None:
        now = self._next
        if now is not None:
            self._next = now + ONE_TICK
        return now

    def _may_go_on(self) -> bool:
        """Whether the store's last instant is one of this load's; the next one then follows it."""
        last = self._store.last_instant()
        if self._begins is None or self._next is None or last is None or not 0 <= (last - self._begins) / ONE_LOAD < 1:
            return False
        self._next = max(self._next, last + ONE_TICK)
        return True


def _is_current(store: GraphStore, fact: Fact) -> bool:
    return any(version.fact == fact and version.superseded_at is None for version in store.history(fact.id))

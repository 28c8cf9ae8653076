"""The instants of a load.

Without `--recorded-at` the store gives each batch the instant at which it is written. With it, the n-th write of the
load gets that instant and n microseconds, whether or not it changed anything, so that the same files make the same
instants. All of them lie within one second, which is how a load that was cut short is told from a past that may not be
written to any more. Repeated with the same instant, it finds what it had written unchanged, and what it writes anew
gets the instant that it would have had, or where the store is beyond that already, the one after the store's last. So
a load cut short and continued makes the same instants, unless fewer writes are needed the second time: for rows that
had waited for what a later row brought and now find it, and for subjects on whose two statements was decided before the
cut. From there on the instants may differ by some microseconds; the facts do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from graph.errors import RecordedAtNotLater
from graph.model import Fact
from graph.store import Check, GraphStore, Settle, Written

ONE_TICK = timedelta(microseconds=1)
ONE_LOAD = timedelta(seconds=1)


class LoadClock:
    """Writes to a store at the instants of one load."""

    def __init__(self, store: GraphStore, begins: datetime | None, check: Check | None = None) -> None:
        self._check = check
        self._store, self._begins, self._next = store, begins, begins
        self._last: datetime | None = None  # of the store, once it is known to be within this load

    def write(self, facts: Sequence[Fact], rows: Sequence[int], settle: Settle) -> Sequence[Written]:
        """Write facts, those of a row all or none; see `GraphStore.write`.

        Raises `RecordedAtNotLater` if the store has gone on beyond the load's second and lacks one of the facts."""
        try:
            report = self._store.write(facts, recorded_at=self._tick(), rows=rows, settle=settle, check=self._check)
        except RecordedAtNotLater:
            if follows := self._following():
                report = self._store.write(facts, recorded_at=follows, rows=rows, settle=settle, check=self._check)
            elif all(_changes_nothing(self._store, place, fact, settle) for place, fact in enumerate(facts)):
                return [Written.UNCHANGED] * len(facts)  # an old load is repeated: its instant is not needed again
            else:
                raise
        self._last = report.recorded_at if self._last and report.recorded_at else self._last
        return report.results

    def retract(self, fact_id: str) -> Sequence[Written]:
        """Raises `RecordedAtNotLater` if the store has gone on beyond the load's second."""
        try:
            report = self._store.retract([fact_id], recorded_at=self._tick())
        except RecordedAtNotLater:
            if not (follows := self._following()):
                raise
            report = self._store.retract([fact_id], recorded_at=follows)
        return report.results

    def _tick(self) -> datetime | None:
        now = self._next
        if now is not None:
            self._next = now + ONE_TICK
            if self._last is not None and now <= self._last:
                return self._last + ONE_TICK
        return now

    def _following(self) -> datetime | None:
        """The instant after the store's last one, if that is one of this load's."""
        last = self._store.last_instant()
        if self._begins is None or last is None or not 0 <= (last - self._begins) / ONE_LOAD < 1:
            return None
        self._last = last
        return last + ONE_TICK


def _changes_nothing(store: GraphStore, place: int, fact: Fact, settle: Settle) -> bool:
    held = next((version.fact for version in store.history(fact.id) if version.superseded_at is None), None)
    return held is not None and (held == fact or settle(place, held) is held)

"""The `GraphStore` protocol: what Xinheng asks of a store, and no more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, Self

from graph.evidence import Evidence
from graph.model import Fact, Kind, Record, Subject, Version
from graph.network.store import NetworkStore
from graph.plan import Plan


class Written(StrEnum):
    """What became of a fact offered to `GraphStore.write`."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CORRECTED = "corrected"
    CONFLICT = "conflict"  # same id, different content, and the writer did not say that it corrects; not written
    UNKNOWN_REFERENCE = (
        "unknown_reference"  # names a subject, record or source that the store does not hold; not written
    )
    HELD_BACK = "held_back"  # nothing is wrong with it; another fact of its row could not be written


Settle = Callable[[int, Fact], Fact | None]
"""Which content stands where the i-th fact offered differs from what the store holds under its id: the held fact itself
(``unchanged``), another (``corrected``), or none (``conflict``). It may be asked more than once, and must not depend on
that."""


@dataclass(frozen=True, slots=True)
class WriteReport:
    """``results[i]`` tells what became of the i-th fact. ``recorded_at`` is the instant given to all that was written,
    ``None`` if nothing was."""

    recorded_at: datetime | None
    results: tuple[Written, ...]


Check = Callable[[Fact, Mapping[str, Kind]], None]
"""Raises `graph.errors.BadFact` for a fact that is not to be held, given the kinds of subjects by id."""


class GraphStore(NetworkStore, Protocol):
    """Subjects, links and records on two clocks.

    Instants are aware UTC datetimes with microseconds. ``known_at`` selects the versions with
    ``recorded_at <= known_at < superseded_at``. Errors are those of `graph.errors`. What
    investigations ask for stands in `graph.network.store`.
    """

    def write(
        self,
        facts: Sequence[Fact],
        *,
        recorded_at: datetime | None = None,
        correct: bool = False,
        rows: Sequence[int] | None = None,
        settle: Settle | None = None,
        check: Check | None = None,
    ) -> WriteReport:
        """Upsert a batch in one transaction. A fact equal to its current version is ``unchanged``; one that differs is
        a ``conflict`` unless ``correct``, which supersedes the current version. Links, records, namings, merges and
        loads must refer to facts already held or earlier in the batch.

        ``rows[i]`` numbers the row from which the i-th fact comes; facts of one row follow each other and are written
        all or none. ``settle`` decides where contents differ, instead of ``correct``; even so a batch writes one
        version of a fact, and what would be the second is a ``conflict``. ``check`` may refuse a fact, with `BadFact`,
        by the kinds of the subjects that it names.

        ``recorded_at`` is assigned inside the write lock and is later than every instant before it, even if the
        machine's clock went back; a given one that is not later raises `RecordedAtNotLater`.
        """
        ...

    def retract(self, ids: Sequence[str], *, recorded_at: datetime | None = None) -> WriteReport:
        """End the current versions of these facts without a successor: recorded in error."""
        ...

    def last_instant(self) -> datetime | None:
        """The last committed instant; ``None`` for an empty store."""
        ...

    def subject(self, subject_id: str, *, known_at: datetime) -> Subject | None:
        """The subject under this id, merges resolved."""
        ...

    def find(self, scheme: str, value: str, *, known_at: datetime) -> list[Subject]:
        """Subjects that hold this identifier, merges resolved, sorted by id. For ``citizen_id`` the value is the keyed
        digest."""
        ...

    def search(self, text: str, *, known_at: datetime, limit: int = 20) -> list[Subject]:
        """Organisations (never persons) whose name or identifier begins with or contains ``text``, exact and prefix
        matches first, then by id. Chinese text of one character and more is found; so are full-width digits."""
        ...

    def evidence(self, roots: Sequence[str], plan: Plan, *, as_of: date, known_at: datetime) -> Evidence:
        """The facts for a plan, in one round trip. For every root and pattern, walking the reach backwards from the
        root over links of the right type and direction as known at ``known_at`` (a ``now`` or ``after_event`` link
        that ended on or before ``as_of`` may be left out; one that begins later must not):

        - each path that ends at a subject with a record in the pattern's lists: its links, subjects, namings, and all
          records of that subject in those lists, annulled ones too; for a naming with ``held``, also the person's
          links of those types to that subject;
        - each path, however short, that meets a natural person without identity: its links and that person.

        Besides: the roots, for ``bonds`` every link of those types at either end of a root and the subjects there, all
        sources, and of each the load that reaches furthest.
        """
        ...

    def records(self, subject_id: str, *, known_at: datetime) -> list[Record]:
        """Every record of the subject under this id, merges resolved, annulled ones too, sorted by id."""
        ...

    def history(self, fact_id: str) -> list[Version]:
        """Every version of a fact, oldest first."""
        ...

    def merges(self, subject_ids: Collection[str]) -> list[Version]:
        """Every version of a merge that names one of these subjects as an end, undone and retracted ones too, in the
        order of recording, then of id."""
        ...

    def facts(self, *, known_at: datetime) -> Iterator[Fact]:
        """Every fact as known at an instant, in the order of kind and id, merges not resolved."""
        ...

    def stats(self, *, known_at: datetime) -> Mapping[str, Mapping[str, int]]:
        """Counts of ``subjects`` by kind, ``links`` by type, ``records`` by list."""
        ...

    def verify(self) -> None:
        """Look for damage through the whole store: the embedded one reads its file from end to end, a server looks
        after its own. Raises `graph.errors.StoreCorrupt`."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

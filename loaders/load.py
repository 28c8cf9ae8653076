"""Loading rows into a store: batches, what became of each row, nothing lost.

Every row read is, in the end, loaded, unchanged or quarantined, and that as a whole: of a row in quarantine nothing was
written. A row that names something which a later row brings waits for it. A load can be repeated, and one that was cut
short is continued by repeating it: what is already there is unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from typing import Protocol

from graph.errors import BadFact, BadInput
from graph.model import Fact, Link, Record, Subject
from graph.store import GraphStore, Written
from loaders.clock import LoadClock
from loaders.codes import Code
from loaders.holding import ANY_KIND, MayHold, holding
from loaders.references import lacking_of, missing_references
from loaders.rows import Fault, FaultKind, Quarantine, Rejected, Row, shown
from loaders.settling import Settling, conflict, of_one_row, order
from loaders.translation import BadLine, Statement, Translation

BATCH = 1_000
WROTE = (Written.NEW, Written.CORRECTED)
WAITS = {Written.UNKNOWN_REFERENCE, Written.HELD_BACK}


class Codes(Protocol):
    """Where codes of tables go: they are no facts of the graph."""

    def write(self, codes: Sequence[Code]) -> list[Written]: ...


@dataclass
class LoadReport:
    """Rows read = loaded + unchanged + quarantined. ``subjects``, ``links`` and ``records`` are newly created.

    ``reasons`` counts the quarantined rows by the kind of their first fault, ``warnings`` what was bad and left out, by
    place and reason.
    """

    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    subjects: int = 0
    links: int = 0
    records: int = 0
    codes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)


@dataclass
class _Entry:
    """A row under way."""

    row: Row
    waiting: list[Statement]
    wrote: bool = False
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def load(
    rows: Iterable[Row],
    store: GraphStore,
    quarantine: Quarantine,
    translation: Translation,
    *,
    codes: Codes | None = None,
    recorded_at: datetime | None = None,
    progress: Callable[[LoadReport], None] | None = None,
    may_hold: MayHold = ANY_KIND,
    frame: tuple[Sequence[Row], Sequence[Row]] = ((), ()),
) -> LoadReport:
    """Load all rows. ``frame`` holds rows of the mapping itself, written before and after, that are not counted.

    ``may_hold`` tells of lists the kinds of subjects that they may hold: a record on another goes to quarantine. Of a
    list that is not in it nothing is known. ``recorded_at`` fixes the instant of the first batch; see `loaders.clock`.
    Raises `graph.errors.Unavailable` if the store fails; what was loaded until then stays, and the load can be
    repeated.
    """
    loading = _Loading(
        store, quarantine, translation, codes, LoadClock(store, recorded_at, holding(may_hold)), progress
    )
    loading.say(frame[0])
    report = loading.run(rows)
    loading.say(frame[1])
    return report


class _Loading:
    def __init__(
        self,
        store: GraphStore,
        quarantine: Quarantine,
        translation: Translation,
        codes: Codes | None,
        clock: LoadClock,
        progress: Callable[[LoadReport], None] | None,
    ) -> None:
        self._store, self._quarantine, self._translation = store, quarantine, translation
        self._codes, self._clock, self._progress = codes, clock, progress or (lambda _: None)
        self._report = LoadReport()
        self._held_over: list[_Entry] = []

    def say(self, rows: Sequence[Row]) -> None:
        """Write rows that must not fail. Raises `BadInput`."""
        for entry in self._write([self._entry(row) for row in rows]):
            if entry.faults:
                raise BadInput(str(Rejected(entry.row, tuple(entry.faults))))

    def run(self, rows: Iterable[Row]) -> LoadReport:
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            self._report.read += len(batch)
            self._settle(self._write([self._entry(row) for row in batch]))
            self._progress(self._report)
        self._retry_held_over()
        self._progress(self._report)
        return self._report

    def _entry(self, row: Row) -> _Entry:
        entry = _Entry(row, [], faults=[row.fault] if row.fault else [], warnings=list(row.warnings))
        for draft in row.drafts:
            try:
                statement = self._translation.statement(draft)
            except BadLine as error:  # the lines of one row repeat its identifiers, and so their faults
                known = {fault.reason for fault in entry.faults}
                entry.faults += [fault for fault in error.faults if fault.reason not in known]
            else:
                entry.waiting.append(statement)
                entry.warnings += statement.warnings
        if len(entry.waiting) > 1:
            entry.waiting, faults = of_one_row(entry.waiting)
            entry.faults += faults
        if entry.faults:
            entry.waiting = []  # a row is loaded whole or kept whole
        return entry

    def _settle(self, entries: list[_Entry]) -> None:
        done = [entry for entry in entries if entry.faults or not entry.waiting]
        self._held_over += [entry for entry in entries if entry.waiting and not entry.faults]
        rejected = [Rejected(entry.row, tuple(entry.faults)) for entry in done if entry.faults]
        if rejected:
            self._quarantine.keep(rejected)
        accepted = [entry for entry in done if not entry.faults]
        self._quarantine.release([entry.row for entry in accepted])
        wrote = sum(entry.wrote for entry in accepted)
        self._report.quarantined += len(rejected)
        self._report.reasons.update(str(one.faults[0].kind) for one in rejected)
        self._report.loaded += wrote
        self._report.unchanged += len(accepted) - wrote
        warned = (warning for entry in accepted for warning in dict.fromkeys(entry.warnings))
        self._report.warnings.update(f"{warning.field}: {warning.reason}" for warning in warned)

    def _retry_held_over(self) -> None:
        before = -1
        while self._held_over and len(self._held_over) != before:
            entries, self._held_over = self._held_over, []
            before = len(entries)
            for start in range(0, len(entries), BATCH):
                self._settle(self._write(entries[start : start + BATCH]))
        entries, self._held_over = self._held_over, []
        self._write_together(entries)
        for entry in entries:
            if entry.waiting:
                entry.faults += missing_references(self._store, _facts(entry))
        self._settle(entries)

    def _write_together(self, entries: Sequence[_Entry]) -> None:
        """Rows that wait for each other come in together or not at all: two companies that hold one another."""
        lacking = [(entry, lacks) for entry in entries if (lacks := self._lacks(entry)) is not None]
        while lacking:
            brought = {fact.id for entry, _ in lacking for fact in _facts(entry)}
            left = [(entry, lacks) for entry, lacks in lacking if lacks <= brought]
            if len(left) == len(lacking):
                self._offer([entry for entry, _ in left], together=True)
                left = [(entry, lacks) for entry, lacks in left if entry.waiting]
                if len(left) == len(lacking):
                    return
            lacking = left

    def _lacks(self, entry: _Entry) -> set[str] | None:
        """What a row waits for; nothing if it waits for nothing that is missing."""
        found = {reference for fact in _facts(entry) for _, reference in lacking_of(self._store, fact)}
        return found - {fact.id for fact in _facts(entry)} or None

    def _write(self, entries: list[_Entry]) -> list[_Entry]:
        for retracts, group in groupby((entry for entry in entries if entry.waiting), key=_retracts):
            if retracts:
                self._retract(list(group))
            else:
                self._write_rows(list(group))
        return entries

    def _write_rows(self, entries: Sequence[_Entry]) -> None:
        """Write rows, each whole or not at all. A batch holds one version of a fact: where two rows state one
        differently, the second is offered once more, to what is then in the store."""
        self._write_codes(entries)
        entries = [entry for entry in entries if entry.waiting]
        while entries:
            again = self._offer(entries)
            entries = again if len(again) < len(entries) else []

    def _offer(self, entries: Sequence[_Entry], *, together: bool = False) -> list[_Entry]:
        """Offer rows to the store, each by itself or all as one. Those are returned that another one of them stood in
        the way of."""
        places = [(number, statement) for number, entry in enumerate(entries) for statement in entry.waiting]
        if together:
            places.sort(key=lambda place: order(place[1]))
        facts = [one.fact for _, one in places if one.fact is not None and not isinstance(one.fact, Code)]
        settling = Settling([statement for _, statement in places])
        try:
            results = self._clock.write(facts, [0 if together else number for number, _ in places], settling)
        except BadFact as error:
            return [] if together else self._halved(entries, error)
        became: list[dict[int, Written]] = [{} for _ in entries]
        for place, ((number, _), result) in enumerate(zip(places, results, strict=True)):
            became[number][place] = result
        written = {fact.id for fact, result in zip(facts, results, strict=True) if result in WROTE}
        again = []
        for entry, found in zip(entries, became, strict=True):
            conflicts = [facts[place] for place, result in found.items() if result is Written.CONFLICT]
            if any(fact.id in written for fact in conflicts):
                again.append(entry)
            elif conflicts:
                entry.waiting, entry.faults = [], [*entry.faults, *map(conflict, conflicts)]
            elif not WAITS & set(found.values()):
                entry.warnings += [settling.warnings[place] for place in found if place in settling.warnings]
                self._accept(entry, [(facts[place], result) for place, result in found.items()])
        return again

    def _halved(self, entries: Sequence[_Entry], error: BadFact) -> list[_Entry]:
        """The batch was refused as a whole: find the row for which it was."""
        if len(entries) > 1:
            half = len(entries) // 2
            return self._offer(entries[:half]) + self._offer(entries[half:])
        fault = Fault("", "", error.message, error.remedy, FaultKind.CONTRADICTION)
        entries[0].waiting, entries[0].faults = [], [*entries[0].faults, fault]
        return []

    def _accept(self, entry: _Entry, facts: Sequence[tuple[Fact, Written]]) -> None:
        entry.waiting = []
        for fact, became in facts:
            entry.wrote |= became in WROTE
            if became is Written.NEW:
                self._count(fact)

    def _write_codes(self, entries: Sequence[_Entry]) -> None:
        """Codes come before the facts of their rows: none of these is in the graph then if a code conflicts."""
        pairs = [(entry, one.fact) for entry in entries for one in entry.waiting if isinstance(one.fact, Code)]
        if not pairs:
            return
        if self._codes is None:
            raise BadInput("these rows are codes of a table, and there is no place for them")
        for entry, _ in pairs:
            entry.waiting = [one for one in entry.waiting if not isinstance(one.fact, Code)]
        for (entry, code), became in zip(pairs, self._codes.write([code for _, code in pairs]), strict=True):
            entry.wrote |= became is Written.NEW
            self._report.codes += became is Written.NEW
            if became is Written.CONFLICT:
                reason = f"the table {code.code_table} holds this code with another name or parent"
                entry.faults.append(Fault("code", code.code, reason, kind=FaultKind.CONFLICT))
                entry.waiting = []

    def _count(self, fact: Fact) -> None:
        match fact:
            case Subject():
                self._report.subjects += 1
            case Link():
                self._report.links += 1
            case Record():
                self._report.records += 1

    def _retract(self, entries: Sequence[_Entry]) -> None:
        for entry in entries:
            for statement in entry.waiting:
                results = self._clock.retract(statement.retracts)
                entry.wrote |= Written.CORRECTED in results
                if Written.UNKNOWN_REFERENCE in results:
                    fault = "the store holds no such fact now"
                    entry.faults.append(Fault("id", shown(statement.retracts), fault, kind=FaultKind.REFERENCE))
            entry.waiting = []


def _retracts(entry: _Entry) -> bool:
    return any(statement.retracts for statement in entry.waiting)


def _facts(entry: _Entry) -> list[Fact]:
    return [one.fact for one in entry.waiting if one.fact is not None and not isinstance(one.fact, Code)]

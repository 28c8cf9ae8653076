"""Loading rows into a store: batches, what became of each row, nothing lost.

Every row read is, in the end, loaded, unchanged or quarantined. A row that names something which a later row brings
waits for it. A load can be repeated: what is already there is unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice

from graph.errors import BadFact, BadInput, RecordedAtNotLater
from graph.model import Fact, Link, Naming, Record, Subject
from graph.store import GraphStore, Written
from loaders.references import missing_references
from loaders.rows import Fault, Quarantine, Rejected, Row, shown
from loaders.translation import BadLine, Statement, Translation

BATCH = 1_000
ONE_TICK = timedelta(microseconds=1)
WROTE = (Written.NEW, Written.CORRECTED)


@dataclass
class LoadReport:
    """Rows read = loaded + unchanged + quarantined. ``subjects``, ``links`` and ``records`` are newly created."""

    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    subjects: int = 0
    links: int = 0
    records: int = 0


@dataclass
class _Entry:
    """A row under way."""

    row: Row
    waiting: list[Statement]
    wrote: bool = False
    faults: list[Fault] = field(default_factory=list)


def load(
    rows: Iterable[Row],
    store: GraphStore,
    quarantine: Quarantine,
    translation: Translation,
    *,
    recorded_at: datetime | None = None,
    progress: Callable[[LoadReport], None] | None = None,
    frame: tuple[Sequence[Row], Sequence[Row]] = ((), ()),
) -> LoadReport:
    """Load all rows. ``frame`` holds rows of the mapping itself, written before and after, that are not counted.

    ``recorded_at`` fixes the instant of the first batch; every further one follows a microsecond later. Raises
    `graph.errors.Unavailable` if the store fails; what was loaded until then stays, and the load can be repeated.
    """
    loading = _Loading(store, quarantine, translation, recorded_at, progress or (lambda _: None))
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
        recorded_at: datetime | None,
        progress: Callable[[LoadReport], None],
    ) -> None:
        self._store, self._quarantine, self._translation = store, quarantine, translation
        self._next_instant, self._progress = recorded_at, progress
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
        entry = _Entry(row, [], faults=[row.fault] if row.fault else [])
        for draft in row.drafts:
            try:
                entry.waiting.append(self._translation.statement(draft.document))
            except BadLine as error:  # the lines of one row repeat its identifiers, and so their faults
                known = {fault.reason for fault in entry.faults}
                entry.faults += [fault for fault in error.faults if fault.reason not in known]
        if entry.faults:
            entry.waiting = []  # a row is loaded whole or kept whole
        return entry

    def _settle(self, entries: list[_Entry]) -> None:
        done = [entry for entry in entries if entry.faults or not entry.waiting]
        self._held_over += [entry for entry in entries if entry.waiting and not entry.faults]
        rejected = [Rejected(entry.row, tuple(entry.faults)) for entry in done if entry.faults]
        if rejected:
            self._quarantine.keep(rejected)
        wrote = sum(entry.wrote for entry in done if not entry.faults)
        self._report.quarantined += len(rejected)
        self._report.loaded += wrote
        self._report.unchanged += len(done) - len(rejected) - wrote

    def _retry_held_over(self) -> None:
        before = -1
        while self._held_over and len(self._held_over) != before:
            entries, self._held_over = self._held_over, []
            before = len(entries)
            for start in range(0, len(entries), BATCH):
                self._settle(self._write(entries[start : start + BATCH]))
        for entry in self._held_over:
            facts = [statement.fact for statement in entry.waiting if statement.fact]
            entry.faults += [fault for fact in facts for fault in missing_references(self._store, fact)]
        self._settle([entry for entry in self._held_over if entry.faults])

    def _write(self, entries: list[_Entry]) -> list[_Entry]:
        pairs = [(entry, statement) for entry in entries for statement in entry.waiting]
        for entry in entries:
            entry.waiting = []
        for (corrects, retracts), group in groupby(pairs, key=lambda pair: (pair[1].corrects, bool(pair[1].retracts))):
            if retracts:
                self._retract(list(group))
            else:
                self._write_alike(list(group), corrects)
        return entries

    def _write_alike(self, pairs: list[tuple[_Entry, Statement]], corrects: bool) -> None:
        facts = [statement.fact for _, statement in pairs if statement.fact]
        try:
            report = self._store.write(facts, recorded_at=self._next_instant, correct=corrects)
        except RecordedAtNotLater:
            if not all(_is_current(self._store, fact) for fact in facts):
                raise
            return  # the load is repeated, and its instant is not needed again
        except BadFact as error:
            if len(pairs) == 1:
                pairs[0][0].faults.append(Fault("", "", error.message, error.remedy))
                return
            half = len(pairs) // 2
            self._write_alike(pairs[:half], corrects)
            self._write_alike(pairs[half:], corrects)
            return
        self._tick(report.recorded_at is not None)
        for (entry, statement), became in zip(pairs, report.results, strict=True):
            self._note(entry, statement, became)

    def _tick(self, wrote: bool) -> None:
        if wrote and self._next_instant:
            self._next_instant += ONE_TICK

    def _note(self, entry: _Entry, statement: Statement, became: Written) -> None:
        if became in WROTE:
            entry.wrote = True
        if became is Written.NEW and statement.fact:
            self._count(statement.fact)
        elif became is Written.CONFLICT and statement.fact:
            entry.faults.append(_conflict(statement.fact))
        elif became is Written.UNKNOWN_REFERENCE:
            entry.waiting.append(statement)

    def _count(self, fact: Fact) -> None:
        match fact:
            case Subject():
                self._report.subjects += 1
            case Link():
                self._report.links += 1
            case Record():
                self._report.records += 1

    def _retract(self, pairs: list[tuple[_Entry, Statement]]) -> None:
        for entry, statement in pairs:
            report = self._store.retract([statement.retracts], recorded_at=self._next_instant)
            self._tick(report.recorded_at is not None)
            entry.wrote |= report.recorded_at is not None
            if Written.UNKNOWN_REFERENCE in report.results:
                entry.faults.append(Fault("id", shown(statement.retracts), "the store holds no such fact now"))


def _is_current(store: GraphStore, fact: Fact) -> bool:
    return any(version.fact == fact and version.superseded_at is None for version in store.history(fact.id))


def _conflict(fact: Fact) -> Fault:
    return Fault(
        "",
        fact.id,
        f"the store holds this {_name(fact)} with other content",
        'where the row corrects it, add "correction": true; where it is another one, give each its own "key"',
    )


def _name(fact: Fact) -> str:
    return "naming" if isinstance(fact, Naming) else type(fact).__name__.lower()

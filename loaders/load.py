"""Loading rows into a store: batches, what became of each row, nothing lost.

Every row read is, in the end, loaded, unchanged or quarantined. A row that names something which a later row brings
waits for it. A load can be repeated, and one that was cut short is continued by repeating it: what is already there is
unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from typing import Protocol

from graph.errors import BadFact, BadInput
from graph.model import Fact, Link, Naming, Record, Subject
from graph.store import GraphStore, Written
from loaders.clock import LoadClock
from loaders.codes import Code
from loaders.references import missing_references
from loaders.rows import Fault, FaultKind, Quarantine, Rejected, Row, shown
from loaders.standing import prevails
from loaders.translation import BadLine, Statement, Translation

BATCH = 1_000
WROTE = (Written.NEW, Written.CORRECTED)


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
    frame: tuple[Sequence[Row], Sequence[Row]] = ((), ()),
) -> LoadReport:
    """Load all rows. ``frame`` holds rows of the mapping itself, written before and after, that are not counted.

    ``recorded_at`` fixes the instant of the first batch; see `loaders.clock`. Raises `graph.errors.Unavailable` if the
    store fails; what was loaded until then stays, and the load can be repeated.
    """
    loading = _Loading(store, quarantine, translation, codes, LoadClock(store, recorded_at), progress)
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
        for entry in self._held_over:
            facts = [statement.fact for statement in entry.waiting if statement.fact]
            entry.faults += [
                fault for fact in facts if not isinstance(fact, Code) for fault in missing_references(self._store, fact)
            ]
        self._settle([entry for entry in self._held_over if entry.faults])

    def _write(self, entries: list[_Entry]) -> list[_Entry]:
        pairs = [(entry, statement) for entry in entries for statement in entry.waiting]
        for entry in entries:
            entry.waiting = []
        for (corrects, how), group in groupby(pairs, key=lambda pair: (pair[1].corrects, _how(pair[1]))):
            if how == "retract":
                self._retract(list(group))
            elif how == "code":
                self._write_codes(list(group))
            else:
                self._write_alike(list(group), corrects)
        return entries

    def _write_alike(self, pairs: list[tuple[_Entry, Statement]], corrects: bool) -> None:
        facts = [statement.fact for _, statement in pairs if statement.fact and not isinstance(statement.fact, Code)]
        try:
            results = self._clock.write(facts, corrects)
        except BadFact as error:
            if len(pairs) == 1:
                fault = Fault("", "", error.message, error.remedy, FaultKind.CONTRADICTION)
                pairs[0][0].faults.append(fault)
                return
            half = len(pairs) // 2
            self._write_alike(pairs[:half], corrects)
            self._write_alike(pairs[half:], corrects)
            return
        stands: list[tuple[_Entry, Statement]] = []
        for (entry, statement), became in zip(pairs, results, strict=True):
            if became is Written.CONFLICT and isinstance(statement.fact, Subject):
                self._weigh(entry, statement, statement.fact, stands)
            else:
                self._note(entry, statement, became)
        if stands:
            self._write_alike(stands, corrects=True)

    def _weigh(
        self, entry: _Entry, statement: Statement, subject: Subject, stands: list[tuple[_Entry, Statement]]
    ) -> None:
        """A subject that the store holds with other content: which of the two stands is a matter of their sources."""
        current = _current(self._store, subject.id)
        prevailing = prevails(subject, current) if isinstance(current, Subject) else None
        if prevailing is None:
            entry.faults.append(_conflict(subject))
        elif prevailing and subject.id not in {_id(waiting) for _, waiting in stands}:
            stands.append((entry, statement))
        elif prevailing:
            entry.waiting.append(statement)  # a batch holds one version of a fact; the next round decides
        elif isinstance(current, Subject) and current.name != subject.name:
            entry.warnings.append(Fault("name", "", "the store knows the subject under another name"))

    def _write_codes(self, pairs: list[tuple[_Entry, Statement]]) -> None:
        if self._codes is None:
            raise BadInput("these rows are codes of a table, and there is no place for them")
        codes = [statement.fact for _, statement in pairs if isinstance(statement.fact, Code)]
        for (entry, _), code, became in zip(pairs, codes, self._codes.write(codes), strict=True):
            entry.wrote |= became is Written.NEW
            self._report.codes += became is Written.NEW
            if became is Written.CONFLICT:
                reason = f"the table {code.code_table} holds this code with another name or parent"
                entry.faults.append(Fault("code", code.code, reason, kind=FaultKind.CONFLICT))

    def _note(self, entry: _Entry, statement: Statement, became: Written) -> None:
        fact = statement.fact
        if fact is None or isinstance(fact, Code):
            return
        entry.wrote |= became in WROTE
        if became is Written.NEW:
            self._count(fact)
        elif became is Written.CONFLICT:
            entry.faults.append(_conflict(fact))
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
            results = self._clock.retract(statement.retracts)
            entry.wrote |= Written.CORRECTED in results
            if Written.UNKNOWN_REFERENCE in results:
                fault = "the store holds no such fact now"
                entry.faults.append(Fault("id", shown(statement.retracts), fault, kind=FaultKind.REFERENCE))


def _how(statement: Statement) -> str:
    if statement.retracts:
        return "retract"
    return "code" if isinstance(statement.fact, Code) else "fact"


def _id(statement: Statement) -> str:
    fact = statement.fact
    return "" if fact is None or isinstance(fact, Code) else fact.id


def _current(store: GraphStore, fact_id: str) -> Fact | None:
    return next((version.fact for version in store.history(fact_id) if version.superseded_at is None), None)


def _conflict(fact: Fact) -> Fault:
    return Fault(
        "",
        fact.id,
        f"the store holds this {_name(fact)} with other content",
        'where the row corrects it, add "correction": true; where it is another one, give each its own "key"',
        FaultKind.CONFLICT,
    )


def _name(fact: Fact) -> str:
    return "naming" if isinstance(fact, Naming) else type(fact).__name__.lower()

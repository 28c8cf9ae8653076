"""The draft of a mapping in YAML: what is certain as keys, the rest as comments that say what to decide."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.guess.columns import BY_ITSELF, ENOUGH, PROVED, Column, columns_of, missing_of
from loaders.guess.sample import ROWS, Group, Sample, sample_of
from loaders.guess.subjects import subject_of
from loaders.guess.templates import cell, flow, scalar
from loaders.guess.words import DATES, RECORD, in_ten_thousands
from loaders.mapping import TO_BE_NAMED, draft_checked

INTRODUCTION = f"""\
# A draft, by the header and the first {ROWS} rows. Name every `{TO_BE_NAMED}`, decide what the comments ask, and see
# with `xinheng load THIS.yaml FILE --dry-run` what becomes of the rows. docs/mappings.md lists the keys.
"""


def guess(path: str) -> str:
    """A draft of a mapping that reads this file. Raises `UnreadableFile`; also where the file has no header, for a
    draft shows names of columns and never a value."""
    sample = sample_of(path)
    text = "".join(f"{line}\n" for line in _mapping(sample))
    draft_checked("the draft", text)
    return text


def _mapping(sample: Sample) -> Iterator[str]:
    yield INTRODUCTION.rstrip()
    yield f"id: {TO_BE_NAMED} # small letters, digits, hyphens"
    yield f"title: {TO_BE_NAMED} # what it reads, for people"
    yield "# licence: what the data may be used for"
    if sample.format != "table":
        yield f"format: {sample.format}"
    if sample.said:
        yield f"dialect: {flow(sample.said)}"
    yield from (f"# {note}" for note in sample.notes)
    tables = [_Table(group, alone=len(sample.groups) == 1) for group in sample.groups]
    missing = list(dict.fromkeys(text for group in sample.groups for text in missing_of(group.columns, group.rows)))
    if len(missing) > 1:
        yield f"missing: {flow(missing)} # texts that were taken for no value"
    yield from _source(any(table.records for table in tables) or sample.format != "table")
    if len(tables) > 1:
        yield "tables:"
    for table in tables:
        for number, line in enumerate(table.lines()):
            start = "" if len(tables) == 1 else "    " if number else "  - "
            yield start + line


def _source(records: bool) -> Iterator[str]:
    yield "source:"
    yield f"  id: {TO_BE_NAMED} # by which its facts name it"
    yield f"  department: {TO_BE_NAMED} # 部门: an id of the catalogue"
    yield f"  dataset: {TO_BE_NAMED} # what the department calls it"
    if records:
        yield f"  holds: [{TO_BE_NAMED}] # the lists and kinds of events of the catalogue that it brings"
    yield f"  cadence: {TO_BE_NAMED} # how often it is delivered: P1D, P7D, P1M, P1Y"
    yield "  # territory: the division that it covers, six digits; else all"


class _Table:
    """One kind of rows."""

    def __init__(self, group: Group, *, alone: bool) -> None:
        self._telling = set() if alone else {name for name in group.columns if all(name in row for row in group.rows)}
        self.all = columns_of(group.columns, group.rows)
        self._by_meaning: dict[str, Column] = {}
        for column in self.all:
            if column.meaning and (column.meaning not in PROVED or column.share >= ENOUGH):
                self._by_meaning.setdefault(column.meaning, column)
        self.subject = subject_of(self._by_meaning, self.all)
        self._used: set[str] = set()
        self._asked: list[str] = []
        found = RECORD & self._by_meaning.keys()
        self.records = bool(self.subject.address) and bool(found - {"effective_from", "effective_to"})
        self._written = [*self.subject.lines(), *(self._record() if self.records else ())]

    def lines(self) -> Iterator[str]:
        self._used |= {column.name for column in self.subject.used}
        used = [column.name for column in self.all if column.name in self._used | self._telling] or [self.all[0].name]
        yield f"columns: [{', '.join(map(scalar, used))}]"
        yield "lines:"
        yield from self._written
        for asked in (*self.subject.asked, *self._asked):
            yield f"  # {asked}"
        yield from (f"  # {line}" for line in self._left())

    def _take(self, column: Column) -> Column:
        self._used.add(column.name)
        return column

    def _record(self) -> Iterator[str]:
        yield "  - line:"
        yield "      fact: record"
        yield from self._key()
        yield f"      subject: {self.subject.address}"
        yield f"      list: {TO_BE_NAMED} # the list or kind of event of the catalogue that a row puts its subject on"
        for meaning in ("number", "department"):
            if column := self._by_meaning.get(meaning):
                yield f"      {meaning}: {cell(self._take(column))}"
        for meaning in sorted(RECORD & DATES & self._by_meaning.keys()):
            yield from self._date(meaning, self._by_meaning[meaning])
        if column := self._by_meaning.get("amount"):
            yield from self._amount(column)

    def _key(self) -> Iterator[str]:
        if "number" in self._by_meaning:
            yield "      # its number tells records apart; if a document has several rows, say in `key` what does"
            return
        dates = [
            self._by_meaning[one]
            for one in ("decided_on", "publicity_from", "effective_from")
            if one in self._by_meaning
        ]
        if not self.subject.value:
            yield f"      key: {TO_BE_NAMED} # what tells one record from another; never the number of a person"
            return
        parts = [self.subject.value, *(f'{{first: [{cell(self._take(column))}, ""]}}' for column in dates[:1])]
        yield "      # what tells one record from another: add columns until no two rows have the same"
        key = f'{{together: [{", ".join(parts)}], with: " | "}}' if len(parts) > 1 else parts[0]
        yield f"      key: {key}"

    def _date(self, meaning: str, column: Column) -> Iterator[str]:
        forms = column.forms()
        template = cell(column, date=flow(forms or ["%Y-%m-%d"]))
        known = column.share >= BY_ITSELF and forms
        doubt = "" if known else f"; {_percent(column)} of its values are days in a known form: say the form in `date`"
        if meaning.endswith("_to"):  # without an end, or with a wrong one, it would bind too long
            self._take(column)
            yield f"      # {meaning}: {template}, if that is the first free day{doubt};"
            yield "      # if it is the last day, add inclusive: true"
            yield f"      {meaning}: {TO_BE_NAMED}"
        elif known:
            yield f"      {meaning}: {cell(self._take(column), date=flow(forms))}"
        else:
            self._asked.append(f"{meaning}: {template} ?{doubt.removeprefix(';')}")

    def _amount(self, column: Column) -> Iterator[str]:
        if column.plain_numbers and in_ten_thousands(column.name):
            yield f"      amount: {cell(self._take(column), unit='万元')}"
        else:
            self._asked.append(f"amount: {cell(column, unit='yuan')} ? say the unit: yuan or 万元")

    def _left(self) -> Iterator[str]:
        for column in self.all:
            if column.name in self._used or self._is_asked(column):
                continue
            if column.meaning in PROVED and column.share < ENOUGH:
                why = f"only {_percent(column)} of its values are a valid {column.meaning}"
            elif column.meaning and self._by_meaning.get(column.meaning) is not column:
                why = f"another column is the {column.meaning} already"
            elif column.meaning:
                why = f"it looks like {column.meaning}; whose it is, or what it means here, is not said"
            else:
                why = "not understood"
            yield f"{scalar(column.name)}: {why}"

    def _is_asked(self, column: Column) -> bool:
        name = scalar(column.name)
        return any(
            f"column: {name}" in one or one.startswith(f"{name}:") for one in (*self.subject.asked, *self._asked)
        )


def _percent(column: Column) -> str:
    return f"{column.share:.0%}"

"""What a name after `xinheng load` stands for: the city's own lines, or a mapping; each gives rows the same way."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from graph.errors import BadInput
from loaders.files import city_row, city_rows
from loaders.formats import FORMATS
from loaders.mapping import CITY, Drafting, MappingFile, frame_of, looked_up, mapped_rows, read_mapping
from loaders.mapping.lookups import Lookups
from loaders.mended import ENTRY, mended
from loaders.reading import json_row
from loaders.rows import Fault, FaultKind, Row, Sheet

Frame = tuple[tuple[Row, ...], tuple[Row, ...]]


class Feed(Protocol):
    """A way into the store."""

    @property
    def name(self) -> str:
        """By which the quarantine knows its rows."""
        ...

    @property
    def source(self) -> str | None:
        """The source that it declares; of the city's lines each says its own."""
        ...

    @property
    def asks(self) -> bool:
        """Whether it looks something up in other files than the row's own."""
        ...

    def rows(self, files: Sequence[str], where: Mapping[str, str]) -> Iterator[Row]:
        """The rows of all files that ``where`` (column: value) picks."""
        ...

    def again(self, rows: Iterable[Row], asked: Sequence[str] = ()) -> Iterator[Row]:
        """Rows of the quarantine, read as they would be read now; ``asked`` are files that hold what the mapping looks
        up. Raises `BadInput` before the first row if the mapping looks something up and no such file is given."""
        ...

    def frame(self, through: date | None) -> Frame:
        """What is written before the rows, and after them; see `loaders.load.load`."""
        ...


class CityFeed:
    """The city's own lines."""

    name, source, asks = CITY, None, False

    def rows(self, files: Sequence[str], where: Mapping[str, str]) -> Iterator[Row]:
        if where:
            raise BadInput("--where picks rows of a table by a column; the city's lines have none")
        return (row for file in files for row in city_rows(file))

    def again(self, rows: Iterable[Row], asked: Sequence[str] = ()) -> Iterator[Row]:
        _refuse_asked(self.name, asked)
        return (replace(city_row(row.file, json_row(row.line, row.text)), entry=row.entry) for row in rows)

    def frame(self, through: date | None) -> Frame:
        if through:
            raise BadInput("--through goes with a mapping; the city's lines say it themselves, in a line `load`")
        return (), ()


@dataclass(frozen=True)
class TableFeed:
    """A mapping of tables."""

    mapping: MappingFile
    name: str

    @property
    def source(self) -> str:
        return self.mapping.source.id

    @property
    def asks(self) -> bool:
        return bool(self.mapping.lookups)

    def rows(self, files: Sequence[str], where: Mapping[str, str]) -> Iterator[Row]:
        return mapped_rows(self.mapping, files, where)

    def again(self, rows: Iterable[Row], asked: Sequence[str] = ()) -> Iterator[Row]:
        if not self.asks:
            _refuse_asked(self.name, asked)
            return self._again(rows, None)
        if not asked:
            raise BadInput(
                f"the mapping {self.name} looks up what another file says",
                remedy="give that file: xinheng quarantine retry --mapping … --with FILE",
            )
        return self._again(rows, looked_up(self.mapping, asked))

    def _again(self, rows: Iterable[Row], lookups: Lookups | None) -> Iterator[Row]:
        with closing(lookups) if lookups else nullcontext():
            drafting = Drafting(self.mapping, {}, lookups.of if lookups else lambda *_: None)
            for row in rows:
                yield self._read(row, drafting)

    def _read(self, row: Row, drafting: Drafting) -> Row:
        cells = _cells_of(row.text, row.sheet)
        if isinstance(cells, Fault):
            return replace(row, fault=cells)
        found = drafting.drafted(cells)
        if found is None:
            return row  # the mapping picks it no more: there is nothing to load
        drafts, warnings, fault = found
        return replace(row, drafts=drafts, warnings=warnings, fault=fault)

    def frame(self, through: date | None) -> Frame:
        return frame_of(self.mapping, through)


@dataclass(frozen=True)
class FormatFeed:
    """A mapping of an exchange format."""

    mapping: MappingFile
    name: str
    asks = False

    @property
    def source(self) -> str:
        return self.mapping.source.id

    def rows(self, files: Sequence[str], where: Mapping[str, str]) -> Iterator[Row]:
        if where:
            raise BadInput(f"--where picks rows of a table by a column; {self.mapping.format} has none")
        read = FORMATS[self.mapping.format]
        found = (row for file in sorted(files) for row in read.rows(file, self.mapping.source.id))
        return (self._read(row) if ENTRY in row.text else row for row in found)

    def again(self, rows: Iterable[Row], asked: Sequence[str] = ()) -> Iterator[Row]:
        _refuse_asked(self.name, asked)
        return map(self._read, rows)

    def _read(self, row: Row) -> Row:
        raw = json_row(row.line, row.text)
        own, _ = mended(row, raw.cells)
        read = FORMATS[self.mapping.format]
        return replace(read.row(row.file, row.line, own.text, self.mapping.source.id), entry=own.entry)

    def frame(self, through: date | None) -> Frame:
        return frame_of(self.mapping, through)


def _refuse_asked(name: str, asked: Sequence[str]) -> None:
    if asked:
        raise BadInput(f"{name} looks nothing up in other files", remedy="leave --with out")


def feed(name: str) -> Feed:
    """The feed of this name: `city`, a shipped mapping, or the path of a mapping of one's own. Raises `BadMapping`."""
    if name == CITY:
        return CityFeed()
    mapping = read_mapping(name)
    return TableFeed(mapping, mapping.id) if mapping.format == "table" else FormatFeed(mapping, mapping.id)


def _cells_of(text: str, sheet: Sheet | None) -> dict[str, object] | Fault:
    if sheet is None:
        raw = json_row(0, text)
        return raw.fault or dict(raw.cells)
    lines = text.splitlines(keepends=True)
    try:
        if sheet.quoting:
            rows = list(csv.reader(lines, delimiter=sheet.delimiter))
        else:
            rows = list(csv.reader(lines, delimiter=sheet.delimiter, quoting=csv.QUOTE_NONE))
    except csv.Error as error:
        return Fault("", "", f"no row of a table: {error}", "correct it", FaultKind.SHAPE)
    if len(rows) != 1 or len(rows[0]) != len(sheet.header):
        reason = f"{sum(map(len, rows))} cells under {len(sheet.header)} columns"
        return Fault("", "", reason, "quote cells that hold the character between the cells", FaultKind.SHAPE)
    return dict(zip(sheet.header, rows[0], strict=True))

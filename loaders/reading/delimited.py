"""Tables with a delimiter: CSV, TSV and their kin."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from loaders.reading.encodings import encoding_fault, encoding_of, spelt, wrong_encoding
from loaders.reading.lines import Line, byte_lines
from loaders.reading.rows import Dialect, RawRow, Table, named, table_row, twice
from loaders.reading.sources import opened, suffix_of, unreadable
from loaders.rows import Fault, FaultKind

Unnamed = tuple[int, str, list[str], Fault | None]  # a row: its line, text, cells and fault
MOST_LINES, MOST_BYTES = 1_000, 64 * 1024  # of one row in several lines


@contextmanager
def delimited(path: str, dialect: Dialect) -> Iterator[Table]:
    """A table whose header is the first row that is not empty, or stands where the dialect says. Raises
    `UnreadableFile`."""
    with opened(path) as source:
        encoding = encoding_of(path, source, dialect.encoding)
        feed = _Feed(byte_lines(path, source), encoding)
        read = _read(feed, csv.reader(feed, **_format(path, dialect)), encoding)
        _, _, header, fault = _header(read, dialect)
        if fault and fault.kind is FaultKind.ENCODING:
            raise wrong_encoding(path, source.head, encoding)
        if fault:
            raise unreadable(path, f"its header: {fault.reason}", fault.remedy)
        columns = named(header)
        if repeated := twice(columns):
            raise unreadable(path, f"several columns are called {repeated}", "give each column a name of its own")
        yield Table(columns, _rows(columns, read))


def delimiter_of(path: str, dialect: Dialect) -> str:
    """What stands between the cells: what the mapping says, else what the suffix does."""
    return dialect.delimiter or ("\t" if suffix_of(path) == ".tsv" else ",")


def _format(path: str, dialect: Dialect) -> dict[str, Any]:
    quoting = csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE
    return {"delimiter": delimiter_of(path, dialect), "quoting": quoting, "strict": True}


def _header(read: Iterator[Unnamed], dialect: Dialect) -> Unnamed:
    below = (row for row in read if not dialect.is_title(row[0], row[2][0] if row[2] else ""))
    return next(below, (0, "", [], None))


def _rows(columns: Sequence[str], read: Iterator[Unnamed]) -> Iterator[RawRow]:
    for line, text, cells, fault in read:
        if fault is None:
            yield table_row(line, text, columns, cells)
        elif fault.kind is FaultKind.ENCODING:
            yield RawRow(line, text, {}, _in_column(fault, columns, cells))
        else:
            yield RawRow(line, text, {}, fault)


class _GivenUp(Exception):
    """The row under way does not end."""


class _Feed:
    """Hands lines to the csv reader, and remembers those of the row under way."""

    def __init__(self, lines: Iterator[Line], encoding: str) -> None:
        self._lines, self._encoding = lines, encoding
        self._waiting: deque[Line] = deque()
        self.row: list[Line] = []
        self.texts: list[str] = []
        self.size = 0
        self.undecodable: UnicodeDecodeError | None = None

    def begin(self) -> None:
        self.row, self.texts, self.size, self.undecodable = [], [], 0, None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.row and (len(self.row) == MOST_LINES or self.size > MOST_BYTES):
            raise _GivenUp
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self.row.append(line)
        self.size += line.length
        if line.too_long:
            raise _GivenUp
        self.texts.append(self._decoded(line.content))
        return self.texts[-1]

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode(self._encoding)
        except UnicodeDecodeError as error:
            self.undecodable = self.undecodable or error
            return content.decode(self._encoding, "surrogateescape")

    def give_back(self) -> None:
        """All lines of the row but its first are to be read again."""
        self._waiting.extendleft(reversed(self.row[1:]))
        del self.row[1:]


def _read(feed: _Feed, reader: Iterator[list[str]], encoding: str) -> Iterator[Unnamed]:
    """The rows that are not empty, without names for their cells.

    Giving up on a row costs no more than reading its lines once more, however many rows are like that: a line that left
    a quote open does not open one when it is read as the first of a row.
    """
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _GivenUp) as error:
            yield _given_up(feed, error, encoding)
            continue
        if not cells:
            continue
        line, text = feed.row[0].number, "".join(feed.texts)
        fault = None
        if feed.undecodable:
            text = spelt(b"".join(one.content for one in feed.row), encoding)
            fault = encoding_fault(feed.undecodable, encoding)
        elif "\0" in text:
            fault = Fault("", "", "a NUL byte", "remove it", FaultKind.SHAPE)
        yield line, _unbroken(text), cells, fault


def _given_up(feed: _Feed, error: Exception, encoding: str) -> Unnamed:
    [line, *more] = feed.row
    feed.give_back()
    text = _unbroken(spelt(line.content, encoding, cut=line.too_long))
    return line.number, text, [], _unending(line, bool(more), str(error))


def _unending(line: Line, several: bool, said: str) -> Fault:
    if line.too_long:
        return line.fault()
    if "field limit" in said:
        longest = f"a cell of more than {csv.field_size_limit():,} characters"
        return Fault("", "", longest, "shorten it", FaultKind.TOO_LONG)
    if "expected after" in said and not several:
        reason = "text follows the quote that closes a cell"
        remedy = "double the quotes inside a quoted cell, or say quoting: false in the mapping"
    else:
        reason = "a quote opened here is not closed"
        remedy = "close it, or say quoting: false in the mapping if quotes are plain characters there"
    return Fault("", "", reason, remedy, FaultKind.SHAPE)


def _in_column(fault: Fault, columns: Sequence[str], cells: Sequence[str]) -> Fault:
    """The fault with the column that the first of the bytes stand in, as far as that can be told."""
    if len(cells) == len(columns):
        for column, cell in zip(columns, cells, strict=True):
            if not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell):
                return replace(fault, field=column)
    return fault


def _unbroken(text: str) -> str:
    """Without the line break at the end."""
    return text.removesuffix("\n").removesuffix("\r")

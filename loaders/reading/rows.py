"""Rows as they stand in a file, and what a mapping says of its files."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from loaders.mended import ENTRY
from loaders.rows import Fault, FaultKind, shown

NAME = r"[^.\[\]*]+"
PLACE_OF_ROWS = re.compile(rf"({NAME}(\.{NAME})*)?\[\]|({NAME}\.)*\*")
THE_KEY, THE_PLACE = "@key", "@rows"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of a file. ``line``, from 1, is the line where it begins, the row as Excel numbers it, or the ordinal among
    the rows of a JSON or Parquet file. ``text`` is the row as it stood there; what is no text in the encoding given
    stands in it as ``\\xNN``, so it can always be written. Without a fault ``cells`` holds a value for every column."""

    line: int
    text: str = field(repr=False)
    cells: Mapping[str, Any] = field(repr=False)
    fault: Fault | None = None


class Table(NamedTuple):
    """An opened file; ``columns`` is None where each row has keys of its own."""

    columns: list[str] | None
    rows: Iterator[RawRow]


class Dialect(BaseModel):
    """What a mapping says of its files.

    Without a ``delimiter`` it is the tab in .tsv files and a comma in others. A file that begins with the mark of UTF-8
    is in UTF-8, whatever ``encoding`` says. ``quoting: false``: quotes are plain characters. ``sheet``: of Excel files,
    the first by default. ``header_row`` is the line of a table, or the row of a sheet, where the header stands below a
    title; what comes before it is no row. Without it the header is the first row that is not empty. ``rows`` is where
    the rows stand in a JSON file: ``[]`` a top-level array, ``a.b[]`` an array below, ``nodes.*`` the values of an
    object, whose keys become the cell ``@key``. Each row of a JSON file gets its place as the cell ``@rows``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: Literal["utf-8", "gbk", "gb18030"] = "utf-8"
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quoting: bool = True
    sheet: str | None = None
    header_row: int | None = Field(default=None, ge=1)
    rows: tuple[str, ...] = Field(default=("[]",), min_length=1)

    @field_validator("delimiter")
    @classmethod
    def _separates(cls, delimiter: str | None) -> str | None:
        if delimiter and delimiter in '"\r\n\0':
            raise ValueError('a delimiter is one character, and neither a quote nor a line break: "," or "\\t"')
        return delimiter

    @field_validator("rows")
    @classmethod
    def _places(cls, rows: tuple[str, ...]) -> tuple[str, ...]:
        for place in rows:
            if not PLACE_OF_ROWS.fullmatch(place):
                raise ValueError(f'{place!r} is no place of rows; write "[]", "a.b[]" or "nodes.*"')
        return rows

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for place in self.rows:
            outer = keys_of(place)
            inner = [other for other in self.rows if keys_of(other)[: len(outer)] == outer and keys_of(other) != outer]
            if place.endswith("*") and inner:
                raise ValueError(f"{inner[0]} lies inside a row of {place}")
        return self

    def is_title(self, number: int, first: str) -> bool:
        """Whether the row of this number stands above the header. What left the quarantine to be mended has no title,
        and its ``first`` cell tells."""
        return number < (self.header_row or 1) and first != ENTRY


def keys_of(place: str) -> tuple[str, ...]:
    """The keys that lead to an array or an object of rows.

    >>> keys_of("a.b[]"), keys_of("nodes.*"), keys_of("[]")
    (('a', 'b'), ('nodes',), ())
    """
    return tuple(key for key in place.removesuffix("[]").removesuffix("*").split(".") if key)


def table_row(line: int, text: str, columns: Sequence[str], cells: Sequence[Any]) -> RawRow:
    """A row of a table with a header; a fault if it does not fit under it."""
    if len(cells) != len(columns):
        reason = f"{len(cells)} cells under {len(columns)} columns"
        remedy = "give each column a cell, and quote the cells that hold the delimiter"
        return RawRow(line, text, {}, Fault("", "", reason, remedy, FaultKind.SHAPE))
    return RawRow(line, text, dict(zip(columns, cells, strict=True)))


def named(columns: Sequence[str]) -> list[str]:
    """The names of columns; one without is called by its place, ``@3``."""
    return [name or f"@{place}" for place, name in enumerate(columns, start=1)]


def twice(columns: Iterable[str]) -> str:
    """The columns that are called alike, as an error may show them; empty if none are."""
    return ", ".join(shown(name) for name, count in Counter(columns).items() if count > 1)


def comma_separated(cells: Iterable[str | None]) -> str:
    """Cells as a line of CSV, without its line break."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue()

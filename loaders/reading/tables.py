"""Which reader reads a file: its suffix tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from loaders.reading.delimited import delimited
from loaders.reading.json_documents import json_document
from loaders.reading.json_lines import json_lines
from loaders.reading.rows import Dialect, RawRow, Table
from loaders.reading.sources import suffix_of


def _excel(path: str, dialect: Dialect) -> AbstractContextManager[Table]:
    from loaders.reading.excel import excel  # loads openpyxl, which takes longer than most commands

    return excel(path, dialect)


def _parquet(path: str, dialect: Dialect) -> AbstractContextManager[Table]:
    from loaders.reading.parquet import parquet  # loads DuckDB

    return parquet(path, dialect)


_READERS: dict[str, Callable[[str, Dialect], AbstractContextManager[Table]]] = {
    ".json": json_document,
    ".jsonl": json_lines,
    ".ndjson": json_lines,
    ".xlsx": _excel,
    ".parquet": _parquet,
}


def raw_rows(path: str, dialect: Dialect) -> Iterator[RawRow]:
    """The rows of a file, in their order. ``-`` is standard input. The suffix, before .gz, tells what it is: .json,
    .jsonl and .ndjson, .xlsx, .parquet, and whatever else a table with a delimiter. Raises `UnreadableFile` when it is
    opened or in the midst of it; the rows before that are sound."""
    with _table(path, dialect) as table:
        yield from table.rows


def header_of(path: str, dialect: Dialect) -> list[str]:
    """The names of the columns; of a JSON file the keys of the first row that can be read. None for an empty file.
    Raises `UnreadableFile`."""
    with _table(path, dialect) as table:
        if table.columns is not None:
            return table.columns
        return next((list(row.cells) for row in table.rows if not row.fault), [])


def is_json(path: str) -> bool:
    """Whether the rows of a file are JSON, each with keys of its own."""
    return suffix_of(path) in (".json", ".jsonl", ".ndjson")


def sheets_of(path: str) -> list[str] | None:
    """The sheets of an Excel file; None for any other. Raises `UnreadableFile`."""
    if suffix_of(path) != ".xlsx":
        return None
    from loaders.reading.excel import sheet_names

    return sheet_names(path)


def is_delimited(path: str) -> bool:
    """Whether a file is a text with something between its cells."""
    return suffix_of(path) not in _READERS


def _table(path: str, dialect: Dialect) -> AbstractContextManager[Table]:
    return _READERS.get(suffix_of(path), delimited)(path, dialect)

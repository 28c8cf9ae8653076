"""Parquet files, in batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from loaders.reading.encodings import encoding_fault, spelt
from loaders.reading.rows import Dialect, RawRow, Table, comma_separated, named, table_row, twice
from loaders.reading.sources import opened_whole, unreadable
from loaders.reading.values import Unwritable, cell_text
from loaders.rows import Fault

BATCH = 1_000
MEMORY = "1GiB"  # for the pages under way; a file whose pages need more can't be read
READ = "read_parquet(?, hive_partitioning = false)"
KINDS = f"DESCRIBE FROM {READ}"
_NESTED = re.compile(r"\[\d*\]$|^(STRUCT|MAP|UNION)\(|^VARIANT")
_AS_TEXT = re.compile(r"^(DATE|TIMESTAMP|TIME|INTERVAL|UUID|BIT|FLOAT)")
_MOMENT = re.compile(r"(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d.*)")


@contextmanager
def parquet(path: str, dialect: Dialect) -> Iterator[Table]:
    """A Parquet file. Raises `UnreadableFile`."""
    with opened_whole(path) as file, closing(_database()) as database:
        place = _no_pattern(str(Path(file.name).resolve()))
        try:
            kinds = [kind for _, kind, *_ in database.execute(KINDS, [place]).fetchall()]
            columns = named(_names(database, place))
            if repeated := twice(columns):
                raise unreadable(path, f"several columns are called {repeated}", "give each column a name of its own")
            yield Table(columns, _rows(database, place, columns, kinds, dialect.encoding))
        except duckdb.Error as error:
            reason = f"it is no sound Parquet file ({type(error).__name__})"
            raise unreadable(path, reason, "fetch it again; it may be cut short") from None


def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": MEMORY,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    database.execute("SET enable_progress_bar = false")  # it would be drawn on standard output
    database.execute("SET TimeZone = 'Asia/Shanghai'")
    return database


def _no_pattern(path: str) -> str:
    """A path in which no character stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _names(database: duckdb.DuckDBPyConnection, place: str) -> list[str]:
    """The columns as the file calls them; DuckDB would call the second of two ``a`` ``a_1``."""
    names: list[str] = []
    parts = database.execute("SELECT name, num_children FROM parquet_schema(?)", [place]).fetchall()
    below = 0  # parts of the column under way that are still to come
    for name, children in parts[1:]:
        if below == 0:
            names.append(name)
            below = 1
        below += (children or 0) - 1
    return names


def _rows(
    database: duckdb.DuckDBPyConnection, place: str, columns: Sequence[str], kinds: Sequence[str], encoding: str
) -> Iterator[RawRow]:
    aliases = [f"c{number}" for number in range(len(columns))]
    values = ", ".join(_value(alias, kind) for alias, kind in zip(aliases, kinds, strict=True))
    query = database.execute(f"FROM {READ} AS t({', '.join(aliases)}) SELECT {values}", [place])
    number = 0
    while batch := query.fetchmany(BATCH):
        for row in batch:
            number += 1
            yield _row(number, columns, [_text(value, kind, encoding) for value, kind in zip(row, kinds, strict=True)])


def _value(alias: str, kind: str) -> str:
    if _NESTED.search(kind):
        return f"to_json({alias})::VARCHAR"
    return f"{alias}::VARCHAR" if _AS_TEXT.match(kind) else alias


def _text(value: Any, kind: str, encoding: str) -> tuple[str | None, Fault | None]:
    """A cell as text; strings that old writers left as bytes are decoded."""
    try:
        if isinstance(value, bytes):
            return value.decode(encoding), None
        if value is not None and kind.startswith("TIMESTAMP"):
            return _moment(value), None
        return cell_text(float(value) if value and kind == "FLOAT" else value, "a floating number"), None
    except UnicodeDecodeError as error:
        return spelt(value, encoding), encoding_fault(error, encoding)
    except Unwritable as error:
        return str(value), error.fault


def _moment(text: str) -> str:
    """A moment in ISO 8601; midnight in no time zone is a date."""
    parts = _MOMENT.fullmatch(text)
    if parts is None:
        return text
    return parts[1] if parts[2] == "00:00:00" else f"{parts[1]}T{parts[2]}"


def _row(number: int, columns: Sequence[str], cells: Sequence[tuple[str | None, Fault | None]]) -> RawRow:
    texts = [text for text, _ in cells]
    line = comma_separated(texts)
    for column, (_, fault) in zip(columns, cells, strict=True):
        if fault:
            return RawRow(number, line, {}, replace(fault, field=column))
    return table_row(number, line, columns, texts)

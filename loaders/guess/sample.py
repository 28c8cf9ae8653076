"""How a file is written, and its first rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import ijson

from graph.identifiers import holds_citizen_id
from loaders.guess.columns import is_value
from loaders.guess.words import meaning_of
from loaders.reading import (
    STANDARD_INPUT,
    Dialect,
    UnreadableFile,
    beginning,
    delimiter_of,
    fitting,
    header_of,
    is_delimited,
    is_json,
    raw_rows,
    sheets_of,
)
from loaders.reading.rows import PLACE_OF_ROWS
from loaders.rows import discreet

ROWS = 300
EVENTS = 500_000  # of a JSON file, among which places of rows are looked for
MOST_JSON = 32 * 1024 * 1024
DEPTH = 3
TITLE = 10  # lines that may stand above a header
PLACES = 8  # of rows in a JSON file; more are keys that hold values
Keys = tuple[str | None, ...]
DELIMITERS = ",\t;|"


@dataclass
class Group:
    """Rows of one kind."""

    columns: list[str]
    rows: list[Mapping[str, Any]] = field(repr=False)


@dataclass
class Sample:
    """``said`` is what the dialect says that is not the default; ``format`` an exchange format."""

    groups: list[Group]
    said: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    format: str = "table"


def sample_of(path: str) -> Sample:
    """Raises `UnreadableFile`."""
    if path == STANDARD_INPUT:
        raise UnreadableFile("a file is looked at more than once", remedy="give the path of a file")
    if not is_json(path):
        return _of_table(path)
    head = beginning(path)
    if found := _exchange_format(head):
        return Sample([], format=found)
    return _of_json(path, _encoding(head))


def _encoding(head: bytes) -> dict[str, Any]:
    encoding = fitting(head)
    return {} if encoding in (None, "utf-8") else {"encoding": encoding}


def _of_table(path: str) -> Sample:
    said: dict[str, Any] = {}
    notes = []
    if is_delimited(path):
        head = beginning(path)
        said = _encoding(head)
        said |= _delimiting(path, head.decode(said.get("encoding", "utf-8"), "replace"))
    sheets = sheets_of(path) or ()
    if len(sheets) > 1:
        said["sheet"] = max(sheets, key=lambda sheet: _understood(path, {"sheet": sheet}))
        notes.append(f"the file has {len(sheets)} sheets: is this the one in `sheet`?")
    if row := _header_row(path, said):
        said["header_row"] = row
        notes.append("what stands above the header is left out")
    dialect = Dialect(**said)
    columns = header_of(path, dialect)
    _refuse_values(path, columns)
    rows = [row.cells for row in islice(raw_rows(path, dialect), ROWS) if not row.fault]
    return Sample([Group(columns, rows)], said, notes)


def _refuse_values(path: str, columns: Sequence[str]) -> None:
    """A draft shows names of columns: they must not be values."""
    if not columns:
        raise UnreadableFile(f"{discreet(path)}: it is empty", remedy="give a file with a header and rows")
    if any(is_value(name) or holds_citizen_id(name) or discreet(name) != name for name in columns):
        raise UnreadableFile(
            f"{discreet(path)}: values stand where the names of its columns should", remedy="give the file a header"
        )


def _delimiting(path: str, text: str) -> dict[str, Any]:
    """The character between the cells that makes the most rows of one width, and whether quotes are quotes."""
    lines = text.splitlines(keepends=True)[:200]
    usual = delimiter_of(path, Dialect())
    ways = [(delimiter, quoting) for delimiter in DELIMITERS for quoting in (True, False)]
    delimiter, quoting = max(ways, key=lambda way: (*_regular(lines, *way), way == (usual, True), way[1]))
    return ({} if delimiter == usual else {"delimiter": delimiter}) | ({} if quoting else {"quoting": False})


def _regular(lines: Sequence[str], delimiter: str, quoting: bool) -> tuple[bool, float, int]:
    """Whether it makes several columns, what share of the rows has the commonest number of them, and that number."""
    widths: Counter[int] = Counter()
    text = io.StringIO("".join(lines), newline="")
    try:
        for cells in csv.reader(text, delimiter=delimiter, quoting=0 if quoting else 3, strict=True):
            widths[len(cells)] += bool(cells)
    except csv.Error:
        widths[0] += 1  # the end of what was sampled, or quotes that are none
    [(width, rows)] = widths.most_common(1) or [(0, 0)]
    return width > 1, round(rows / (widths.total() or 1), 1), width


def _header(path: str, said: Mapping[str, Any]) -> list[str]:
    try:
        return header_of(path, Dialect(**said))
    except UnreadableFile:
        return []


def _understood(path: str, said: Mapping[str, Any]) -> int:
    return sum(meaning_of(name) is not None for name in _header(path, said))


def _header_row(path: str, said: Mapping[str, Any]) -> int | None:
    """The row of a header below a title; None where it is the first one that is not empty."""
    first = _header(path, said)
    if sum(meaning_of(name) is not None for name in first) > 1:
        return None
    headers = {row: _header(path, {**said, "header_row": row}) for row in range(2, TITLE + 1)}
    found = {row: _fit(header) for row, header in headers.items() if header != first}
    if not found or max(found.values()) <= _fit(first):
        return None
    best = headers[max(found, key=lambda row: found[row])]
    return max(row for row, header in headers.items() if header == best)  # empty rows stand before it


def _fit(header: Sequence[str]) -> tuple[int, int]:
    """How much of a header is understood, and how wide it is if it could be one."""
    names = [name for name in header if not name.startswith("@")]
    wide = len(names) if len(names) > 2 and not any(map(is_value, names)) else 0
    return sum(meaning_of(name) is not None for name in names), wide // 3


def _exchange_format(head: bytes) -> str | None:
    text = head.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")[:4000]
    if not text.startswith(("{", "[")):
        return None
    if '"statementId"' in text and '"recordType"' in text:
        return "bods"
    return "ftm" if text.startswith("{") and '"schema"' in text and '"properties"' in text else None


def _of_json(path: str, said: dict[str, Any]) -> Sample:
    if not is_lines(path) and (found := _places(path)) != ["[]"]:
        said = {**said, "rows": found}
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in islice(raw_rows(path, Dialect(**said)), 20_000):
        kept = groups.setdefault(str(row.cells.get("@rows", "")), [])
        if not row.fault and len(kept) < ROWS:
            kept.append(row.cells)
    kinds = [Group(_keys(rows), rows) for rows in groups.values()]
    kinds = [kind for kind in kinds if kind.columns]
    if not kinds or len(groups) > PLACES:
        reason = "it has no objects with keys in common" if not kinds else f"it has rows at {len(groups)} places"
        raise UnreadableFile(f"{discreet(path)}: {reason}", remedy="write the mapping by hand: docs/mappings.md")
    for kind in kinds:
        _refuse_values(path, kind.columns)
    _refuse_values(path, [part for place in groups for part in place.split(".")] or ["[]"])
    return Sample(kinds, said)


def is_lines(path: str) -> bool:
    return path.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys that more than half of the rows have."""
    counts = Counter(key for row in rows for key in row if not key.startswith("@"))
    return [key for key, count in counts.items() if 2 * count > len(rows)]


def _places(path: str) -> list[str]:
    """Where a JSON file may have rows: arrays of objects and objects of objects, the outermost."""
    found: Counter[Keys] = Counter(keys for keys in _objects(path) if keys and None not in keys[:-1])
    inner = Counter(keys[:-1] for keys in found if keys[-1] is not None)
    kinds = {
        keys[:-1]: "[]" if keys[-1] is None else ".*"
        for keys in found
        if keys[-1] is None or (len(keys) > 1 and inner[keys[:-1]] > 1)
    }
    if not kinds:
        return ["*"] if inner else ["[]"]
    outer = [keys for keys in kinds if not any(keys[:end] in kinds for end in range(len(keys)))]
    places = [".".join(map(str, keys)) + kinds[keys] for keys in outer]
    return [place for place in places if PLACE_OF_ROWS.fullmatch(place)] or ["[]"]


def _objects(path: str) -> Iterator[Keys]:
    """The keys that lead to each object, None for an element of an array."""
    keys: list[str | None] = []
    try:
        for event, value in islice(ijson.basic_parse(io.BytesIO(beginning(path, most=MOST_JSON))), EVENTS):
            if event == "map_key":
                keys[-1] = value
            elif event in ("end_map", "end_array"):
                keys.pop()
            elif event in ("start_map", "start_array"):
                if event == "start_map" and len(keys) <= DEPTH:
                    yield tuple(keys)
                keys.append(None)
    except ijson.JSONError:
        return

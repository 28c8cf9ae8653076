"""Rows that left the quarantine, were mended, and come again: with two columns more than they had."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from loaders.rows import Row, Sheet

ADDED = ENTRY, WHY = "xinheng_entry", "xinheng_why"
"""The columns that an exported row has besides its own: the name of its entry in quarantine, and why it is there."""
NAME_OF_ENTRY = re.compile(r"\d{1,9}-[0-9a-f]{8}")


def mended(row: Row, cells: Mapping[str, Any]) -> tuple[Row, Mapping[str, Any]]:
    """The row and its cells without those columns, its entry noted; as they are for a row that never left."""
    if ENTRY not in cells:
        badly = row.fault and row.sheet and row.sheet.header[: len(ADDED)] == ADDED
        return (_badly_mended(row, row.sheet) if badly and row.sheet else row), cells
    own = {name: value for name, value in cells.items() if name not in ADDED}
    row = replace(row, entry=_entry_of(cells[ENTRY]))
    if row.sheet is None:
        return replace(row, text=json.dumps(own, ensure_ascii=False, default=str)), own
    sheet = replace(row.sheet, header=tuple(own))
    texts = ["" if value is None else str(value) for value in own.values()]
    return replace(row, text=written(texts, sheet), sheet=sheet), own


def _badly_mended(row: Row, sheet: Sheet) -> Row:
    """A row that still does not fit under its columns; the two that were added when it left stand first."""
    cells, own = _cells(row.text, sheet), [name for name in sheet.header if name not in ADDED]
    if len(cells) < len(ADDED) or not (entry := _entry_of(cells[0])):
        return row
    own_sheet = replace(sheet, header=tuple(own))
    return replace(row, text=written(cells[len(ADDED) :], own_sheet), sheet=own_sheet, entry=entry)


def _cells(text: str, sheet: Sheet) -> list[str]:
    if not sheet.quoting:
        return text.split(sheet.delimiter)
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=sheet.delimiter), [])
    except csv.Error:
        return []


def _entry_of(said: object) -> str | None:
    text = str(said or "").strip()
    return text if NAME_OF_ENTRY.fullmatch(text) else None


def written(cells: Sequence[str], sheet: Sheet) -> str:
    """Cells as a line of a table, without its end, as a table of this dialect is read. Where no cell may be quoted, a
    cell that holds what stands between cells, or a line break, has a blank there."""
    if not sheet.quoting:
        return sheet.delimiter.join(" ".join(re.split(f"[{re.escape(sheet.delimiter)}\r\n]", cell)) for cell in cells)
    line = io.StringIO()
    csv.writer(line, delimiter=sheet.delimiter, lineterminator="").writerow(cells)
    return line.getvalue()

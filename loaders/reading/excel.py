"""Excel files, row by row."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise
from typing import Any, BinaryIO

import openpyxl
from openpyxl.worksheet._reader import WorkSheetParser

from loaders.reading.rows import Dialect, RawRow, Table, comma_separated, named, table_row, twice
from loaders.reading.sources import LARGEST_UNPACKED, MEBIBYTE, UnreadableFile, opened_whole, unreadable
from loaders.reading.values import Unwritable, cell_text
from loaders.rows import Fault, FaultKind, shown

LARGEST_IN_MEMORY = 256 * MEBIBYTE  # of the parts that are held whole: texts, styles, all but the sheets
UNWATCHED_MEMBER = 50 * MEBIBYTE
HIGHEST_RATIO = 200
FIRST_YEAR = 1900
LAST_ROW = 1_048_576
BATCH = 1_000

Cells = tuple[Any, ...]


@contextmanager
def excel(path: str, dialect: Dialect) -> Iterator[Table]:
    """A sheet whose header is the first row that is not empty, or stands where the dialect says. Raises
    `UnreadableFile`."""
    with opened_whole(path) as file:
        _refuse_bombs(path, file)
        with _broken_said(path), warnings.catch_warnings(action="ignore"):
            workbook = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        try:
            rows = _filled(path, _sheet(path, workbook, dialect.sheet))
            below = (cells for number, cells in rows if not dialect.is_title(number, _first(cells)))
            columns = _columns(path, next(below, ()))
            yield Table(columns, (_row(number, columns, cells) for number, cells in rows))
        finally:
            workbook.close()


def sheet_names(path: str) -> list[str]:
    """The names of the sheets of cells. Raises `UnreadableFile`."""
    with opened_whole(path) as file:
        _refuse_bombs(path, file)
        with _broken_said(path), warnings.catch_warnings(action="ignore"):
            workbook = openpyxl.load_workbook(file, read_only=True, keep_links=False)
            names = [str(sheet.title) for sheet in workbook.worksheets]
            workbook.close()
    return names


def _refuse_bombs(path: str, file: BinaryIO) -> None:
    """What the zip directory says; no more than that is ever unpacked."""
    with _broken_said(path), zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    held = sum(member.file_size for member in members if "/worksheets/" not in member.filename)
    remedy = "it is a bomb, or save it as CSV"
    if unpacked > LARGEST_UNPACKED or held > LARGEST_IN_MEMORY:
        raise unreadable(path, f"it unpacks to {unpacked:,} bytes, of which {held:,} are no sheet", remedy)
    for member in members:
        if member.file_size > max(UNWATCHED_MEMBER, HIGHEST_RATIO * member.compress_size):
            raise unreadable(path, f"a part of it unpacks to more than {HIGHEST_RATIO} times its size", remedy)


@contextmanager
def _broken_said(path: str) -> Iterator[None]:
    try:
        yield
    except UnreadableFile:
        raise
    except zipfile.BadZipFile:
        remedy = "save it as .xlsx, without a password"
        raise unreadable(path, "it is no sound Excel file, or one of the old format", remedy) from None
    except Exception as error:  # noqa: BLE001  (whatever broken XML makes of openpyxl)
        raise unreadable(path, f"it is no sound Excel file ({type(error).__name__})", "save it anew in Excel") from None


def _sheet(path: str, workbook: Any, name: str | None) -> Any:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if not sheets:
        raise unreadable(path, "it has no sheet of cells", "give the file with the table")
    if name is not None and name not in sheets:
        raise unreadable(path, f"it has no sheet {name}", f"its sheets are {', '.join(map(shown, sheets))}")
    return sheets[name] if name is not None else next(iter(sheets.values()))


def _filled(path: str, sheet: Any) -> Iterator[tuple[int, Cells]]:
    """The rows that are not empty, with their numbers."""
    rows = _numbered(path, sheet)
    while True:
        with _broken_said(path), warnings.catch_warnings(action="ignore"):
            batch = list(islice(rows, BATCH))
        if not batch:
            return
        yield from ((number, cells) for number, cells in batch if any(cell.value not in (None, "") for cell in cells))


def _numbered(path: str, sheet: Any) -> Iterator[tuple[int, Cells]]:
    """The rows as they stand in the sheet. `openpyxl` reads them too, but leaves out without a word what goes back:
    a row whose number is not above that of the row before, a cell left of the one before it."""
    last, remedy = 0, "save it anew in Excel, and see that nothing is lost"
    workbook = sheet.parent
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats,
            timedelta_formats=workbook._timedelta_formats,
        )
        for number, found in parser.parse():
            if number > LAST_ROW:
                raise unreadable(path, f"a row beyond the last one of Excel, {LAST_ROW:,}", "save it anew in Excel")
            if number <= last:
                raise unreadable(path, f"row {number:,} stands behind row {last:,}", remedy)
            places = [cell["column"] for cell in found]
            if any(place <= before for before, place in pairwise(places)):
                raise unreadable(path, f"in row {number:,} a cell stands behind one that is right of it", remedy)
            last = number
            yield number, sheet._get_row(found)


def _first(cells: Cells) -> str:
    return str(cells[0].value) if cells else ""


def _columns(path: str, cells: Sequence[Any]) -> list[str]:
    texts, fault = _texts(cells, [f"@{place}" for place in range(1, len(cells) + 1)])
    if fault:
        raise unreadable(path, f"its header: {fault.field}: {fault.reason}", fault.remedy)
    columns = named([text or "" for text in _without_empty_end(texts)])
    if repeated := twice(columns):
        raise unreadable(path, f"several columns are called {repeated}", "give each column a name of its own")
    return columns


def _row(number: int, columns: Sequence[str], cells: Cells) -> RawRow:
    texts, fault = _texts(cells, columns)
    if len(texts) > len(columns):
        texts = _without_empty_end(texts, len(columns))
    texts += [None] * (len(columns) - len(texts))
    if fault:
        return RawRow(number, comma_separated(texts), {}, fault)
    return table_row(number, comma_separated(texts), columns, texts)


def _without_empty_end(texts: list[str | None], least: int = 0) -> list[str | None]:
    end = len(texts)
    while end > least and texts[end - 1] is None:
        end -= 1
    return texts[:end]


def _texts(cells: Sequence[Any], columns: Sequence[str]) -> tuple[list[str | None], Fault | None]:
    """The cells as text, and the fault of the first that can't be read."""
    texts: list[str | None] = []
    first: Fault | None = None
    for place, cell in enumerate(cells):
        text, fault = _text(cell)
        texts.append(text)
        if fault and not first:
            first = replace(fault, field=columns[place] if place < len(columns) else f"@{place + 1}")
    return texts, first


def _text(cell: Any) -> tuple[str | None, Fault | None]:
    value = cell.value
    if cell.data_type == "f":
        formula = str(getattr(value, "text", value))
        return formula, Fault("", shown(formula), "a formula", "paste the values", FaultKind.FORMULA)
    if isinstance(value, date) and value.year < FIRST_YEAR:
        reason, remedy = f"Excel knows no day before {FIRST_YEAR}", "format the column as text"
        return str(value), Fault("", str(value), reason, remedy, FaultKind.DATE)
    try:
        return cell_text(value, "Excel", every_number=True), None
    except Unwritable as error:
        return str(value), error.fault

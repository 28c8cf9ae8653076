"""The rows of files as a mapping reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date

from graph.errors import BadInput
from loaders.mapping.drafting import Drafting
from loaders.mapping.lookups import Lookups
from loaders.mapping.model import MappingFile
from loaders.mapping.shipped import BadMapping
from loaders.mended import mended
from loaders.reading import (
    ENCODINGS,
    STANDARD_INPUT,
    RawRow,
    UnreadableFile,
    delimiter_of,
    header_of,
    is_json,
    raw_rows,
)
from loaders.rows import Draft, Row, Sheet


def mapped_rows(mapping: MappingFile, files: Sequence[str], where: Mapping[str, str]) -> Iterator[Row]:
    """The rows of all files that the mapping and ``where`` (column: value) pick, in the order of the files' names: the
    order in which they are given does not matter.

    Raises `BadMapping` before the first row if a file is of no table of the mapping, and `UnreadableFile`.
    """
    ordered = sorted(dict.fromkeys(files))
    headers = {file: header_of(file, mapping.dialect) for file in ordered if file != STANDARD_INPUT}
    for file, header in headers.items():
        _check(mapping, file, header, where)
    return _rows(mapping, ordered, headers, where)


def _check(mapping: MappingFile, file: str, header: Sequence[str], where: Mapping[str, str]) -> None:
    if not mapping.table_of(header) and (encoding := _other_encoding(mapping, file)):
        raise BadMapping(
            f"{file} has none of the columns in {mapping.dialect.encoding}, and has them in {encoding}",
            remedy=f"say dialect: {{encoding: {encoding}}} in the mapping",
        )
    if is_json(file):
        return  # its rows may differ: each finds its own table
    lacking = [] if mapping.table_of(header) else mapping.nearest(header)
    if lacking := [*lacking, *(name for name in where if name not in header)]:
        raise BadMapping(
            f"{file} has no column {', '.join(lacking)}", remedy=f"its columns are {', '.join(header) or 'none'}"
        )


def _other_encoding(mapping: MappingFile, file: str) -> str | None:
    """The encoding in which the file has the columns that it lacks in that of the mapping."""
    for encoding in ENCODINGS:
        try:
            header = header_of(file, mapping.dialect.model_copy(update={"encoding": encoding}))
        except UnreadableFile:
            continue
        if mapping.table_of(header):
            return encoding
    return None


def _rows(
    mapping: MappingFile, files: Sequence[str], headers: Mapping[str, Sequence[str]], where: Mapping[str, str]
) -> Iterator[Row]:
    with closing(Lookups(mapping.lookups)) as lookups:
        _learn(lookups, mapping, headers)
        drafting = Drafting(mapping, where, lookups.of)
        for file in files:
            sheet = None if is_json(file) else _sheet(mapping, file, headers.get(file, ()))
            for raw in raw_rows(file, mapping.dialect):
                if row := _row(drafting, file, raw, sheet):
                    yield row


def _learn(lookups: Lookups, mapping: MappingFile, headers: Mapping[str, Sequence[str]]) -> int:
    """Take in what the files say that have the columns of a lookup; how many have."""
    wanted = [file for file, header in headers.items() if lookups.wanted_by(header)]
    for file in wanted:
        lookups.learn(raw.cells for raw in raw_rows(file, mapping.dialect))
    return len(wanted)


def looked_up(mapping: MappingFile, files: Sequence[str]) -> Lookups:
    """What these files say for the mapping's lookups; to be closed. Raises `BadInput` where a file says nothing."""
    lookups = Lookups(mapping.lookups)
    for file in dict.fromkeys(files):
        if not _learn(lookups, mapping, {file: header_of(file, mapping.dialect)}):
            lookups.close()
            asked = " or ".join(f"{one.key} and {one.value}" for one in mapping.lookups.values())
            raise BadInput(f"{file} says nothing that is looked up", remedy=f"give a file with the columns {asked}")
    return lookups


def _sheet(mapping: MappingFile, file: str, header: Sequence[str]) -> Sheet:
    return Sheet(tuple(header), delimiter_of(file, mapping.dialect), mapping.dialect.quoting)


def _row(drafting: Drafting, file: str, raw: RawRow, sheet: Sheet | None) -> Row | None:
    if sheet and not sheet.header:
        sheet = replace(sheet, header=tuple(raw.cells))
    row, cells = mended(Row(file, raw.line, raw.text, fault=raw.fault, sheet=sheet), raw.cells)
    if row.fault:
        return row
    found = drafting.drafted(cells)
    if found is None:
        return None
    drafts, warnings, fault = found
    return Row(file, raw.line, row.text, drafts, fault, row.sheet, warnings, row.entry)


def frame_of(mapping: MappingFile, through: date | None) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """What comes before the rows, the declaration of the source, and after them: that it was loaded, up to and
    including ``through`` (by default the mapping's own); nothing after them where neither says it. A declaration that
    was mended since corrects the one that the store holds: what was known before is still known to have been so."""
    said = mapping.source.model_dump(mode="json", exclude={"through"})
    name, last = f"mapping {mapping.id}", through or mapping.source.through
    declares = Row(name, 1, "", (Draft({"fact": "source", **said, "correction": True}),))
    if last is None:
        return (declares,), ()
    completes = {"fact": "load", "source": mapping.source.id, "through": last.isoformat()}
    return (declares,), (Row(name, 1, "", (Draft(completes),)),)

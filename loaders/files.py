"""Files in the city's own schema, and small files of text."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TextIO, cast

from loaders.mended import mended
from loaders.reading import STANDARD_INPUT, Dialect, RawRow, UnreadableFile
from loaders.reading.json_lines import json_lines
from loaders.reading.sources import faults_said, gzipped, unreadable
from loaders.rows import Draft, Row

__all__ = ["UnreadableFile", "city_row", "city_rows", "opened"]


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """The text of a UTF-8 file, plain or gzipped; ``-`` is standard input. Raises `UnreadableFile`."""
    if path == STANDARD_INPUT:
        yield sys.stdin
        return
    with faults_said(path):
        try:
            with (gzip.open if gzipped(path) else open)(path, "rt", encoding="utf-8-sig", newline="") as text:
                yield cast(TextIO, text)
        except UnicodeDecodeError:
            raise unreadable(path, "it is no text in UTF-8", "save it as UTF-8") from None


def city_rows(path: str) -> Iterator[Row]:
    """The rows of a file in the city's own schema, one JSON object a line, plain or gzipped, whatever its suffix; ``-``
    is standard input. Raises `UnreadableFile`."""
    with json_lines(path, Dialect()) as table:
        for raw in table.rows:
            yield city_row(path, raw)


def city_row(path: str, raw: RawRow) -> Row:
    """The row that an object of such a file makes."""
    row, document = mended(Row(path, raw.line, raw.text, fault=raw.fault), raw.cells)
    return row if row.fault else replace(row, drafts=(Draft(document),))

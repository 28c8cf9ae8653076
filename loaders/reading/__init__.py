"""Reading: any table file as raw rows, safely and in a stream.

`raw_rows` reads CSV and its kin, JSON, JSON lines, Excel and Parquet, plain or gzipped; a `Dialect` says what the
suffix does not. A row that can't be read carries a `Fault` and the others go on; a file that can't is an
`UnreadableFile`, and the rows before it stay valid. Memory does not grow with the file: a line or an element has at
most 1 MiB, and what unpacks to far more than it should is refused.
"""

from loaders.reading.delimited import delimiter_of
from loaders.reading.encodings import ENCODINGS, fitting
from loaders.reading.json_lines import json_row
from loaders.reading.rows import Dialect, RawRow
from loaders.reading.sources import STANDARD_INPUT, UnreadableFile, beginning
from loaders.reading.tables import header_of, is_delimited, is_json, raw_rows, sheets_of
from loaders.reading.watch import Watch, watched

__all__ = [
    "ENCODINGS",
    "STANDARD_INPUT",
    "Dialect",
    "RawRow",
    "UnreadableFile",
    "Watch",
    "beginning",
    "delimiter_of",
    "fitting",
    "header_of",
    "is_delimited",
    "is_json",
    "json_row",
    "raw_rows",
    "sheets_of",
    "watched",
]

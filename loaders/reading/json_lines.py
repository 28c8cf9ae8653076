"""JSON lines: one object a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from loaders.reading.encodings import REMEDY, encoding_fault, encoding_of, fitting, spelt, wrong_encoding
from loaders.reading.lines import Line, byte_lines
from loaders.reading.rows import Dialect, RawRow, Table
from loaders.reading.sources import Source, opened
from loaders.rows import Fault, FaultKind, shown

WHITESPACE = " \t\r\n"


@contextmanager
def json_lines(path: str, dialect: Dialect) -> Iterator[Table]:
    """The lines that are not blank. Raises `UnreadableFile`."""
    with opened(path) as source:
        encoding = encoding_of(path, source, dialect.encoding)
        yield Table(None, _rows(path, source, encoding))


def _rows(path: str, source: Source, encoding: str) -> Iterator[RawRow]:
    first = True
    for line in byte_lines(path, source):
        row = _row(line, encoding)
        if not row.text:
            continue
        if (
            first
            and row.fault
            and row.fault.kind is FaultKind.ENCODING
            and fitting(source.head) not in (None, encoding)
        ):
            raise wrong_encoding(path, source.head, encoding)
        first = False
        yield row


def _row(line: Line, encoding: str) -> RawRow:
    if line.too_long:
        return RawRow(line.number, spelt(line.content, encoding, cut=True), {}, line.fault())
    try:
        text = line.content.decode(encoding).strip(WHITESPACE)
    except UnicodeDecodeError as error:
        text = spelt(line.content, encoding).strip(WHITESPACE)
        return RawRow(line.number, text, {}, encoding_fault(error, encoding))
    return json_row(line.number, text)


def json_row(number: int, text: str) -> RawRow:
    """The row that one object of JSON makes."""
    try:
        return RawRow(number, text, _object(text))
    except UnicodeEncodeError:
        fault = Fault("", "", "half a character, a \\ud… without its other half", REMEDY, FaultKind.ENCODING)
    except (ValueError, RecursionError) as error:
        reason = "a NUL byte" if "\0" in text else _reason(error)
        fault = Fault("", shown(text), reason, "one JSON object a line", FaultKind.SHAPE)
    return RawRow(number, text, {}, fault)


def _reason(error: Exception) -> str:
    if isinstance(error, _NoObject):
        return str(error)
    return f"no JSON object: {'nested too deep' if isinstance(error, RecursionError) else error}"


class _NoObject(ValueError):
    pass


def _object(text: str) -> dict[str, Any]:
    document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    if not isinstance(document, dict):
        raise _NoObject("no JSON object")
    if "\\u" in text:
        json.dumps(document, ensure_ascii=False).encode()
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError("a number beyond all bounds")
    return number

"""Opening source files: plain or gzipped, UTF-8, or ``-`` for standard input."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from graph.errors import BadInput
from loaders.rows import Draft, Fault, FaultKind, Row, numbered, shown

STANDARD_INPUT = "-"


class UnreadableFile(BadInput):
    """A source file is missing, or is no text in UTF-8."""

    code = "unreadable-file"
    title_zh = "文件无法读取"


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """The text of a file. Raises `UnreadableFile`."""
    try:
        if path == STANDARD_INPUT:
            yield sys.stdin
        elif path.endswith(".gz"):
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
                yield text
        else:
            with Path(path).open(encoding="utf-8-sig", newline="") as text:
                yield text
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableFile(f"{path}: {reason}", remedy="give a UTF-8 text file, plain or .gz") from None


def city_rows(path: str) -> Iterator[Row]:
    """The rows of a file in the city's own schema, one JSON object a line."""
    with opened(path) as text:
        for number, line in numbered(text):
            yield _city_row(path, number, line.strip())


def _city_row(path: str, number: int, line: str) -> Row:
    try:
        document = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        fault = Fault("", shown(line), f"no JSON object: {error}", "one JSON object a line", FaultKind.SHAPE)
        return Row(path, number, line, fault=fault)
    if not isinstance(document, dict):
        return Row(
            path,
            number,
            line,
            fault=Fault("", shown(line), "no JSON object", "one JSON object a line", FaultKind.SHAPE),
        )
    return Row(path, number, line, (Draft(document),))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")

"""Rows of a source file on their way into the graph, and what becomes of those that can't be loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_PERSONAL_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{14,18}[0-9Xx](?![0-9A-Za-z])")
LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row can't be loaded: where in it, what it says there (masked), the reason and the remedy."""

    field: str
    value: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.field}: " if self.field else ""
        shown = f" [{self.value}]" if self.value else ""
        return f"{place}{self.reason}{shown}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its text as it stood there, and the city's lines it means; or the fault that hides them."""

    file: str
    line: int
    text: str = field(repr=False)
    documents: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    fault: Fault | None = None

    @property
    def key(self) -> str:
        """What a steward knows the row by, masked."""
        return next((key for key in (_key(document) for document in self.documents) if key), "")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is kept in quarantine."""

    row: Row
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        where = f"{self.row.file}:{self.row.line}" + (f" {self.row.key}" if self.row.key else "")
        return f"{where}: " + "; ".join(str(fault) for fault in self.faults)


class Quarantine(Protocol):
    """Keeps the rows that can't be loaded, so that nothing is lost."""

    def keep(self, rejected: Sequence[Rejected]) -> None: ...


def shown(value: object) -> str:
    """A value as an error may show it: short, and with no number in it that could be somebody's.

    >>> shown({"uscc": "11010519491231002X"})
    '{"uscc": "110105********002X"}'
    """
    text = discreet(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def discreet(text: str) -> str:
    """The text with every number masked that could be a citizen ID."""
    return _PERSONAL_NUMBER.sub(lambda found: f"{found[0][:6]}********{found[0][-4:]}", text)


def _key(document: Mapping[str, Any]) -> str:
    for name in ("key", "uscc", "id", "subject", "holder", "left", "record", "name", "source"):
        value = document.get(name)
        if isinstance(value, str) and value:
            return f"{name}={shown(value)}"
        if isinstance(value, dict) and (inner := _key(value)):
            return f"{name}.{inner}"
    return ""


def numbered(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, empty ones left out."""
    yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())

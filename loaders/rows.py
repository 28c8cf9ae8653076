"""Rows of a source file on their way into the graph, and what becomes of those that can't be loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from graph.identifiers import WITHIN_NUMBERS

_PERSONAL_NUMBER = re.compile(
    rf"(?<![0-9A-Za-z])\d(?:{WITHIN_NUMBERS}?\d){{13,17}}{WITHIN_NUMBERS}?[\dXxＸｘ](?![0-9A-Za-z])"
)
LONGEST_SHOWN = 80


class FaultKind(StrEnum):
    """What sort of fault it is: what a steward counts and sorts by."""

    ENCODING = "encoding"  # bytes that are no text in the encoding given
    TOO_LONG = "too_long"
    SHAPE = "shape"  # no row of this table, no object of this format
    CHECK = "check"  # a check of the mapping's own
    MISSING = "missing"
    FORMULA = "formula"  # a cell that computes its value
    CHECK_CHARACTER = "check_character"
    LOWER_CASE = "lower_case"
    LETTER = "letter"  # a letter that the alphabet of credit codes lacks, as O for 0
    REGISTRATION_NUMBER = "registration_number"  # 13 or 15 digits where a credit code is asked for
    IDENTIFIER = "identifier"
    DATE = "date"
    NUMBER = "number"
    VALUE = "value"
    CONTRADICTION = "contradiction"  # facts that no store may hold, as an organisation that holds itself
    CONFLICT = "conflict"  # the store holds it with other content
    REFERENCE = "reference"  # it names what the store does not hold
    STANDARD = "standard"  # it breaks the schema of its exchange format
    UNSUPPORTED = "unsupported"  # well formed, and nothing that Xinheng has a place for


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row can't be loaded: where in it (field, column or path), what it says there (masked), the reason, the
    remedy and the kind of fault."""

    field: str
    value: str
    reason: str
    remedy: str = ""
    kind: FaultKind = FaultKind.VALUE

    def __str__(self) -> str:
        place = f"{self.field}: " if self.field else ""
        shown = f" [{self.value}]" if self.value else ""
        return f"{place}{self.reason}{shown}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value of a row that could not be converted, standing in a draft where its value should: the translation of the
    line decides whether it can do without."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Draft:
    """A line of the city's schema, as yet unproved, that a row means.

    ``columns`` tells from which column (or path) of the row each field comes, ``holder.name`` for one inside another.
    A ``lenient`` draft is loaded without those of its fields that are bad and optional, and with a warning for each;
    ``optional`` is the mapping's own word on some of them, by their names as in ``columns``.
    """

    document: Mapping[str, Any]
    columns: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False
    optional: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How the text of a table's row is to be read: the names of its columns, what stands between its cells, and whether
    cells may be quoted."""

    header: tuple[str, ...]
    delimiter: str = ","
    quoting: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its text as it stood there, and the city's lines it means; or the fault that hides them.

    ``sheet`` is that of a table's row; the text of any other row is JSON. ``warnings`` tell what is odd and does not
    hinder. ``entry`` names its entry in the quarantine, where it comes from there.
    """

    file: str
    line: int
    text: str = field(repr=False)
    drafts: tuple[Draft, ...] = field(default=(), repr=False)
    fault: Fault | None = None
    sheet: Sheet | None = None
    warnings: tuple[Fault, ...] = ()
    entry: str | None = None

    @property
    def key(self) -> str:
        """What a steward knows the row by, masked."""
        return next((key for key in (_key(draft.document) for draft in self.drafts) if key), "")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is kept in quarantine."""

    row: Row
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        where = f"{self.row.file}:{self.row.line}" + (f" {self.row.key}" if self.row.key else "")
        return f"{where}: " + "; ".join(str(fault) for fault in self.faults)


class Quarantine(Protocol):
    """Keeps the rows that can't be loaded, so that nothing is lost; lets those go that could be loaded after all."""

    def keep(self, rejected: Sequence[Rejected]) -> None: ...

    def release(self, rows: Sequence[Row]) -> None: ...


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

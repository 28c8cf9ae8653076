"""Rows as they would be loaded, and what would become of all of them: a load that writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from graph.model import Fact, SealedId
from loaders.codes import Code
from loaders.rows import Fault, Row, discreet
from loaders.translation import BadLine, Statement, Translation


@dataclass(frozen=True, slots=True)
class ShownRow:
    """The lines that a row means: what each field would be, citizen IDs masked."""

    file: str
    line: int
    lines: list[dict[str, Any]]


@dataclass
class Preview:
    """``faults`` and ``warnings`` count rows by place and reason."""

    read: int = 0
    good: int = 0
    bad: int = 0
    rows: list[ShownRow] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)


def preview(rows: Iterable[Row], translation: Translation, shown: int) -> Preview:
    """Go through all rows, and show the first ``shown`` good ones."""
    found, faults, warnings = Preview(), Counter[str](), Counter[str]()
    for row in rows:
        found.read += 1
        statements, bad = _judged(row, translation)
        faults.update(set(map(_said, bad)))
        if bad:
            found.bad += 1
            continue
        found.good += 1
        told = [*row.warnings, *(warning for statement in statements for warning in statement.warnings)]
        warnings.update(set(map(_said, told)))
        if len(found.rows) < shown:
            found.rows.append(ShownRow(row.file, row.line, [dict(_fields(one)) for one in statements]))
    found.faults, found.warnings = dict(faults.most_common()), dict(warnings.most_common())
    return found


def _judged(row: Row, translation: Translation) -> tuple[list[Statement], list[Fault]]:
    statements, bad = [], [row.fault] if row.fault else []
    for draft in row.drafts:
        try:
            statements.append(translation.statement(draft))
        except BadLine as error:
            bad += error.faults
    return statements, bad


def _said(fault: Fault) -> str:
    return f"{fault.field}: {fault.reason}" if fault.field else fault.reason


def _fields(statement: Statement) -> Iterator[tuple[str, Any]]:
    fact: Fact | Code | None = statement.fact
    yield "fact", type(fact).__name__.lower() if fact else "retract"
    if fact is None:
        yield "id", statement.retracts
        return
    for one in fields(fact):
        value = getattr(fact, one.name)
        if value not in (None, {}, (), "", False):
            yield one.name, _masked(value)


def _masked(value: object) -> object:
    """The value with no number in it that could be somebody's: a source may write one into any cell."""
    match value:
        case SealedId():
            return value.mask
        case str():
            return discreet(value)
        case Mapping():
            return {name: _masked(one) for name, one in value.items()}
    return value

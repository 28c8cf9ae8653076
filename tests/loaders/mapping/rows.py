"""One template filled from one row, and a mapping of one's own made ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from loaders.mapping import Drafting, MappingFile, parsed
from loaders.mapping.filling import Filling, condition, filler
from loaders.mapping.templates import Condition, Template
from loaders.rows import Draft, Fault, Unreadable

MISSING = frozenset({"", "N/A"})
TEMPLATE: TypeAdapter[Any] = TypeAdapter(Template)
HEAD = """
id: own
title: own
source: {id: own, department: tax, dataset: own, cadence: P1Y}
"""


def filled(template: Any, item: Any = None, **cells: Any) -> Any:
    """What the template makes of a row; of a value that can't be read, its fault."""
    found = filler(TEMPLATE.validate_python(template))(Filling(cells, MISSING, _looked_up, item))
    return found.fault if isinstance(found, Unreadable) else found


def _looked_up(name: str, key: str) -> str | None:
    return {("code", "1"): "91"}.get((name, key))


def converted(value: Any, **said: Any) -> Any:
    """What the conversions named make of a cell."""
    return filled({"column": "c", **said}, c=value)


def holds(said: Mapping[str, Any], **cells: Any) -> bool:
    return condition(Condition.model_validate(said))(Filling(cells, MISSING, _looked_up))


def mapping(text: str) -> MappingFile:
    return parsed("own.yaml", HEAD + text)


def drafted(text: str, **cells: Any) -> tuple[Draft, ...]:
    """The drafts that a mapping makes of a row."""
    found = Drafting(mapping(text), {}, _looked_up).drafted(cells)
    assert found
    return found[0]


def fault(text: str, **cells: Any) -> Fault | None:
    """The fault that hides what a row means."""
    found = Drafting(mapping(text), {}, _looked_up).drafted(cells)
    assert found
    return found[2]

"""Filling templates: each becomes, once, a function from a row to a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from loaders.mapping import values
from loaders.mapping.templates import Cell, Choice, Condition, Each, First, Place, Template, Together
from loaders.mapping.values import Bad, Convert
from loaders.rows import Fault, FaultKind, Unreadable, shown

Lookup = Callable[[str, str], str | None]
"""What a lookup of the mapping (by name) holds for a key."""


@dataclass(slots=True)
class Filling:
    """What a template is filled from: the row's cells, the item under way, the lookups."""

    cells: Mapping[str, Any]
    missing: Collection[str]
    lookup: Lookup
    item: Any = None


Fill = Callable[[Filling], Any]


def raw(place: Place) -> Fill:
    """The value at a place as it stands, text trimmed; null for what counts as missing."""
    path = jmespath.compile(place.path) if place.path else None
    column, of_item = place.column, place.item

    def read(filling: Filling) -> Any:
        if path is not None:
            value = _searched(path, filling.item if of_item else filling.cells)
        else:
            value = filling.item if of_item else filling.cells.get(column or "")
        if isinstance(value, str):
            value = value.strip()
            return None if value in filling.missing else value
        return value

    return read


def _searched(path: Any, value: Any) -> Any:
    try:
        return path.search(value)
    except JMESPathError as error:
        raise Bad(f"the path {path.expression} leads nowhere: {error}", kind=FaultKind.SHAPE) from None


def filler(template: Template) -> Fill:
    """The function that fills this template."""
    match template:
        case Cell():
            return _cell(template)
        case Choice():
            return _choice(template)
        case First():
            return _first(template)
        case Together():
            return _together(template)
        case dict():
            return _nested(template)
    return lambda _: template


def _cell(cell: Cell) -> Fill:
    read, conversions = raw(cell), _conversions(cell)
    place = cell.name

    def fill(filling: Filling) -> Any:
        before: Any = None
        try:
            before = value = read(filling)
            if value is None or value == []:
                return None
            for convert in conversions:
                value = convert(value)
                if value is None or value == "":
                    return None
            if cell.lookup:
                value = _looked_up(cell.lookup, value, filling.lookup)
        except Bad as bad:
            fault = Fault(place, shown(before), bad.reason, bad.remedy, bad.kind)
            return Unreadable(fault)
        return value

    return fill


def _looked_up(name: str, key: Any, lookup: Lookup) -> str:
    found = lookup(name, values.as_text(key))
    if found is None:
        raise Bad(
            f"no row of the files given says what {name} belongs to it",
            "load it together with the file that does",
            FaultKind.REFERENCE,
        )
    return found


def _conversions(cell: Cell) -> list[Convert]:
    chosen: list[tuple[object, Convert]] = [
        (cell.distinct, _distinct),
        (cell.join is not None, _joined(cell.join or "")),
        (cell.spaces != "keep", values.spaced(cell.spaces)),
        (cell.replace, values.replaced(cell.replace)),
        (cell.extract, values.extracted(cell.extract or "()")),
        (cell.characters, values.part(*(cell.characters or (1, 1)))),
        (cell.pad, values.padded(cell.pad or 1, "left")),
        (cell.pad_right, values.padded(cell.pad_right or 1, "right")),
        (cell.values, values.one_of(cell.values)),
        (cell.date, values.dated(cell.date, cell.inclusive)),
        (cell.unit, values.measured(cell.unit or "yuan")),
        (cell.money, values.moneyed(cell.money or "fen")),
        (cell.within, values.within(*(cell.within or (None, None)))),
        (cell.form, values.formed(cell.form or "text")),
    ]
    return [convert for wanted, convert in chosen if wanted]


def _distinct(value: Any) -> Any:
    several = list(dict.fromkeys(value)) if isinstance(value, list) else [value]
    if len(several) > 1:
        raise Bad("its sources disagree", "decide which of them is right", FaultKind.VALUE)
    return several[0] if several else None


def _joined(separator: str) -> Convert:
    def convert(value: Any) -> Any:
        several = value if isinstance(value, list) else [value]
        return separator.join(dict.fromkeys(values.as_text(one) for one in several if one not in (None, "")))

    return convert


def _choice(choice: Choice) -> Fill:
    cases = [(condition(case), filler(case.then)) for case in choice.choose]
    otherwise = filler(choice.otherwise)

    def fill(filling: Filling) -> Any:
        for applies, then in cases:
            if applies(filling):
                return then(filling)
        return otherwise(filling)

    return fill


def _first(template: First) -> Fill:
    fills = [filler(one) for one in template.first]
    return lambda filling: next((value for fill in fills if (value := fill(filling)) is not None), None)


def _together(template: Together) -> Fill:
    fills, separator = [filler(one) for one in template.together], template.separator

    def fill(filling: Filling) -> Any:
        parts = [one(filling) for one in fills]
        if bad := next((part for part in parts if isinstance(part, Unreadable)), None):
            return bad
        return None if None in parts else separator.join(values.as_text(part) for part in parts)

    return fill


def _nested(template: Mapping[str, Template]) -> Fill:
    fills = {name: filler(one) for name, one in template.items()}

    def fill(filling: Filling) -> Any:
        filled = {name: value for name, one in fills.items() if (value := one(filling)) is not None}
        return filled or None

    return fill


def condition(said: Condition) -> Callable[[Filling], bool]:
    """Whether the condition holds of a row."""
    read, holds = raw(said), _words(said)
    negated = said.negated
    return lambda filling: holds(read(filling), filling) is not negated


def _words(said: Condition) -> Callable[[Any, Filling], bool]:
    expression = re.compile(said.matches) if said.matches else None
    same = filler(said.same_as) if said.same_as is not None else None

    def holds(value: Any, filling: Filling) -> bool:
        if value is None or value == []:
            return said.missing
        text = value if isinstance(value, str) else values.as_text(value) if not isinstance(value, list | dict) else ""
        return (
            text in said.equals
            or (bool(said.starts_with) and text.startswith(said.starts_with))
            or (bool(said.ends_with) and text.endswith(said.ends_with))
            or any(part in text for part in said.contains)
            or (expression is not None and expression.search(text) is not None)
            or (same is not None and text == same(filling))
        )

    return holds


def items(each: Each | None) -> Callable[[Filling], list[Any]]:
    """The items for each of which a line is made."""
    if each is None:
        return lambda _: [None]
    read = raw(each)
    separators = re.compile(f"[{re.escape(each.split)}]") if each.split else None

    def split(filling: Filling) -> list[Any]:
        value = read(filling)
        if value is None:
            return []
        if isinstance(value, list):
            return [one for one in value if one not in (None, "")]
        parts = separators.split(values.as_text(value)) if separators else [values.as_text(value)]
        return [part.strip() for part in dict.fromkeys(parts) if part.strip()]

    return split

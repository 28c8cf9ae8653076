"""From the cells of a row to the drafts of the lines that it means, by the tables of a mapping made ready once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from loaders.city import LINE_MODELS
from loaders.mapping.filling import Fill, Filling, Lookup, condition, filler, items
from loaders.mapping.model import Check, LineTemplate, MappingFile, Table
from loaders.mapping.templates import Cell, Condition, Place, Template, places
from loaders.mapping.values import Bad
from loaders.rows import Draft, Fault, FaultKind, shown

Holds = Callable[[Filling], bool]
Drafted = tuple[tuple[Draft, ...], tuple[Fault, ...], Fault | None]


class DraftedLine:
    """A line template made ready."""

    def __init__(self, template: LineTemplate, source: str) -> None:
        self._items = items(template.each)
        self._when = [condition(one) for one in template.when]
        self._fills: dict[str, Fill] = {name: filler(one) for name, one in template.line.items()}
        self._columns = {field: found[-1].name for field, found in _places("", template.line)}
        self._optional = dict(_said_optional(template.line))
        fields = LINE_MODELS[str(template.line["fact"])].model_fields
        self._source = {"source": source} if "source" in fields else {}

    def drafts(self, filling: Filling) -> Iterator[Draft]:
        for item in self._items(filling):
            filling.item = item
            if all(holds(filling) for holds in self._when):
                filled = {name: value for name, fill in self._fills.items() if (value := fill(filling)) is not None}
                yield Draft({**self._source, **filled}, self._columns, lenient=True, optional=self._optional)


def _places(field: str, template: Template) -> Iterator[tuple[str, list[Place]]]:
    """The places in the row that each field of a line comes from."""
    if isinstance(template, dict):
        for name, one in template.items():
            yield from _places(f"{field}.{name}" if field else name, one)
    elif found := list(places(template)):
        yield field, found


def _said_optional(line: Template) -> Iterator[tuple[str, bool]]:
    """The fields of which the mapping itself says whether the line can do without."""
    for field, found in _places("", line):
        said = [place.optional for place in found if isinstance(place, Cell) and place.optional is not None]
        if said:
            yield field, all(said)


class DraftedTable:
    """A table made ready."""

    def __init__(self, table: Table, source: str) -> None:
        self._where = [condition(one) for one in table.where]
        self._checks = [(check, [condition(one) for one in check.when]) for check in table.checks]
        self._lines = [DraftedLine(line, source) for line in table.lines]

    def counts(self, filling: Filling) -> bool:
        """Whether the row is one of those that the mapping picks."""
        return all(holds(filling) for holds in self._where)

    def faults(self, filling: Filling) -> Iterator[tuple[Check, Fault]]:
        """The checks that the row does not stand."""
        for check, conditions in self._checks:
            if all(holds(filling) for holds in conditions):
                place = check.when[0].name
                value = filling.cells.get(check.when[0].column or "")
                fault = Fault(place, "" if value is None else shown(value), check.reason, check.remedy, check.kind)
                yield check, fault

    def drafts(self, filling: Filling) -> tuple[Draft, ...]:
        return tuple(draft for line in self._lines for draft in line.drafts(filling))


def _asked(column: str, value: str) -> Condition:
    return Condition.model_validate({"column": column, **({"is": [value]} if value else {"missing": True})})


class Drafting:
    """The tables of a mapping, and what is asked of each row besides: a value (or none: "") in a column (``where``). A
    row that can't be told to lack that value is drafted, or at fault, like any other, so that none is lost."""

    def __init__(self, mapping: MappingFile, where: Mapping[str, str], lookup: Lookup) -> None:
        self._mapping, self._lookup = mapping, lookup
        self._missing = frozenset(mapping.missing)
        self._ready = {id(table): DraftedTable(table, mapping.source.id) for table in mapping.tables}
        self._asked = [(name, condition(_asked(name, value))) for name, value in where.items()]
        self._table_of = lru_cache(maxsize=1024)(self._found)

    def _found(self, columns: frozenset[str]) -> DraftedTable | None:
        table = self._mapping.table_of(columns)
        return None if table is None else self._ready[id(table)]

    def drafted(self, cells: Mapping[str, Any]) -> Drafted | None:
        """The drafts of a row, warnings, and the fault that hides them; nothing for a row that is not picked."""
        table = self._table_of(frozenset(cells))
        filling = Filling(cells, self._missing, self._lookup)
        if not all(holds(filling) for name, holds in self._asked if table or name in cells):
            return None
        if table is None:
            return (), (), self._stranger(cells)
        try:
            return self._of(table, filling)
        except Bad as bad:  # in a condition, or in what a line is made for each of
            return (), (), Fault("", "", bad.reason, bad.remedy, bad.kind)

    def _of(self, table: DraftedTable, filling: Filling) -> Drafted | None:
        if not table.counts(filling):
            return None
        found = list(table.faults(filling))
        if fault := next((fault for check, fault in found if not check.warn), None):
            return (), (), fault
        return table.drafts(filling), tuple(fault for _, fault in found), None

    def _stranger(self, cells: Collection[str]) -> Fault:
        lacking = ", ".join(self._mapping.nearest(list(cells)))
        return Fault("", "", f"no table of the mapping has such a row; it lacks {lacking}", kind=FaultKind.SHAPE)

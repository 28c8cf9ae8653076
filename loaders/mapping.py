"""Mappings: how a row of a foreign table becomes lines of the city's schema (`loaders/mappings/*.yaml`).

A mapping lists the columns it needs, what counts as missing, the source it declares, and the lines that a row means.
In a line every value is a constant, or taken from the row:

    {column: 企业名称}                              the cell, null when missing
    {column: 统一社会信用代码, characters: [3, 8]}    part of it, counted from 1, both ends included
    {column: 法人代表, item: true}                   the item under way, in a line with `each`
    {choose: [{column: C, starts_with: "92", then: X}, …], otherwise: Y}
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from typing_extensions import TypeAliasType

from graph.errors import BadInput
from loaders.fields import Cadence, Region, Text
from loaders.files import opened
from loaders.rows import Draft, Fault, FaultKind, Row

CITY = "city"


class BadMapping(BadInput):
    """A mapping is unknown or wrong, or does not fit the file."""

    code = "bad-mapping"
    title_zh = "映射有误"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(_Part):
    """A cell, or the part of it from the first to the second of ``characters``."""

    column: str
    characters: tuple[int, int] | None = None
    item: bool = False


class Case(_Part):
    """Applies when the cell (all of those given) starts with, ends with or contains one of the texts."""

    column: str
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    then: str

    def applies(self, cell: str) -> bool:
        return (
            (bool(self.starts_with) and cell.startswith(self.starts_with))
            or (bool(self.ends_with) and cell.endswith(self.ends_with))
            or any(text in cell for text in self.contains)
        )


class Choice(_Part):
    """The first case that applies decides."""

    choose: tuple[Case, ...] = Field(min_length=1)
    otherwise: str | None = None


class Each(_Part):
    """One line for each item of a cell; none when the cell is missing."""

    column: str
    split: str = ""


def _shape(value: object) -> str:
    if not isinstance(value, dict):
        return "constant" if not isinstance(value, BaseModel) else type(value).__name__.lower()
    return "cell" if "column" in value else "choice" if "choose" in value else "nested"


Template = TypeAliasType(
    "Template",
    Annotated[
        Annotated[Cell, Tag("cell")]
        | Annotated[Choice, Tag("choice")]
        | Annotated["dict[str, Template]", Tag("nested")]
        | Annotated[str | int | bool | None, Tag("constant")],
        Discriminator(_shape),
    ],
)


class LineTemplate(_Part):
    each: Each | None = None
    line: dict[str, Template]


class SourceDeclaration(_Part):
    """The source that the mapping declares, and the day up to which the file is complete."""

    id: Text
    department: Text
    dataset: Text
    holds: tuple[Text, ...] = ()
    cadence: Cadence
    territory: Region | None = None
    through: date


class RowMapping(_Part):
    """A mapping; its ``licence`` note tells whoever loads the data what it may be used for."""

    id: str
    title: str
    format: Literal["csv"]
    columns: tuple[str, ...] = Field(min_length=1)
    missing: tuple[str, ...] = ("",)
    licence: str = ""
    source: SourceDeclaration
    lines: tuple[LineTemplate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        used = set(re.findall(r"column='([^']+)'", repr(self.lines)))
        if unknown := sorted(used - set(self.columns)):
            raise ValueError(f"the lines use columns that `columns` does not list: {', '.join(unknown)}")
        return self

    def rows(self, path: str, where: Mapping[str, str]) -> Iterator[Row]:
        """The rows of a file for which every column in ``where`` has that value. Raises `BadMapping`."""
        with opened(path) as text:
            reader = csv.reader(text)
            header = next(reader, [])
            self._check(path, header, where)
            begun = reader.line_num + 1
            for cells in reader:
                line, begun = begun, reader.line_num + 1
                if cells and all(_cell(header, cells, name) == value for name, value in where.items()):
                    yield self._row(path, line, header, cells)

    def _check(self, path: str, header: Sequence[str], where: Mapping[str, str]) -> None:
        if lacking := [name for name in (*self.columns, *where) if name not in header]:
            raise BadMapping(
                f"{path} has no column {', '.join(lacking)}", remedy=f"its columns are {', '.join(header) or 'none'}"
            )

    def _row(self, path: str, line: int, header: Sequence[str], cells: Sequence[str]) -> Row:
        text = ",".join(f'"{cell}"' if "," in cell or "\n" in cell else cell for cell in cells)
        if len(cells) != len(header):
            reason = f"{len(cells)} cells under {len(header)} columns"
            return Row(path, line, text, fault=Fault("", "", reason, "quote cells that hold commas", FaultKind.SHAPE))
        known = {
            name: None if cell.strip() in self.missing else cell.strip()
            for name, cell in zip(header, cells, strict=True)
        }
        return Row(path, line, text, tuple(map(Draft, self._documents(known))))

    def _documents(self, cells: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
        for template in self.lines:
            for item in _items(template.each, cells):
                line = {name: _filled(value, cells, item) for name, value in template.line.items()}
                yield {name: value for name, value in line.items() if value is not None} | {"source": self.source.id}

    def frame(self) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        """What comes before the rows, the declaration of the source, and after them: that it was loaded."""
        said = self.source.model_dump(mode="json")
        through = said.pop("through")
        name = f"mapping {self.id}"
        declares = Row(name, 1, "", (Draft({"fact": "source", **said}),))
        completes = Row(name, 1, "", (Draft({"fact": "load", "source": self.source.id, "through": through}),))
        return (declares,), (completes,)


def _cell(header: Sequence[str], cells: Sequence[str], name: str) -> str:
    place = header.index(name)
    return cells[place].strip() if place < len(cells) else ""


def _items(each: Each | None, cells: Mapping[str, str | None]) -> list[str | None]:
    if each is None:
        return [None]
    cell = cells[each.column]
    parts = re.split(f"[{re.escape(each.split)}]", cell) if cell and each.split else [cell or ""]
    return [part.strip() for part in dict.fromkeys(parts) if part.strip()]


def _filled(template: Template, cells: Mapping[str, str | None], item: str | None) -> Any:
    match template:
        case Cell(item=True):
            return item
        case Cell(column=column, characters=None):
            return cells[column]
        case Cell(column=column, characters=(first, last)):
            return (cells[column] or "")[first - 1 : last] or None
        case Choice(choose=cases, otherwise=otherwise):
            return next((case.then for case in cases if case.applies(cells[case.column] or "")), otherwise)
        case dict():
            return {name: _filled(value, cells, item) for name, value in template.items()}
    return template


def mapping_names() -> list[str]:
    """The names of the mappings shipped with Xinheng, beside ``city``."""
    return sorted(
        Path(entry.name).stem
        for entry in files("loaders").joinpath("mappings").iterdir()
        if entry.name.endswith(".yaml")
    )


def read_mapping(name: str) -> RowMapping:
    """A shipped mapping by name, or one of your own by the path of its file. Raises `BadMapping`."""
    if name.endswith((".yaml", ".yml")):
        return _parsed(name, opened_text(name))
    if name not in mapping_names():
        known = ", ".join([CITY, *mapping_names()])
        raise BadMapping(f"there is no mapping {name}", remedy=f"one of {known}, or the path of a .yaml file")
    return _parsed(name, files("loaders").joinpath("mappings").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))


def opened_text(path: str) -> str:
    with opened(path) as text:
        return text.read()


def _parsed(name: str, text: str) -> RowMapping:
    try:
        return RowMapping.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BadMapping(f"{name}: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
        raise BadMapping(f"{name}: {faults}") from None

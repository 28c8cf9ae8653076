"""A mapping: how the rows of a department's files become lines of the city's schema (`loaders/mappings/*.yaml`).

A mapping says how its files are written, which source it declares, and for each of its tables which columns tell a
file as this table, which rows count, and the lines that a row means. A mapping of one table says the latter at its
top. docs/mappings.md is generated from these models.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loaders.city import LINE_MODELS
from loaders.fields import Cadence, Region, Text
from loaders.mapping.templates import Condition, Each, Part, Template, places
from loaders.reading import Dialect
from loaders.rows import FaultKind

TABLE_KEYS = ("columns", "where", "checks", "lines")
TO_BE_NAMED = "to-be-named"
"""What a draft says where its author has to: in a text or as a key. Nothing is loaded by it."""


def at(message: str, key: str, value: str | None = None) -> PydanticCustomError:
    """A fault that stands below the part that noticed it: at this key, where it has this value."""
    return PydanticCustomError("stands_below", message, {"key": key, "value": value})


class SourceDeclaration(Part):
    """The source that the mapping declares. ``through`` is the day up to which a file is complete where the mapping
    knows it once for all; else `load --through` says it for each delivery."""

    id: Text = Field(description="By which its facts name it, and `xinheng sources` lists it.")
    department: Text = Field(description="部门: an id of the catalogue.")
    dataset: Text = Field(description="What the department calls it.")
    holds: tuple[Text, ...] = Field(default=(), description="Lists and kinds of events of the catalogue.")
    cadence: Cadence = Field(description="How often it is delivered: P1D, P7D, P1M.")
    territory: Region | None = Field(default=None, description="The division that it covers, six digits; else all.")
    through: date | None = Field(default=None, description="The last day that it covers.")


class Lookup(Part):
    """What a key of one table stands for, for the other tables: ``value`` by ``key``, two columns of one table. Read
    from the files given before anything is loaded."""

    key: str = Field(description="The column that is asked by.")
    value: str = Field(description="The column that answers. A key with two values has none.")
    pad: int | None = Field(default=None, ge=1, description="Zeros on the left of the key, up to this width.")


class Check(Part):
    """What must hold of a row. Where it does not, the row goes to quarantine with ``reason``; where ``warn`` is set it
    is loaded, and counted with a warning."""

    when: tuple[Condition, ...] = Field(min_length=1, description="The row is at fault when all of these hold.")
    reason: Text = Field(description="What is wrong, for whoever mends it.")
    remedy: str = Field(default="", description="How to mend it.")
    warn: bool = Field(default=False, description="Load the row all the same, and count a warning.")
    kind: FaultKind = Field(default=FaultKind.CHECK, description="Under which `quarantine list --reason` finds it.")


class LineTemplate(Part):
    """One line of the city's schema (docs/city.md), made for each item of ``each`` when all of ``when`` hold."""

    each: Each | None = Field(default=None, description="Make one line for each of several values.")
    when: tuple[Condition, ...] = Field(default=(), description="Make it only if all of these hold.")
    line: dict[str, Template] = Field(description="The keys of the line; `fact` says which line it is.")

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        fact = self.line.get("fact")
        if fact not in LINE_MODELS:
            raise ValueError(f"`fact` says what the line is: one of {', '.join(LINE_MODELS)}")
        if unknown := sorted(set(self.line) - set(LINE_MODELS[str(fact)].model_fields)):
            raise at(f"a {fact} has no {', '.join(unknown)}; docs/city.md lists its keys", unknown[0])
        return self


class Table(Part):
    """The rows of one kind of file. ``columns``: a file (of nested JSON: a row) that has them all is of this table."""

    columns: tuple[str, ...] = Field(min_length=1, description="The columns that the lines use; others may be there.")
    where: tuple[Condition, ...] = Field(default=(), description="Only rows of which all of these hold are read.")
    checks: tuple[Check, ...] = Field(default=(), description="What must hold of a row before it is loaded.")
    lines: tuple[LineTemplate, ...] = Field(min_length=1, description="What a row means.")

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        used = {place.column for place in self.places() if place.column and not place.column.startswith("@")}
        if unknown := sorted(used - set(self.columns)):
            raise at(f"it uses columns that `columns` does not list: {', '.join(unknown)}", "column", unknown[0])
        return self

    def places(self) -> list[Any]:
        templates = (*self.where, *(c for check in self.checks for c in check.when))
        lines = [(line.each, line.when, line.line) for line in self.lines]
        return list(places((*templates, *(part for line in lines for part in line if part is not None))))

    def lacks(self, columns: Collection[str]) -> list[str]:
        """The columns of this table that are not among these."""
        return [name for name in self.columns if name not in columns]


class MappingFile(Part):
    """A mapping file; its ``licence`` note tells whoever loads the data what it may be used for."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Small letters, digits, hyphens.")
    title: str = Field(description="What it reads, for people.")
    licence: str = Field(default="", description="What the data may be used for.")
    format: Literal["table", "ftm", "bods"] = Field(default="table", description="Exchange formats: docs/formats.md.")
    dialect: Dialect = Field(default=Dialect(), description="How the files are written.")
    missing: tuple[str, ...] = Field(default=("",), description="Texts that mean that there is no value.")
    source: SourceDeclaration = Field(description="The source that it declares.")
    lookups: dict[str, Lookup] = Field(default={}, description="What keys of one table stand for in the others.")
    tables: tuple[Table, ...] = Field(default=(), description="The kinds of files; of one, its keys stand here.")

    @model_validator(mode="before")
    @classmethod
    def _one_table(cls, said: Any) -> Any:
        if isinstance(said, dict) and any(key in said for key in TABLE_KEYS):
            if "tables" in said:
                raise ValueError(f"a mapping with `tables` says {', '.join(TABLE_KEYS)} in each of them")
            table = {key: said[key] for key in TABLE_KEYS if key in said}
            return {key: value for key, value in said.items() if key not in TABLE_KEYS} | {"tables": [table]}
        return said

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.tables) != (self.format == "table"):
            raise ValueError("a mapping of the format `table` has `columns` and `lines` (or `tables`); no other has")
        used = {place.lookup for table in self.tables for place in table.places() if getattr(place, "lookup", None)}
        if unknown := sorted(str(name) for name in used - set(self.lookups)):
            raise at(f"there is no lookup {', '.join(unknown)} in `lookups`", "lookup", unknown[0])
        return self

    def table_of(self, columns: Collection[str]) -> Table | None:
        """The first table whose columns are all there."""
        return next((table for table in self.tables if not table.lacks(columns)), None)

    def nearest(self, columns: Sequence[str]) -> list[str]:
        """The columns lacking for the table that comes nearest."""
        return min((table.lacks(columns) for table in self.tables), key=len)

"""Facts as rows and rows as facts: one `Table` for each kind of fact, columns in the order of its fields."""

# ruff: noqa: S608 -- SQL is put together from names of our own tables and columns only

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, cast

from graph.model import (
    Fact,
    Kind,
    Link,
    LinkType,
    Load,
    Merge,
    Naming,
    Record,
    SealedId,
    Source,
    Subject,
)
from graph.sqlite.values import day_number, day_of, end_number, end_of

Row = tuple[Any, ...]
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
KeyOf = Callable[[str], int]

# The place of a type here is its number in the database: append, never reorder.
LINK_TYPES = (
    LinkType.LEGAL_REPRESENTATIVE,
    LinkType.PRINCIPAL,
    LinkType.OPERATOR,
    LinkType.MANAGING_PARTNER,
    LinkType.DIRECTOR,
    LinkType.SUPERVISOR,
    LinkType.SENIOR_MANAGER,
    LinkType.SHAREHOLDER,
    LinkType.ACTUAL_CONTROLLER,
    LinkType.EMPLOYEE,
    LinkType.MANAGES,
    LinkType.BRANCH_OF,
)
LINK_TYPE_NUMBERS = {link_type: number for number, link_type in enumerate(LINK_TYPES)}


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical_json(value: object) -> str:
    return _encode(value) if value != {} else "{}"  # most facts say nothing more of themselves


def numbers_json(numbers: Collection[int]) -> str:
    """As JSON, which writes integers as Python does."""
    return repr([*numbers])


def _mapping_of(text: str) -> Mapping[str, Any]:
    if text == "{}":
        return {}
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


DAY: Codec = (day_number, day_of)
END: Codec = (end_number, end_of)
FLAG: Codec = (int, bool)
MAPPING: Codec = (lambda value: canonical_json(dict(value)), _mapping_of)
LISTING: Codec = (lambda value: canonical_json(list(value)), lambda text: tuple(json.loads(text)))
LINK_TYPE: Codec = (LINK_TYPE_NUMBERS.__getitem__, LINK_TYPES.__getitem__)


@dataclass(frozen=True)
class Table:
    """How facts of one kind are stored. ``references`` are columns that hold the key of another fact of that kind."""

    name: str
    number: int
    fact_type: type[Fact]
    codecs: Mapping[str, Codec]
    references: Mapping[str, str]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(f.name for f in fields(self.fact_type))[1:]

    @cached_property
    def names(self) -> str:
        """The columns as SQL names them; some are keywords."""
        return ", ".join(f'"{column}"' for column in self.columns)

    @cached_property
    def selection(self) -> str:
        """SQL for a fact's id and columns, references as ids, for `decode`; the table stands under its own name."""
        return ", ".join([_id_of(f"{self.name}.k"), *map(self._selected, self.columns)])

    def _selected(self, column: str) -> str:
        name = f'{self.name}."{column}"'
        return _id_of(name) if column in self.references else name

    def encode(self, fact: Fact, key_of: KeyOf) -> Row:
        """The payload of a version: what two versions are compared by."""
        row = []
        for column in self.columns:
            value = getattr(fact, column)
            if column in self.codecs:
                value = self.codecs[column][0](value)
            elif column in self.references:
                value = key_of(value)
            row.append(value)
        return tuple(row)

    def decode(self, row: Sequence[Any]) -> Fact:
        values = list(row)
        for place, decoded in self._decoded:
            values[place] = decoded(values[place])
        return self.fact_type(*values)

    @cached_property
    def _decoded(self) -> Sequence[tuple[int, Callable[[Any], Any]]]:
        """The columns that are not held as they are, by their place behind the id."""
        held = enumerate(self.columns, start=1)
        return [(place, self.codecs[column][1]) for place, column in held if column in self.codecs]


def _id_of(expression: str) -> str:
    return f"(SELECT fact.id FROM fact WHERE fact.k = {expression})"


class SubjectTable(Table):
    """Subjects: a sealed citizen ID takes three columns, and its ciphertext is no part of what is compared."""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return ("kind", "name", "identifiers", "region", "established_on", "source", "digest", "mask", "fields")

    @cached_property
    def selection(self) -> str:
        return f"{', '.join([_id_of('subject.k'), *map(self._selected, self.columns)])}, subject.ciphertext"

    def encode(self, fact: Fact, _: KeyOf) -> Row:
        subject = cast(Subject, fact)
        sealed = subject.citizen_id
        seal = (sealed.digest, sealed.mask) if sealed else (None, None)
        identifiers = canonical_json(dict(subject.identifiers))
        established_on = day_number(subject.established_on)
        said = canonical_json(dict(subject.fields))
        return (
            str(subject.kind),
            subject.name,
            identifiers,
            subject.region,
            established_on,
            subject.source,
            *seal,
            said,
        )

    def decode(self, row: Sequence[Any]) -> Fact:
        fact_id, kind, name, identifiers, region, established_on, source, digest, mask, said, ciphertext = row
        sealed = SealedId(digest, mask, ciphertext) if digest else None
        return Subject(
            fact_id,
            Kind(kind),
            name,
            _mapping_of(identifiers),
            sealed,
            region,
            day_of(established_on),
            source,
            _mapping_of(said),
        )


SUBJECT = SubjectTable("subject", 1, Subject, {}, {})
LINK = Table(
    "link",
    2,
    Link,
    {"type": LINK_TYPE, "valid_from": DAY, "valid_to": END, "fields": MAPPING},
    {"holder": "subject", "organisation": "subject"},
)
RECORD = Table(
    "record",
    3,
    Record,
    {f.name: DAY for f in fields(Record) if "date" in str(f.type)}
    | {"annulled": FLAG, "disputed": FLAG, "test": FLAG, "fields": MAPPING},
    {"subject": "subject"},
)
NAMING = Table("naming", 4, Naming, {}, {"record": "record", "person": "subject"})
MERGE = Table("merge", 5, Merge, {"undone": FLAG}, {"left": "subject", "right": "subject"})
SOURCE = Table("source", 6, Source, {"holds": LISTING}, {})
LOAD = Table("load", 7, Load, {"through": DAY}, {"source": "source"})

TABLES: tuple[Table, ...] = (SUBJECT, LINK, RECORD, NAMING, MERGE, SOURCE, LOAD)
TABLE_OF: Mapping[type, Table] = {table.fact_type: table for table in TABLES}
TABLE_NUMBERED: Mapping[int, Table] = {table.number: table for table in TABLES}

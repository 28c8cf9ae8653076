"""Facts as properties and properties as facts: dates as yyyymmdd, mappings as JSON text, absent where ``None``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from graph.model import Fact, Kind, Link, LinkType, Load, Merge, Naming, Record, SealedId, Source, Subject
from graph.sqlite.values import day_number, day_of, end_number, end_of

F = TypeVar("F", bound=Fact)
Properties = dict[str, Any]
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]

LABELS: Mapping[type, str] = {
    Subject: "SubjectVersion",
    Record: "Record",
    Naming: "Naming",
    Merge: "Merge",
    Source: "Source",
    Load: "Load",
}
"""Kinds of facts that are nodes; links are relationships."""
FACT_TYPES: Mapping[str, type] = {label: fact_type for fact_type, label in LABELS.items()}
REFERENCES: Mapping[type, Mapping[str, type]] = {
    Subject: {},
    Link: {"holder": Subject, "organisation": Subject},
    Record: {"subject": Subject},
    Naming: {"record": Record, "person": Subject},
    Merge: {"left": Subject, "right": Subject},
    Source: {},
    Load: {"source": Source},
}
"""Fields that name another fact, and of which kind it must be."""
NOT_COMPARED = frozenset({"tf", "tt", "identified", "texts", "tokens", "ciphertext"})


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_DAY: Codec = (day_number, day_of)
_MAPPING: Codec = (_json, json.loads)
_BY_TYPE: Mapping[str, Codec] = {
    "date": _DAY,
    "date | None": _DAY,
    "float | None": (float, float),
    "Mapping[str, str]": _MAPPING,
    "Mapping[str, FieldValue]": _MAPPING,
    "tuple[str, ...]": (list, tuple),
    "Kind": (str, Kind),
    "LinkType": (lambda link_type: link_type.name, lambda name: LinkType[name]),
}
_CODECS: Mapping[type, dict[str, Codec]] = {
    fact_type: {f.name: _BY_TYPE[str(f.type)] for f in fields(fact_type) if str(f.type) in _BY_TYPE}
    for fact_type in REFERENCES
}
_CODECS[Link]["valid_to"] = (end_number, end_of)
_NAMES = {fact_type: tuple(f.name for f in fields(fact_type)) for fact_type in REFERENCES}


def encode(fact: Fact) -> Properties:
    """The properties of a version, without its transaction time."""
    codecs = _CODECS[type(fact)]
    values = ((name, getattr(fact, name)) for name in _NAMES[type(fact)])
    encoded = {name: codecs[name][0](value) if name in codecs else value for name, value in values if value is not None}
    if isinstance(fact, Subject):
        _seal(fact, encoded)
    if isinstance(fact, Link):
        encoded["valid_to"] = end_number(fact.valid_to)  # an open end is later than every day
    if isinstance(fact, Subject | Link) and not fact.fields:
        del encoded["fields"]
    return encoded


def _seal(subject: Subject, encoded: Properties) -> None:
    encoded["identified"] = subject.identified
    if sealed := encoded.pop("citizen_id", None):
        encoded |= {"digest": sealed.digest, "mask": sealed.mask, "ciphertext": sealed.ciphertext}


def decode(fact_type: type[F], properties: Mapping[str, Any]) -> F:
    """The fact that `encode` was given; other properties are passed over."""
    codecs = _CODECS[fact_type]
    values = {
        name: codecs[name][1](properties[name]) if name in codecs else properties[name]
        for name in _NAMES[fact_type]
        if name in properties
    }
    if fact_type is Subject and "digest" in properties:
        values["citizen_id"] = SealedId(properties["digest"], properties["mask"], properties["ciphertext"])
    return fact_type(**values)


def content(properties: Mapping[str, Any]) -> Properties:
    """What two versions are compared by."""
    return {name: value for name, value in properties.items() if name not in NOT_COMPARED}

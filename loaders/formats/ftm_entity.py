"""A FollowTheMoney entity: what makes it one, what of it numbers a human being, and the values of its properties.

Every property is a list of texts. A day may be said to the year, the month, the day or the second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from loaders.formats.personal import holds_citizen_id, holds_one_of
from loaders.rows import Fault, FaultKind

PERSONAL = frozenset({"idNumber", "passportNumber", "innCode", "taxNumber", "socialSecurityNumber", "passport"})
"""Properties of a person that number a human being."""
DOCUMENT_NUMBERS = frozenset({"number", "passportNumber", "personalNumber"})
MAYBE_PERSONS = ("Person", "LegalEntity")
DOCUMENTS = ("Passport", "Identification")
KEPT_AS_IT_IS = ("id", "schema")
CREDIT_CODE = "uscCode"  # of a body; it may happen to be valid as a citizen ID too
_INN_OF_A_PERSON = re.compile(r"\d{12}", re.ASCII)  # that of an organisation has 10 digits
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}(?::?\d{2}){0,2}.*)?", re.ASCII)
_PERCENTAGE = re.compile(r"(\d{1,3}(?:\.\d{1,30})?) ?%?", re.ASCII)
Entity = Mapping[str, Any]
Properties = Mapping[str, Sequence[str]]
Warn = Callable[[Fault], None]


class Unfit(Exception):
    """An entity can't be loaded; holds the fault."""

    def __init__(self, field: str, reason: str, kind: FaultKind, remedy: str = "") -> None:
        super().__init__(reason)
        self.fault = Fault(field, "", reason, remedy, kind)


def proved(entity: Entity) -> Properties:
    """The properties of what is an entity. Raises `Unfit`."""
    for name in KEPT_AS_IT_IS:
        if not isinstance(entity.get(name), str) or not entity[name].strip():
            raise Unfit(name, "an entity has an id and a schema, both text", FaultKind.MISSING)
    if holds_citizen_id(entity["id"]):
        raise Unfit("id", "a citizen ID stands in it", FaultKind.IDENTIFIER, "give the entity another id")
    properties = entity.get("properties")
    if not isinstance(properties, dict):
        raise Unfit("properties", "an entity has properties, an object", FaultKind.SHAPE)
    for name, values in properties.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise Unfit(f"properties.{name}", "a property is a list of texts", FaultKind.SHAPE)
    return properties


def without_numbers(entity: Entity, warn: Warn = lambda _: None) -> Entity:
    """The entity without what numbers a human being: properties that do, and every value elsewhere in which such a
    number or a citizen ID stands (ids of other data sets, ``referents``, are made of them). Each is warned of."""
    numbering = _numbering(entity["schema"])
    given = {name: values for name, values in entity["properties"].items() if name not in numbering}
    numbers = numbers_of(entity)
    for name in sorted(entity["properties"].keys() & numbering):
        warn(Fault(f"properties.{name}", "", "a number of a person, left out"))

    def told(place: str, value: Any) -> Any:
        kept = _without(value, numbers)
        if kept != value:
            warn(Fault(place, "", "a value in which a number of a person stands, left out"))
        return kept

    properties = {
        name: values if name == CREDIT_CODE and not numbering else told(f"properties.{name}", values)
        for name, values in given.items()
    }
    others = {
        name: value if name in KEPT_AS_IT_IS else told(name, value)
        for name, value in entity.items()
        if name != "properties"
    }
    return {**others, "properties": properties}


def _numbering(schema: str) -> frozenset[str]:
    return PERSONAL if schema in MAYBE_PERSONS else DOCUMENT_NUMBERS if schema in DOCUMENTS else frozenset()


def numbers_of(entity: Entity) -> frozenset[str]:
    """The numbers that an entity gives of a person. A sole trader who is given as a company has a person's INN."""
    properties: Properties = entity["properties"]
    personal = [value for name in _numbering(entity["schema"]) for value in properties.get(name, ())]
    traders = [value for value in properties.get("innCode", ()) if _INN_OF_A_PERSON.fullmatch(value)]
    return frozenset(value.strip() for value in (*personal, *traders) if value.strip())


def _without(value: Any, numbers: frozenset[str]) -> Any:
    match value:
        case str():
            return None if holds_citizen_id(value) or holds_one_of(value, numbers) else value
        case list():
            kept = ((one, _without(one, numbers)) for one in value)
            return [left for one, left in kept if left is not None or one is None]
        case dict():
            return {key: _without(one, numbers) for key, one in value.items() if _without(key, numbers) is not None}
    return value


def canonical(entity: Entity) -> str:
    """An entity as canonical JSON."""
    return json.dumps(entity, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# --- the values of a property -----------------------------------------------------------------------------------------


def first(properties: Properties, name: str) -> str | None:
    return next((value for value in properties.get(name, ()) if value.strip()), None)


def reference(properties: Properties, name: str) -> str:
    """The id of the one entity that a property names. Raises `Unfit`."""
    values = properties.get(name, ())
    if not values:
        raise Unfit(f"properties.{name}", "it is missing", FaultKind.MISSING, "a link names both its ends")
    if len(values) > 1:
        raise Unfit(f"properties.{name}", "it names several", FaultKind.UNSUPPORTED, "make an entity for each of them")
    return values[0]


def one_day(properties: Properties, name: str, warn: Warn) -> str | None:
    """The day, where it is said once and to the day."""
    day = _day(properties, name)
    if day is None and properties.get(name):
        warn(Fault(f"properties.{name}", "", "no single day, left out"))
    return day


def last_day(properties: Properties) -> str | None:
    """The day on which it ended, which is the first on which it no longer held. An end can't be left out: raises
    `Unfit` if it is no single day."""
    day = _day(properties, "endDate")
    if day is None and properties.get("endDate"):
        raise Unfit("properties.endDate", "no single day", FaultKind.DATE, "say on which day it ended")
    return day


def _day(properties: Properties, name: str) -> str | None:
    days = [_DAY.fullmatch(value) for value in properties.get(name, ())]
    found = {match[1] if match else None for match in days}
    return found.pop() if len(found) == 1 else None


def share(properties: Properties, warn: Warn) -> float | None:
    """The share from 0 to 1, where one percentage is said."""
    values = properties.get("percentage", ())
    match = _PERCENTAGE.fullmatch(values[0]) if len(values) == 1 else None
    found = Decimal(match[1]) / 100 if match else None
    if found is not None and found <= 1:
        return float(found)
    if values:
        warn(Fault("properties.percentage", "", "no single percentage, left out"))
    return None

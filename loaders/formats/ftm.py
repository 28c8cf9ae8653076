"""FollowTheMoney entities (followthemoney.tech), JSON lines, a row for each of them.

Bodies and persons become subjects, known by the entity's id; Ownership and Directorship links, Sanction a record.
Address, Passport and Family have no place in the model, whose links lead from a holder to an organisation: they stay in
quarantine, whole. What else an entity says is kept as JSON in the field ``ftm``, so that `ftm_export` can give it back;
identity numbers of persons are not (PIPL 19: no more than is needed). docs/formats.md says what goes where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from loaders.reading import Dialect, RawRow, json_row
from loaders.reading.json_lines import json_lines
from loaders.rows import Draft, Fault, FaultKind, Row

SCHEME = "ftm"
LIST = "ftm-sanction"
KINDS = {
    "Company": "enterprise",
    "Organization": "social_organisation",
    "PublicBody": "government_organ",
    "Person": "natural_person",
}
LINKS = {"Ownership": ("owner", "asset", "shareholder"), "Directorship": ("director", "organization", "director")}
OTHERS = ("Address", "Passport", "Family", "Identification", "Membership", "Employment", "Associate", "UnknownLink")
PERSONAL = frozenset({"idNumber", "passportNumber", "innCode", "taxNumber", "socialSecurityNumber", "passport"})
"""Properties of a person that number a human being: they are left out, and counted."""
KNOWN = (*KINDS, *LINKS, "Sanction")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Properties = Mapping[str, Sequence[str]]


class Unfit(Exception):
    """An entity can't be loaded; holds the fault."""

    def __init__(self, field: str, reason: str, kind: FaultKind, remedy: str = "") -> None:
        super().__init__(reason)
        self.fault = Fault(field, "", reason, remedy, kind)


class FollowTheMoney:
    """The format, as `loaders.formats.format.Format` asks for it."""

    def rows(self, path: str, source: str) -> Iterator[Row]:
        """The rows of a file, whatever its suffix."""
        with json_lines(path, Dialect()) as table:
            for raw in table.rows:
                yield _row(path, raw, source)

    def row(self, path: str, line: int, text: str, source: str) -> Row:
        """The row of one entity, given as JSON."""
        return _row(path, json_row(line, text), source)


def _row(path: str, raw: RawRow, source: str) -> Row:
    if raw.fault:
        return Row(path, raw.line, raw.text, fault=raw.fault)
    entity = {name: value for name, value in raw.cells.items() if not name.startswith("@")}
    try:
        document, warnings = _document(entity)
    except Unfit as unfit:
        return Row(path, raw.line, raw.text, fault=unfit.fault)
    return Row(path, raw.line, raw.text, (Draft({"source": source, **document}, lenient=True),), warnings=warnings)


def _document(entity: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    properties = _proved(entity)
    schema = entity["schema"]
    if schema in KINDS:
        return _subject(entity, properties)
    if schema in LINKS:
        return _link(entity, properties)
    if schema == "Sanction":
        return _record(entity, properties)
    known = f"Xinheng has a place for {', '.join(KNOWN)}"
    raise Unfit("schema", f"no place for {schema if schema in OTHERS else 'this schema'}", FaultKind.UNSUPPORTED, known)


def _proved(entity: Mapping[str, Any]) -> Properties:
    for name in ("id", "schema"):
        if not isinstance(entity.get(name), str) or not entity[name].strip():
            raise Unfit(name, "an entity has an id and a schema, both text", FaultKind.MISSING)
    properties = entity.get("properties")
    if not isinstance(properties, dict):
        raise Unfit("properties", "an entity has properties, an object", FaultKind.SHAPE)
    for name, values in properties.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise Unfit(f"properties.{name}", "a property is a list of texts", FaultKind.SHAPE)
    return properties


def _rest(entity: Mapping[str, Any]) -> str:
    """Everything that an entity says as canonical JSON, but for the numbers of persons, wherever they stand: ids of
    other data sets (``referents``) are made of them."""
    numbers = numbers_of(entity)
    kept = {name: values for name, values in entity["properties"].items() if not numbers or name not in PERSONAL}
    rest = {**entity, "properties": {name: _without(values, numbers) for name, values in kept.items()}}
    if isinstance(entity.get("referents"), list):
        rest["referents"] = _without(entity["referents"], numbers)
    return json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def numbers_of(entity: Mapping[str, Any]) -> frozenset[str]:
    """The numbers that an entity gives of a person."""
    if entity["schema"] != "Person":
        return frozenset()
    return frozenset(value for name in PERSONAL for value in entity["properties"].get(name, ()) if value.strip())


def _without(values: Sequence[Any], numbers: frozenset[str]) -> list[Any]:
    return [value for value in values if not any(number in str(value) for number in numbers)]


def _subject(entity: Mapping[str, Any], properties: Properties) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    person = entity["schema"] == "Person"
    personal = PERSONAL & properties.keys() if person else frozenset()
    warnings = [Fault(f"properties.{name}", "", "a number of a person, left out") for name in sorted(personal)]
    fields: dict[str, Any] = {"ftm": _rest(entity)}
    born = {value[:4] for value in properties.get("birthDate", ()) if re.match(r"\d{4}", value, re.ASCII)}
    if len(born) == 1:
        fields["birth_year"] = int(born.pop())
    identifiers = {SCHEME: entity["id"]}
    if not person:
        identifiers |= {
            name: properties[key][0] for name, key in _IDENTIFIERS.items() if len(properties.get(key, ())) == 1
        }
    return {
        "fact": "subject",
        "kind": KINDS[entity["schema"]],
        "name": entity.get("caption") or next(iter(properties.get("name", ())), None),
        "identifiers": identifiers,
        "established_on": _one_day(properties, "incorporationDate", warnings.append),
        "fields": fields,
    }, tuple(warnings)


_IDENTIFIERS = {"inn": "innCode", "ogrn": "ogrnCode", "lei": "leiCode", "uscc": "uscCode"}


def _link(entity: Mapping[str, Any], properties: Properties) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    holder, organisation, link_type = LINKS[entity["schema"]]
    warnings: list[Fault] = []
    return {
        "fact": "link",
        "key": entity["id"],
        "type": link_type,
        "holder": {"scheme": SCHEME, "value": _one(properties, holder)},
        "organisation": {"scheme": SCHEME, "value": _one(properties, organisation)},
        "valid_from": _one_day(properties, "startDate", warnings.append),
        "valid_to": _end(properties),
        "share": _share(properties, warnings.append),
        "position": next(iter(properties.get("role", ())), None),
        "fields": {"ftm": _rest(entity)},
    }, tuple(warnings)


def _record(entity: Mapping[str, Any], properties: Properties) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    warnings: list[Fault] = []
    return {
        "fact": "record",
        "key": entity["id"],
        "subject": {"scheme": SCHEME, "value": _one(properties, "entity")},
        "list": LIST,
        "number": " ".join(sorted(properties.get("authorityId", ()))) or None,
        "department": next(iter(properties.get("authority", ())), None),
        "decided_on": _one_day(properties, "listingDate", warnings.append),
        "effective_from": _one_day(properties, "startDate", warnings.append),
        "effective_to": _end(properties),
        "fields": {"ftm": _rest(entity)},
    }, tuple(warnings)


def _one(properties: Properties, name: str) -> str:
    values = properties.get(name, ())
    if not values:
        raise Unfit(f"properties.{name}", "it is missing", FaultKind.MISSING, "a link names both its ends")
    if len(values) > 1:
        raise Unfit(f"properties.{name}", "it names several", FaultKind.UNSUPPORTED, "make an entity for each of them")
    return values[0]


def _one_day(properties: Properties, name: str, warn: Callable[[Fault], None]) -> str | None:
    """The day, where it is said once and to the day: FollowTheMoney also has years and months."""
    values = properties.get(name, ())
    if len(values) == 1 and _DAY.fullmatch(values[0]):
        return values[0]
    if values:
        warn(Fault(f"properties.{name}", "", "no single day, left out"))
    return None


def _end(properties: Properties) -> str | None:
    """The day on which it ended, which is the first on which it no longer held. An end can't be left out."""
    values = properties.get("endDate", ())
    if values and not (len(values) == 1 and _DAY.fullmatch(values[0])):
        raise Unfit("properties.endDate", "no single day", FaultKind.DATE, "say on which day it ended")
    return values[0] if values else None


def _share(properties: Properties, warn: Callable[[Fault], None]) -> float | None:
    values = properties.get("percentage", ())
    try:
        if len(values) == 1 and 0 <= (share := float(values[0])) <= 100:
            return share / 100
    except ValueError:
        pass
    if values:
        warn(Fault("properties.percentage", "", "no single percentage, left out"))
    return None

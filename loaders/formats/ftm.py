"""FollowTheMoney entities (followthemoney.tech), JSON lines, a row for each of them.

Bodies and persons become subjects, known by the entity's id; Ownership, Directorship and Employment links, Sanction a
record. Address, Passport and Family have no place in the model, whose links lead from a holder to an organisation: they
stay in quarantine, whole. What else an entity says is kept as JSON in the field ``ftm``, so that `ftm_export` can give
it back; identity numbers of persons are not (PIPL 19: no more than is needed). docs/formats.md says what goes where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graph.errors import BadIdentifier
from graph.identifiers import verify
from loaders.formats.ftm_entity import (
    Entity,
    Properties,
    Unfit,
    Warn,
    canonical,
    first,
    last_day,
    one_day,
    proved,
    reference,
    share,
    without_numbers,
)
from loaders.reading import Dialect, RawRow, json_row
from loaders.reading.json_lines import json_lines
from loaders.rows import Draft, Fault, FaultKind, Row
from loaders.standing import STATED_AT

SCHEME = "ftm"
LIST = "ftm-sanction"
KEPT, PART_OF = "ftm", "ftm_part_of"
"""Fields of a fact: the entity it came from, or the id of that entity where another fact keeps it."""
KINDS = {
    "Company": "enterprise",
    "Organization": "social_organisation",
    "PublicBody": "government_organ",
    "LegalEntity": "enterprise",
    "Person": "natural_person",
}
OF_A_BODY = ("legalForm", "incorporationDate", "dissolutionDate", "leiCode", "uscCode", "swiftBic")
LINKS = {
    "Ownership": ("owner", "asset", "shareholder"),
    "Directorship": ("director", "organization", "director"),
    "Employment": ("employee", "employer", "employee"),
}
ROLES = {  # titles that mean an office of ours; a Directorship under any other is that of a director
    **dict.fromkeys(("legal representative", "法定代表人"), "legal_representative"),
    **dict.fromkeys(("supervisor", "member of the supervisory board", "监事", "监事会主席"), "supervisor"),
    **dict.fromkeys(("general director", "генеральный директор", "general manager"), "senior_manager"),
    **dict.fromkeys(("chief executive officer", "ceo", "经理", "总经理", "副经理", "副总经理"), "senior_manager"),
    **dict.fromkeys(("财务负责人", "董事会秘书"), "senior_manager"),  # 公司法 265
    **dict.fromkeys(("负责人", "主要负责人"), "principal"),
    "执行事务合伙人": "managing_partner",
    "实际控制人": "actual_controller",
}
NOT_DIRECT = frozenset({"beneficial", "indirect", "ultimate"})
LAPSED = frozenset({"inactive", "expired", "suspended"})
OTHERS = ("Address", "Passport", "Family", "Identification", "Membership", "Associate", "UnknownLink", "Representation")
KNOWN = (*KINDS, *LINKS, "Sanction")
_IDENTIFIERS = {"inn": "innCode", "ogrn": "ogrnCode", "lei": "leiCode", "uscc": "uscCode"}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
Document = dict[str, Any]


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
    warnings: list[Fault] = []
    try:
        proved(entity)
        documents = _documents(without_numbers(entity, warnings.append), warnings.append)
    except Unfit as unfit:
        return Row(path, raw.line, raw.text, fault=unfit.fault)
    said = seen_last(entity)
    drafts = tuple(
        Draft({"source": source, **one, "fields": {**one["fields"], **said}}, lenient=True) for one in documents
    )
    return Row(path, raw.line, raw.text, drafts, warnings=tuple(warnings))


def seen_last(entity: Entity) -> dict[str, str]:
    """When the source saw or changed an entity last: each delivery says another day, and the latest delivery counts."""
    said = (entity.get(name) for name in ("last_seen", "last_change"))
    found = [text for text in said if isinstance(text, str) and _INSTANT.match(text)]
    return {STATED_AT: " ".join(found)} if found else {}


def _documents(entity: Entity, warn: Warn) -> list[Document]:
    schema, properties = entity["schema"], entity["properties"]
    if schema in KINDS:
        return [_subject(entity, properties, warn)]
    if schema in LINKS:
        return _links(entity, properties, warn)
    if schema == "Sanction":
        return [_record(entity, properties, warn)]
    known = f"Xinheng has a place for {', '.join(KNOWN)}"
    raise Unfit("schema", f"no place for {schema if schema in OTHERS else 'this schema'}", FaultKind.UNSUPPORTED, known)


def _subject(entity: Entity, properties: Properties, warn: Warn) -> Document:
    schema = entity["schema"]
    if schema == "LegalEntity" and not any(first(properties, name) for name in OF_A_BODY):
        reason = "nothing tells whether this is a person or a body"
        raise Unfit("schema", reason, FaultKind.UNSUPPORTED, "give it the schema Person, Company or Organization")
    caption = entity.get("caption")
    name = caption if isinstance(caption, str) and caption.strip() else first(properties, "name")
    if name is None:
        raise Unfit("properties.name", "it is missing", FaultKind.MISSING, "a subject has a name")
    fields: dict[str, Any] = {KEPT: canonical(entity)}
    born = {found[0] for value in properties.get("birthDate", ()) if (found := re.match(r"\d{4}", value, re.ASCII))}
    if len(born) == 1:
        fields["birth_year"] = int(born.pop())
    codes = {} if schema == "Person" else _codes(properties, warn)
    return {
        "fact": "subject",
        "kind": KINDS[schema],
        "name": name,
        "identifiers": {**codes, SCHEME: entity["id"]},
        "known_by": SCHEME,
        "established_on": one_day(properties, "incorporationDate", warn),
        "fields": fields,
    }


def _codes(properties: Properties, warn: Warn) -> dict[str, str]:
    """The codes of a body, each where it has one and it holds its own check."""
    found = {}
    for scheme, name in _IDENTIFIERS.items():
        if len(values := properties.get(name, ())) == 1:
            try:
                found[scheme] = verify(scheme, values[0])
            except BadIdentifier as error:
                kind = FaultKind(error.slip) if error.slip else FaultKind.IDENTIFIER
                warn(Fault(f"properties.{name}", "", f"{error.message}; no identifier", kind=kind))
    return found


def _links(entity: Entity, properties: Properties, warn: Warn) -> list[Document]:
    """A link for each type that the roles mean; the first keeps the entity."""
    schema = entity["schema"]
    holder, organisation, usual = LINKS[schema]
    if NOT_DIRECT & {value.strip().casefold() for value in properties.get("ownershipType", ())}:
        raise Unfit("properties.ownershipType", "a shareholder holds directly", FaultKind.UNSUPPORTED)
    roles = properties.get("role", ()) if schema == "Directorship" else ()
    positions: dict[str, str | None] = {
        ROLES.get(role.strip().casefold(), usual): role for role in reversed(roles)
    } or {usual: first(properties, "role")}
    said = {
        "fact": "link",
        "holder": {"scheme": SCHEME, "value": reference(properties, holder)},
        "organisation": {"scheme": SCHEME, "value": reference(properties, organisation)},
        "valid_from": one_day(properties, "startDate", warn),
        "valid_to": last_day(properties),
        "share": share(properties, warn) if schema == "Ownership" else None,
    }
    first_type, *further = sorted(positions)
    return [
        {**said, "key": entity["id"], "type": first_type, "position": positions[first_type]}
        | {"fields": {KEPT: canonical(entity)}},
        *(
            {**said, "key": f"{entity['id']}#{one}", "type": one, "position": positions[one]}
            | {"fields": {PART_OF: entity["id"]}}
            for one in further
        ),
    ]


def _record(entity: Entity, properties: Properties, warn: Warn) -> Document:
    ends = last_day(properties)
    if ends is None and LAPSED & {value.strip().casefold() for value in properties.get("status", ())}:
        reason = "it no longer holds, and since when is not said"
        raise Unfit("properties.status", reason, FaultKind.MISSING, "say in endDate on which day it ended")
    begins = one_day(properties, "startDate", warn)
    # Where it is said that it began, but on no day, the day of listing must not be taken for its beginning.
    unsure = begins is None and bool(properties.get("startDate"))
    return {
        "fact": "record",
        "key": entity["id"],
        "subject": {"scheme": SCHEME, "value": reference(properties, "entity")},
        "list": LIST,
        "number": " ".join(sorted(properties.get("authorityId") or properties.get("recordId", ()))) or None,
        "department": first(properties, "authority"),
        "decided_on": None if unsure else one_day(properties, "listingDate", warn),
        "effective_from": begins,
        "effective_to": ends,
        "fields": {KEPT: canonical(entity)},
    }

"""Statements of the Beneficial Ownership Data Standard 0.4 (Open Ownership), a row for each of them.

A statement is held to the standard's own JSON Schema. An entity or a person becomes a subject, known by its recordId;
of a person no identity number is taken over. Of a relationship each direct interest that has a type of link becomes
one: what is indirect or only a right (votes, profits, trusts) is no link of ours and nothing is made up for it.

Of several statements about one record the latest counts, in one file or in several, whichever is loaded first; one that
breaks the schema counts for nothing. docs/formats.md says what goes where.
"""

from __future__ import annotations

import codecs
import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from referencing import Registry, Resource

from loaders.reading import STANDARD_INPUT, Dialect, RawRow, json_row, raw_rows
from loaders.reading.sources import opened
from loaders.rows import Draft, Fault, FaultKind, Row, shown
from loaders.standing import STATED_AT

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMAS = "standards/bods-0.4"
SCHEME = "bods"
KINDS = {
    "registeredEntity": "enterprise",
    "legalEntity": "enterprise",
    "arrangement": "unincorporated_organisation",
    "state": "government_organ",
    "stateBody": "government_organ",
}
LINKS = {
    "shareholding": "shareholder",
    "boardMember": "director",
    "boardChair": "director",
    "seniorManagingOfficial": "senior_manager",
}
STATUSES = ("new", "updated", "closed")
"""Of a record: of two statements of one day the later status is the later statement."""
Statement = Mapping[str, Any]


class Bods:
    """The format, as `loaders.formats.format.Format` asks for it."""

    def rows(self, path: str, source: str) -> Iterator[Row]:
        """The rows of a file: a JSON array of statements, or one a line."""
        with _at_hand(path) as file, closing(sqlite3.connect("")) as found:  # in a temporary file: registers are large
            found.execute("CREATE TABLE sound (number INTEGER PRIMARY KEY, record TEXT, stated_at TEXT)")
            sound = ((number, *_stated(raw)) for number, raw in enumerate(raw_rows(file, Dialect())) if _sound(raw))
            found.executemany("INSERT INTO sound VALUES (?, ?, ?)", sound)
            found.execute("CREATE INDEX latest ON sound (record, stated_at, number)")
            for number, raw in enumerate(raw_rows(file, Dialect())):
                latest = found.execute(_LATEST, (number,)).fetchone()
                yield _row(path, raw, source, sound=latest is not None, superseded=latest not in (None, (number,)))

    def row(self, path: str, line: int, text: str, source: str) -> Row:
        """The row of one statement, given as JSON."""
        return _row(path, json_row(line, text), source)


_LATEST = """SELECT other.number FROM sound JOIN sound other ON other.record = sound.record WHERE sound.number = ?
ORDER BY other.stated_at DESC, other.number DESC LIMIT 1"""


@contextmanager
def _at_hand(path: str) -> Iterator[str]:
    """A file that can be read twice: what comes from standard input is written to one."""
    if path != STANDARD_INPUT:
        yield path
        return
    with opened(path) as stream:
        suffix = ".json" if stream.head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"[" else ".jsonl"
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            while chunk := stream.read():
                file.write(chunk)
            file.flush()
            yield file.name


def _statement(raw: RawRow) -> Statement:
    return {name: value for name, value in raw.cells.items() if not name.startswith("@")}


def _sound(raw: RawRow) -> bool:
    return not raw.fault and next(_validator().iter_errors([_statement(raw)]), None) is None


def _stated(raw: RawRow) -> tuple[str, str]:
    return raw.cells["recordId"], stated_at(raw.cells)


def stated_at(statement: Statement) -> str:
    """The day of a statement, the place of its record's status and the time of day, so that the greater is the later.

    >>> stated_at({"statementDate": "2024-05-01T08:00:00Z", "recordStatus": "updated"})
    '2024-05-01 1 08:00:00Z'
    """
    day, _, time = statement["statementDate"].partition("T")
    status = statement.get("recordStatus", "new")
    return f"{day[:10]} {STATUSES.index(status) if status in STATUSES else 0} {time}".strip()


def _row(path: str, raw: RawRow, source: str, *, sound: bool = False, superseded: bool = False) -> Row:
    statement = _statement(raw)
    if not sound and (fault := raw.fault or fault_of(statement)):
        return Row(path, raw.line, raw.text, fault=fault)
    if superseded:
        return Row(path, raw.line, raw.text)
    documents, warnings = _documents(statement)
    if isinstance(documents, Fault):
        return Row(path, raw.line, raw.text, fault=documents)
    said = {STATED_AT: stated_at(statement)}
    drafts = tuple(
        Draft({"source": source, **one, "fields": {**one.get("fields", {}), **said}}, lenient=True) for one in documents
    )
    return Row(path, raw.line, raw.text, drafts, warnings=tuple(warnings))


# --- the standard's schema --------------------------------------------------------------------------------------------


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker  # loads slowly, and few files are BODS

    folder = files("loaders").joinpath(SCHEMAS)
    schemas = [json.loads(one.read_text(encoding="utf-8")) for one in folder.iterdir() if one.name.endswith(".json")]
    registry: Registry[Any] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in schemas]
    )
    whole = registry.contents("urn:statement")
    return Draft202012Validator(whole, registry=registry, format_checker=FormatChecker())


def errors_of(statement: Statement) -> list[ValidationError]:
    """Where a statement breaks the schema, each place once: `validator` is the keyword, `json_path` the place (the
    statement being ``$[0]``)."""
    found = {(error.validator, error.json_path): error for error in _validator().iter_errors([statement])}
    return sorted(found.values(), key=lambda error: error.json_path)


def fault_of(statement: Statement) -> Fault | None:
    """All that breaks the schema, as one fault at the first place; no value is told but for codes."""
    errors = errors_of(statement)
    if not errors:
        return None
    reasons = "; ".join(f"{_place(error)}: {_reason(error)}" for error in errors)
    return Fault(_place(errors[0]), "", reasons, "see the schema of BODS 0.4", FaultKind.STANDARD)


def lacking_of(error: ValidationError) -> list[str]:
    """The names that a `required` asks for in vain."""
    asked: Any = error.validator_value
    there = error.instance if isinstance(error.instance, dict) else {}
    return [name for name in asked if name not in there]


def _place(error: ValidationError) -> str:
    return error.json_path.removeprefix("$[0]").removeprefix(".") or "statement"


def _reason(error: ValidationError) -> str:
    """What is wrong, from the schema's side: the message of the library quotes the value."""
    match error.validator:
        case "required":
            return f"{', '.join(lacking_of(error))} is required"
        case "enum":
            return f"{shown(error.instance)} is none of its codes"
        case "anyOf" | "oneOf":
            return f"it fits none of what is allowed here ({error.validator})"
    return f"{error.validator} must be {shown(error.validator_value)}"


# --- what a statement means -------------------------------------------------------------------------------------------


def _documents(statement: Statement) -> tuple[Sequence[Mapping[str, Any]] | Fault, list[Fault]]:
    details = statement["recordDetails"]
    match statement["recordType"]:
        case "entity":
            return _entity(statement["recordId"], details), []
        case "person":
            return _person(statement["recordId"], details)
    return _relationship(statement, details)


def _entity(record: str, details: Statement) -> Sequence[Mapping[str, Any]] | Fault:
    kind = KINDS.get(details["entityType"]["type"])
    if kind is None:
        reason = "an entity that is not known, or not named, is no subject"
        return Fault("recordDetails.entityType.type", details["entityType"]["type"], reason, kind=FaultKind.UNSUPPORTED)
    identifiers = {one["scheme"].lower(): one["id"] for one in details.get("identifiers", []) if _usable(one)}
    said = {
        "jurisdiction": details.get("jurisdiction", {}).get("code"),
        "dissolved_on": details.get("dissolutionDate"),
        "subtype": details["entityType"].get("subtype"),
    }
    return [
        {
            "fact": "subject",
            "kind": kind,
            "name": details.get("name"),
            "identifiers": {**identifiers, SCHEME: record},
            "known_by": SCHEME,  # links name the record
            "established_on": details.get("foundingDate"),
            "fields": {name: value for name, value in said.items() if value},
        }
    ]


def _usable(identifier: Statement) -> bool:
    return bool(identifier.get("scheme") and identifier.get("id"))


def _person(record: str, details: Statement) -> tuple[Sequence[Mapping[str, Any]] | Fault, list[Fault]]:
    if details["personType"] != "knownPerson":
        reason = "a person who is not known, or not named, is no subject"
        return Fault("recordDetails.personType", details["personType"], reason, kind=FaultKind.UNSUPPORTED), []
    names = details.get("names", [])
    legal = next((name for name in names if name.get("type") == "legal"), names[0] if names else {})
    year = str(details.get("birthDate", ""))[:4]
    document = {
        "fact": "subject",
        "kind": "natural_person",
        "name": legal.get("fullName"),
        "identifiers": {SCHEME: record},
        "fields": {"birth_year": int(year)} if year.isascii() and year.isdigit() else {},
    }
    numbers = details.get("identifiers")
    left_out = Fault("recordDetails.identifiers", "", "identity numbers of persons are not taken over")
    return [document], [left_out] if numbers else []


def _relationship(statement: Statement, details: Statement) -> tuple[Sequence[Mapping[str, Any]] | Fault, list[Fault]]:
    for end in ("subject", "interestedParty"):
        if not isinstance(details[end], str):
            reason = "nobody is named, and a link needs both its ends"
            return Fault(f"recordDetails.{end}", "", reason, kind=FaultKind.UNSUPPORTED), []
    links, left_out = [], []
    for number, interest in enumerate(details.get("interests", [])):
        place = f"recordDetails.interests[{number}]"
        if interest.get("type") in LINKS and _is_direct(interest):
            links.append(_link(statement, details, interest, number))
        else:
            what = f"{interest.get('directOrIndirect', '')} {interest.get('type', 'interest without a type')}".strip()
            left_out.append(Fault(place, "", f"no link of ours: {what}", kind=FaultKind.UNSUPPORTED))
    if not links:
        first = left_out[0] if left_out else Fault("recordDetails.interests", "", "no interest is said")
        return Fault(first.field, "", first.reason, kind=FaultKind.UNSUPPORTED), []
    return links, left_out


def _is_direct(interest: Statement) -> bool:
    """An office is held or not. Of a shareholding it must be said: a register tells shareholders, not owners behind
    them."""
    said = interest.get("directOrIndirect")
    return said == "direct" or (said is None and interest["type"] != "shareholding")


def _link(statement: Statement, details: Statement, interest: Statement, number: int) -> Mapping[str, Any]:
    share = interest.get("share", {})
    bounds = {name: f"{value}" for name, value in share.items() if name != "exact"}
    closed = statement["statementDate"][:10] if statement.get("recordStatus") == "closed" else None
    return {
        "fact": "link",
        "key": f"{statement['recordId']}#{number}",
        "type": LINKS[interest["type"]],
        "holder": {"scheme": SCHEME, "value": details["interestedParty"]},
        "organisation": {"scheme": SCHEME, "value": details["subject"]},
        "valid_from": interest.get("startDate"),
        "valid_to": interest.get("endDate") or closed,
        "share": float(Decimal(str(share["exact"])) / 100)
        if "exact" in share and interest["type"] == "shareholding"
        else None,
        "position": interest["type"],
        "fields": bounds,
    }

"""From a line of the city's schema to the fact it states, with ids derived from source and natural key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from graph.errors import BadFact, BadIdentifier, BadInput
from graph.identifiers import (
    citizen_id,
    credit_code,
    fact_id,
    holds_citizen_id,
    looks_like_citizen_id,
    named_person_id,
    organisation_id,
    person_id,
    verify,
)
from graph.model import Fact, Link, Load, Merge, Naming, Record, SealedId, Source, Subject
from graph.validate import check_fact
from graph.vault import Vault
from loaders.city import (
    LINE_MODELS,
    LINES,
    Address,
    CodeLine,
    FactLine,
    Line,
    LinkLine,
    LoadLine,
    MergeLine,
    NamedLine,
    RecordAddress,
    RecordLine,
    RetractLine,
    SourceLine,
    SubjectLine,
)
from loaders.codes import Code, Divisions
from loaders.rows import Draft, Fault, FaultKind, Unreadable, discreet, shown
from loaders.standing import MENTIONED

PREFERRED_SCHEMES = ("lei", "registration_number", "organisation_code")
_known_code = lru_cache(maxsize=8192)(credit_code)  # a row says its organisation's code several times
_OWN_KEYS = {"fact", "key", "correction", "subject", "source"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line states: a fact to write (``corrects`` says that it may differ from its current version), a code of a
    table of codes, or the id of a fact to retract. ``warnings`` tell what of the line was bad and left out."""

    fact: Fact | Code | None
    corrects: bool = False
    retracts: str = ""
    warnings: tuple[Fault, ...] = ()


class BadLine(BadInput):
    """A line that can't be loaded, with every fault found in it."""

    code = "bad-line"
    title_zh = "行有误"

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(str(fault) for fault in faults))


class Translation:
    """Translates lines to facts; seals citizen IDs on the way. ``divisions`` tells codes of administrative divisions
    from others, where their table is loaded."""

    def __init__(self, vault: Vault, divisions: Divisions | None = None) -> None:
        self._vault, self._divisions = vault, divisions

    def statement(self, draft: Draft) -> Statement:
        """Raises `BadLine`, with faults that name the columns of the row where the draft does."""
        line, warnings = _settled(draft)
        try:
            statement = self._checked(line)
        except BadInput as error:
            place, _, value = error.where.partition(" ")
            fault = Fault(place, value.strip("[]"), error.message, error.remedy, _kind_of(error))
            raise BadLine(_placed(fault, draft.columns)) from None
        if self._divisions and (region := getattr(line, "region", None)):
            warnings += tuple(_placed(odd, draft.columns) for odd in self._divisions.warnings(region))
        return replace(statement, warnings=warnings) if warnings else statement

    def _checked(self, line: Line) -> Statement:
        if isinstance(line, RetractLine):
            return Statement(None, retracts=line.id)
        if isinstance(line, CodeLine):
            return Statement(Code(line.table, line.revision, line.code, line.name, line.parent))
        fact = self._fact(line)
        try:
            check_fact(fact)
        except BadInput as error:
            raise BadFact(error.message, remedy=error.remedy) from None  # the id alone tells a steward nothing
        corrects = getattr(line, "correction", False) or (isinstance(line, MergeLine) and line.undone)
        return Statement(fact, corrects=corrects)

    def _fact(self, line: FactLine) -> Fact:
        match line:
            case SubjectLine():
                return self._subject(line)
            case LinkLine():
                return self._link(line)
            case RecordLine():
                return self._record(line)
            case NamedLine():
                return self._naming(line)
            case MergeLine():
                return self._merge(line)
            case SourceLine():
                return Source(line.id, line.department, line.dataset, line.holds, line.cadence, line.territory)
            case LoadLine():
                return Load(fact_id("load", line.source, line.through.isoformat()), line.source, line.through)

    def _subject(self, line: SubjectLine) -> Subject:
        identifiers = {scheme: _verified(scheme, value) for scheme, value in line.identifiers.items()}
        if line.uscc:
            identifiers["uscc"] = _at("uscc", _known_code, line.uscc)
        sealed = self._sealed(line.citizen_id) if line.citizen_id else None
        return Subject(
            id=self._own_id(line, identifiers, sealed),
            kind=line.kind,
            name=line.name.strip(),
            identifiers=identifiers,
            citizen_id=sealed,
            region=line.region,
            established_on=line.established_on,
            source=line.source,
            fields={**line.fields, MENTIONED: True} if line.mention else line.fields,
        )

    def _own_id(self, line: SubjectLine, identifiers: Mapping[str, str], sealed: SealedId | None) -> str:
        if sealed:
            return person_id(sealed)
        if line.of:
            return named_person_id(self.subject_id(line.of), line.name)
        order = ("uscc", *PREFERRED_SCHEMES, *sorted(identifiers))
        scheme = line.known_by or next(scheme for scheme in order if scheme in identifiers)
        return organisation_id(scheme, identifiers[scheme])

    def _link(self, line: LinkLine) -> Link:
        holder, organisation = (
            self.subject_id(line.holder, "holder"),
            self.subject_id(line.organisation, "organisation"),
        )
        began = line.valid_from.isoformat() if line.valid_from else ""
        natural = (line.key,) if line.key else (holder, line.type, organisation, began, line.position or "")
        return Link(
            id=fact_id("link", line.source or "", *natural),
            type=line.type,
            holder=holder,
            organisation=organisation,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
            share=None if line.share is None else float(line.share),
            position=line.position,
            source=line.source,
            fields=line.fields,
        )

    def _record(self, line: RecordLine) -> Record:
        subject = self.subject_id(line.subject, "subject")
        decided = line.decided_on.isoformat() if line.decided_on else ""
        natural = (line.key,) if line.key else (subject, line.list, line.number or "", decided)
        said = {name: value for name, value in dict(line).items() if name not in _OWN_KEYS}
        return Record(id=fact_id("record", line.source or "", *natural), subject=subject, source=line.source, **said)

    def _naming(self, line: NamedLine) -> Naming:
        record, person = self._record_id(line.record, line.source), self.subject_id(line.person, "person")
        return Naming(
            id=fact_id("naming", line.source or "", record, person, line.role),
            record=record,
            person=person,
            role=line.role,
            finding=line.finding,
            document=line.document,
            source=line.source,
        )

    def _merge(self, line: MergeLine) -> Merge:
        left, right = sorted((self.subject_id(line.left, "left"), self.subject_id(line.right, "right")))
        for place in ("by", "reason", "undone_by", "undone_reason"):
            _without_citizen_id(getattr(line, place), place)
        natural = (line.key,) if line.key else (left, right)
        return Merge(
            id=fact_id("merge", line.source or "", *natural),
            left=left,
            right=right,
            by=line.by,
            reason=line.reason,
            undone=line.undone,
            undone_by=line.undone_by,
            undone_reason=line.undone_reason,
            source=line.source,
        )

    def subject_id(self, address: Address, place: str = "of") -> str:
        """The id that an address means. Raises `BadIdentifier`, naming the place."""
        if address.uscc:
            return organisation_id("uscc", _at(f"{place}.uscc", _known_code, address.uscc))
        if address.citizen_id:
            return person_id(self._sealed(address.citizen_id, place))
        if address.scheme and address.value:
            if address.scheme == "citizen_id":
                return person_id(self._sealed(address.value, place))
            return organisation_id(address.scheme, _verified(address.scheme, address.value, place))
        if address.name and address.of:
            return named_person_id(self.subject_id(address.of, f"{place}.of"), address.name)
        return _plain_id(address.id or "", place)

    def _record_id(self, address: RecordAddress, source: str | None) -> str:
        return address.id or fact_id("record", address.source or source or "", address.key or "")

    def _sealed(self, number: str, place: str = "") -> SealedId:
        _at(f"{place}.citizen_id" if place else "citizen_id", citizen_id, number)
        return self._vault.seal(number)


def _at(place: str, check: Any, value: str) -> str:
    try:
        return str(check(value))
    except BadIdentifier as error:
        where = place if "citizen_id" in place else f"{place} [{shown(value)}]"
        raise BadIdentifier(error.message, remedy=error.remedy, where=where, slip=error.slip) from None


def _verified(scheme: str, value: str, place: str = "identifiers") -> str:
    return _at(f"{place}.{scheme}", lambda text: verify(scheme, text), value)


def _without_citizen_id(text: str | None, place: str) -> None:
    """A judgement is shown to all who see its subjects. Raises `BadIdentifier`."""
    if text and holds_citizen_id(text):
        remedy = "name the document that was seen, not its number"
        raise BadIdentifier("a citizen ID stands in it", remedy=remedy, where=place)


def _plain_id(text: str, place: str) -> str:
    scheme, _, value = text.partition(":")
    scheme = scheme.lower()
    if scheme == "citizen_id" or looks_like_citizen_id(value or text):
        raise BadIdentifier("a citizen ID is no subject id", remedy='write {"citizen_id": …}', where=f"{place}.id")
    if not value:
        raise BadIdentifier("a subject id is written scheme:value", where=f"{place}.id [{shown(text)}]")
    if scheme == "uscc":
        return organisation_id("uscc", _at(f"{place}.id", credit_code, value))
    return f"{scheme}:{value}"


def _settled(draft: Draft) -> tuple[Line, tuple[Fault, ...]]:
    """The line of a draft, and a warning for each bad field that was left out. Raises `BadLine`."""
    document, warnings = _readable(draft)
    while True:  # what a line says as a whole is judged once its fields are sound
        try:
            return LINES.validate_python(document), warnings
        except ValidationError as error:
            bad = _one_a_field(error.errors(include_url=False))
        faults = tuple(_placed(_fault(one), draft.columns) for one in bad)
        paths = [[str(part) for part in one["loc"][1:]] for one in bad]
        if any(one["type"] == "missing" for one in bad) or not all(_can_do_without(path, draft) for path in paths):
            raise BadLine(*faults)
        for path in paths:
            document = _without(document, path)
        warnings += faults


def _can_do_without(path: Sequence[str], draft: Draft) -> bool:
    """Whether the line may be loaded without this field: as its mapping says, else as the kind of line has it."""
    if not draft.lenient or not path:
        return False
    outer = (".".join(path[:length]) for length in range(len(path), 0, -1))
    said = next((draft.optional[field] for field in outer if field in draft.optional), None)
    return path[0] in _optional_fields(draft.document) if said is None else said


def _one_a_field(errors: Sequence[Any]) -> list[Any]:
    """Of the errors of a field that may have several types, one for each of them, the last."""
    found: dict[tuple[Any, ...], Any] = {}
    for error in errors:
        place = error["loc"][:-1] if _names_a_type(error["loc"][-1:]) else error["loc"]
        found[place] = {**error, "loc": place}
    return list(found.values())


def _names_a_type(end: tuple[Any, ...]) -> bool:
    return bool(end) and str(end[0]).partition("[")[0] in ("int", "float", "bool", "function-after", "function-before")


def _readable(draft: Draft) -> tuple[Mapping[str, Any], tuple[Fault, ...]]:
    """The document without the cells that could not be converted. Raises `BadLine` if the line needs one of them."""
    if not _is_spoiled(draft.document):
        return draft.document, ()
    document, warnings, faults = draft.document, [], []
    for path, cell in list(_unreadable(document)):
        fault = replace(cell.fault, value="") if "citizen_id" in path else cell.fault
        if _can_do_without(path, draft):
            document = _without(document, path)
            warnings.append(fault)
        else:
            faults.append(fault)
    if faults:
        raise BadLine(*faults)
    return document, tuple(warnings)


def _is_spoiled(document: Mapping[str, Any]) -> bool:
    """Whether a cell could not be converted: few rows have one, so this comes first."""
    for value in document.values():
        if isinstance(value, Unreadable) or (isinstance(value, dict) and _is_spoiled(value)):
            return True
    return False


def _unreadable(document: Mapping[str, Any]) -> Iterator[tuple[list[str], Unreadable]]:
    for name, value in document.items():
        if isinstance(value, Unreadable):
            yield [name], value
        elif isinstance(value, dict):
            yield from (([name, *path], cell) for path, cell in _unreadable(value))


def _optional_fields(document: Mapping[str, Any]) -> frozenset[str]:
    model = LINE_MODELS.get(str(document.get("fact")))
    return model.OPTIONAL if model else frozenset()


def _without(document: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The document without what the path leads to."""
    first, *rest = path
    if rest and isinstance(document.get(first), dict):
        return {**document, first: _without(document[first], rest)}
    return {name: value for name, value in document.items() if name != first}


def _placed(fault: Fault, columns: Mapping[str, str]) -> Fault:
    """The fault at the column of the row that its field comes from."""
    for field, column in columns.items():
        if fault.field == field or fault.field.startswith(f"{field}."):
            return replace(fault, field=column)
    return fault


def _kind_of(error: BadInput) -> FaultKind:
    if isinstance(error, BadIdentifier):
        return FaultKind(error.slip) if error.slip else FaultKind.IDENTIFIER
    return FaultKind.CONTRADICTION


_KINDS = {"missing": FaultKind.MISSING, "extra_forbidden": FaultKind.SHAPE}


def _fault(error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"][1:])
    value = "" if "citizen_id" in place or error["type"] == "missing" else shown(error["input"])
    reason = discreet(str(error["msg"]).removeprefix("Value error, "))
    if error["type"] == "extra_forbidden":
        return Fault(place, value, "unknown key", "correct its spelling; docs/city.md lists the keys", FaultKind.SHAPE)
    if error["type"].startswith("union_tag"):
        known = ", ".join(LINE_MODELS)
        said = shown(error["input"].get("fact", ""))
        return Fault("fact", said, f"`fact` says what the line is: one of {known}", kind=FaultKind.SHAPE)
    return Fault(place, value, reason, kind=_KINDS.get(error["type"], FaultKind.VALUE))

"""From a line of the city's schema to the fact it states, with ids derived from source and natural key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, singledispatchmethod
from typing import Any

from pydantic import ValidationError

from graph.errors import BadIdentifier, BadInput
from graph.identifiers import (
    citizen_id,
    credit_code,
    fact_id,
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
    LINES,
    Address,
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
from loaders.rows import Fault, discreet, shown

PREFERRED_SCHEMES = ("lei", "registration_number", "organisation_code")
_known_code = lru_cache(maxsize=8192)(credit_code)  # a row says its organisation's code several times
_OWN_KEYS = {"fact", "key", "correction", "subject", "source"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line states: a fact to write (``corrects`` says that it may differ from its current version), or the id
    of one to retract."""

    fact: Fact | None
    corrects: bool = False
    retracts: str = ""


class BadLine(BadInput):
    """A line that can't be loaded, with every fault found in it."""

    code = "bad-line"
    title_zh = "行有误"

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(str(fault) for fault in faults))


class Translation:
    """Translates lines to facts; seals citizen IDs on the way."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def statement(self, document: Mapping[str, Any]) -> Statement:
        """Raises `BadLine`."""
        try:
            line = LINES.validate_python(document)
        except ValidationError as error:
            raise BadLine(*(_fault(fault) for fault in error.errors(include_url=False))) from None
        try:
            return self._checked(line)
        except BadInput as error:
            place, _, value = error.where.partition(" ")
            raise BadLine(Fault(place, value.strip("[]"), error.message, error.remedy)) from None

    def _checked(self, line: Line) -> Statement:
        if isinstance(line, RetractLine):
            return Statement(None, retracts=line.id)
        fact = self._fact(line)
        try:
            check_fact(fact)
        except BadInput as error:
            raise BadInput(error.message, remedy=error.remedy) from None  # the id alone tells a steward nothing
        corrects = getattr(line, "correction", False) or (isinstance(line, MergeLine) and line.undone)
        return Statement(fact, corrects=corrects)

    @singledispatchmethod
    def _fact(self, line: object) -> Fact:
        raise TypeError(line)

    @_fact.register
    def _(self, line: SubjectLine) -> Subject:
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
            fields=line.fields,
        )

    def _own_id(self, line: SubjectLine, identifiers: Mapping[str, str], sealed: SealedId | None) -> str:
        if sealed:
            return person_id(sealed)
        if line.of:
            return named_person_id(self.subject_id(line.of), line.name)
        order = ("uscc", *PREFERRED_SCHEMES, *sorted(identifiers))
        scheme = next(scheme for scheme in order if scheme in identifiers)
        return organisation_id(scheme, identifiers[scheme])

    @_fact.register
    def _(self, line: LinkLine) -> Link:
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

    @_fact.register
    def _(self, line: RecordLine) -> Record:
        subject = self.subject_id(line.subject, "subject")
        decided = line.decided_on.isoformat() if line.decided_on else ""
        natural = (line.key,) if line.key else (subject, line.list, line.number or "", decided)
        said = {name: value for name, value in dict(line).items() if name not in _OWN_KEYS}
        return Record(id=fact_id("record", line.source or "", *natural), subject=subject, source=line.source, **said)

    @_fact.register
    def _(self, line: NamedLine) -> Naming:
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

    @_fact.register
    def _(self, line: MergeLine) -> Merge:
        left, right = sorted((self.subject_id(line.left, "left"), self.subject_id(line.right, "right")))
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

    @_fact.register
    def _(self, line: SourceLine) -> Source:
        return Source(line.id, line.department, line.dataset, line.holds, line.cadence, line.territory)

    @_fact.register
    def _(self, line: LoadLine) -> Load:
        return Load(fact_id("load", line.source, line.through.isoformat()), line.source, line.through)

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
        where = f"{place} [{shown(value)}]"
        raise BadIdentifier(error.message, remedy=error.remedy, where=where) from None


def _verified(scheme: str, value: str, place: str = "identifiers") -> str:
    return _at(f"{place}.{scheme}", lambda text: verify(scheme, text), value)


def _plain_id(text: str, place: str) -> str:
    scheme, _, value = text.partition(":")
    if scheme == "citizen_id" or looks_like_citizen_id(value or text):
        raise BadIdentifier("a citizen ID is no subject id", remedy='write {"citizen_id": …}', where=f"{place}.id")
    if not value:
        raise BadIdentifier("a subject id is written scheme:value", where=f"{place}.id [{shown(text)}]")
    return organisation_id("uscc", _at(f"{place}.id", credit_code, value)) if scheme == "uscc" else text


def _fault(error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"][1:])
    value = "" if "citizen_id" in place or error["type"] == "missing" else shown(error["input"])
    reason = discreet(str(error["msg"]).removeprefix("Value error, "))
    if error["type"] == "extra_forbidden":
        return Fault(place, value, "unknown key", "correct its spelling; docs/city.md lists the keys")
    if error["type"].startswith("union_tag"):
        known = "subject, link, record, named, merge, source, load or retract"
        return Fault("fact", shown(error["input"].get("fact", "")), f"`fact` says what the line is: {known}")
    return Fault(place, value, reason)

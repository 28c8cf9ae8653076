"""The city's lines: the project's own JSON-lines schema (``xinheng load city FILE…``).

One JSON object a line; ``fact`` says what it is. Subjects are addressed by an identifier, never by an id of the file:

    {"fact": "source", "id": "court", "department": "court", "dataset": "…", "holds": ["…"], "cadence": "P7D"}
    {"fact": "subject", "kind": "enterprise", "uscc": "91360400…", "name": "九江柏川商贸有限公司", "region": "360400"}
    {"fact": "subject", "kind": "natural_person", "citizen_id": "3604…", "name": "程立群"}
    {"fact": "subject", "kind": "natural_person", "name": "赵德柱", "of": {"uscc": "91360400…"}}
    {"fact": "link", "type": "legal_representative", "holder": {"citizen_id": "3604…"},
     "organisation": {"uscc": "91360400…"}, "valid_from": "2022-03-01", "source": "registry"}
    {"fact": "record", "key": "r1", "subject": {"uscc": "91360400…"}, "list": "…", "decided_on": "2024-09-02"}
    {"fact": "named", "record": {"key": "r1"}, "person": {"citizen_id": "3604…"}, "role": "directly_responsible"}
    {"fact": "merge", "left": {…}, "right": {…}, "by": "归集人员甲", "reason": "身份证件核验"}
    {"fact": "load", "source": "court", "through": "2026-03-31"}
    {"fact": "retract", "id": "link:…", "reason": "…"}

Intervals are half-open. A link without ``valid_from`` is undated. Amounts are in yuan. The same fact with other
content is a conflict, unless the line says ``"correction": true``; ``key`` is the source's own key of a row, and keeps
the fact's id when the row's content changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, TypeAdapter, field_validator, model_validator

from graph.model import Kind, LinkType, Severity
from loaders.fields import Cadence, Day, Region, Remark, RequiredDay, Scheme, Share, Text, Yuan, scheme

Fields = dict[str, StrictBool | StrictInt | Remark]


class _Line(BaseModel):
    """``OPTIONAL``: the fields without which a row of a mapping is loaded when they are bad. Their absence is harmless,
    or makes a gap that every answer tells; a field whose absence would lengthen or shorten what binds is none of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()


class Address(_Line):
    """Exactly one of: ``uscc``, ``citizen_id``, ``scheme`` with ``value``, ``id``, ``name`` with ``of`` (a person known
    only by name, of that organisation)."""

    uscc: Text | None = None
    citizen_id: Text | None = Field(default=None, repr=False)
    scheme: Scheme | None = None
    value: Text | None = None
    id: Text | None = None
    name: Text | None = None
    of: Address | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.uscc, self.citizen_id, self.scheme or self.value, self.id, self.name or self.of)
        if ways.count(None) != len(ways) - 1:
            raise ValueError(
                'address a subject in one way: {"uscc": …}, {"citizen_id": …}, {"scheme": …, "value": …}, {"id": …} or '
                '{"name": …, "of": {…}}'
            )
        if (self.scheme is None) != (self.value is None):
            raise ValueError("`scheme` and `value` go together")
        if (self.name is None) != (self.of is None):
            raise ValueError("a name is no identity: say of which organisation the person is, with `of`")
        return self


class RecordAddress(_Line):
    """A record by the ``key`` its line has (of the same source, or of ``source``), or by ``id``."""

    key: Text | None = None
    source: Text | None = None
    id: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.key is None) == (self.id is None):
            raise ValueError('address a record as {"key": …} or {"id": …}')
        return self


class _FactLine(_Line):
    source: Text | None = None
    correction: StrictBool = False


class SubjectLine(_FactLine):
    """``of``: the organisation of a person who is known only by name. ``mention``: the source names the subject and
    does not keep the register of it; what a register says of it prevails. ``known_by``: the scheme, of those in
    ``identifiers``, that the subject's id is made of and by which other lines address it; the first of uscc, lei,
    registration_number, organisation_code and the others by name, where it is not said."""

    OPTIONAL: ClassVar = frozenset({"region", "established_on", "fields"})
    fact: Literal["subject"]
    kind: Kind
    name: Text
    uscc: Text | None = None
    citizen_id: Text | None = Field(default=None, repr=False)
    identifiers: dict[Scheme, Text] = Field(default_factory=dict)
    known_by: Scheme | None = None
    of: Address | None = None
    mention: StrictBool = False
    region: Region | None = None
    established_on: Day = None
    fields: Fields = Field(default_factory=dict)

    @field_validator("identifiers", mode="before")
    @classmethod
    def _schemes(cls, said: object) -> object:
        if isinstance(said, dict) and len({scheme(name) for name in said}) < len(said):
            raise ValueError("a scheme stands twice, in capitals and in small letters; keep one of them")
        return said

    @model_validator(mode="after")
    def _identity(self) -> Self:
        by_name_only = not (self.uscc or self.citizen_id or self.identifiers)
        if by_name_only and self.kind is not Kind.NATURAL_PERSON:
            raise ValueError("an organisation needs a `uscc` or another identifier: a name is no identity")
        if by_name_only != (self.of is not None):
            raise ValueError("a person has a `citizen_id`, or else says with `of` of which organisation he is known")
        if self.known_by is not None and (self.known_by not in self.identifiers or self.citizen_id):
            raise ValueError("`known_by` names one of the `identifiers` of a subject without a `citizen_id`")
        return self


class LinkLine(_FactLine):
    """holder → organisation."""

    OPTIONAL: ClassVar = frozenset({"valid_from", "share", "position", "fields"})
    fact: Literal["link"]
    key: Text | None = None
    type: LinkType
    holder: Address
    organisation: Address
    valid_from: Day = None
    valid_to: Day = None
    share: Share | None = None
    position: Text | None = None
    fields: Fields = Field(default_factory=dict)


class RecordLine(_FactLine):
    """A list membership or an event. ``number`` is the document's number and, without ``key``, part of the key."""

    OPTIONAL: ClassVar = frozenset(
        {"severity", "department", "decided_on", "acted_on", "final_on", "sentence_ends_on", "bankruptcy_ends_on"}
        | {"publicity_from", "amount", "region", "fields"}
    )
    fact: Literal["record"]
    key: Text | None = None
    subject: Address
    list: Text
    severity: Severity | None = None
    number: Text | None = None
    department: Text | None = None
    decided_on: Day = None
    acted_on: Day = None
    final_on: Day = None
    sentence_ends_on: Day = None
    bankruptcy_ends_on: Day = None
    term_ends_on: Day = None
    effective_from: Day = None
    effective_to: Day = None
    publicity_from: Day = None
    publicity_to: Day = None
    repaired_on: Day = None
    masked_from: Day = None
    masked_to: Day = None
    annulled: StrictBool = False
    disputed: StrictBool = False
    amount: Yuan = None
    region: Region | None = None
    fields: Fields = Field(default_factory=dict)
    test: StrictBool = False


class NamedLine(_FactLine):
    """A person whom the decision behind a record names."""

    OPTIONAL: ClassVar = frozenset({"finding", "document"})
    fact: Literal["named"]
    record: RecordAddress
    person: Address
    role: Text
    finding: Text | None = None
    document: Text | None = None


class MergeLine(_FactLine):
    """A judgement that two subjects are one. ``undone`` with who and why takes it back, and is a correction by
    itself."""

    fact: Literal["merge"]
    key: Text | None = None
    left: Address
    right: Address
    by: Text
    reason: Text
    undone: StrictBool = False
    undone_by: Text | None = None
    undone_reason: Text | None = None


class SourceLine(_Line):
    """A declared source; ``holds`` are lists and event kinds of the catalogue."""

    fact: Literal["source"]
    id: Text
    department: Text
    dataset: Text
    holds: tuple[Text, ...]
    cadence: Cadence
    territory: Region | None = None
    correction: StrictBool = False


class LoadLine(_Line):
    """The source is complete up to and including ``through``."""

    fact: Literal["load"]
    source: Text
    through: RequiredDay


class RetractLine(_Line):
    """A fact that was recorded in error; its history stays."""

    fact: Literal["retract"]
    id: Text
    reason: Text


class CodeLine(_Line):
    """A code of a table of codes, such as GB/T 2260: no fact of the graph. ``revision`` tells editions apart, and is
    empty in a table that has but one."""

    OPTIONAL: ClassVar = frozenset({"parent"})
    fact: Literal["code"]
    table: Text
    code: Text
    name: Text
    revision: str = ""
    parent: Text | None = None
    source: Text | None = None


Line = SubjectLine | LinkLine | RecordLine | NamedLine | MergeLine | SourceLine | LoadLine | RetractLine | CodeLine
LINE_MODELS: Mapping[str, type[_Line]] = {
    str(get_args(model.model_fields["fact"].annotation)[0]): model for model in get_args(Line)
}
FactLine = SubjectLine | LinkLine | RecordLine | NamedLine | MergeLine | SourceLine | LoadLine
LINES: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="fact")])

"""The facts of the graph: subjects, links, records, namings, merges, sources and loads (design, section 4).

Every fact is an immutable value with an ``id`` that derives from its source and natural key, so that two stores
loaded alike hold the same facts under the same ids. Time of recording is not part of a fact: the store keeps it
beside each version (`Version`). Valid-time intervals are half-open, ``[from, to)``; ``None`` as a start of a link
means *undated*, ``None`` as an end means *open*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Severity = Literal["minor", "general", "serious"]
SEVERITIES: tuple[Severity, ...] = ("minor", "general", "serious")
FieldValue = str | int | bool


class Kind(StrEnum):
    """Kinds of credit subject 信用主体."""

    ENTERPRISE = "enterprise"
    PUBLIC_INSTITUTION = "public_institution"
    SOCIAL_ORGANISATION = "social_organisation"
    INDIVIDUAL_BUSINESS = "individual_business"
    UNINCORPORATED_ORGANISATION = "unincorporated_organisation"
    GOVERNMENT_ORGAN = "government_organ"
    NATURAL_PERSON = "natural_person"


class LinkType(StrEnum):
    """Types of link 关联关系, always holder → organisation."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    PRINCIPAL = "principal"
    OPERATOR = "operator"
    MANAGING_PARTNER = "managing_partner"
    DIRECTOR = "director"
    SUPERVISOR = "supervisor"
    SENIOR_MANAGER = "senior_manager"
    SHAREHOLDER = "shareholder"
    ACTUAL_CONTROLLER = "actual_controller"
    EMPLOYEE = "employee"
    MANAGES = "manages"
    BRANCH_OF = "branch_of"


BETWEEN_ORGANISATIONS = frozenset({LinkType.MANAGES, LinkType.BRANCH_OF})


@dataclass(frozen=True, slots=True)
class SealedId:
    """A citizen ID (GB 11643) as the store may hold it: never in the clear.

    ``digest`` is a keyed hash (HMAC-SHA-256, hex) and finds it, ``mask`` shows it, ``ciphertext`` (AEAD) keeps it for
    those with the right to reveal it. Two seals of one ID are equal although their ciphertexts differ.
    """

    digest: str
    mask: str
    ciphertext: bytes = field(compare=False, repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Subject:
    """A credit subject 信用主体. ``identifiers`` maps a scheme (``uscc``, ``registration_number``,
    ``organisation_code``, ``lei``, …) to its value; a person's citizen ID stands sealed in ``citizen_id``. ``fields``
    holds what else its source says (``birth_year``, ``capital``, …): shown to investigators, never part of a check."""

    id: str
    kind: Kind
    name: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
    citizen_id: SealedId | None = None
    region: str | None = None
    established_on: date | None = None
    source: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)

    @property
    def identified(self) -> bool:
        """Whether anything but a name tells this subject from its namesakes."""
        return bool(self.identifiers) or self.citizen_id is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A link 关联关系 from ``holder`` to ``organisation`` (subject ids). ``share`` lies in [0, 1]. ``fields`` holds
    what else its source says."""

    id: str
    type: LinkType
    holder: str
    organisation: str
    valid_from: date | None = None
    valid_to: date | None = None
    share: float | None = None
    position: str | None = None
    source: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A credit record 信用记录: a list membership or an event; ``list`` is the catalogue's id of either.

    ``amount`` is in fen (1/100 yuan). ``term_ends_on`` is the first free day of a term that the decision itself
    fixes; ``effective_to``, ``publicity_to``, ``repaired_on``, ``masked_to`` are first days on which the state no
    longer holds. ``fields`` holds what else the record says, for the conditions of measures.
    """

    id: str
    subject: str
    list: str
    severity: Severity | None = None
    number: str | None = None
    department: str | None = None
    decided_on: date | None = None
    acted_on: date | None = None
    final_on: date | None = None
    sentence_ends_on: date | None = None
    bankruptcy_ends_on: date | None = None
    term_ends_on: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    publicity_from: date | None = None
    publicity_to: date | None = None
    repaired_on: date | None = None
    masked_from: date | None = None
    masked_to: date | None = None
    annulled: bool = False
    disputed: bool = False
    amount: int | None = None
    region: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    source: str | None = None
    test: bool = False
    """Marked as a test record: shown as such wherever it appears."""


ANCHORS = ("decided_on", "acted_on", "final_on", "sentence_ends_on", "bankruptcy_ends_on", "publicity_to")
"""Date fields of a record that a trigger may name as the event date and a term may start from."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A person whom the decision behind ``record`` names, with the role and the finding (直接责任人员 and others)."""

    id: str
    record: str
    person: str
    role: str
    finding: str | None = None
    document: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """A judgement that two subjects are one. It is undone by a version with ``undone`` set, and resolves when read,
    on the known_at clock alone."""

    id: str
    left: str
    right: str
    by: str
    reason: str
    undone: bool = False
    undone_by: str | None = None
    undone_reason: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A declared source: who delivers which lists and event kinds, how often (ISO 8601 duration), for where."""

    id: str
    department: str
    dataset: str
    holds: tuple[str, ...]
    cadence: str
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """A load of a source, complete up to and including the day ``through``."""

    id: str
    source: str
    through: date


Fact = Subject | Link | Record | Naming | Merge | Source | Load


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a fact with its transaction time ``[recorded_at, superseded_at)`` (UTC)."""

    fact: Fact
    recorded_at: datetime
    superseded_at: datetime | None

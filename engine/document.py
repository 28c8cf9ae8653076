"""The decision document 核查结论 (design, section 8; docs/decisions/0001): what the command line and HTTP pass on.

Every key is always there; what does not apply is null or empty. Lists are sorted, so that the same question has the
same bytes.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.canonical import KEPT
from engine.question import GroupQuestion, Question
from rules.model import Incentive, Sanction

Outcome = Literal[
    "deny",
    "restrict",
    "revoke_honour",
    "strict_review",
    "heighten_supervision",
    "publicise",
    "remind",
    "none",
    "incomplete",
]


class View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Signed(View):
    """A document under the hash of everything else in it (`engine.canonical.signed`). Its canonical bytes are kept with
    it; a copy has none, since it may say something else."""

    __slots__ = (KEPT,)

    decision_id: str


class Party(View):
    """A subject where it stands on a chain."""

    id: str
    name: str
    kind: str


class IdentifierView(View):
    """An identifier; a citizen ID masked."""

    scheme: str
    value: str


class Candidate(View):
    id: str
    name: str
    kind: str
    region: str | None


class SubjectView(View):
    id: str
    kind: str | None
    name: str | None
    identifiers: tuple[IdentifierView, ...]
    identity: Literal["verified", "ambiguous", "unknown"]
    candidates: tuple[Candidate, ...]


class BasisView(View):
    document: str
    title: str
    number: str | None
    level: str
    article: str


class LinkView(View):
    id: str
    type: str
    holder: Party
    organisation: Party
    holds: Literal["now", "at_event", "after_event"]
    share: float | None
    position: str | None
    valid_from: date | None
    valid_to: date | None
    source: str | None


class NamingView(View):
    id: str
    record: str
    person: Party
    role: str
    finding: str | None
    document: str | None


class RecordView(View):
    """``amount`` in yuan. ``repair_from``: the first day on which repair may be asked for."""

    id: str
    subject: Party
    list: str
    title: str
    severity: str | None
    number: str | None
    department: str | None
    decided_on: date | None
    effective_from: date | None
    effective_to: date | None
    term_ends_on: date | None
    publicity_to: date | None
    amount: int | float | None
    disputed: bool
    test: bool
    repair_from: date | None
    source: str | None


class Chain(View):
    """How a measure reaches the subject: links from the listed subject to it, in that order. ``basis`` is the
    reach's own, where it has one. ``held`` is the office that a named person held at the event."""

    reach: str
    basis: tuple[BasisView, ...]
    links: tuple[LinkView, ...]
    named: NamingView | None
    held: LinkView | None
    records: tuple[RecordView, ...]


class ToEnd(View):
    """``at_least`` of the records ``of``, or such whose amounts together exceed ``excess`` (yuan)."""

    at_least: int | None
    excess: int | float | None
    of: tuple[str, ...]


class Clause(View):
    """Ending any one of the links, or the records as `ToEnd` says, breaks the chain."""

    links: tuple[str, ...]
    records: ToEnd


class MeasureView(View):
    """``suspended_by``: ids of records, ``"unknown"``, or null."""

    id: str
    kind: Literal["sanction", "incentive"]
    title: str
    effect: Sanction | Incentive
    discretionary: bool
    basis: tuple[BasisView, ...]
    chains: tuple[Chain, ...]
    until: date | None
    lifted_by: tuple[Clause, ...]
    if_wrong: tuple[str, ...]
    suspended_by: tuple[str, ...] | Literal["unknown"] | None


class LeadView(View):
    id: str
    text: str
    chain: Chain


class Gap(View):
    kind: str
    about: str
    could_add: tuple[str, ...]


class Decision(Signed):
    catalogue: str
    evidence_digest: str
    complete: bool
    question: Question
    subject: SubjectView
    outcome: Outcome
    measures: tuple[MeasureView, ...]
    leads: tuple[LeadView, ...]
    gaps: tuple[Gap, ...]
    not_consulted: tuple[str, ...]


class Finding(View):
    """A finding of a group rule: the applicants it binds, and the links (or the measure's chains) it rests on."""

    rule: str
    title: str
    effect: Sanction
    basis: tuple[BasisView, ...]
    binds: tuple[str, ...]
    chains: tuple[Chain, ...]


class GroupDecision(Signed):
    catalogue: str
    evidence_digest: str
    complete: bool
    question: GroupQuestion
    outcome: Outcome
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    not_consulted: tuple[str, ...]

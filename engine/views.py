"""Facts as the decision document shows them: with names, masked, amounts in yuan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from engine.document import (
    BasisView,
    Candidate,
    Chain,
    IdentifierView,
    LinkView,
    NamingView,
    Party,
    RecordView,
    SubjectView,
)
from engine.judge import Proof, bases_for
from engine.situation import Situation
from graph.model import Link, Naming, Record, Severity, Subject
from graph.plan import Holds
from graph.terms import Period
from rules.catalogue import Catalogue
from rules.rule import DatedBasis

BEFORE_REPAIR: dict[Severity, Period | None] = {
    "minor": None,
    "general": Period(months=3),
    "serious": Period(years=1),
}
"""Shortest publicity before repair may be asked for, from the day of the decision (国办发〔2025〕22号; Order 36)."""


def yuan(fen: int) -> int | float:
    return fen // 100 if fen % 100 == 0 else fen / 100


def identified(subject: Subject) -> tuple[IdentifierView, ...]:
    """Identifiers by scheme; a citizen ID masked."""
    shown = dict(subject.identifiers)
    if subject.citizen_id:
        shown["citizen_id"] = subject.citizen_id.mask
    return tuple(IdentifierView(scheme=scheme, value=value) for scheme, value in sorted(shown.items()))


def verified(subject: Subject) -> SubjectView:
    return SubjectView(
        id=subject.id,
        kind=subject.kind,
        name=subject.name,
        identifiers=identified(subject),
        identity="verified",
        candidates=(),
    )


class Views:
    """Views of one situation's facts."""

    def __init__(self, situation: Situation, catalogue: Catalogue) -> None:
        self._situation, self._catalogue = situation, catalogue

    def chain(self, proof: Proof) -> Chain:
        path, rule = proof.path, proof.rule
        return Chain(
            reach=path.reach.key,
            basis=self.bases(rule.reaches[proof.reach].bases, [proof]),
            links=tuple(self.link(link, step.holds) for step, link in path.steps),
            named=self._naming(path.naming) if path.naming else None,
            held=self.link(path.held, "at_event") if path.held else None,
            records=tuple(self.record(r, repairable=rule.role == "measure" and not rule.stays) for r in proof.records),
        )

    def bases(self, bases: tuple[DatedBasis, ...], proofs: Iterable[Proof]) -> tuple[BasisView, ...]:
        proofs = list(proofs)
        question, rule = self._situation.question, proofs[0].rule
        events = [p.event for p in proofs if p.event]
        cited = bases_for(bases, rule, events, question.as_of, question.region)
        return self.cite(cited)

    def cite(self, bases: Iterable[DatedBasis]) -> tuple[BasisView, ...]:
        return cite(bases, self._catalogue)

    def link(self, link: Link, holds: Holds) -> LinkView:
        return LinkView(
            id=link.id,
            type=link.type,
            holder=self.party(link.holder),
            organisation=self.party(link.organisation),
            holds=holds,
            share=link.share,
            position=link.position,
            valid_from=link.valid_from,
            valid_to=link.valid_to,
            source=link.source,
        )

    def record(self, record: Record, *, repairable: bool) -> RecordView:
        return RecordView(
            id=record.id,
            subject=self.party(record.subject),
            list=record.list,
            title=self._catalogue.lists[record.list].zh,
            severity=record.severity,
            number=record.number,
            department=record.department,
            decided_on=record.decided_on,
            effective_from=record.effective_from,
            effective_to=record.effective_to,
            term_ends_on=record.term_ends_on,
            publicity_to=record.publicity_to,
            amount=None if record.amount is None else yuan(record.amount),
            disputed=record.disputed,
            test=record.test,
            repair_from=_repair_from(record) if repairable else None,
            source=record.source,
        )

    def party(self, subject_id: str) -> Party:
        subject = self._situation.around.subjects[subject_id]
        return Party(id=subject.id, name=subject.name, kind=subject.kind)

    def _naming(self, naming: Naming) -> NamingView:
        return NamingView(
            id=naming.id,
            record=naming.record,
            person=self.party(naming.person),
            role=naming.role,
            finding=naming.finding,
            document=naming.document,
        )


def cite(bases: Iterable[DatedBasis], catalogue: Catalogue) -> tuple[BasisView, ...]:
    """The provisions with their documents' titles, in the order of document and article."""
    shown = []
    for basis in sorted(set(bases), key=lambda b: (b.document, b.article)):
        document = catalogue.documents[basis.document]
        shown.append(
            BasisView(
                document=document.id,
                title=document.title,
                number=document.number,
                level=document.level,
                article=basis.article,
            )
        )
    return tuple(shown)


def _repair_from(record: Record) -> date | None:
    if record.severity is None or record.decided_on is None:
        return None
    wait = BEFORE_REPAIR[record.severity]
    return wait.after(record.decided_on) if wait else record.decided_on


def unresolved(
    address: str, identity: Literal["ambiguous", "unknown"], candidates: Iterable[Subject] = ()
) -> SubjectView:
    """A subject that could not be told: candidates are offered, nothing is asserted."""
    offered = tuple(Candidate(id=c.id, name=c.name, kind=c.kind, region=c.region) for c in candidates)
    return SubjectView(id=address, kind=None, name=None, identifiers=(), identity=identity, candidates=offered)

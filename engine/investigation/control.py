"""`control`: who stands behind a subject, through how much, and who decides in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from engine.check import validate_clocks
from engine.document import SubjectView
from engine.investigation.document import (
    ChainStep,
    ControlDocument,
    ControlGap,
    HolderView,
    HoldingView,
    InCharge,
    Node,
    Owner,
)
from engine.investigation.question import ControlQuestion
from engine.investigation.views import identified, line, nodes, seen
from graph.model import Kind
from graph.network.budget import Budget
from graph.network.control import Control, Group, Votes, grounds
from graph.network.holdings import Above, Holding, above, holdings
from graph.network.ownership import Ownership, network, ownership
from graph.store import GraphStore

ROUNDED = Decimal("0.001")
"""Percentages are rounded: so far from a whole, holders' shares are taken for all of it."""
WITHOUT_HOLDERS = frozenset({Kind.NATURAL_PERSON, Kind.GOVERNMENT_ORGAN})


def control(question: ControlQuestion, *, store: GraphStore, budget: Budget) -> ControlDocument:
    """Who stands behind a subject. An answer comes within the budget; what it could not see it says.

    Raises `BadInput` for a question that can't be asked.
    """
    validate_clocks(question, store)
    subject = seen(question.subject, question, store)
    if subject.identity != "verified":
        nobody = Above((), (), (), frozenset())
        return _document(question, subject, nobody, None)
    found = above(store, subject.id, on=question.as_of, known_at=question.known_at, budget=budget)
    ends = {end for link in (*found.links, *found.in_charge) for end in (link.holder, link.organisation)}
    return _document(
        question, subject, found, _Behind(subject.id, found, nodes(store, ends | {subject.id}, question.known_at))
    )


class _Behind:
    """What follows from the links above a subject."""

    def __init__(self, subject: str, found: Above, known: Mapping[str, Node]) -> None:
        self._subject, self._found, self._known = subject, found, known
        self.holdings = holdings(found.links)
        graph = network(subject, self.holdings)
        self.owned: Ownership = ownership(subject, graph)
        self._votes = Votes(self.holdings, found.links)
        self._direct = {one.holder: one.share for one in self.holdings if one.organisation == subject}
        self._held = {link.organisation for link in found.links}
        self.holders = sorted(map(self._holder, self._ids()), key=_rank)

    @property
    def own_share(self) -> float:
        return float(self.owned.effective.get(self._subject, 0))

    def _ids(self) -> list[str]:
        return sorted({link.holder for link in self._found.links} - {self._subject})

    def _holder(self, one: str) -> HolderView:
        group = self._votes.group(one, declared=False)
        by: Control | None = "majority" if self._subject in group.taken else None
        chain = group
        if by is None:
            chain = self._votes.group(one, declared=True)
            by = "declared" if self._subject in chain.taken else None
        effective = self.owned.effective.get(one)
        if one not in self.owned.effective and one not in self.owned.at_least:
            effective = Decimal(0)  # above the subject by declaration only
        return HolderView(
            subject=self._known[one],
            direct_share=_number(self._direct.get(one)),
            effective_share=_number(effective),
            at_least=one in self.owned.at_least,
            votes=float(self._votes.part(group, self._subject)),
            control=by,
            chain=_steps(chain, self._subject) if by else (),
            ultimate=one not in self._held,
        )

    def owners(self) -> Iterator[Owner]:
        for one in self.holders:
            effective = None if one.effective_share is None else Decimal(repr(one.effective_share))
            found = grounds(effective, Decimal(repr(one.votes)), one.control)
            if found and one.subject.kind is Kind.NATURAL_PERSON:
                yield Owner(subject=one.subject, grounds=found)

    def in_charge(self) -> Iterator[InCharge]:
        for link in sorted(self._found.in_charge, key=lambda link: (link.type, link.id)):
            yield InCharge(subject=self._known[link.holder], link=line(link))

    def gaps(self) -> Iterator[ControlGap]:
        for one in self.holdings:
            if one.missing:
                yield ControlGap(kind="missing_share", about=one.links, share=None)
            if one.differing:
                yield ControlGap(kind="sources_differ", about=one.links, share=None)
        for circle in self.owned.closed:
            yield ControlGap(kind="closed_circle", about=circle, share=None)
        for circle in self.owned.too_large:
            yield ControlGap(kind="circle_too_large", about=circle, share=None)
        held: defaultdict[str, list[Holding]] = defaultdict(list)
        for one in self.holdings:
            held[one.organisation].append(one)
        for organisation in sorted({self._subject, *self._ids()}):
            yield from self._sum(organisation, held[organisation])

    def _sum(self, organisation: str, held: Sequence[Holding]) -> Iterator[ControlGap]:
        total = sum((one.share or Decimal(0) for one in held), Decimal(0))
        if total > 1 + ROUNDED:
            yield ControlGap(kind="shares_exceed_whole", about=(organisation,), share=float(total))
        if organisation in self._found.unread:
            yield ControlGap(kind="not_read", about=(organisation,), share=None)
        elif self._known[organisation].kind in WITHOUT_HOLDERS:
            return
        elif not held:
            yield ControlGap(kind="no_holders", about=(organisation,), share=None)
        elif total < 1 - ROUNDED and not any(one.missing for one in held):
            yield ControlGap(kind="shares_incomplete", about=(organisation,), share=float(1 - total))


def _steps(group: Group, subject: str) -> tuple[ChainStep, ...]:
    return tuple(
        ChainStep(organisation=one.organisation, by=one.by, votes=float(one.votes), declared=one.declared)
        for one in group.chain(subject)
    )


def _rank(one: HolderView) -> tuple[bool, float, str]:
    return (one.effective_share is None, -(one.effective_share or 0), one.subject.id)


def _number(share: Decimal | None) -> float | None:
    return None if share is None else float(share)


def _holding(one: Holding) -> HoldingView:
    return HoldingView(holder=one.holder, organisation=one.organisation, share=_number(one.share), links=one.links)


def _sorted(gaps: Iterable[ControlGap]) -> Sequence[ControlGap]:
    return sorted(gaps, key=lambda gap: (gap.kind, gap.about))


def _document(question: ControlQuestion, subject: SubjectView, found: Above, behind: _Behind | None) -> ControlDocument:
    return identified(
        ControlDocument(
            investigation_id="",
            question=question,
            subject=subject,
            complete=behind is not None and not found.why,
            why=found.why if behind else ("unresolved",),
            own_share=behind.own_share if behind else 0,
            beneficial_owners=tuple(behind.owners()) if behind else (),
            in_charge=tuple(behind.in_charge()) if behind else (),
            holders=tuple(behind.holders) if behind else (),
            holdings=tuple(map(_holding, behind.holdings)) if behind else (),
            gaps=tuple(_sorted(behind.gaps())) if behind else (),
        )
    )

"""Who stands above a subject: its holders, theirs, and so on, read from the store in bounded rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from graph.errors import OutOfTime
from graph.model import Link, LinkType
from graph.network.budget import Budget
from graph.network.links import LinkFilter, Side
from graph.network.store import NetworkStore

UP: tuple[Side, ...] = ("held_by",)
ROUNDS = 12
ROUND = 5_000
"""So many links a round may bring."""
SUBJECTS = 2_000
"""So many subjects are looked at in all."""
SHOWN = Decimal("1e-10")
"""To what shares are rounded, before they are compared with what the law names."""
ABOVE = frozenset({LinkType.SHAREHOLDER, LinkType.ACTUAL_CONTROLLER})
IN_CHARGE = frozenset({LinkType.LEGAL_REPRESENTATIVE, LinkType.PRINCIPAL, LinkType.OPERATOR, LinkType.MANAGING_PARTNER})
Why = Literal["too_many_links", "too_many_subjects", "too_many_rounds", "out_of_time"]


@dataclass(frozen=True)
class Above:
    """The links by which others hold or control the subject, directly or through others, and those in charge of it.
    ``why`` is empty where nothing was left out; ``unread`` are those whose holders were not all read."""

    links: tuple[Link, ...]
    in_charge: tuple[Link, ...]
    why: tuple[Why, ...]
    unread: frozenset[str]


@dataclass(frozen=True)
class Holding:
    """What a holder has of an organisation. ``share`` is what is known of it; ``missing`` says that some of it is not
    known, ``differing`` that sources differ: then the greatest of what they say is taken."""

    holder: str
    organisation: str
    share: Decimal | None
    missing: bool
    differing: bool
    links: tuple[str, ...]


def above(
    store: NetworkStore,
    subject_id: str,
    *,
    on: date | None,
    known_at: datetime,
    budget: Budget,
    cap: int = ROUND,
    most: int = SUBJECTS,
) -> Above:
    """Walk up from a subject (its canonical id), each round one call of the store."""
    climb = _Climb(store, on, known_at, budget, cap)
    front = {subject_id}
    met = set(front)
    try:
        climb.in_charge = climb.read(front, IN_CHARGE)
        for _ in range(ROUNDS):
            found = climb.read(front, ABOVE)
            climb.links |= {link.id: link for link in found}
            front = {link.holder for link in found} - met
            met |= front
            if not front or len(met) > most:
                break
        if front:
            climb.stop(front, "too_many_subjects" if len(met) > most else "too_many_rounds")
    except OutOfTime:
        climb.stop(front, "out_of_time")
    return climb.above()


class _Climb:
    def __init__(self, store: NetworkStore, on: date | None, known_at: datetime, budget: Budget, cap: int) -> None:
        self._store, self._on, self._known_at, self._budget, self._cap = store, on, known_at, budget, cap
        self.links: dict[str, Link] = {}
        self.in_charge: tuple[Link, ...] = ()
        self._why: set[Why] = set()
        self._unread: set[str] = set()

    def read(self, front: Collection[str], types: frozenset[LinkType]) -> tuple[Link, ...]:
        where, seconds = LinkFilter(types, self._on), self._budget.call()
        found = self._store.links_around(
            front, where, sides=UP, limit=self._cap, known_at=self._known_at, seconds=seconds
        )
        if found.cut:
            self.stop(front, "too_many_links")
        return found.links

    def stop(self, front: Collection[str], why: Why) -> None:
        self._why.add(why)
        self._unread |= set(front)

    def above(self) -> Above:
        links = tuple(self.links[one] for one in sorted(self.links))
        return Above(links, self.in_charge, tuple(sorted(self._why)), frozenset(self._unread))


def holdings(links: Iterable[Link]) -> list[Holding]:
    """One holding for each holder and organisation, in their order.

    Shares that one source lists side by side add up (classes of shares, holders judged to be one); what several sources
    say of the same holding does not.
    """
    pairs: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        if link.type is LinkType.SHAREHOLDER:
            pairs[link.holder, link.organisation].append(link)
    return [_holding(*pair, pairs[pair]) for pair in sorted(pairs)]


def _holding(holder: str, organisation: str, links: list[Link]) -> Holding:
    by_source: defaultdict[str | None, list[Link]] = defaultdict(list)
    for link in links:
        by_source[link.source].append(link)
    whole = {sum(map(exact, said)) for said in by_source.values() if all(link.share is not None for link in said)}
    partly = {sum(map(exact, said)) for said in by_source.values() if any(link.share is not None for link in said)}
    return Holding(
        holder=holder,
        organisation=organisation,
        share=Decimal(max(partly)) if partly else None,
        missing=not whole,
        differing=len(whole) > 1,
        links=tuple(sorted(link.id for link in links)),
    )


def exact(link: Link) -> Decimal:
    """The share as it was written, without the dust of binary fractions."""
    return Decimal(0) if link.share is None else Decimal(repr(link.share))

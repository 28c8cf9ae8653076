"""Control: who decides in a subject, by more than half of the votes through chains, or because a source says so.

A group begins with one holder. It takes in every organisation in which its members together have more than half of the
votes (公司法 第二百六十五条第二项: 超过百分之五十), until nothing more is taken in; whether the subject is among them
does not depend on the order. Shares that an organisation holds of itself have no vote (公司法 第一百一十六条第一款).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from graph.model import Link, LinkType
from graph.network.holdings import SHOWN, Holding

HALF = Decimal("0.5")
OWNER = Decimal("0.25")
"""受益所有人信息管理办法 (中国人民银行、市场监管总局令〔2024〕第3号) 第六条: 25% and more."""
Control = Literal["majority", "declared"]
Ground = Literal["share", "votes", "control"]


@dataclass(frozen=True)
class Taken:
    """An organisation that a group took in: through whom, with how many of its votes; ``declared``: not by votes, but
    because a source calls one of them its actual controller."""

    organisation: str
    by: tuple[str, ...]
    votes: Decimal
    declared: bool = False


@dataclass
class Group:
    """Those who vote as one holder says, in the order in which they were taken in."""

    taken: dict[str, Taken] = field(default_factory=dict)
    shares: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """What the group holds of each organisation."""

    def chain(self, subject: str) -> tuple[Taken, ...]:
        """How the group comes to the subject: only those of its members who are needed for it."""
        needed, chain = {subject}, []
        for one in reversed(self.taken.values()):
            if one.organisation in needed:
                chain.append(one)
                needed |= set(one.by)
        return tuple(reversed(chain))


class Votes:
    """Votes in the organisations of one network."""

    def __init__(self, holdings: Iterable[Holding], links: Iterable[Link]) -> None:
        held = [one for one in holdings if one.share]
        own = {one.organisation: one.share or Decimal(0) for one in held if one.holder == one.organisation}
        self._voting = defaultdict(lambda: Decimal(1), {one: max(1 - share, Decimal(0)) for one, share in own.items()})
        self._held: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
        for one in held:
            if one.holder != one.organisation:
                self._held[one.holder].append((one.organisation, one.share or Decimal(0)))
        self._declared: defaultdict[str, set[str]] = defaultdict(set)
        for link in links:
            if link.type is LinkType.ACTUAL_CONTROLLER and link.holder != link.organisation:
                self._declared[link.holder].add(link.organisation)

    def part(self, group: Group, organisation: str) -> Decimal:
        """The part of an organisation's votes that a group has."""
        voting = self._voting[organisation]
        return (group.shares[organisation] / voting).quantize(SHOWN) if voting else Decimal(0)

    def group(self, holder: str, *, declared: bool) -> Group:
        """All that this holder controls, by votes alone, or also by what sources declare."""
        group = Group()
        members, waiting = {holder}, deque([holder])
        by: defaultdict[str, list[str]] = defaultdict(list)
        while waiting:
            member = waiting.popleft()
            for organisation, share in self._held[member]:
                by[organisation].append(member)
                group.shares[organisation] += share
                if organisation not in members and group.shares[organisation] > HALF * self._voting[organisation]:
                    votes = self.part(group, organisation)
                    group.taken[organisation] = Taken(organisation, tuple(by[organisation]), votes)
                    members.add(organisation)
                    waiting.append(organisation)
            for organisation in sorted(self._declared[member] - members) if declared else ():
                votes = self.part(group, organisation)
                group.taken[organisation] = Taken(organisation, (member,), votes, declared=True)
                members.add(organisation)
                waiting.append(organisation)
        return group


def grounds(effective: Decimal | None, votes: Decimal, control: Control | None) -> tuple[Ground, ...]:
    """Why a natural person counts as a beneficial owner; empty if not."""
    found: Mapping[Ground, bool] = {
        "share": effective is not None and effective >= OWNER,
        "votes": votes >= OWNER,
        "control": control is not None,
    }
    return tuple(ground for ground, holds in found.items() if holds)

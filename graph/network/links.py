"""Which links an investigator asks a store for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from graph.model import Link, LinkType

Side = Literal["holds", "held_by"]
"""A link as seen from a subject: it is the holder (``holds``), or the organisation (``held_by``)."""
SIDES: tuple[Side, ...] = ("held_by", "holds")


@dataclass(frozen=True)
class LinkFilter:
    """Links of these ``types`` (all, if empty) that hold on the day ``on`` (whenever, if ``None``) with a share of at
    least ``min_share``, where one is given. A link without a start counts as begun, one without a share as too small.
    """

    types: frozenset[LinkType] = frozenset()
    on: date | None = None
    min_share: float | None = None

    @property
    def wanted(self) -> tuple[LinkType, ...]:
        """The types, in order."""
        return tuple(sorted(self.types or LinkType))


@dataclass(frozen=True, order=True)
class Group:
    """Links of a subject on one side and of one type: what is counted together and shown together."""

    side: Side
    type: LinkType


@dataclass(frozen=True)
class Place:
    """A place within a group: links stand by share, greatest first and unknown last, then by id."""

    share: float | None
    link: str

    @classmethod
    def of(cls, link: Link) -> Place:
        return cls(link.share, link.id)


@dataclass(frozen=True)
class Met:
    """A link as it was met: in which group of the subject."""

    group: Group
    link: Link


@dataclass(frozen=True)
class Around:
    """Links around subjects, by id. ``cut``: there are more than were asked for, and the rest is left out."""

    links: tuple[Link, ...]
    cut: bool

"""The questions of an investigation, as they stand in its document: everything resolved, nothing defaulted."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.question import Address, Dated
from graph.model import LinkType
from graph.network.links import Group, LinkFilter, Place, Side
from graph.network.paths import LONGEST

MOST_LINKS = 200
MOST_PATHS = 100
MOST_RECORDS = 200


class LastLink(BaseModel):
    """The last link of a page; the next one begins after it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    side: Side
    type: LinkType
    share: float | None = Field(ge=0, le=1)
    link: str = Field(min_length=1, max_length=400)

    @property
    def group(self) -> Group:
        return Group(self.side, self.type)

    @property
    def place(self) -> Place:
        return Place(self.share, self.link)


class Walked(Dated):
    """Which links are walked: of these types (all, if empty), with a share of at least ``min_share``, and such as hold
    on ``as_of``, or, with ``ended``, also those that do not, or not yet."""

    types: tuple[LinkType, ...] = ()
    min_share: float | None = Field(default=None, ge=0, le=1)
    ended: bool = False

    @property
    def where(self) -> LinkFilter:
        on: date | None = None if self.ended else self.as_of
        return LinkFilter(frozenset(self.types), on, self.min_share)


class ExpandQuestion(Walked):
    """The links of one subject, a page of at most ``limit``."""

    kind: Literal["expand"] = "expand"
    subject: Address
    side: Side | None = None
    limit: int = Field(ge=0, le=MOST_LINKS)
    after: LastLink | None = None


class PathsQuestion(Walked):
    """The shortest paths between two subjects of at most ``max_links`` links, of which at most ``limit`` are shown."""

    kind: Literal["paths"] = "paths"
    start: Address
    goal: Address
    avoid: tuple[Address, ...] = ()
    max_links: int = Field(ge=1, le=LONGEST)
    limit: int = Field(ge=1, le=MOST_PATHS)


class ControlQuestion(Dated):
    """Who stands behind a subject on ``as_of``."""

    kind: Literal["control"] = "control"
    subject: Address


class SubjectQuestion(Dated):
    """What is held of a subject: its records as they stand on ``as_of``."""

    kind: Literal["subject"] = "subject"
    subject: Address

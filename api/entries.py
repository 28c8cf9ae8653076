"""What the catalogue says, as HTTP passes it on: measures and documents, in a list and whole.

``in_force_until`` is the first day on which something is no longer in force; null: no end is known.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from engine.document import View
from graph.model import Kind
from rules.model import Duration, Incentive, Level, Region, Sanction, Step, Term, Trigger


class WordView(View):
    id: str
    zh: str
    en: str


class DocumentLine(View):
    """A legal document. ``longest_term``: the longest that a measure may take from it. ``verified``: whether its text
    was read or only recalled."""

    id: str
    title: str
    number: str | None
    level: Level
    level_zh: str
    territory: Region | None
    in_force_from: date
    in_force_until: date | None
    longest_term: Duration | Literal["for_life"] | None
    verified: Literal["seen", "recalled"]


class DocumentPage(View):
    """Documents by id, out of ``total``. ``catalogue``: the digest of what they stand in."""

    catalogue: str
    total: int
    documents: tuple[DocumentLine, ...]
    cursor: str | None


class DocumentEntry(DocumentLine):
    """A document with the ids of the measures that cite it, for themselves or for one of their reaches."""

    catalogue: str
    measures: tuple[str, ...]


class MeasureLine(View):
    """A measure. ``level`` is that of its highest basis, which bounds its effect."""

    id: str
    title: str
    kind: Literal["sanction", "incentive"]
    effect: Sanction | Incentive
    effect_zh: str
    discretionary: bool
    level: Level
    documents: tuple[str, ...]
    in_force_from: date
    in_force_until: date | None


class MeasurePage(View):
    """Measures by id, out of ``total`` that were asked for. ``catalogue``: the digest of what they stand in."""

    catalogue: str
    total: int
    measures: tuple[MeasureLine, ...]
    cursor: str | None


class Provision(View):
    """A basis 依据, with the days on which it is in force itself."""

    document: str
    title: str
    number: str | None
    level: Level
    article: str
    in_force_from: date
    in_force_until: date | None


class ReachView(View):
    """Whom a measure binds: the steps from the listed subject (none: it binds that one), and the same in Chinese.
    ``basis`` is the reach's own, where it has one."""

    steps: tuple[Step, ...]
    text_zh: str
    basis: tuple[Provision, ...]


class ScopeView(View):
    """Where a measure binds. Without ``departments`` it is whoever decides the matter; without ``regions`` or
    ``subject_kinds`` it is all of them."""

    matters: tuple[WordView, ...]
    departments: tuple[WordView, ...]
    regions: tuple[Region, ...]
    subject_kinds: tuple[Kind, ...]


class MeasureEntry(MeasureLine):
    """A measure whole. ``because_of_zh`` and ``how_long_zh`` say trigger and term in Chinese; without a term it lasts
    while the record counts. ``repair``: whether a repaired record ends it."""

    catalogue: str
    trigger: Trigger
    because_of_zh: str
    reaches: tuple[ReachView, ...]
    scope: ScopeView
    term: Term | None
    how_long_zh: str
    repair: Literal["ends", "stays"]
    repair_reason: str | None
    suspended_when: Trigger | None
    carried_out_by: Literal["authority", "market"]
    survives: bool
    applies_to: Literal["earlier_records"] | None
    text: Literal["seen", "recalled"]
    basis: tuple[Provision, ...]

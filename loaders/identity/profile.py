"""What is known of a subject that tells it from others or joins it to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.model import LinkType

SINGLE_OFFICES = frozenset({LinkType.LEGAL_REPRESENTATIVE, LinkType.OPERATOR, LinkType.PRINCIPAL})
"""Offices that one person has at a time."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What joins a person to an organisation: offices, and the sources that name them."""

    offices: frozenset[str]
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """One subject. ``organisations`` are those it holds links to or is named at, ``near`` the ones linked to these;
    ``people`` are the names, as spelled, that stand beside a person, or that hold an organisation. Keys of subjects are
    numbers of this run; ``root`` is the same for all that are judged to be one."""

    root: int
    id: str
    kind: str
    person: bool
    name: str
    spelling: str
    sound: str
    identifiers: Mapping[str, str]
    birth_year: int | None = None
    gender: str | None = None
    region: str | None = None
    established_on: str | None = None
    organisations: Mapping[int, Ties] = field(default_factory=dict)
    near: frozenset[int] = frozenset()
    people: frozenset[str] = frozenset()

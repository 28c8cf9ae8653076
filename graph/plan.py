"""Reaches 惩戒对象范围 and the plan of evidence: which paths, and which lists at their far end, matter to a question.

A `Reach` is written from the listed subject L to the subject S that a measure binds (design, section 5). A store
walks it the other way, from S; it needs no more than this declaration, and each store turns it into its own query.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from graph.model import LinkType

Holds = Literal["now", "at_event", "after_event"]
Toward = Literal["holder", "organisation"]


@dataclass(frozen=True)
class LinkStep:
    """One link, leading to its ``to`` end. ``now``: it holds on t; ``at_event``: it held on the event date;
    ``after_event``: it began after the event date and holds on t."""

    types: frozenset[LinkType]
    to: Toward
    holds: Holds = "now"
    min_share: float | None = None

    @cached_property
    def key(self) -> str:
        """Canonical text, e.g. ``director|legal_representative>holder@at_event``."""
        share = "" if self.min_share is None else f">={self.min_share:g}"
        return f"{'|'.join(sorted(self.types))}{share}>{self.to}@{self.holds}"


@dataclass(frozen=True)
class NamedStep:
    """Record → person: one of ``roles`` (and, where given, one of ``findings``); ``held``: the person also held a
    link of one of these types to the listed subject on the event date."""

    roles: frozenset[str]
    findings: frozenset[str] = frozenset()
    held: frozenset[LinkType] = frozenset()

    @cached_property
    def key(self) -> str:
        finding = f":{'|'.join(sorted(self.findings))}" if self.findings else ""
        held = f"&{'|'.join(sorted(self.held))}@at_event" if self.held else ""
        return f"named({'|'.join(sorted(self.roles))}{finding}{held})"


@dataclass(frozen=True)
class Reach:
    """A path from the listed subject to the bound one; without any step it is ``self``."""

    named: NamedStep | None = None
    steps: tuple[LinkStep, ...] = ()

    @cached_property
    def key(self) -> str:
        """Canonical text, the same wherever the reach is written; ``self`` for the empty one."""
        parts = ([self.named.key] if self.named else []) + [s.key for s in self.steps]
        return " / ".join(parts) or "self"

    @property
    def is_self(self) -> bool:
        return self.named is None and not self.steps


SELF = Reach()


@dataclass(frozen=True)
class Pattern:
    """A reach, and the lists or event kinds whose records at its listed end matter."""

    reach: Reach
    lists: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """What a question needs to know. ``bonds`` are links between the roots of a group, and links that two roots may
    share a holder through: every such link of a root is fetched, whatever stands at the other end."""

    patterns: tuple[Pattern, ...] = ()
    bonds: frozenset[LinkType] = frozenset()

    def __hash__(self) -> int:
        """Remembered: stores find by it what they made of a plan, for every question."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.patterns, self.bonds))

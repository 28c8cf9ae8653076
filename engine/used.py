"""The facts that a question's paths and gaps could use, whatever more a store brought: what the digest is made of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from engine.canonical import facts_json, fingerprint
from engine.gaps import STATES
from engine.situation import Situation
from graph.evidence import reached
from graph.model import Link, Load, Naming, Record, Source
from graph.plan import Plan


class Used:
    """Collects facts by id."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[str, Any]] = {}
        self._sources = _NONE

    def add(self, fact: Link | Record | Naming) -> None:
        self._facts.setdefault(type(fact).__name__, {})[fact.id] = fact

    def note(self, digest_of_member: str) -> None:
        """The evidence of a member's own decision, by its digest."""
        self._facts.setdefault("Decision", {})[digest_of_member] = True

    def add_subject(self, situation: Situation, subject_id: str) -> None:
        self._facts.setdefault("Subject", {})[subject_id] = situation.around.subjects[subject_id]

    def add_situation(self, situation: Situation, plan: Plan) -> None:
        self.add_subject(situation, situation.root)
        for pattern in plan.patterns:
            paths, blind = situation.walk(pattern.reach)
            for path in paths:
                records = [r for r in situation.around.records_of(path.listed) if r.list in pattern.lists]
                if path.naming:
                    records = records if any(r.id == path.naming.record for r in records) else []
                if records:
                    self.add_subject(situation, path.listed)
                    self.add_all(situation, [*path.links, path.held, path.naming, *records])
            for one in blind:
                self.add_subject(situation, one.person)
                self.add_all(situation, one.links)
        self._sources = _told(situation.evidence.sources, situation.evidence.loads)

    def add_all(self, situation: Situation, facts: Iterable[Link | Record | Naming | None]) -> None:
        """Facts, and the subjects that links join."""
        for fact in facts:
            if fact is None:
                continue
            self.add(fact)
            if isinstance(fact, Link):
                self.add_subject(situation, fact.holder)
                self.add_subject(situation, fact.organisation)

    def digest(self) -> str:
        return fingerprint(facts_json(self._facts), self._sources)


@lru_cache(maxsize=STATES)
def _told(sources: Iterable[Source], loads: Iterable[Load]) -> str:
    """The fingerprint of sources and how far they reach: the same for most questions, and long to make."""
    return fingerprint(facts_json({"Source": {source.id: source for source in sources}, "Load": reached(loads)}))


_NONE = _told((), ())

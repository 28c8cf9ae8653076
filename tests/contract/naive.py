"""A store so simple that it can't be wrong: a list of versions in memory, and loops. Shares no code with the real ones.

``required`` is the letter of `graph.store.GraphStore.evidence`: the facts that a store must bring, found by walking
every path one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from graph.model import Fact, Kind, Link, Merge, Naming, Record, Subject
from graph.plan import LinkStep, Pattern, Plan


@dataclass
class Entry:
    fact: Fact
    recorded_at: datetime
    superseded_at: datetime | None = None


@dataclass
class Naive:
    entries: list[Entry] = field(default_factory=list)

    def current(self, fact_id: str) -> Entry | None:
        return next((e for e in self.entries if e.fact.id == fact_id and e.superseded_at is None), None)

    def record(self, fact: Fact, at: datetime) -> None:
        self.end(fact.id, at)
        self.entries.append(Entry(fact, at))

    def end(self, fact_id: str, at: datetime) -> None:
        if (entry := self.current(fact_id)) is not None:
            entry.superseded_at = at

    def view(self, known_at: datetime) -> View:
        return View(
            [
                e.fact
                for e in self.entries
                if e.recorded_at <= known_at and (e.superseded_at is None or known_at < e.superseded_at)
            ]
        )


class View:
    """The facts known at one instant, clusters found by painting over."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = {fact.id: fact for fact in facts}
        self.members = {s.id: s for s in facts if isinstance(s, Subject)}
        colour = {subject: subject for subject in self.members}
        for _ in self.members:
            for judgement in (m for m in facts if isinstance(m, Merge) and not m.undone):
                for end in (judgement.left, judgement.right):
                    colour.setdefault(end, end)
                least = min(colour[judgement.left], colour[judgement.right])
                colour[judgement.left] = colour[judgement.right] = least
        self.clusters: dict[str, list[str]] = {}
        for subject, paint in colour.items():
            self.clusters.setdefault(paint, []).append(subject)
        self.canonical = {
            member: self._least(cluster)
            for cluster in self.clusters.values()
            for member in cluster
            if any(m in self.members for m in cluster)
        }

    def _least(self, cluster: list[str]) -> str:
        known = [self.members[m] for m in cluster if m in self.members]
        return min(known, key=lambda s: (not s.identified, s.id)).id

    def cluster_of(self, subject: str) -> list[str]:
        return next(c for c in self.clusters.values() if subject in c)

    def subject(self, subject_id: str) -> Subject | None:
        if subject_id not in self.canonical:
            return None
        first = self.members[self.canonical[subject_id]]
        others = sorted(m for m in self.cluster_of(subject_id) if m in self.members and m != first.id)
        identifiers = dict(first.identifiers)
        citizen_id = first.citizen_id
        for other in others:
            for scheme, value in self.members[other].identifiers.items():
                identifiers.setdefault(scheme, value)
            citizen_id = citizen_id or self.members[other].citizen_id
        return replace(first, identifiers=identifiers, citizen_id=citizen_id)

    def resolved(self, fact: Link | Record | Naming) -> Link | Record | Naming | None:
        """The fact with canonical ends; ``None`` if an end is nobody, or both are one."""
        try:
            if isinstance(fact, Link):
                ends = self.canonical[fact.holder], self.canonical[fact.organisation]
                return None if ends[0] == ends[1] else replace(fact, holder=ends[0], organisation=ends[1])
            if isinstance(fact, Record):
                return replace(fact, subject=self.canonical[fact.subject])
            return replace(fact, person=self.canonical[fact.person])
        except KeyError:
            return None

    def all(self, kind: type) -> list:
        return [r for f in self.facts.values() if isinstance(f, kind) and (r := self.resolved(f)) is not None]

    def required(self, roots: Sequence[str], plan: Plan, as_of: date) -> set[Fact | str]:
        """The facts, and the ids of the subjects, that evidence must hold."""
        known = [self.canonical[root] for root in roots if root in self.canonical]
        wanted: dict[str, object] = {root: root for root in known}
        for root in known:
            for pattern in plan.patterns:
                for what in self._pattern(root, pattern, as_of):
                    wanted[what if isinstance(what, str) else what.id] = what
            for link in self.all(Link):
                if link.type in plan.bonds and root in (link.holder, link.organisation):
                    wanted |= {link.id: link, link.holder: link.holder, link.organisation: link.organisation}
        return wanted  # type: ignore[return-value]

    def _pattern(self, root: str, pattern: Pattern, as_of: date) -> Iterator[Fact | str]:
        for links, nodes in self._walks([], [root], list(pattern.reach.steps), as_of):
            here = nodes[-1]
            person = self.subject(here)
            if person and person.kind is Kind.NATURAL_PERSON and not person.identified:
                yield from (*links, *nodes)
            if len(links) < len(pattern.reach.steps):
                continue
            if pattern.reach.named is None:
                records = [r for r in self.all(Record) if r.subject == here and r.list in pattern.lists]
                if records:
                    yield from (*links, *nodes, *records)
            else:
                yield from self._named(links, nodes, pattern)

    def _named(self, links: list[Link], nodes: list[str], pattern: Pattern) -> Iterator[Fact | str]:
        asked = pattern.reach.named
        assert asked
        records = {r.id: r for r in self.all(Record) if r.list in pattern.lists}
        for naming in self.all(Naming):
            if naming.person != nodes[-1] or naming.record not in records or naming.role not in asked.roles:
                continue
            if asked.findings and naming.finding is not None and naming.finding not in asked.findings:
                continue
            listed = records[naming.record].subject
            if listed in nodes:
                continue
            held = [
                link
                for link in self.all(Link)
                if (link.holder, link.organisation) == (naming.person, listed) and link.type in asked.held
            ]
            theirs = [r for r in records.values() if r.subject == listed]
            yield from (*links, *nodes, naming, listed, *held, *theirs)

    def _walks(
        self, links: list[Link], nodes: list[str], steps: list[LinkStep], as_of: date
    ) -> Iterator[tuple[list[Link], list[str]]]:
        """Every walk back from the root over the last steps, the shorter ones too."""
        yield links, nodes
        if not steps:
            return
        step = steps[-1]
        for link in self.all(Link):
            near, far = (link.holder, link.organisation) if step.to == "holder" else (link.organisation, link.holder)
            ended = step.holds != "at_event" and link.valid_to is not None and link.valid_to <= as_of
            small = step.min_share is not None and link.share is not None and link.share < step.min_share
            if near == nodes[-1] and far not in nodes and link.type in step.types and not ended and not small:
                yield from self._walks([*links, link], [*nodes, far], steps[:-1], as_of)

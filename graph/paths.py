"""Paths of a reach on evidence, from the listed subject to the bound one, and where the walk could not see on.

Paths depend on who is linked to whom, not on the day: when a link must hold is judged by those who ask
(docs/decisions/0001, "Paths"). What can never hold on ``as_of`` or later is left out here, for every store alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from graph.evidence import Evidence
from graph.model import Kind, Link, Naming, Record, Subject
from graph.plan import LinkStep, NamedStep, Reach


@dataclass(frozen=True)
class Path:
    """``links`` stand in the order of the reach's steps, from the listed subject on. ``naming`` belongs to a reach that
    begins with a named step, ``held`` is the office that it asks for besides."""

    reach: Reach
    listed: str
    links: tuple[Link, ...] = ()
    naming: Naming | None = None
    held: Link | None = None

    @cached_property
    def steps(self) -> tuple[tuple[LinkStep, Link], ...]:
        return tuple(zip(self.reach.steps, self.links, strict=True))


@dataclass(frozen=True)
class BlindPath:
    """A walk back from the bound subject that met a natural person without identity. ``links`` are the last steps of
    the reach; ``at_listed_end`` says that only the person's own records are unknown."""

    reach: Reach
    person: str
    links: tuple[Link, ...]
    at_listed_end: bool

    @cached_property
    def steps(self) -> tuple[tuple[LinkStep, Link], ...]:
        last = self.reach.steps[len(self.reach.steps) - len(self.links) :]
        return tuple(zip(last, self.links, strict=True))


class Surroundings:
    """Evidence, indexed for walking from one subject."""

    def __init__(self, evidence: Evidence, as_of: date) -> None:
        self.subjects: Mapping[str, Subject] = evidence.subjects
        self._as_of = as_of
        self._by_end: dict[tuple[str, str], list[Link]] = {}
        for link in sorted(evidence.links, key=lambda link: link.id):
            self._by_end.setdefault(("holder", link.holder), []).append(link)
            self._by_end.setdefault(("organisation", link.organisation), []).append(link)
        self.records: dict[str, Record] = {r.id: r for r in evidence.records}
        self._by_subject: dict[str, list[Record]] = {}
        for record in sorted(evidence.records, key=lambda record: record.id):
            self._by_subject.setdefault(record.subject, []).append(record)
        self._by_person: dict[str, list[Naming]] = {}
        for naming in sorted(evidence.namings, key=lambda naming: naming.id):
            self._by_person.setdefault(naming.person, []).append(naming)

    def records_of(self, subject: str) -> Sequence[Record]:
        return self._by_subject.get(subject, ())

    def links_at(self, end: str, subject: str) -> Sequence[Link]:
        """Links of a subject that stands at their ``end`` (``holder`` or ``organisation``)."""
        return self._by_end.get((end, subject), ())

    def walk(self, reach: Reach, root: str) -> tuple[list[Path], list[BlindPath]]:
        """Every path of the reach that leads to ``root``, and every walk that met somebody without identity."""
        paths: list[Path] = []
        blind: list[BlindPath] = []
        for links, nodes in self._back(reach, (), (root,), blind):
            paths.extend(self._begin(reach, links, nodes))
        return paths, blind

    def _back(
        self, reach: Reach, links: tuple[Link, ...], nodes: tuple[str, ...], blind: list[BlindPath]
    ) -> Iterator[tuple[tuple[Link, ...], tuple[str, ...]]]:
        here = nodes[-1]
        at_end = len(links) == len(reach.steps)
        if self._unidentified(here):
            blind.append(BlindPath(reach, here, links, at_end and reach.named is None))
        if at_end:
            yield links, nodes
            return
        step = reach.steps[-len(links) - 1]
        for link in self.links_at(step.to, here):
            far = link.organisation if step.to == "holder" else link.holder
            if far not in nodes and self._may_hold(step, link):
                yield from self._back(reach, (link, *links), (*nodes, far), blind)

    def _may_hold(self, step: LinkStep, link: Link) -> bool:
        if link.type not in step.types:
            return False
        if step.min_share is not None and link.share is not None and link.share < step.min_share:
            return False
        return step.holds == "at_event" or link.valid_to is None or link.valid_to > self._as_of

    def _unidentified(self, subject: str) -> bool:
        found = self.subjects[subject]
        return found.kind is Kind.NATURAL_PERSON and not found.identified

    def _begin(self, reach: Reach, links: tuple[Link, ...], nodes: tuple[str, ...]) -> Iterator[Path]:
        if reach.named is None:
            yield Path(reach, nodes[-1], links)
            return
        for naming in self._by_person.get(nodes[-1], ()):
            record = self.records.get(naming.record)
            if record and record.subject not in nodes and _names(reach.named, naming):
                for held in self._held(reach.named, naming.person, record.subject):
                    yield Path(reach, record.subject, links, naming, held)

    def _held(self, step: NamedStep, person: str, listed: str) -> Sequence[Link | None]:
        if not step.held:
            return (None,)
        return [
            link for link in self.links_at("holder", person) if link.organisation == listed and link.type in step.held
        ]


def _names(step: NamedStep, naming: Naming) -> bool:
    if naming.role not in step.roles:
        return False
    return not step.findings or naming.finding is None or naming.finding in step.findings

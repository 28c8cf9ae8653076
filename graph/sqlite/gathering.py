"""Gathering evidence: what the walk found, read in full, with canonical ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar, cast

from graph.declared import Declared
from graph.evidence import Evidence
from graph.model import Fact, Link, LinkType, Naming, Record
from graph.plan import NamedStep, Plan
from graph.sqlite.hops import TOWARDS, Hops, every, wants_of
from graph.sqlite.reading import Snapshot, declarations
from graph.sqlite.rows import LINK, NAMING, RECORD, numbers_json
from graph.sqlite.schema import LISTED
from graph.sqlite.stages import Stage, stages_of
from graph.sqlite.walk import Walk

F = TypeVar("F", bound=Fact)

_RECORDS = """SELECT record.subject, record.list, record.v FROM json_each(?) j
  CROSS JOIN record ON record.subject = j.value WHERE record.tf <= ? AND record.tt > ?"""
_NAMINGS = """SELECT naming.v, naming.person, naming.role, naming.finding, record.subject, record.list
  FROM json_each(:persons) j CROSS JOIN naming ON naming.person = j.value
  CROSS JOIN record ON record.k = naming.record
  WHERE naming.tf <= :known AND naming.tt > :known AND record.tf <= :known AND record.tt > :known"""


class Named(NamedTuple):
    """A naming with the roots of the person and of the record's subject."""

    version: int
    person: int
    role: str
    finding: str | None
    listed: int
    list: str

    def serves(self, step: NamedStep, lists: Collection[str]) -> bool:
        finding_fits = not step.findings or self.finding is None or self.finding in step.findings
        return self.role in step.roles and finding_fits and self.list in lists


class _Found:
    """Roots of subjects and versions of facts to be read in full."""

    def __init__(self, roots: Collection[int]) -> None:
        self.subjects = set(roots)
        self.links: set[int] = set()
        self.namings: set[int] = set()
        self.lists: defaultdict[int, set[str]] = defaultdict(set)
        self.records: dict[int, list[tuple[str, int]]] = {}
        self.held: defaultdict[frozenset[LinkType], set[tuple[int, int]]] = defaultdict(set)


def gather(snapshot: Snapshot, declared: Declared, roots: Sequence[str], plan: Plan, as_of: date) -> Evidence:
    """See `graph.store.GraphStore.evidence`."""
    marks = snapshot.keys(roots)
    root_of = snapshot.clusters.roots(marks)
    starts = {root_of.get(key, key): mark for key, mark in marks.items()}
    found = _Found(starts)
    stages = stages_of(plan)
    walk = Walk(snapshot, starts, stages, as_of)
    is_end = _ends(snapshot, stages.all, walk, found)
    subjects, links = walk.kept(is_end)
    found.subjects |= subjects
    found.links |= links
    _add_bonds(snapshot, starts, plan.bonds, as_of, found)
    _add_held(snapshot, as_of, found)
    return _read(snapshot, declared, found)


def _ends(snapshot: Snapshot, stages: Sequence[Stage], walk: Walk, found: _Found) -> Callable[[Stage, int], bool]:
    """Decides where a walk may end, and notes what else is wanted of such an end."""
    stubs = walk.stubs()
    marked = walk.marked(LISTED)
    ends = {root for stage in stages if stage.lists for root in walk.at[stage] & marked}
    listed = _lists_of(snapshot, ends, found)
    named = _namings_of(snapshot, {root for stage in stages if stage.named for root in walk.at[stage] & marked})

    def is_end(stage: Stage, root: int) -> bool:
        lists = listed.get(root, frozenset()) & stage.lists if stage.lists else frozenset()
        found.lists[root] |= lists
        serving = [
            (naming, step, wanted)
            for step, wanted in stage.named.items()
            for naming in named.get(root, ())
            if naming.serves(step, wanted)
        ]
        for naming, step, wanted in serving:
            _note(found, naming, step, wanted)
        return bool(lists or serving) or root in stubs

    return is_end


def _note(found: _Found, naming: Named, step: NamedStep, lists: Collection[str]) -> None:
    found.subjects.add(naming.listed)
    found.namings.add(naming.version)
    found.lists[naming.listed] |= set(lists)
    if step.held:
        found.held[step.held].add((naming.person, naming.listed))


def _lists_of(snapshot: Snapshot, roots: Collection[int], found: _Found) -> Mapping[int, frozenset[str]]:
    found.records = {root: [] for root in roots}
    for root, name, version in _records_of(snapshot, roots):
        found.records[root].append((name, version))
    return {root: frozenset(name for name, _ in some) for root, some in found.records.items()}


def _records_of(snapshot: Snapshot, roots: Collection[int]) -> Iterable[tuple[int, str, int]]:
    if not roots:
        return ()
    of = snapshot.clusters.members(roots)
    rows = snapshot.connection.execute(_RECORDS, (numbers_json(of), snapshot.known, snapshot.known))
    return ((of[subject], name, version) for subject, name, version in rows)


def _namings_of(snapshot: Snapshot, roots: Collection[int]) -> Mapping[int, list[Named]]:
    if not roots:
        return {}
    of = snapshot.clusters.members(roots)
    terms = {"persons": numbers_json(of), "known": snapshot.known}
    rows = snapshot.connection.execute(_NAMINGS, terms).fetchall()
    root_of = snapshot.clusters.roots({row[4] for row in rows})
    namings: defaultdict[int, list[Named]] = defaultdict(list)
    for version, person, role, finding, listed, name in rows:
        namings[of[person]].append(Named(version, of[person], role, finding, root_of.get(listed, listed), name))
    return namings


def _add_bonds(
    snapshot: Snapshot, starts: Collection[int], types: Collection[LinkType], as_of: date, found: _Found
) -> None:
    if not types:
        return
    hops = Hops(snapshot.connection, as_of, snapshot.known)
    members = snapshot.clusters.members(starts)
    wants = wants_of([(members, every(types))])
    bonds = [hop for toward in TOWARDS for hop in hops.of(toward, wants)]
    found.links |= {link for *_, link in bonds}
    found.subjects |= snapshot.clusters.resolved({far for _, far, *_ in bonds})


def _add_held(snapshot: Snapshot, as_of: date, found: _Found) -> None:
    hops = Hops(snapshot.connection, as_of, snapshot.known)
    for types, pairs in found.held.items():
        of = snapshot.clusters.members({root for pair in pairs for root in pair})
        for holder, organisation, _, link in hops.between(of, types, of):
            if (of[holder], of[organisation]) in pairs:
                found.links.add(link)


def _read(snapshot: Snapshot, declared: Declared, found: _Found) -> Evidence:
    subjects, aliases = snapshot.subjects_and_aliases(found.subjects)
    wanted = {root: lists for root, lists in found.lists.items() if lists}
    for root, name, version in _records_of(snapshot, wanted.keys() - found.records.keys()):
        found.records.setdefault(root, []).append((name, version))
    records = [v for root, lists in wanted.items() for name, v in found.records.get(root, ()) if name in lists]

    def canonical(fact: F, *ends: str) -> F | None:
        now = {end: aliases.get(getattr(fact, end), getattr(fact, end)) for end in ends}
        if not all(subject in subjects for subject in now.values()):
            return None
        return replace(fact, **now) if any(getattr(fact, end) != now[end] for end in ends) else fact

    links = [canonical(cast(Link, fact), "holder", "organisation") for fact in snapshot.versions(LINK, found.links)]
    held = [canonical(cast(Record, fact), "subject") for fact in snapshot.versions(RECORD, records)]
    named = [canonical(cast(Naming, fact), "person") for fact in snapshot.versions(NAMING, found.namings)]
    sources, loads = declarations(snapshot, declared)
    return Evidence(
        subjects=subjects,
        links=_sorted(link for link in links if link and link.holder != link.organisation),
        records=_sorted(held),
        namings=_sorted(named),
        sources=sources,
        loads=loads,
        aliases=aliases,
    )


def _sorted(facts: Iterable[F | None]) -> tuple[F, ...]:
    return tuple(sorted((fact for fact in facts if fact is not None), key=lambda fact: fact.id))

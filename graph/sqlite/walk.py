"""The walk: from the roots backwards along the stages of a plan, and home again over what led somewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from graph.sqlite.hops import Hop, Hops, fits, wants_of
from graph.sqlite.reading import Snapshot
from graph.sqlite.rows import numbers_json
from graph.sqlite.schema import MERGED, NAMELESS
from graph.sqlite.stages import Level, Stage, Stages
from graph.sqlite.values import day_number

_STUBS = """SELECT subject.k FROM json_each(?) j CROSS JOIN subject ON subject.k = j.value
  WHERE subject.tf <= ? AND subject.tt > ?
    AND subject.kind = 'natural_person' AND subject.identifiers = '{}' AND subject.digest IS NULL"""

Edge = tuple[int, int, int]
"""Near root, far root, link version."""


class Walk:
    """Which subjects (as roots of their clusters) stand at each stage, and over which links they were met."""

    def __init__(self, snapshot: Snapshot, roots: Mapping[int, int], stages: Stages, as_of: date) -> None:
        self.at: defaultdict[Stage, set[int]] = defaultdict(set, {stages.first: set(roots)})
        self.marks: dict[int, int] = dict(roots)
        self._edges: defaultdict[Stage, list[Edge]] = defaultdict(list)
        self._snapshot, self._stages = snapshot, stages
        self._as_of = day_number(as_of) or 0
        self._hops = Hops(snapshot.connection, as_of, snapshot.known)
        for level in stages.levels:
            self._walk(level)

    def kept(self, is_end: Callable[[Stage, int], bool]) -> tuple[set[int], set[int]]:
        """The subjects and the link versions on walks to an end."""
        subjects: set[int] = set()
        links: set[int] = set()
        keep: dict[Stage, set[int]] = {}
        for stage in reversed(self._stages.all):
            if not (here := self.at.get(stage)):
                continue
            ends = {root for root in here & self.marks.keys() if is_end(stage, root)}
            for child in stage.children.values():
                if kept := keep.get(child):
                    for near, far, link in self._edges[child]:
                        if far in kept:
                            ends.add(near)
                            links.add(link)
            keep[stage] = ends
            subjects |= ends
        return subjects, links

    def stubs(self) -> set[int]:
        """Persons without identity among those met."""
        nameless = self.marked(NAMELESS)
        if not nameless:
            return nameless
        snapshot = self._snapshot
        of = snapshot.clusters.members(nameless)
        found = snapshot.connection.execute(_STUBS, (numbers_json(of), snapshot.known, snapshot.known))
        stubs = {of[key] for (key,) in found}
        if len(of) == len(nameless):
            return stubs
        return {root for root, subject in snapshot.subjects(stubs).items() if not subject.identified}

    def marked(self, mark: int) -> set[int]:
        """Those met that may have been so. What a cluster was as a whole, the mark of one member does not say."""
        return {root for root, held in self.marks.items() if held & (mark | MERGED)}

    def _walk(self, level: Level) -> None:
        fronts = [(roots, asked) for before, asked in level.wants.items() if (roots := self.at.get(before))]
        if not fronts:
            return
        all_before = set().union(*(roots for roots, _ in fronts))
        near_root = self._snapshot.clusters.members(all_before)
        if len(near_root) > len(all_before):
            fronts = [({near for near, root in near_root.items() if root in roots}, asked) for roots, asked in fronts]
        self._take(list(self._hops.of(level.toward, wants_of(fronts))), level, near_root)

    def _take(self, hops: Sequence[Hop], level: Level, near_root: Mapping[int, int]) -> None:
        clusters = self._snapshot.clusters
        merged = {far for _, far, _, _, _, mark, _ in hops if mark & MERGED}
        clusters.are_alone({far for _, far, *_ in hops} - merged)
        far_root = clusters.roots(merged)
        for near_end, far_end, number, valid_to, share, mark, link in hops:
            near, far = near_root[near_end], far_root.get(far_end, far_end)
            if mark:
                self.marks[far] = self.marks.get(far, 0) | mark
            for stage, before in level.takers[number]:
                wanted = near != far and (mark or not stage.is_last) and near in self.at[before]
                if wanted and fits(stage.step, valid_to, share, self._as_of):
                    self.at[stage].add(far)
                    self._edges[stage].append((near, far, link))

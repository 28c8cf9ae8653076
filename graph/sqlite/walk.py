"""The walk: from the roots backwards along the stages of a plan, and home again over what led somewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from graph.plan import Toward
from graph.sqlite.hops import Hop, Hops, fits, flags_of
from graph.sqlite.reading import Snapshot
from graph.sqlite.rows import canonical_json
from graph.sqlite.schema import MERGED, NAMELESS
from graph.sqlite.stages import Stage
from graph.sqlite.values import day_number

_STUBS = """SELECT subject.k FROM json_each(?) j CROSS JOIN subject ON subject.k = j.value
  WHERE subject.tf <= ? AND subject.tt > ?
    AND subject.kind = 'natural_person' AND subject.identifiers = '{}' AND subject.digest IS NULL"""

TOWARDS: tuple[Toward, ...] = ("holder", "organisation")
Edge = tuple[int, int, int]
"""Near root, far root, link version."""


class Walk:
    """Which subjects (as roots of their clusters) stand at each stage, and over which links they were met."""

    def __init__(self, snapshot: Snapshot, roots: Mapping[int, int], first: Stage, as_of: date) -> None:
        self.at: defaultdict[Stage, set[int]] = defaultdict(set, {first: set(roots)})
        self.marks: dict[int, int] = dict(roots)
        self._edges: defaultdict[Stage, list[Edge]] = defaultdict(list)
        self._snapshot, self._first = snapshot, first
        self._as_of = day_number(as_of) or 0
        self._hops = Hops(snapshot.connection, as_of, snapshot.known)
        depth = [first]
        while depth := [child for stage in depth for child in stage.children.values() if self.at[stage]]:
            for toward in TOWARDS:
                self._hop(toward, [stage for stage in depth if stage.step.to == toward])

    def kept(self, is_end: Callable[[Stage, int], bool]) -> tuple[set[int], set[int]]:
        """The subjects and the link versions on walks to an end."""
        subjects: set[int] = set()
        links: set[int] = set()
        keep: defaultdict[Stage, set[int]] = defaultdict(set)
        for stage in reversed(list(self._first.all())):
            ends = {root for root in self.at[stage] & self.marks.keys() if is_end(stage, root)}
            for child in stage.children.values():
                for near, far, link in self._edges[child]:
                    if far in keep[child]:
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
        found = snapshot.connection.execute(_STUBS, (canonical_json(list(of)), snapshot.known, snapshot.known))
        stubs = {of[key] for (key,) in found}
        if len(of) == len(nameless):
            return stubs
        return {root for root, subject in snapshot.subjects(stubs).items() if not subject.identified}

    def marked(self, mark: int) -> set[int]:
        """Those met that may have been so. What a cluster was as a whole, the mark of one member does not say."""
        return {root for root, held in self.marks.items() if held & (mark | MERGED)}

    def _hop(self, toward: Toward, stages: Sequence[Stage]) -> None:
        """Go to these stages over links that lead to ``toward`` when read from the listed subject."""
        if not stages:
            return
        near_root = self._snapshot.clusters.members({root for stage in stages for root in self._before(stage)})
        members: defaultdict[int, list[int]] = defaultdict(list)
        for member, root in near_root.items():
            members[root].append(member)
        wants: dict[tuple[int, int], int] = {}
        for stage in stages:
            flags = flags_of(stage.step, stage.is_last)
            for number in stage.types:
                for root in self._before(stage):
                    for member in members[root]:
                        wants[member, number] = wants.get((member, number), flags) & flags
        self._take(list(self._hops.of(toward, wants)), stages, near_root)

    def _take(self, hops: Sequence[Hop], stages: Sequence[Stage], near_root: Mapping[int, int]) -> None:
        clusters = self._snapshot.clusters
        clusters.are_alone(hop.far for hop in hops if not hop.mark & MERGED)
        far_root = clusters.roots({hop.far for hop in hops if hop.mark & MERGED})
        for hop in hops:
            if hop.mark:
                root = far_root.get(hop.far, hop.far)
                self.marks[root] = self.marks.get(root, 0) | hop.mark
        takers: defaultdict[int, list[Stage]] = defaultdict(list)
        for stage in stages:
            for number in stage.types:
                takers[number].append(stage)
        for hop in hops:
            near, far = near_root[hop.near], far_root.get(hop.far, hop.far)
            for stage in takers[hop.type]:
                wanted = near != far and (hop.mark or not stage.is_last) and near in self._before(stage)
                if wanted and fits(stage.step, hop, self._as_of):
                    self.at[stage].add(far)
                    self._edges[stage].append((near, far, hop.link))

    def _before(self, stage: Stage) -> set[int]:
        return self.at[stage.before] if stage.before else set()

"""The part of a city that can matter to a question about one subject, as the reference evaluator takes it.

The reference looks at every fact for every measure, which for thousands of each takes minutes. So it is given every
version of what lies within the longest reach of the subject, and all sources and loads: a fact further away is at the
end of no reach. Were an engine to look further, it would be found to differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from bench.city import City
from tests.cities import city as small

Version = dict[str, Any]
World = dict[str, list[Version]]
BY_SUBJECTS = {
    "subjects": ("id",),
    "links": ("holder", "organisation"),
    "records": ("subject",),
    "merges": ("left", "right"),
}


def world_of(city: City) -> World:
    """Every version of every fact."""
    batches = tuple(small.Batch(at, tuple(facts)) for at, facts in city.batches())
    return small.City(batches, {}).world


class Nearby:
    """A city, by the subjects that its facts name."""

    def __init__(self, world: World) -> None:
        self._whole = {part: world[part] for part in ("sources", "loads")}
        self._records = {version["id"]: version for version in world["records"]}
        self._namings = _by(world["namings"], ("record",))
        self._named = _by(world["namings"], ("person",))
        self._by_subject = {part: _by(world[part], names) for part, names in BY_SUBJECTS.items()}

    def world(self, subject: str, steps: int) -> World:
        """What lies within so many steps of the subject: links, and records that name a person. Those who are judged to
        be one count as one."""
        reached = self._merged({subject})
        for _ in range(steps):
            linked = {version[end] for version in self._of("links", reached) for end in BY_SUBJECTS["links"]}
            listed = {self._records[n["record"]]["subject"] for person in reached for n in self._named[person]}
            reached = self._merged(reached | linked | listed)
        found = {part: self._of(part, reached) for part in BY_SUBJECTS}
        found = {
            part: [v for v in some if all(v[n] in reached for n in BY_SUBJECTS[part])] for part, some in found.items()
        }
        records = {version["id"] for version in found["records"]}
        namings = [n for record in sorted(records) for n in self._namings[record] if n["person"] in reached]
        return {**self._whole, **found, "namings": namings}

    def _merged(self, subjects: set[str]) -> set[str]:
        while more := {v[end] for v in self._of("merges", subjects) for end in BY_SUBJECTS["merges"]} - subjects:
            subjects = subjects | more
        return subjects

    def _of(self, part: str, subjects: Iterable[str]) -> list[Version]:
        index = self._by_subject[part]
        found = {id(version): version for subject in sorted(subjects) for version in index[subject]}
        return list(found.values())


def _by(versions: Iterable[Version], names: tuple[str, ...]) -> defaultdict[str, list[Version]]:
    index: defaultdict[str, list[Version]] = defaultdict(list)
    for version in versions:
        for name in names:
            index[version[name]].append(version)
    return index

"""Links around subjects, for investigations: see `graph.network.store.NetworkStore`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from neo4j import Record

from graph.model import Link, LinkType, Subject
from graph.neo4j.reading import Resolved, known, members, resolved, subject, subjects_with
from graph.neo4j.rows import decode
from graph.neo4j.server import Server
from graph.network.links import SIDES, Around, Group, LinkFilter, Met, Place, Side
from graph.sqlite.values import OPEN, day_number

# A link between two members of the cluster is met from both of them: on each of its sides, and once on each.
_MET = f"""UNWIND $ids AS id {subject("id")}
WITH DISTINCT s WHERE EXISTS {{ MATCH {members("s", "one")}<-[:STATE]-(v) WHERE {known("v")} }}
MATCH {members("s", "m")} WITH DISTINCT m
MATCH (m)-[l]-(far)
WHERE type(l) IN $types AND {known("l")} AND l.valid_to > $ends AND coalesce(l.valid_from, 0) <= $begins
  AND ($share IS NULL OR l.share >= $share)
  AND (EXISTS {{ MATCH (far)<-[:STATE]-(v) WHERE {known("v")} }}
    OR EXISTS {{ MATCH {members("far", "one")}<-[:STATE]-(v) WHERE {known("v")} }})
WITH DISTINCT l, CASE WHEN startNode(l) = m THEN 'holds' ELSE 'held_by' END AS side"""
_ENDS = f"""CALL (met) {{
  UNWIND met AS one UNWIND [startNode(one.l), endNode(one.l)] AS s
  WITH DISTINCT s WHERE EXISTS {{ (s)-[i:IN WHERE {known("i")}]->() }}
  {resolved()}
}}
RETURN subjects, [one IN met | one.rank] AS ranks, [l IN [one IN met | one.l] |
  l {{.*, type: type(l), holder: startNode(l).id, organisation: endNode(l).id}}] AS links"""
_COUNT = f"{_MET} RETURN side, type(l) AS type, count(*) AS links"
_PAGE = f"""{_MET}
WITH l, coalesce(l.share, -1.0) AS share, head([n IN range(0, size($groups) - 1)
  WHERE $groups[n][0] = side AND $groups[n][1] = type(l)]) AS rank
WHERE rank > 0 OR (rank = 0 AND ($after IS NULL OR share < $beyond OR (share = $beyond AND l.id > $after)))
WITH l, rank ORDER BY rank, share DESC, l.id LIMIT $limit
WITH collect({{l: l, rank: rank}}) AS met
{_ENDS}"""
_AROUND = f"""{_MET}
WITH l, side WHERE side IN $sides
WITH DISTINCT l ORDER BY l.id LIMIT $limit
WITH collect({{l: l, rank: 0}}) AS met
{_ENDS}"""


def subjects(server: Server, ids: Collection[str], at: int) -> Mapping[str, Subject]:
    found = subjects_with(server, sorted(ids), at)
    canonical = ((one, found.aliases.get(one, one)) for one in sorted(ids))
    return {one: found.subjects[name] for one, name in canonical if name in found.subjects}


@dataclass(frozen=True)
class Links:
    """Links of one kind, as known at an instant (µs)."""

    server: Server
    where: LinkFilter
    at: int
    seconds: float

    def count(self, subject_id: str) -> Mapping[Group, int]:
        rows = self._read(_COUNT, [subject_id])
        groups = {Group(row["side"], LinkType[row["type"]]): row["links"] for row in rows}
        return {group: groups[group] for side in SIDES for group in sorted(groups) if group.side == side}

    def page(self, subject_id: str, groups: Sequence[Group], after: Place | None, limit: int) -> list[Met]:
        wanted = [[group.side, group.type.name] for group in groups]
        beyond = -1.0 if after is None or after.share is None else after.share
        place = {"after": after.link if after else None, "beyond": beyond}
        (row,) = self._read(_PAGE, [subject_id], groups=wanted, **place, limit=limit)
        return [Met(groups[rank], link) for rank, link in zip(row["ranks"], _canonical(row), strict=True)]

    def around(self, subject_ids: Collection[str], sides: Collection[Side], limit: int) -> Around:
        (row,) = self._read(_AROUND, subject_ids, sides=sorted(sides), limit=limit + 1)
        links = list(_canonical(row))
        return Around(tuple(links[:limit]), len(links) > limit)

    def _read(self, text: str, ids: Iterable[str], **more: Any) -> list[Record]:
        day = day_number(self.where.on)
        begins, ends = (OPEN, 0) if day is None else (day, day)
        types = [link_type.name for link_type in self.where.wanted]
        asked = {"ids": sorted(ids), "types": types, "share": self.where.min_share, "begins": begins, "ends": ends}
        return self.server.read_within(self.seconds, text, **asked, known=self.at, **more)


def _canonical(row: Record) -> Iterable[Link]:
    aliases = Resolved(row["subjects"]).aliases
    for properties in row["links"]:
        link = decode(Link, properties)
        if link.holder in aliases or link.organisation in aliases:
            holder, organisation = (aliases.get(end, end) for end in (link.holder, link.organisation))
            link = replace(link, holder=holder, organisation=organisation)
        yield link

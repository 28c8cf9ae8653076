"""Links around subjects, for investigations: see `graph.network.store.NetworkStore`."""

# ruff: noqa: S608 -- SQL is put together from texts of this module only

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from graph.model import Link, Subject
from graph.network.links import SIDES, Around, Group, LinkFilter, Met, Place, Side
from graph.sqlite.reading import Snapshot
from graph.sqlite.rows import LINK, LINK_TYPE_NUMBERS, SUBJECT, canonical_json, numbers_json
from graph.sqlite.values import OPEN, day_number

_AT = """SELECT g.value ->> 1 AS rank, link.v, link.k, coalesce(link.share, -1) AS share
  FROM json_each(:members) m CROSS JOIN json_each(:{near}) g CROSS JOIN link INDEXED BY link_by_{near}
    ON link.{near} = m.value AND link.type = g.value ->> 0
  WHERE link.valid_to > :ends AND coalesce(link.valid_from, 0) <= :begins AND link.tf <= :known AND link.tt > :known
    AND (:share IS NULL OR link.share >= :share)
    AND (EXISTS (SELECT 1 FROM subject s WHERE s.k = link.{far} AND s.tf <= :known AND s.tt > :known)
      OR EXISTS (SELECT 1 FROM cluster a JOIN cluster b ON b.root = a.root JOIN subject s ON s.k = b.member
        WHERE a.member = link.{far} AND a.tf <= :known AND a.tt > :known AND b.tf <= :known AND b.tt > :known
          AND s.tf <= :known AND s.tt > :known))"""
_MET = f"{_AT.format(near='holder', far='organisation')} UNION ALL {_AT.format(near='organisation', far='holder')}"
_COUNT = f"SELECT rank, count(*) FROM ({_MET}) GROUP BY rank"
_PAGE = f"""SELECT met.rank, met.v FROM ({_MET}) met JOIN fact ON fact.k = met.k
  WHERE met.rank > 0 OR :after IS NULL OR met.share < :beyond OR (met.share = :beyond AND fact.id > :after)
  ORDER BY met.rank, met.share DESC, fact.id LIMIT :limit"""
_AROUND = f"""SELECT met.v FROM (SELECT DISTINCT v, k FROM ({_MET})) met JOIN fact ON fact.k = met.k
  ORDER BY fact.id LIMIT :limit"""
NEAR: Mapping[Side, str] = {"holds": "holder", "held_by": "organisation"}


def subjects(snapshot: Snapshot, ids: Collection[str]) -> Mapping[str, Subject]:
    keys = dict(_keys(snapshot, ids))
    roots = snapshot.clusters.roots(keys.values())
    found = snapshot.subjects({roots.get(key, key) for key in keys.values()})
    return {one: found[root] for one, key in sorted(keys.items()) if (root := roots.get(key, key)) in found}


def _keys(snapshot: Snapshot, ids: Collection[str]) -> Iterable[tuple[str, int]]:
    sql = "SELECT fact.id, fact.k FROM json_each(?) j CROSS JOIN fact ON fact.id = j.value WHERE fact.kind = ?"
    return snapshot.connection.execute(sql, (canonical_json(list(ids)), SUBJECT.number))


def count_links(snapshot: Snapshot, subject_id: str, where: LinkFilter) -> Mapping[Group, int]:
    groups = [Group(side, link_type) for side in SIDES for link_type in where.wanted]
    rows = snapshot.connection.execute(_COUNT, _terms(snapshot, [subject_id], where, groups))
    return {groups[rank]: count for rank, count in sorted(rows)}


def page_of_links(
    snapshot: Snapshot, subject_id: str, where: LinkFilter, groups: Sequence[Group], after: Place | None, limit: int
) -> list[Met]:
    terms = _terms(snapshot, [subject_id], where, groups)
    terms |= {"after": after.link if after else None, "beyond": _share(after), "limit": limit}
    rows = snapshot.connection.execute(_PAGE, terms).fetchall()
    links = _canonical(snapshot, {v for _, v in rows})
    return [Met(groups[rank], links[v]) for rank, v in rows]


def _share(place: Place | None) -> float:
    return -1 if place is None or place.share is None else place.share


def links_around(
    snapshot: Snapshot, subject_ids: Collection[str], where: LinkFilter, sides: Collection[Side], limit: int
) -> Around:
    groups = [Group(side, link_type) for side in sides for link_type in where.wanted]
    terms = {**_terms(snapshot, subject_ids, where, groups), "limit": limit + 1}
    rows = [v for (v,) in snapshot.connection.execute(_AROUND, terms)]
    links = _canonical(snapshot, rows[:limit])
    return Around(tuple(sorted(links.values(), key=lambda link: link.id)), len(rows) > limit)


def _terms(
    snapshot: Snapshot, ids: Collection[str], where: LinkFilter, groups: Sequence[Group]
) -> dict[str, str | int | float | None]:
    members = _known(snapshot, snapshot.clusters.members(snapshot.clusters.resolved(snapshot.keys(ids))))
    ranks: dict[str, list[list[int]]] = {near: [] for near in NEAR.values()}
    for rank, group in enumerate(groups):
        ranks[NEAR[group.side]].append([LINK_TYPE_NUMBERS[group.type], rank])
    day = day_number(where.on)
    begins, ends = (OPEN, 0) if day is None else (day, day)
    terms = {near: canonical_json(ranked) for near, ranked in ranks.items()} | {"members": numbers_json(members)}
    return {**terms, "begins": begins, "ends": ends, "share": where.min_share, "known": snapshot.known}


def _known(snapshot: Snapshot, members: Mapping[int, int]) -> list[int]:
    """The members of those clusters of which one is known."""
    sql = """SELECT subject.k FROM json_each(?) j CROSS JOIN subject ON subject.k = j.value
      WHERE subject.tf <= ? AND subject.tt > ?"""
    found = snapshot.connection.execute(sql, (numbers_json(members), snapshot.known, snapshot.known))
    roots = {members[key] for (key,) in found}
    return [member for member, root in members.items() if root in roots]


def _canonical(snapshot: Snapshot, versions: Collection[int]) -> dict[int, Link]:
    """These links by version, with canonical ends."""
    sql = f"""SELECT link.v, link.holder, link.organisation, {LINK.selection} FROM json_each(?) j
      CROSS JOIN link ON link.v = j.value"""
    rows = snapshot.connection.execute(sql, (numbers_json(versions),)).fetchall()
    roots = snapshot.clusters.roots({end for row in rows for end in row[1:3]})
    names = {root: subject.id for root, subject in snapshot.subjects(set(roots.values())).items()}

    def link_of(row: Sequence[Any]) -> Link:
        link = cast(Link, LINK.decode(row[3:]))
        holder, organisation = (names[roots[key]] if key in roots else None for key in row[1:3])
        if holder is None and organisation is None:
            return link
        return replace(link, holder=holder or link.holder, organisation=organisation or link.organisation)

    return {row[0]: link_of(row) for row in rows}

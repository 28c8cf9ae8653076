"""A plan as one Cypher statement: from the roots backwards along every reach, and back comes what led somewhere.

The plan itself is a parameter, a tree of stages, and the text depends on its depth only: to compile a statement takes
the server a second and more, to run it milliseconds. Backwards from the bound subject, a
step *to the holder* leads from the holder to the organisation.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from graph.model import LinkType
from graph.neo4j.reading import known, members, resolved, subject
from graph.plan import LinkStep, NamedStep, Plan

Stage = dict[str, Any]
"""Where a walk stands after a step: how it came there, how it may end there, and the stages it may go ``next``."""

_FITS = f"""CASE WHEN stage.forth THEN startNode(l) ELSE endNode(l) END = m AND type(l) IN stage.types
      AND {known("l")} AND l.valid_to > $day * stage.now
      AND (stage.share IS NULL OR coalesce(l.share, 1.0) >= stage.share)
      AND NOT far IN walk.nodes AND (stage.next <> [] OR far:Marked)"""
_HOP = f"""OPTIONAL CALL (before) {{
  UNWIND before AS walk
  UNWIND $stages[walk.at].next AS at
  WITH walk, at, $stages[at] AS stage, last(walk.nodes) AS near
  MATCH {members("near", "m")}-[l]-(far) WHERE {_FITS}
  RETURN {{at: at, nodes: walk.nodes + [far], links: walk.links + [l]}} AS after
}}
WITH roots, walks, collect(after) AS before
WITH roots, before, walks + before AS walks
"""
_WALK = "UNWIND walks AS walk WITH $stages[walk.at] AS stage, walk.links AS links, last(walk.nodes) AS far"
_ENDS = f"""OPTIONAL CALL (walks) {{
  {_WALK}
  MATCH {members("far", "s")}<-[:OF]-(record) WHERE {known("record")} AND record.list IN stage.lists
  RETURN links, record, null AS naming, null AS held
  UNION ALL
  {_WALK} UNWIND stage.named AS step
  MATCH {members("far", "p")}<-[:NAMES]-(naming) WHERE {known("naming")} AND naming.role IN step.roles
    AND (step.findings = [] OR coalesce(naming.finding IN step.findings, true))
  MATCH (r:Fact {{id: naming.record}})-[:OF]->(listed) USING INDEX r:Fact(id)
  WHERE {known("r")} AND r.list IN step.lists
  MATCH {members("listed", "s")}<-[:OF]-(record) WHERE {known("record")} AND record.list IN step.lists
  OPTIONAL MATCH {members("far", "h")}-[held]->(s) WHERE {known("held")} AND type(held) IN step.held
  RETURN links, record, naming, held
  UNION ALL
  {_WALK} WHERE far:Nameless
  OPTIONAL MATCH {members("far", "p")}<-[:STATE]-(v) WHERE {known("v")} AND v.identified
  WITH links, count(v) AS identified WHERE identified = 0
  RETURN links, null AS record, null AS naming, null AS held
}}
WITH roots, collect(links) AS kept, collect(DISTINCT record) AS records, collect(DISTINCT naming) AS namings,
  collect(DISTINCT held) AS held"""


@lru_cache(maxsize=8)
def statement(depth: int) -> str:
    """The statement for plans whose longest reach has so many link steps."""
    return f"""CALL () {{
  UNWIND $roots AS root
  {subject("root")} MATCH {members("s", "m")}
  RETURN collect(DISTINCT m) AS roots
}}
WITH roots, [root IN roots | {{at: 0, nodes: [root], links: []}}] AS before
WITH roots, before, before AS walks
{_HOP * depth}{_ENDS}
CALL (roots) {{
  UNWIND CASE WHEN $bonds = [] THEN [] ELSE roots END AS m
  MATCH (m)-[l]-() WHERE type(l) IN $bonds AND {known("l")}
  RETURN collect(l) AS bonds
}}
CALL (kept, held, bonds) {{ UNWIND kept + [held, bonds] AS walk UNWIND walk AS l RETURN collect(DISTINCT l) AS links }}
CALL (roots, links, records) {{
  UNWIND roots + [l IN links | startNode(l)] + [l IN links | endNode(l)] + records AS node
  MATCH (node)-[:OF*0..1]->(s:Subject)
  {resolved()}
}}
CALL () {{
  UNWIND CASE WHEN $declared THEN [] ELSE [true] END AS asked
  MATCH (n:Source) WHERE {known("n")}
  OPTIONAL CALL (n) {{
    MATCH (one:Load {{source: n.id}}) USING INDEX one:Load(source, through)
    WHERE one.through > 0 AND {known("one")}
    RETURN one AS furthest ORDER BY one.source DESC, one.through DESC, one.id LIMIT 1  // the order of the index
  }}
  RETURN collect(properties(n)) AS sources, collect(properties(furthest)) AS loads
}}
RETURN subjects, sources, loads,
  [l IN links | l {{.*, type: type(l), holder: startNode(l).id, organisation: endNode(l).id}}] AS links,
  [r IN records | properties(r)] AS records, [n IN namings | properties(n)] AS namings"""


@lru_cache(maxsize=1024)
def stages_of(plan: Plan) -> tuple[Stage, ...]:
    """The reaches of a plan, backwards, sharing what they have in common; the first stage stands at the roots."""
    stages = [_stage(LinkStep(frozenset(), "holder"))]
    reached: dict[tuple[LinkStep, ...], int] = {(): 0}
    for pattern in plan.patterns:
        at, way = 0, tuple(reversed(pattern.reach.steps))
        for length, step in enumerate(way, start=1):
            if way[:length] not in reached:
                reached[way[:length]] = len(stages)
                stages[at]["next"].append(len(stages))
                stages.append(_stage(step))
            at = reached[way[:length]]
        if pattern.reach.named:
            stages[at]["named"].append(_named(pattern.reach.named, pattern.lists))
        else:
            stages[at]["lists"] = sorted({*stages[at]["lists"], *pattern.lists})
    return tuple(stages)


def depth_of(plan: Plan) -> int:
    return max((len(pattern.reach.steps) for pattern in plan.patterns), default=0)


def _stage(step: LinkStep) -> Stage:
    return {
        "types": names(step.types),
        "forth": step.to == "holder",
        "now": int(step.holds != "at_event"),
        "share": step.min_share,
        "next": [],
        "lists": [],
        "named": [],
    }


def _named(step: NamedStep, lists: Iterable[str]) -> dict[str, list[str]]:
    return {
        "roles": sorted(step.roles),
        "findings": sorted(step.findings),
        "held": names(step.held),
        "lists": sorted(lists),
    }


def names(types: Iterable[LinkType]) -> list[str]:
    return sorted(link_type.name for link_type in types)

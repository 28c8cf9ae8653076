"""A plan as one Cypher statement: from the roots backwards along every reach, and back comes what led somewhere.

The plan itself is a parameter, a tree of stages, and the text is the same for every question: to compile a statement
that spells out the reaches takes the server seconds, to run this one milliseconds. Backwards from the bound subject, a
step *to the holder* leads from the holder to the organisation.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from graph.model import LinkType
from graph.neo4j.reading import known, members, subject_rows
from graph.neo4j.schema import LINKS
from graph.plan import LinkStep, NamedStep, Plan

Stage = dict[str, Any]
"""Where a walk stands after a step: how it came there, how it may end there, and the stages it may go ``next``."""

USUAL_DEPTH = 3
"""A lead has no more link steps, a measure fewer."""
ANY_LINK = "|".join(LINKS)
_MARKED = "(far:Listed OR far:Merged OR far:Nameless OR far:Named)"
_FITS = f"""type(l) IN stage.types AND {known("l")} AND l.valid_to > $day * stage.now
    AND (stage.share IS NULL OR coalesce(l.share, 1.0) >= stage.share)
    AND NOT far IN walk.nodes AND (stage.next <> [] OR {_MARKED})"""

_HOP = f"""CALL (before) {{
  UNWIND before AS walk
  UNWIND $stages[walk.at].next AS at
  WITH walk, at, $stages[at] AS stage, last(walk.nodes) AS near
  UNWIND {members("near")} AS m
  CALL (walk, stage, m) {{
    WITH walk, stage, m WHERE stage.forth
    MATCH (m)-[l:{ANY_LINK}]->(far) WHERE {_FITS} RETURN l, far
    UNION ALL
    WITH walk, stage, m WHERE NOT stage.forth
    MATCH (m)<-[l:{ANY_LINK}]-(far) WHERE {_FITS} RETURN l, far
  }}
  RETURN collect({{at: at, nodes: walk.nodes + [far], links: walk.links + [l]}}) AS after
}}
WITH roots, walks + after AS walks, after AS before
"""

_HELD = f"""COLLECT {{ UNWIND {members("far")} AS h UNWIND {members("listed")} AS o
      MATCH (h)-[l:{ANY_LINK}]->(o) WHERE type(l) IN step.held AND {known("l")} RETURN l }}"""
_IDENTIFIED = f"""UNWIND {members("far")} AS p
      MATCH (p)<-[:STATE]-(v WHERE {known("v")}) WHERE v.identified RETURN v"""
_ENDS = f"""CALL (stage, far) {{
    WITH stage, far WHERE far:Listed OR far:Merged
    UNWIND {members("far")} AS s
    MATCH (s)<-[:OF]-(record) WHERE {known("record")} AND record.list IN stage.lists
    RETURN record, null AS naming, [] AS held
    UNION ALL
    WITH stage, far WHERE far:Named OR far:Merged
    UNWIND stage.named AS step
    UNWIND {members("far")} AS p
    MATCH (p)<-[:NAMES]-(naming) WHERE {known("naming")} AND naming.role IN step.roles
      AND (step.findings = [] OR naming.finding IS NULL OR naming.finding IN step.findings)
    MATCH (r:Fact {{id: naming.record}}) WHERE {known("r")} AND r.list IN step.lists
    MATCH (r)-[:OF]->(listed)
    UNWIND {members("listed")} AS s
    MATCH (s)<-[:OF]-(record) WHERE {known("record")} AND record.list IN step.lists
    RETURN record, naming, {_HELD} AS held
    UNION ALL
    WITH far WHERE far:Nameless AND NOT EXISTS {{ {_IDENTIFIED} }}
    RETURN null AS record, null AS naming, [] AS held
  }}"""
_BONDS = f"""COLLECT {{ UNWIND CASE WHEN $bonds = [] THEN [] ELSE roots END AS m
  MATCH (m)-[l:{ANY_LINK}]-() WHERE type(l) IN $bonds AND {known("l")} RETURN l }}"""


@lru_cache(maxsize=8)
def statement(depth: int = USUAL_DEPTH) -> str:
    """The statement for plans whose longest reach has up to so many link steps."""
    return f"""CALL () {{
  UNWIND $roots AS root
  MATCH (s:Subject {{id: root}})
  UNWIND {members("s")} AS m
  RETURN collect(DISTINCT m) AS roots
}}
WITH roots, [root IN roots | {{at: 0, nodes: [root], links: []}}] AS before
WITH roots, before, before AS walks
{_HOP * depth}CALL (walks) {{
  UNWIND walks AS walk
  WITH walk, $stages[walk.at] AS stage, last(walk.nodes) AS far
  {_ENDS}
  RETURN collect(DISTINCT record) AS records, collect(DISTINCT naming) AS namings, collect(walk.links + held) AS kept
}}
WITH roots, records, namings, kept + [{_BONDS}] AS kept
WITH roots, records, namings, COLLECT {{ UNWIND kept AS links UNWIND links AS l RETURN DISTINCT l }} AS links
WITH roots, records, namings, links,
  [l IN links | startNode(l)] + [l IN links | endNode(l)] + [r IN records | head([(r)-[:OF]->(s) | s])] AS met
RETURN {subject_rows("roots + met")} AS subjects,
  [l IN links | l {{.*, type: type(l), holder: startNode(l).id, organisation: endNode(l).id}}] AS links,
  [r IN records | properties(r)] AS records,
  [n IN namings | properties(n)] AS namings,
  COLLECT {{ MATCH (n:Source WHERE {known("n")}) RETURN properties(n) }} AS sources,
  COLLECT {{ MATCH (n:Load WHERE {known("n")}) RETURN properties(n) }} AS loads"""


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
    return max(USUAL_DEPTH, *(len(pattern.reach.steps) for pattern in plan.patterns), 0)


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

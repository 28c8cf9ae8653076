"""Plain Cypher that fetches the evidence for a check: one statement, a branch for each typed pattern.

Frozen: see the package. It reads the database that the product wrote, in one round trip; merges are not resolved, so
that the bench asks only about subjects without any in their neighbourhood.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

from neo4j import GraphDatabase, Query

from bench.baselines.plans import Named, Stage

FOREVER = 2**63 - 1


def statement(stages: Sequence[Stage]) -> str:
    """The text for one plan: it holds no values but the lists and types of the plan."""
    branches = "\n  UNION ALL\n  ".join(branch for n in range(len(stages)) for branch in _branches(stages, n))
    return f"""MATCH (s0:Subject {{id: $id}})
OPTIONAL CALL (s0) {{
  {branches}
}}
WITH s0, collect(links) AS ways, collect(DISTINCT r) AS records, collect(DISTINCT n) AS namings
UNWIND ways + [[]] AS way UNWIND way + [null] AS l
WITH s0, records, namings, collect(DISTINCT l) AS links
CALL (s0, links, records) {{
  UNWIND [s0] + [l IN links | startNode(l)] + [l IN links | endNode(l)] AS node
  MATCH (node)<-[:STATE]-(v) WHERE {_known("v")} RETURN collect(DISTINCT properties(v)) AS near
}}
CALL (records) {{
  UNWIND records AS r MATCH (r)-[:OF]->()<-[:STATE]-(v) WHERE {_known("v")}
  RETURN collect(DISTINCT properties(v)) AS listed
}}
CALL () {{ MATCH (x:Source) WHERE {_known("x")} RETURN collect(properties(x)) AS sources }}
CALL () {{ MATCH (x:Load) WHERE {_known("x")} RETURN collect(properties(x)) AS loads }}
RETURN near + listed AS subject, sources AS source, loads AS load, [n IN namings | properties(n)] AS naming,
  [l IN links | l {{.*, type: type(l), holder: startNode(l).id, organisation: endNode(l).id}}] AS link,
  [r IN records | properties(r)] AS record"""


class CypherBaseline:
    """A driver of its own, and the evidence for one subject."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._driver = GraphDatabase.driver(url, auth=(user, password), notifications_min_severity="OFF")

    def evidence(self, root: str, text: str, as_of: int) -> dict[str, list[dict[str, Any]]]:
        """The facts by kind, as properties, ``id`` among them."""
        with self._driver.session() as session:
            query = Query(text)
            record = session.run(query, id=root, day=as_of, known=FOREVER - 1).single(strict=True)
        return record.data()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._driver.close()


def _branches(stages: Sequence[Stage], n: int) -> Iterator[str]:
    stage, way = stages[n], _way(stages, n)
    here, links = f"s{stage.depth}", "[" + ", ".join(f"l{depth + 1}" for depth in range(stage.depth)) + "]"
    if stage.lists:
        wanted = f"r.list IN {sorted(stage.lists)} AND {_known('r')}"
        yield f"{way} MATCH ({here})<-[:OF]-(r) WHERE {wanted} RETURN {links} AS links, r, null AS n"
    for one in stage.named:
        yield f"{way} {_naming(one, here)} RETURN {links} + held AS links, r, n"
    if stage.depth:
        yield f"{way} WITH * WHERE {here}:Nameless RETURN {links} AS links, null AS r, null AS n"


def _way(stages: Sequence[Stage], n: int) -> str:
    """From the subject to a stage. ``WITH s0`` begins what may have no steps at all."""
    steps: list[str] = []
    conditions: list[str] = []
    while stages[n].depth:
        stage = stages[n]
        link, near, far = f"l{stage.depth}", f"s{stage.depth - 1}", f"s{stage.depth}"
        types = "|".join(sorted(one.upper() for one in stage.types))
        arrow = ("-", "->") if stage.near == "holder" else ("<-", "-")
        steps.insert(0, f"MATCH ({near}){arrow[0]}[{link}:{types}]{arrow[1]}({far})")
        conditions.append(_known(link))
        conditions += [f"{far} <> s{depth}" for depth in range(stage.depth)]  # a path does not come back
        if stage.now:
            conditions.append(f"{link}.valid_to > $day")
        if stage.share is not None:
            conditions.append(f"coalesce({link}.share, 1.0) >= {stage.share}")
        n = stage.before
    where = f" WITH * WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"WITH s0 {' '.join(steps)}{where}"


def _naming(one: Named, here: str) -> str:
    finding = f" AND coalesce(n.finding IN {sorted(one.findings)}, true)" if one.findings else ""
    held = "|".join(sorted(name.upper() for name in one.held))
    office = f"COLLECT {{ MATCH ({here})-[h:{held}]->(d) WHERE {_known('h')} RETURN h }}" if held else "[]"
    return f"""MATCH ({here})<-[:NAMES]-(n) WHERE n.role IN {sorted(one.roles)}{finding} AND {_known("n")}
    MATCH (of:Fact {{id: n.record}})-[:OF]->(d)<-[:OF]-(r)
    WHERE of.list IN {sorted(one.lists)} AND {_known("of")} AND r.list IN {sorted(one.lists)} AND {_known("r")}
    WITH *, {office} AS held"""


def _known(variable: str) -> str:
    return f"{variable}.tf <= $known AND {variable}.tt > $known"

"""Reading facts as known at one instant: subjects with their merges resolved, and versions as they stand."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graph.model import Fact, Kind, Link, LinkType, Load, Merge, Naming, Record, Source, Subject, Version
from graph.neo4j.rows import FACT_TYPES, LABELS, decode
from graph.neo4j.schema import LINKS
from graph.neo4j.server import Server
from graph.sqlite.reading import united
from graph.sqlite.values import FOREVER, instant_of

PAGE = 2_000
IN_ORDER: tuple[type, ...] = (Subject, Link, Record, Naming, Merge, Source, Load)


def known(variable: str) -> str:
    """Cypher: this fact or link is known at ``$known``."""
    return f"{variable}.tf <= $known AND {variable}.tt > $known"


def subject(expression: str) -> str:
    """Cypher: the subject ``s`` under this id; without the hint, a plan from when the store was small scans it."""
    return f"MATCH (s:Subject {{id: {expression}}}) USING INDEX s:Subject(id)"


def members(subject: str, member: str) -> str:
    """Cypher: a pattern from this subject to each of its cluster, itself among them."""
    step = f"-[in_{member}:IN WHERE {known(f'in_{member}')}]-"
    return f"({subject}) ((){step}()){{0,2}} ({member} WHERE NOT {member}:Cluster)"


def resolved() -> str:
    """Cypher: from rows of subjects ``s`` to the ``subjects`` of all of their clusters, for `Resolved`."""
    return f"""MATCH {members("s", "one")} WITH DISTINCT one
  OPTIONAL MATCH (one)-[i:IN]->(c) WHERE {known("i")}
  OPTIONAL MATCH (one)<-[:STATE]-(v) WHERE {known("v")}
  RETURN collect([one.id, elementId(c), properties(v)]) AS subjects"""


class Resolved:
    """Subjects with their merges resolved. ``aliases`` maps the other ids of a cluster to the canonical one."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        ids: defaultdict[str, list[str]] = defaultdict(list)
        versions: defaultdict[str, list[Subject]] = defaultdict(list)
        for subject_id, cluster, properties in rows:
            key = cluster or subject_id
            ids[key].append(subject_id)
            if properties is not None:
                versions[key].append(decode(Subject, properties))
        found = {key: united(group) for key, group in versions.items()}
        self.subjects = {one.id: one for one in sorted(found.values(), key=lambda one: one.id)}
        aliases = {alias: one.id for key, one in found.items() for alias in ids[key] if alias != one.id}
        self.aliases = dict(sorted(aliases.items()))


def subjects_with(server: Server, ids: Sequence[str], at: int) -> Resolved:
    """The subjects under these ids, as known at this instant (µs)."""
    ((rows,),) = server.read(f"UNWIND $ids AS id {subject('id')} {resolved()}", ids=list(ids), known=at)
    return Resolved(rows)


def find(server: Server, scheme: str, value: str, at: int) -> list[Subject]:
    text = f"""MATCH (:Identifier {{scheme: $scheme, value: $value}})<-[:HOLDS]-(held)-[:STATE]->(s)
WHERE {known("held")} {resolved()}"""
    ((rows,),) = server.read(text, scheme=scheme, value=value, known=at)
    return list(Resolved(rows).subjects.values())


_RECORDS = f"""{subject("$id")} CALL (s) {{ {resolved()} }}
MATCH {members("s", "one")}<-[:OF]-(r:Record) WHERE {known("r")}
RETURN subjects, collect(r {{.*}}) AS records"""


def records(server: Server, subject_id: str, at: int) -> list[Record]:
    """Every record of this subject's cluster; none while nobody in it is known."""
    for subjects, rows in server.read(_RECORDS, id=subject_id, known=at):
        found = [decode(Record, properties) for properties in rows]
        one_of = Resolved(subjects).subjects.values()
        return sorted((replace(r, subject=s.id) for s in one_of for r in found), key=lambda record: record.id)
    return []


_NODE_VERSIONS = """MATCH (n:Fact {id: $id}) USING INDEX n:Fact(id) WITH n ORDER BY n.tf
RETURN [label IN labels(n) WHERE label <> 'Fact'][0] AS label, n {.*} AS properties"""


def _link_version(name: str) -> str:
    return f"l {{.*, type: '{name}', holder: h.id, organisation: o.id}}"


_LINK_VERSIONS = " UNION ALL ".join(
    f"MATCH (h)-[l:{name} {{id: $id}}]->(o) USING INDEX l:{name}(id) RETURN {_link_version(name)} AS properties"
    for name in LINKS
)


def history(server: Server, fact_id: str) -> list[Version]:
    """Every version of a fact, oldest first."""
    nodes = server.read(_NODE_VERSIONS, id=fact_id)
    if nodes:
        return [_version(FACT_TYPES[row["label"]], row["properties"]) for row in nodes]
    links = [row["properties"] for row in server.read(_LINK_VERSIONS, id=fact_id)]
    return [_version(Link, properties) for properties in sorted(links, key=lambda one: one["tf"])]


def _version(fact_type: type, properties: Mapping[str, Any]) -> Version:
    superseded_at = None if properties["tt"] == FOREVER else instant_of(properties["tt"])
    return Version(decode(fact_type, properties), instant_of(properties["tf"]), superseded_at)


_NAMING_MERGES = f"""UNWIND $ids AS id {subject("id")} MATCH (s)<-[:JOINS]-(m:Merge)
WITH DISTINCT m ORDER BY m.tf, m.id RETURN m {{.*}} AS properties"""


def merges(server: Server, subject_ids: Collection[str]) -> list[Version]:
    """Every version of a merge with an end among these subjects, in the order of recording."""
    return [_version(Merge, row["properties"]) for row in server.read(_NAMING_MERGES, ids=sorted(subject_ids))]


def facts(server: Server, at: int) -> Iterator[Fact]:
    """Every fact as known at an instant (µs), page by page, kind by kind in the order of ids."""
    for fact_type in IN_ORDER:
        texts = [_links_page(name) for name in LINKS] if fact_type is Link else [_nodes_page(LABELS[fact_type])]
        pages = [_paged(server, text, at) for text in texts]
        for properties in heapq.merge(*pages, key=lambda one: one["id"]):
            yield decode(fact_type, properties)


def _nodes_page(label: str) -> str:
    return f"""MATCH (n:Fact) USING INDEX n:Fact(id) WHERE n.id > $after AND n:{label} AND {known("n")}
RETURN n {{.*}} AS properties ORDER BY n.id LIMIT {PAGE}"""


def _links_page(name: str) -> str:
    return f"""MATCH (h)-[l:{name}]->(o) USING INDEX l:{name}(id) WHERE l.id > $after AND {known("l")}
RETURN {_link_version(name)} AS properties ORDER BY l.id LIMIT {PAGE}"""


def _paged(server: Server, text: str, at: int) -> Iterator[Mapping[str, Any]]:
    after = ""
    while page := server.read(text, known=at, after=after):
        yield from (row["properties"] for row in page)
        after = page[-1]["properties"]["id"]
        if len(page) < PAGE:
            return


_STATISTICS = f"""RETURN
COLLECT {{ MATCH (n:SubjectVersion WHERE {known("n")}) WITH n.kind AS of, count(*) AS c RETURN [of, c] }} AS subjects,
COLLECT {{ MATCH ()-[l:{"|".join(LINKS)} WHERE {known("l")}]->() WITH type(l) AS of, count(*) AS c RETURN [of, c] }}
  AS links,
COLLECT {{ MATCH (n:Record WHERE {known("n")}) WITH n.list AS of, count(*) AS c RETURN [of, c] }} AS records"""


def statistics(server: Server, at: int) -> Mapping[str, Mapping[str, int]]:
    """Counts of subjects by kind, links by type and records by list."""
    (row,) = server.read(_STATISTICS, known=at)
    decoded: Mapping[str, Callable[[str], str]] = {
        "subjects": lambda kind: Kind(kind).value,
        "links": lambda name: LinkType[name].value,
        "records": str,
    }
    return {what: dict(sorted((name(of), count) for of, count in row[what])) for what, name in decoded.items()}

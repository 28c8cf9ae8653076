"""Finding organisations by what their names and identifiers begin with or contain.

The full-text index cuts runs of Chinese characters into pairs, so a phrase of two characters and more is found at
once, and one of other characters (letters, digits, a single one) through the text indexes. What an index offers is
compared again, since its analyser has its own idea of a letter.
"""

from __future__ import annotations

import re

from graph.model import Kind, Subject
from graph.neo4j.reading import known, subjects_with
from graph.neo4j.schema import NAMES_INDEX
from graph.neo4j.server import Server
from graph.sqlite.searching import normal

_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_BY_PHRASE = (
    f"CALL db.index.fulltext.queryNodes('{NAMES_INDEX}', '\"' + $text + '\"') YIELD node AS v RETURN v, v.folded AS t"
)
_BY_TEXT = "MATCH (v:SubjectVersion) WHERE v.folded CONTAINS $text RETURN v, v.folded AS t"
_BY_IDENTIFIER = "MATCH (i:Identifier) WHERE i.folded CONTAINS $text MATCH (i)<-[:HOLDS]-(v) RETURN v, i.folded AS t"
_RANK = "CASE WHEN t = $text THEN 0 WHEN t STARTS WITH $text THEN 1 ELSE 2 END"


def _hits(names: str) -> str:
    return f"""CALL () {{ {names} UNION {_BY_IDENTIFIER} }}
WITH v, t WHERE {known("v")} AND v.kind <> $person AND t CONTAINS $text
MATCH (v)-[:STATE]->(s) WITH s, min({_RANK}) AS rank"""


def _search(names: str) -> str:
    cluster = f"EXISTS {{ (s)-[i:IN WHERE {known('i')}]->() }}"
    return f"""CALL () {{
{_hits(names)} WHERE NOT {cluster} RETURN s.id AS id, rank ORDER BY rank, id LIMIT $limit
UNION ALL
{_hits(names)} WHERE s:Merged AND {cluster} RETURN s.id AS id, rank
}} RETURN id, rank"""


_PHRASE, _TEXT = _search(_BY_PHRASE), _search(_BY_TEXT)


def search(server: Server, text: str, limit: int, at: int) -> list[Subject]:
    wanted = normal(text)
    if not wanted or limit <= 0:
        return []
    statement = _PHRASE if _RUN.fullmatch(wanted) else _TEXT
    rows = server.read(statement, text=wanted, person=Kind.NATURAL_PERSON.value, limit=limit, known=at)
    found = subjects_with(server, [row["id"] for row in rows], at)
    ranks: dict[str, int] = {}
    for row in rows:
        canonical = found.aliases.get(row["id"], row["id"])
        ranks[canonical] = min(row["rank"], ranks.get(canonical, row["rank"]))
    best = sorted((rank, subject_id) for subject_id, rank in ranks.items())[:limit]
    return [found.subjects[subject_id] for _, subject_id in best]

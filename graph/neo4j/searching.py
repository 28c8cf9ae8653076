"""Finding organisations by what their names and identifiers begin with or contain.

The full-text index holds each text cut into overlapping pairs of characters, and a search is a phrase of pairs: that
finds a part of any text exactly, in any script, which no analyser of the server does. The last character stands alone,
so that every character begins a token, and no phrase runs from one text into the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from graph.model import Kind, Subject
from graph.neo4j.reading import known, subjects_with
from graph.neo4j.rows import Properties
from graph.neo4j.schema import TEXT_INDEX
from graph.neo4j.server import Server
from graph.sqlite.searching import normal

_SPECIAL = frozenset('\\+-!():^[]"{}~*?|&/<>=')
_RANK = (
    """CASE WHEN $text IN v.texts THEN 0 WHEN any(t IN v.texts WHERE t STARTS WITH $text) THEN 1 ELSE 2 END AS rank"""
)
# Of subjects that stand alone the best are enough; of merged ones only their cluster tells what they are called.
_SEARCH = f"""CALL () {{
  CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', $tokens) YIELD node AS v
  WITH v WHERE {known("v")}
  MATCH (v)-[:STATE]->(s) WHERE NOT EXISTS {{ (s)-[i:IN WHERE {known("i")}]->() }}
  RETURN s.id AS id, {_RANK} ORDER BY rank, id LIMIT $limit
  UNION ALL
  MATCH (:Cluster)<-[i:IN]-(s)<-[:STATE]-(v)
  WHERE {known("i")} AND {known("v")} AND any(t IN v.texts WHERE t CONTAINS $text)
  RETURN s.id AS id, {_RANK}
}} RETURN id, rank"""


def searchable(subject: Subject) -> Properties:
    """What a version of a subject is searched by; nothing for persons, who are never found by a text."""
    if subject.kind is Kind.NATURAL_PERSON:
        return {}
    texts = [normal(text) for text in (subject.name, *subject.identifiers.values())]
    return {"texts": texts, "tokens": " ".join(token for text in texts for token in _tokens(text))}


def search(server: Server, text: str, limit: int, at: int) -> list[Subject]:
    wanted = normal(text)
    if not wanted or limit <= 0:
        return []
    rows = server.read(_SEARCH, text=wanted, tokens=_phrase(wanted), limit=limit, known=at)
    found = subjects_with(server, [row["id"] for row in rows], at)
    ranks: dict[str, int] = {}
    for row in rows:
        canonical = found.aliases.get(row["id"], row["id"])
        ranks[canonical] = min(row["rank"], ranks.get(canonical, row["rank"]))
    best = sorted((rank, subject_id) for subject_id, rank in ranks.items())[:limit]
    return [found.subjects[subject_id] for _, subject_id in best]


def _tokens(text: str) -> Iterable[str]:
    yield from (first + second for first, second in pairwise(text))
    yield text[-1:]


def _phrase(text: str) -> str:
    """A query of Lucene: the pairs in a row, or all tokens that begin with a single character."""
    pairs = " ".join(first + second for first, second in pairwise(text))
    escaped = "".join(f"\\{c}" if c in _SPECIAL else c for c in pairs or text)
    return f'"{escaped}"' if pairs else f"{escaped}*"

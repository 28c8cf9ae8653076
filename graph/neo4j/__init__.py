"""The production store: `Neo4jStore`, subjects, links and records in a Neo4j database (5.26 LTS or later).

`walking` turns a plan into one statement, `gathering` its answer into evidence; `writing` judges a batch and
`storing` writes it; `clusters` keeps merges; `reading` and `searching` are the rest; `schema` and `server` the ground.
"""

from graph.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]

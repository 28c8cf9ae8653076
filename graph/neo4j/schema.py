"""What stands in the database, and how it gets there.

- ``(:Subject {id})`` is who links, records and namings refer to; its versions are ``(:Fact:SubjectVersion)-[:STATE]->``
  it, and ``(:Fact:SubjectVersion)-[:HOLDS]->(:Identifier {scheme, value})``.
- Links are relationships between subjects, typed by link type.
- ``(:Fact:Record)-[:OF]->`` its subject, ``(:Fact:Naming)-[:NAMES]->`` the person, ``(:Fact:Merge)-[:JOINS]->`` both
  subjects; ``(:Fact:Source)`` and ``(:Fact:Load)`` stand alone.
- ``(:Subject)-[:IN]->(:Cluster)``: who was judged to be one.

Facts, links and ``IN`` carry transaction time [tf, tt) in µs. A subject is ``Marked`` if it *ever* had a record, a
naming or a merge, or was a person without identity (``Nameless``): only such far ends can end a path of evidence, and
a walk leaves out the rest of a hub at once. Labels are never taken back, so that they hold for every known_at.
"""

from __future__ import annotations

from graph.errors import StoreIsNewer
from graph.model import LinkType
from graph.neo4j.server import Server

VERSION = 2
LINKS = tuple(link_type.name for link_type in LinkType)
TEXT_INDEX = "subject_text"

_STATEMENTS = (
    "CREATE CONSTRAINT store_name IF NOT EXISTS FOR (n:XinhengStore) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT subject_id IF NOT EXISTS FOR (n:Subject) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT identifier IF NOT EXISTS FOR (n:Identifier) REQUIRE (n.scheme, n.value) IS UNIQUE",
    "CREATE CONSTRAINT fact_version IF NOT EXISTS FOR (n:Fact) REQUIRE (n.id, n.tf) IS UNIQUE",
    "CREATE INDEX fact_id IF NOT EXISTS FOR (n:Fact) ON (n.id)",
    "CREATE INDEX load_by_source IF NOT EXISTS FOR (n:Load) ON (n.source, n.through)",
    f"CREATE FULLTEXT INDEX {TEXT_INDEX} IF NOT EXISTS FOR (n:SubjectVersion) ON EACH [n.tokens] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}",
)
_LINK_STATEMENTS = (
    "CREATE CONSTRAINT {name}_version IF NOT EXISTS FOR ()-[l:{type}]-() REQUIRE (l.id, l.tf) IS UNIQUE",
    # The constraint's own index serves look-ups by id alone badly: it wants both properties.
    "CREATE INDEX {name}_id IF NOT EXISTS FOR ()-[l:{type}]-() ON (l.id)",
)


def prepare(server: Server) -> None:
    """Bring the database to the present schema. Raises `StoreIsNewer` for one of a later Xinheng."""
    version = _version(server)
    if version > VERSION:
        fault = f"the store has schema {version}, this Xinheng knows {VERSION}"
        raise StoreIsNewer(fault, remedy="use the later Xinheng that wrote it")
    if version == VERSION:
        return
    for statement in _statements():
        server.run(statement)
    server.run("CALL db.awaitIndexes(120)")
    server.run("MERGE (x:XinhengStore {name: 'store'}) SET x.version = $version", version=VERSION)


def _version(server: Server) -> int:
    rows = server.read("MATCH (x:XinhengStore {name: 'store'}) RETURN x.version AS version")
    return int(rows[0]["version"]) if rows else 0


def _statements() -> list[str]:
    links = [text.format(name=name.lower(), type=name) for name in LINKS for text in _LINK_STATEMENTS]
    return [*_STATEMENTS, *links]

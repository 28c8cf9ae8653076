"""Tables of codes 代码表, such as GB/T 2260 and GB/T 4754, kept in the operational database.

A code of no table is a warning and never a fault: credit codes go on naming divisions that were abolished long ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from graph.store import Written
from loaders.quarantine import METADATA, ROWS
from loaders.rows import Fault

CODE = sa.Table(
    "code",
    METADATA,
    sa.Column("code_table", sa.String(64), primary_key=True),
    sa.Column("revision", sa.String(64), primary_key=True),
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("parent", sa.String(64)),
)
DIVISIONS, FORMER_DIVISIONS = "gb2260", "gb2260-history"
"""The tables of the administrative divisions in force, and of all revisions."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a table."""

    code_table: str
    revision: str
    code: str
    name: str
    parent: str | None = None


class CodeTables:
    """The codes of a deployment."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database

    def write(self, codes: Sequence[Code]) -> list[Written]:
        """Add codes; one that is there with another name or parent is a conflict."""
        with self._database.execution_options(writes=True).begin() as connection:
            held = _held(connection, codes)
            new: dict[tuple[str, str, str], Code] = {}
            results = []
            for code in codes:
                known = held.get(_key(code)) or new.get(_key(code))
                if known is None:
                    new[_key(code)] = code
                same = Written.UNCHANGED if known == code else Written.CONFLICT
                results.append(Written.NEW if known is None else same)
            if new:
                connection.execute(CODE.insert(), [asdict(code) for code in new.values()])
        return results

    def known(self, table: str) -> frozenset[str]:
        """All codes of a table, of any revision."""
        query = sa.select(CODE.c.code).where(CODE.c.code_table == table)
        with self._database.connect() as connection:
            return frozenset(connection.scalars(query))

    def count(self) -> dict[str, int]:
        """How many codes each table holds, in all its revisions."""
        query = sa.select(CODE.c.code_table, sa.func.count()).group_by(CODE.c.code_table).order_by(CODE.c.code_table)
        with self._database.connect() as connection:
            return dict(connection.execute(query).tuples().all())


class Divisions:
    """The codes of administrative divisions 行政区划代码 (GB/T 2260), as far as their tables are loaded."""

    def __init__(self, current: frozenset[str], former: frozenset[str]) -> None:
        self._current, self._former = current, former

    @classmethod
    def of(cls, tables: CodeTables) -> Divisions:
        return cls(tables.known(DIVISIONS), tables.known(FORMER_DIVISIONS))

    def warnings(self, region: str) -> tuple[Fault, ...]:
        """What is odd about a region's code; never a reason to refuse it. Nothing while no table is loaded."""
        if not self._current or region in self._current:
            return ()
        former = region in self._former
        reason = "a division that is no longer current" if former else "a division of no revision that is loaded"
        return (Fault("region", region, reason),)


def _key(code: Code) -> tuple[str, str, str]:
    return code.code_table, code.revision, code.code


def _held(connection: sa.Connection, codes: Sequence[Code]) -> dict[tuple[str, str, str], Code]:
    found: dict[tuple[str, str, str], Code] = {}
    for table in {code.code_table for code in codes}:
        asked = sorted({code.code for code in codes if code.code_table == table})
        for start in range(0, len(asked), ROWS):
            these = (CODE.c.code_table == table) & CODE.c.code.in_(asked[start : start + ROWS])
            found |= {(row[0], row[1], row[2]): Code(*row) for row in connection.execute(sa.select(CODE).where(these))}
    return found

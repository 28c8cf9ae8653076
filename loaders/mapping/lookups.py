"""The lookups of a mapping: what a key of one of its tables stands for, kept on disk while a load lasts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from loaders.mapping.model import Lookup
from loaders.mapping.values import Bad, as_text, padded

_TABLE = "CREATE TABLE said (name TEXT, key TEXT, value TEXT, PRIMARY KEY (name, key, value)) WITHOUT ROWID"


class Lookups:
    """Filled from rows, then asked by name and key. A key with two values has none: nothing is guessed."""

    def __init__(self, declared: Mapping[str, Lookup]) -> None:
        self._declared = declared
        self._said = sqlite3.connect("")  # a temporary file of SQLite's own, gone with the connection
        self._said.execute(_TABLE)
        self.of = lru_cache(maxsize=65_536)(self._of)

    def learn(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take in the rows of a file."""
        self._said.executemany("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", self._pairs(rows))
        self.of.cache_clear()

    def _pairs(self, rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str]]:
        for cells in rows:
            for name, lookup in self._declared.items():
                key, value = _single(cells.get(lookup.key)), _single(cells.get(lookup.value))
                if key and value:
                    yield name, self._padded(lookup, key), value

    @staticmethod
    def _padded(lookup: Lookup, key: str) -> str:
        try:
            return str(padded(lookup.pad, "left")(key)) if lookup.pad else key
        except Bad:
            return key

    def _of(self, name: str, key: str) -> str | None:
        found = self._said.execute("SELECT value FROM said WHERE name = ? AND key = ?", (name, key)).fetchall()
        return found[0][0] if len(found) == 1 else None

    def wanted_by(self, columns: Iterable[str]) -> bool:
        """Whether a file with these columns says anything to look up."""
        there = set(columns)
        return any({lookup.key, lookup.value} <= there for lookup in self._declared.values())

    def close(self) -> None:
        self._said.close()


def _single(cell: object) -> str:
    """The text of a cell; none of what is no single value: the row itself says so when it is loaded."""
    try:
        return "" if cell is None else as_text(cell).strip()
    except Bad:
        return ""

"""What a format of its own gives to a load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from loaders.rows import Row


class Format(Protocol):
    """An exchange format: a row for each of its entities or statements. ``source`` is the id of the declared source."""

    def rows(self, path: str, source: str) -> Iterator[Row]:
        """The rows of a file."""
        ...

    def row(self, path: str, line: int, text: str, source: str) -> Row:
        """The row of one entity or statement, given as JSON."""
        ...

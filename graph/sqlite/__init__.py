"""The embedded store: one SQLite file in a directory, durable, nothing to install."""

from graph.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]

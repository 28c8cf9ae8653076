"""Connections of one store: one for each thread, transactions that read one snapshot or hold the write lock."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.deadline import left
from graph.errors import OutOfTime
from graph.sqlite.file import Connection, connect, faults_translated

READ_SECONDS = 60.0
INSTRUCTIONS = 2_000
"""So many steps of SQLite's machine lie between two looks at the clock."""


@contextmanager
def within(connection: sqlite3.Connection, seconds: float = READ_SECONDS) -> Iterator[None]:
    """Raises `OutOfTime` when statements take longer than this, or than whoever asked waits (`graph.deadline`)."""
    seconds = min(seconds, left())
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() >= end, INSTRUCTIONS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise OutOfTime(f"the store did not answer within {seconds:g} s", remedy="ask for less at once") from error
    finally:
        connection.set_progress_handler(None, 0)


class Connections:
    """Hands each thread its own connection. Within a process writers queue at a lock, which is fairer than SQLite's
    polling; other processes meet at SQLite's own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._open: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._writing = threading.Lock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that reads one snapshot."""
        with (
            faults_translated(self.path),
            self._transaction(self._mine(), "BEGIN") as connection,
            within(connection),
        ):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock; an error takes all of it back."""
        with (
            faults_translated(self.path),
            self._writing,
            self._transaction(self._mine(), "BEGIN IMMEDIATE") as connection,
        ):
            yield connection

    @contextmanager
    def apart(self) -> Iterator[sqlite3.Connection]:
        """A snapshot on a connection of its own, which may stay open while its thread does other things."""
        with faults_translated(self.path):
            connection = self._opened()
            try:
                with self._transaction(connection, "BEGIN"):
                    yield connection
            finally:
                connection.close()

    def close(self) -> None:
        self._closed = True
        for connection in list(self._open):
            connection.close()

    def _mine(self) -> Connection:
        connection: Connection | None = getattr(self._threads, "connection", None)
        if connection is None or self._closed:
            connection = self._threads.connection = self._opened()
        return connection

    def _opened(self) -> Connection:
        if self._closed:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
        connection = connect(self.path)
        self._open.add(connection)
        return connection

    @contextmanager
    def _transaction(self, connection: Connection, begin: str) -> Iterator[sqlite3.Connection]:
        connection.execute(begin)
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

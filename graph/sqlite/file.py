"""The file of the embedded store: created, recognised, migrated, opened."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.errors import StoreCorrupt, StoreIsNewer, StoreUnavailable
from graph.sqlite import schema

FILE_NAME = "graph.sqlite"
WAIT_SECONDS = 30.0
PRAGMAS = """
PRAGMA synchronous = FULL;
PRAGMA cache_size = -65536;
PRAGMA mmap_size = 1073741824;
PRAGMA temp_store = MEMORY;
"""
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}


class Connection(sqlite3.Connection):
    """A connection that the store can hold weakly."""


@contextmanager
def faults_translated(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite into those of `graph.errors`."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise StoreUnavailable("the store is closed", remedy="open it again") from error
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _CORRUPT:
            raise StoreCorrupt(
                f"the store {path.name} is damaged: {error}", remedy="restore it from a backup"
            ) from error
        raise StoreUnavailable(f"the store {path.name} cannot be used: {error}", remedy=_remedy(error)) from error
    except OSError as error:
        fault = f"the directory of the store cannot be used: {error.strerror}"
        raise StoreUnavailable(fault, remedy="give a directory that this user may write to") from error


def _remedy(error: sqlite3.Error) -> str:
    remedies = {
        sqlite3.SQLITE_BUSY: "another process has been writing for long; try again",
        sqlite3.SQLITE_FULL: "free some disk space",
        sqlite3.SQLITE_READONLY: "make the directory and its files writable for this user",
        sqlite3.SQLITE_CANTOPEN: "make the directory and its files writable for this user",
    }
    return remedies.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "look at the disk and its permissions")


def prepare(directory: Path) -> Path:
    """The store's file in this directory, of the present schema; it is made if there is none.

    Raises `StoreUnavailable`, `StoreCorrupt` (also for a file that is not ours) and `StoreIsNewer`.
    """
    path = directory / FILE_NAME
    with faults_translated(path):
        directory.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        connection = connect(path)
        try:
            _recognise(connection, path)
            _migrate(connection)
        finally:
            connection.close()
    return path


def connect(path: Path) -> Connection:
    """A connection for one thread at a time; it does not create the file."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    connection.executescript(PRAGMAS)
    return connection


def _create(path: Path) -> None:
    """The file appears complete or not at all: a crash leaves no empty store, and the first of two processes wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            _migrate(connection)
        finally:
            connection.close()
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)


def _recognise(connection: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size == 0:
        raise StoreCorrupt(
            f"the store {path.name} is empty", remedy="restore it from a backup, or delete it to start anew"
        )
    application_id = _pragma(connection, "application_id")
    if application_id != schema.APPLICATION_ID:
        raise StoreCorrupt(f"{path.name} is not a store of Xinheng", remedy="give another directory")
    version = _pragma(connection, "user_version")
    if version > len(schema.MIGRATIONS):
        raise StoreIsNewer(
            f"the store has schema {version}, this Xinheng knows {len(schema.MIGRATIONS)}",
            remedy="use the later Xinheng that wrote it",
        )
    pages, page_size = _pragma(connection, "page_count"), _pragma(connection, "page_size")
    if path.stat().st_size < page_size or not pages:
        raise StoreCorrupt(f"the store {path.name} is cut short", remedy="restore it from a backup")


def _migrate(connection: sqlite3.Connection) -> None:
    if _pragma(connection, "user_version") == len(schema.MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _pragma(connection, "user_version")
        for script in schema.MIGRATIONS[version:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

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
FROM_BACKUP = "restore it from a backup"
PRAGMAS = """
PRAGMA synchronous = FULL;
PRAGMA cache_size = -65536;
PRAGMA mmap_size = 1073741824;
PRAGMA temp_store = MEMORY;
"""
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_DAMAGED = ("no such table", "Could not decode to UTF-8")
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "another process has been writing for long; try again",
    sqlite3.SQLITE_FULL: "free some disk space",
    sqlite3.SQLITE_IOERR: "look at the disk",
    sqlite3.SQLITE_READONLY: "make the directory and its files writable for this user",
    sqlite3.SQLITE_CANTOPEN: "make the directory and its files writable for this user",
}


class Connection(sqlite3.Connection):
    """A connection that the store can hold weakly."""


@contextmanager
def faults_translated(path: Path) -> Iterator[None]:
    """Turn the faults of a file into those of `graph.errors`; what else SQLite says is a mistake of ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if "closed database" in str(error):
            raise StoreUnavailable("the store is closed", remedy="open it again") from error
        if code in _CORRUPT or str(error).startswith(_DAMAGED):
            raise StoreCorrupt(f"the store {path.name} is damaged: {error}", remedy=FROM_BACKUP) from error
        if code in _REMEDIES:
            fault = f"the store {path.name} cannot be used: {error}"
            raise StoreUnavailable(fault, remedy=_REMEDIES[code]) from error
        raise
    except OSError as error:
        fault = f"the directory of the store cannot be used: {error.strerror}"
        raise StoreUnavailable(fault, remedy="give a directory that this user may write to") from error


def prepare(directory: Path) -> Path:
    """The store's file in this directory, of the present schema; it is made if there is none.

    Raises `StoreUnavailable`, `StoreCorrupt` (also for a file that is not ours) and `StoreIsNewer`.
    """
    path = directory / FILE_NAME
    with faults_translated(path):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        remedy = f"{FROM_BACKUP}, or delete it to start anew"
        raise StoreCorrupt(f"the store {path.name} is empty", remedy=remedy)
    application_id = _pragma(connection, "application_id")
    if application_id != schema.APPLICATION_ID:
        raise StoreCorrupt(f"{path.name} is not a store of Xinheng", remedy="give another directory")
    version = _pragma(connection, "user_version")
    if version > len(schema.MIGRATIONS):
        raise StoreIsNewer(
            f"the store has schema {version}, this Xinheng knows {len(schema.MIGRATIONS)}",
            remedy="use the later Xinheng that wrote it",
        )
    if _is_cut_short(connection, path):
        raise StoreCorrupt(f"the store {path.name} is cut short", remedy=FROM_BACKUP)


def _is_cut_short(connection: sqlite3.Connection, path: Path) -> bool:
    """SQLite does not miss the end of the last page. While there is a log, pages may stand there and not yet here."""
    expected = _pragma(connection, "page_count") * _pragma(connection, "page_size")
    log = path.with_name(f"{path.name}-wal")
    return not (log.exists() and log.stat().st_size) and path.stat().st_size < expected


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

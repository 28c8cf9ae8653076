"""The operational database: ledger, documents, responses, catalogues by digest, quarantine, API keys.
SQLite or PostgreSQL.

Its schema is made and kept up by the migrations beside this module. Transactions that write say so
(`writing`), because SQLite must take its write lock before the first read, or two appends could see the same head.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from graph.errors import StoreIsNewer, Unavailable

HEAD = "0005"
"""The revision of the last migration."""
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
"""For another who writes."""
RETRY_SECONDS = 0.002
"""SQLite itself would wait longer at each try, up to 0.1 s, and who came first might get its turn last."""
_FAULTS = (sa.exc.DBAPIError, sa.exc.TimeoutError)


class OperationalDataUnavailable(Unavailable):
    """The operational database does not answer; nothing was concluded, nothing was entered."""

    code = "operational-data-unavailable"
    title_zh = "业务数据库不可用"


class OperationalDataIsNewer(StoreIsNewer):
    """The operational database was written by a later Xinheng."""

    code = "operational-data-is-newer"
    title_zh = "业务数据库版本较新"


def open_database(url: str | sa.URL) -> sa.Engine:
    """The database, its schema brought up to date. Raises `OperationalDataUnavailable`, `OperationalDataIsNewer`."""
    try:
        database = _connected(sa.make_url(url))
    except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
        raise _unavailable(error) from error
    try:
        _migrate(database)
    except BaseException:
        database.dispose()
        raise
    if database.dialect.name == "sqlite" and database.url.database:
        sa.event.listen(database, "do_connect", _must_still_be_there)
    return database


def _connected(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "postgresql" and url.get_driver_name() == "psycopg":
        try:
            from engine import postgresql
        except ImportError as error:
            fault = "the driver of PostgreSQL, psycopg, is not installed"
            raise OperationalDataUnavailable(fault, remedy="install it: the extra `xinheng[postgresql]`") from error
        return postgresql.engine(url, lock_seconds=BUSY_SECONDS)
    if url.get_backend_name() != "sqlite":
        raise OperationalDataUnavailable(
            f"operational data can't be kept in {url.drivername}", remedy="write postgresql+psycopg:// or sqlite:///"
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    database = sa.create_engine(url, poolclass=NullPool)
    sa.event.listen(database, "connect", _configure_sqlite)
    sa.event.listen(database, "begin", _begin_sqlite)
    return database


def _must_still_be_there(_: object, __: object, place: list[str], ___: object) -> None:
    """SQLite would make a file that is gone anew, and the ledger in it would begin anew."""
    if not Path(place[0]).exists():
        raise sqlite3.OperationalError("its file is gone")


@contextmanager
def writing(database: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes, alone from its first statement on SQLite."""
    try:
        with _turn(database) as until, database.execution_options(writes=True, until=until).begin() as connection:
            yield connection
    except _FAULTS as error:
        raise _unavailable(error) from error


@contextmanager
def _turn(database: sa.Engine) -> Iterator[float]:
    """Threads that write to one file of SQLite stand in line; only the first of them contends with other processes.
    Until when (of the monotonic clock) it may, the time in line included."""
    until = time.monotonic() + BUSY_SECONDS
    if database.dialect.name != "sqlite":
        yield until
        return
    lock = _lock(database.url)
    if not lock.acquire(timeout=BUSY_SECONDS):
        raise _unavailable(sqlite3.OperationalError("database is locked"))
    try:
        yield until
    finally:
        lock.release()


@cache
def _lock(_: sa.URL) -> Lock:
    return Lock()


@contextmanager
def reading(database: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that reads one state of the database."""
    try:
        with database.connect() as connection:
            yield connection
    except _FAULTS as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> OperationalDataUnavailable:
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return OperationalDataUnavailable(
        f"the operational database can't be used: {reason}", remedy="see XINHENG_DATA and XINHENG_DATABASE"
    )


def _configure_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says which BEGIN it is
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("writes", False):
        _begin_immediate(connection, options.get("until", time.monotonic() + BUSY_SECONDS))
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: sa.Connection, until: float) -> None:
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    while not _begun(connection, last=time.monotonic() > until):
        time.sleep(RETRY_SECONDS)
    connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _begun(connection: sa.Connection, *, last: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except sa.exc.OperationalError as error:
        if last or not _is_busy(error):
            raise
        return False
    return True


def _is_busy(error: sa.exc.OperationalError) -> bool:
    return isinstance(error.orig, sqlite3.Error) and error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _migrate(database: sa.Engine) -> None:
    with reading(database) as connection:
        if _current(connection) == HEAD:
            return
    from alembic import command  # takes a while to load, and is seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(database) as connection, _alone(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alone(connection: sa.Connection) -> AbstractContextManager[None]:
    """Whoever writes to SQLite is alone."""
    if connection.dialect.name == "sqlite":
        return nullcontext()
    from engine import postgresql

    return postgresql.migrating(connection)


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    current = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if current is not None and current > HEAD:
        raise OperationalDataIsNewer(
            f"the operational database has schema {current}, this Xinheng knows up to {HEAD}",
            remedy="use the Xinheng that wrote it, or a later one",
        )
    return str(current) if current is not None else None

"""PostgreSQL as the operational database: its limits, and connections that wait no longer than somebody waits for them.
Needs psycopg, an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from sqlalchemy.pool import QueuePool

from graph.deadline import left
from graph.errors import OutOfTime

T = TypeVar("T")
CONNECT_SECONDS, STATEMENT_SECONDS, IDLE_SECONDS = 5, 60, 300
"""PostgreSQL's own limits. Who holds a transaction and does nothing, paused say, loses it."""
GRACE_SECONDS = 10
"""Beyond the time of a statement, or of the request: to be told that it is over."""
INTERVAL_SECONDS = 0.1
MIGRATION_LOCK = 0x78696E68  # "xinh": what PostgreSQL's advisory lock is known by


class Patient(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for longer than a statement may take: one that is
    paused, or behind a network that lost it, would hold its callers for as long as it stays so."""

    hurried = True

    def wait(self, gen: PQGen[T], interval: float = INTERVAL_SECONDS, timeout: float | None = None) -> T:
        if timeout is not None or not self.hurried:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, _seconds())
        except psycopg.errors._WaitTimeout:
            self.close()
            raise psycopg.OperationalError("the server does not answer") from None


def engine(url: sa.URL, *, lock_seconds: int) -> sa.Engine:
    limits = {
        "statement_timeout": STATEMENT_SECONDS,
        "lock_timeout": lock_seconds,
        "idle_in_transaction_session_timeout": IDLE_SECONDS,
    }
    options = " ".join(f"-c {name}={seconds * 1000}" for name, seconds in limits.items())
    given = {"connect_timeout": CONNECT_SECONDS, "options": options}
    database = sa.create_engine(url, poolclass=QueuePool, pool_pre_ping=True, connect_args=given)
    sa.event.listen(database, "do_connect", _connected)
    return database


@contextmanager
def migrating(connection: sa.Connection) -> Iterator[None]:
    """One process at a time, which takes as long as it takes: tables may be large."""
    patient = cast(Patient, connection.connection.driver_connection)
    patient.hurried = False
    try:
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        yield
    finally:
        patient.hurried = True


def _connected(_: sa.Dialect, __: object, arguments: list[Any], named: dict[str, Any]) -> Patient:
    return Patient.connect(*arguments, **named)


def _seconds() -> float:
    try:
        return min(STATEMENT_SECONDS, left()) + GRACE_SECONDS
    except OutOfTime:
        return GRACE_SECONDS

"""The connection to a Neo4j server: sessions with time budgets, and the driver's errors as those of `graph.errors`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase, ManagedTransaction, Query, Record, Session, unit_of_work
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from graph.deadline import left
from graph.errors import BadInput, OutOfTime, StoreUnavailable
from graph.neo4j.patience import Silent, patiently

T = TypeVar("T")

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0  # the first question of its depth is compiled, which takes seconds on a busy server
WRITE_SECONDS = 300.0
RETRY_SECONDS = 5.0
GRACE_SECONDS = 2 * CONNECT_SECONDS
"""Beyond the time of a statement: to get a connection, and to be told that the time is over."""

_AFTER_A_FULL_DISK = "see whether its disk is full, free some space and restart it"
_REMEDIES = {
    "Neo.ClientError.Database.DatabaseNotFound": "give the name of a database that the server holds",
    "Neo.ClientError.Security.AuthenticationRateLimit": "wait a few seconds, then give the right password",
    "Neo.ClientError.Security.CredentialsExpired": "change the initial password of this user first",
    "Neo.ClientError.Security.Forbidden": "give a user who may read, write and define the schema",
    "Neo.DatabaseError.Transaction.TransactionLogError": _AFTER_A_FULL_DISK,
    "Neo.DatabaseError.Transaction.TransactionStartFailed": _AFTER_A_FULL_DISK,
    "Neo.ClientError.Transaction.TransactionTimedOut": "ask for less at once, or try when the server is less busy",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": "ask for less at once, or try again later",
}
OUT_OF_TIME = frozenset(code for code in _REMEDIES if "TimedOut" in code)


class Server:
    """One database of a server. Threads may share it."""

    def __init__(self, url: str, user: str, password: str, database: str) -> None:
        address, self.database = _address(url, database)
        self.host = urlsplit(address).netloc
        with self._faults_translated():
            self._driver = GraphDatabase.driver(
                address,
                auth=(user, password),
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=2 * CONNECT_SECONDS,
                max_transaction_retry_time=RETRY_SECONDS,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )

    def read(self, text: str, /, **parameters: Any) -> list[Record]:
        """The rows of one statement, in one round trip; where the connection was lost, it is asked once more."""
        return self.read_within(READ_SECONDS, text, **parameters)

    def read_within(self, seconds: float, text: str, /, **parameters: Any) -> list[Record]:
        """Raises `OutOfTime` when the statement takes longer than this."""
        seconds = min(seconds, left())
        query = Query(text, timeout=seconds)

        def rows() -> list[Record]:
            try:
                return self._rows(query, parameters)
            except (ServiceUnavailable, SessionExpired):
                return self._rows(query, parameters)

        with self._faults_translated():
            return patiently(seconds + GRACE_SECONDS, rows)

    def run(self, text: str, /, **parameters: Any) -> None:
        """Run one statement that writes or defines, in a transaction of its own."""

        def run() -> None:
            with self._session(WRITE_ACCESS) as session:
                session.run(Query(text, timeout=WRITE_SECONDS), parameters).consume()

        with self._faults_translated():
            patiently(WRITE_SECONDS + GRACE_SECONDS, run)

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run ``work`` in a transaction; it is run again when the server says that a retry helps.

        Never after a commit whose end is not known: who repeats the call finds what was written, and it is unchanged.
        """

        def written() -> T:
            with self._session(WRITE_ACCESS) as session:
                return session.execute_write(unit_of_work(timeout=WRITE_SECONDS)(work))

        with self._faults_translated():
            return patiently(WRITE_SECONDS + RETRY_SECONDS + GRACE_SECONDS, written)

    def close(self) -> None:
        self._driver.close()

    def _rows(self, query: Query, parameters: dict[str, Any]) -> list[Record]:
        with self._session(READ_ACCESS) as session:
            return list(session.run(query, parameters))

    def _session(self, access: str) -> Session:
        return self._driver.session(
            database=self.database,
            default_access_mode=access,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )

    @contextmanager
    def _faults_translated(self) -> Iterator[None]:
        try:
            yield
        except AuthError as error:
            fault = f"the Neo4j server at {self.host} refused the user or the password"
            raise StoreUnavailable(fault, remedy="check both in the settings") from error
        except Neo4jError as error:
            fault = f"the Neo4j server at {self.host} answered {error.code}"
            if error.code in OUT_OF_TIME:
                raise OutOfTime(fault, remedy=_remedy(error)) from error
            raise StoreUnavailable(fault, remedy=_remedy(error)) from error
        except (DriverError, Silent) as error:
            raise self._no_answer(error) from error

    def _no_answer(self, error: Exception) -> StoreUnavailable:
        if "closed" in str(error).casefold() and not isinstance(error, ServiceUnavailable):
            return StoreUnavailable("the store is closed", remedy="open it again")
        return StoreUnavailable(
            f"the Neo4j server at {self.host} does not answer",
            remedy="start it, or check its address in the settings; then try again",
        )


def _remedy(error: Neo4jError) -> str:
    if known := _REMEDIES.get(error.code or ""):
        return known
    return "try again" if error.is_retryable() else "look at the log of the server"


def _has_fair_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _address(url: str, database: str) -> tuple[str, str]:
    """The URL without its path, and the database that the path names, if it does."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        remedy = "give user and password in settings of their own"
        raise BadInput("the URL of the store holds a user or a password", remedy=remedy)
    if parts.scheme not in SCHEMES or not parts.hostname or not _has_fair_port(parts):
        raise BadInput("this is no URL of a Neo4j server", remedy="write neo4j://host:port/database")
    return f"{parts.scheme}://{parts.netloc}", parts.path.strip("/") or database

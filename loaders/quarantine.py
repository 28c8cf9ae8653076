"""The quarantine 问题数据: rows that could not be loaded, kept encrypted in the operational database.

The table is made by the migrations of the engine room, with the rest of that database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePath

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graph.errors import BadInput
from loaders.rows import Rejected, Row, Sheet

METADATA = sa.MetaData()
QUARANTINE = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("row_key", sa.Text, nullable=False),
    sa.Column("faults", sa.Text, nullable=False),
    sa.Column("row_sealed", sa.LargeBinary, nullable=False),
    sa.Column("first_seen", sa.Text, nullable=False),
    sa.Column("last_seen", sa.Text, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("sheet", sa.Text),
)
NONCE_BYTES = 12
SHOWN_DIGEST = 8
ROWS = 500
"""How many rows one statement asks for: databases bound the number of parameters."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row in quarantine as it is shown: without its content. ``kind`` is that of its first fault."""

    id: int
    mapping: str
    file: str
    line: int
    key: str
    kind: str
    faults: tuple[dict[str, str], ...]
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A row in quarantine with its content: as it stood in its file, but for the name of its entry."""

    row: Row
    why: str


class SqlQuarantine:
    """Rows of one mapping. ``key`` (32 bytes) encrypts them. A row is known by its file's name, its line and what it
    says, so that a load repeated does not keep it twice."""

    def __init__(self, database: sa.Engine, key: bytes, mapping: str) -> None:
        self._database, self._mapping = database, mapping
        self._row_key = hmac.digest(key, b"quarantined rows", "sha256")
        self._digest_key = hmac.digest(key, b"digests of quarantined rows", "sha256")
        with database.connect() as connection:
            query = sa.select(QUARANTINE.c.id).where(QUARANTINE.c.mapping == mapping).limit(1)
            self._holds_any = connection.execute(query).first() is not None

    def keep(self, rejected: Sequence[Rejected]) -> None:
        """Keep rows, each with its faults; one that came from the quarantine stays the entry that it was."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.execution_options(writes=True).begin() as connection:
            for one in rejected:
                self._keep(connection, one, now)
        self._holds_any = self._holds_any or bool(rejected)

    def _keep(self, connection: sa.Connection, rejected: Rejected, now: str) -> None:
        row = rejected.row
        values = {
            "row_key": row.key,
            "kind": str(rejected.faults[0].kind),
            "faults": json.dumps([asdict(fault) for fault in rejected.faults], ensure_ascii=False),
            "sheet": None if row.sheet is None else json.dumps(asdict(row.sheet), ensure_ascii=False),
            "last_seen": now,
        }
        digest = self._entry(connection, row)
        if digest is None:
            digest = self._digest(row)
            known_by = {"digest": digest, "mapping": self._mapping, "file": row.file, "line": row.line}
            sealed = self._seal(row.text, digest)
            connection.execute(QUARANTINE.insert().values(**values, **known_by, row_sealed=sealed, first_seen=now))
        else:
            sealed = self._seal(row.text, digest)
            connection.execute(
                QUARANTINE.update().where(QUARANTINE.c.digest == digest).values(**values, row_sealed=sealed)
            )

    def _entry(self, connection: sa.Connection, row: Row) -> str | None:
        """The digest of the entry whose place a row takes: the one which it was exported from, else that of the same
        row. It stays the same however often the row is mended, and so do its file and line."""
        named = self._named([row.entry] if row.entry else [])
        same = sa.select(QUARANTINE.c.digest).where(QUARANTINE.c.digest == self._digest(row))
        exported = connection.execute(sa.select(QUARANTINE.c.digest).where(named)).scalar_one_or_none()
        return exported or connection.execute(same).scalar_one_or_none()

    def _named(self, entries: Sequence[str]) -> sa.ColumnElement[bool]:
        """That an entry is one of these. Its number alone is not enough: the database gives the number of an entry that
        is gone to another one, and another deployment has the same numbers."""
        parts = [entry.partition("-") for entry in entries]
        these = sa.tuple_(QUARANTINE.c.id, sa.func.substr(QUARANTINE.c.digest, 1, SHOWN_DIGEST))
        return (QUARANTINE.c.mapping == self._mapping) & these.in_([(int(number), start) for number, _, start in parts])

    def release(self, rows: Sequence[Row]) -> None:
        """Let rows go that could be loaded: those that came from the quarantine, and those that it keeps from an
        earlier load of the same file."""
        if not self._holds_any or not rows:
            return
        with self._database.execution_options(writes=True).begin() as connection:
            for start in range(0, len(rows), ROWS):
                some = rows[start : start + ROWS]
                entries = [row.entry for row in some if row.entry is not None]
                these = QUARANTINE.c.digest.in_([self._digest(row) for row in some]) | self._named(entries)
                connection.execute(QUARANTINE.delete().where(QUARANTINE.c.mapping == self._mapping, these))

    def _digest(self, row: Row) -> str:
        known_by = json.dumps([self._mapping, PurePath(row.file).name, row.line, row.text], ensure_ascii=False)
        return hmac.new(self._digest_key, known_by.encode(), hashlib.sha256).hexdigest()

    def _seal(self, text: str, digest: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._row_key).encrypt(nonce, text.encode(), digest.encode())

    def kept(self) -> Iterator[Kept]:
        """The rows of this mapping with their content, oldest first. Raises `BadInput` for one that was sealed with
        another key."""
        query = sa.select(QUARANTINE).where(QUARANTINE.c.mapping == self._mapping).order_by(QUARANTINE.c.id)
        with self._database.connect() as connection:
            for found in connection.execution_options(yield_per=ROWS).execute(query):
                text = self._reveal(found.row_sealed, found.digest)
                sheet = _sheet(found.sheet)
                row = Row(found.file, found.line, text, sheet=sheet, entry=f"{found.id}-{found.digest[:SHOWN_DIGEST]}")
                yield Kept(row, "; ".join(fault["reason"] for fault in json.loads(found.faults)))

    def _reveal(self, sealed: bytes, digest: str) -> str:
        try:
            plain = AESGCM(self._row_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], digest.encode())
        except InvalidTag:
            raise BadInput("this row was sealed with another key", remedy="set XINHENG_SEAL_KEY to that key") from None
        return plain.decode()


def _sheet(text: str | None) -> Sheet | None:
    if text is None:
        return None
    said = json.loads(text)
    return Sheet(tuple(said["header"]), said["delimiter"], said.get("quoting", True))


def quarantined(
    database: sa.Engine, *, mapping: str | None = None, kind: str | None = None, file: str | None = None
) -> Iterator[Quarantined]:
    """The rows in quarantine, oldest first: of one mapping, of one kind of fault, of files with this name or path."""
    query = sa.select(*(column for column in QUARANTINE.c if column.name not in ("digest", "row_sealed", "sheet")))
    for column, value in ((QUARANTINE.c.mapping, mapping), (QUARANTINE.c.kind, kind)):
        query = query if value is None else query.where(column == value)
    with database.connect() as connection:
        for row in connection.execute(query.order_by(QUARANTINE.c.id)):
            if file is None or file in (row.file, PurePath(row.file).name):
                yield _shown(row)


def _shown(row: sa.Row[tuple[object, ...]]) -> Quarantined:
    return Quarantined(
        row.id,
        row.mapping,
        row.file,
        row.line,
        row.row_key,
        row.kind,
        tuple(json.loads(row.faults)),
        row.first_seen,
        row.last_seen,
    )


def counted(database: sa.Engine) -> list[tuple[str, str, str, int]]:
    """How many rows are in quarantine by mapping, file and kind of fault."""
    columns = (QUARANTINE.c.mapping, QUARANTINE.c.file, QUARANTINE.c.kind)
    query = sa.select(*columns, sa.func.count()).group_by(*columns).order_by(*columns)
    with database.connect() as connection:
        return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]

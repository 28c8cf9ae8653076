"""The quarantine 问题数据: rows that could not be loaded, kept encrypted in the operational database.

The table is made by the migrations of the engine room, with the rest of that database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graph.errors import BadInput
from loaders.rows import Rejected

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
)
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row in quarantine as it is shown: without its content."""

    id: int
    mapping: str
    file: str
    line: int
    key: str
    faults: tuple[dict[str, str], ...]
    first_seen: str
    last_seen: str


class SqlQuarantine:
    """Rows of one mapping. ``key`` (32 bytes) encrypts them; the same row kept twice is one."""

    def __init__(self, database: sa.Engine, key: bytes, mapping: str) -> None:
        self._database, self._mapping = database, mapping
        self._row_key = hmac.digest(key, b"quarantined rows", "sha256")
        self._digest_key = hmac.digest(key, b"digests of quarantined rows", "sha256")

    def keep(self, rejected: Sequence[Rejected]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.begin() as connection:
            for one in rejected:
                self._keep(connection, one, now)

    def _keep(self, connection: sa.Connection, rejected: Rejected, now: str) -> None:
        row = rejected.row
        faults = json.dumps([_as_dict(fault) for fault in rejected.faults], ensure_ascii=False)
        seen = {"file": row.file, "line": row.line, "faults": faults, "last_seen": now}
        digest = self._digest(row.text)
        update = QUARANTINE.update().where(QUARANTINE.c.digest == digest).values(**seen)
        if connection.execute(update).rowcount:
            return
        sealed = self._seal(row.text, digest)
        values = {"digest": digest, "mapping": self._mapping, "row_key": row.key, "row_sealed": sealed}
        connection.execute(QUARANTINE.insert().values(**values, **seen, first_seen=now))

    def _digest(self, text: str) -> str:
        return hmac.new(self._digest_key, f"{self._mapping}\n{text}".encode(), hashlib.sha256).hexdigest()

    def _seal(self, text: str, digest: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._row_key).encrypt(nonce, text.encode(), digest.encode())

    def reveal(self, entry: int) -> str:
        """The row as it stood in its file. Raises `BadInput` if there is none, or it was sealed with another key."""
        query = sa.select(QUARANTINE.c.row_sealed, QUARANTINE.c.digest).where(QUARANTINE.c.id == entry)
        with self._database.connect() as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            raise BadInput(f"the quarantine holds no row {entry}")
        sealed, digest = found
        try:
            plain = AESGCM(self._row_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], digest.encode())
        except InvalidTag:
            raise BadInput("this row was sealed with another key", remedy="set XINHENG_SEAL_KEY to that key") from None
        return plain.decode()


def quarantined(database: sa.Engine) -> Iterator[Quarantined]:
    """All rows in quarantine, oldest first."""
    columns = [column for column in QUARANTINE.c if column.name not in ("digest", "row_sealed")]
    with database.connect() as connection:
        for row in connection.execute(sa.select(*columns).order_by(QUARANTINE.c.id)):
            yield Quarantined(
                row.id,
                row.mapping,
                row.file,
                row.line,
                row.row_key,
                tuple(json.loads(row.faults)),
                row.first_seen,
                row.last_seen,
            )


def _as_dict(fault: object) -> dict[str, str]:
    return {name: getattr(fault, name) for name in ("field", "value", "reason", "remedy")}

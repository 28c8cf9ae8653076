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
from loaders.rows import Rejected, Row, Sheet, discreet

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
    sa.Column("source", sa.Text),
    sa.Column("judgement", sa.Integer),  # the one by which it is discarded; see `loaders.discarding`
)
NONCE_BYTES = 12
SHOWN_DIGEST = 8
OF_SOURCE = sa.func.coalesce(QUARANTINE.c.source, QUARANTINE.c.mapping)
"""The source of a row; where none is known, the mapping, which most often declares the source of its own name."""
ROWS = 500
"""How many rows one statement asks for: databases bound the number of parameters."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row in quarantine as it is shown: without its content. ``entry`` is its name, by which it is judged and comes
    back, ``kind`` that of its first fault."""

    id: int
    entry: str
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
    says, so that a load repeated does not keep it twice. ``source`` is the one that the mapping declares; of the city's
    lines each says its own."""

    def __init__(self, database: sa.Engine, key: bytes, mapping: str, source: str | None = None) -> None:
        self._database, self._mapping, self._source = database, mapping, source
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
            "row_key": _storable(row.key),
            "kind": str(rejected.faults[0].kind),
            "faults": json.dumps([asdict(fault) for fault in rejected.faults], ensure_ascii=False),
            "source": self._source or _storable(_source(row)) or None,
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
        exported = named([row.entry] if row.entry else []) & (QUARANTINE.c.mapping == self._mapping)
        same = sa.select(QUARANTINE.c.digest).where(QUARANTINE.c.digest == self._digest(row))
        found = connection.execute(sa.select(QUARANTINE.c.digest).where(exported)).scalar_one_or_none()
        return found or connection.execute(same).scalar_one_or_none()

    def release(self, rows: Sequence[Row]) -> None:
        """Let rows go that could be loaded: those that came from the quarantine, and those that it keeps from an
        earlier load of the same file; never those that somebody judged."""
        if not self._holds_any or not rows:
            return
        with self._database.execution_options(writes=True).begin() as connection:
            for start in range(0, len(rows), ROWS):
                some = rows[start : start + ROWS]
                entries = [row.entry for row in some if row.entry is not None]
                these = QUARANTINE.c.digest.in_([self._digest(row) for row in some]) | named(entries)
                mine = (QUARANTINE.c.mapping == self._mapping) & QUARANTINE.c.judgement.is_(None)
                connection.execute(QUARANTINE.delete().where(mine, these))

    def _digest(self, row: Row) -> str:
        known_by = json.dumps([self._mapping, PurePath(row.file).name, row.line, row.text], ensure_ascii=False)
        return hmac.new(self._digest_key, known_by.encode(), hashlib.sha256).hexdigest()

    def _seal(self, text: str, digest: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._row_key).encrypt(nonce, text.encode(), digest.encode())

    def kept(self) -> Iterator[Kept]:
        """The rows of this mapping with their content, oldest first, without those that are discarded. Raises
        `BadInput` for one that was sealed with another key."""
        mine = (QUARANTINE.c.mapping == self._mapping) & QUARANTINE.c.judgement.is_(None)
        query = sa.select(QUARANTINE).where(mine).order_by(QUARANTINE.c.id)
        with self._database.connect() as connection:
            for found in connection.execution_options(yield_per=ROWS).execute(query):
                text = self._reveal(found.row_sealed, found.digest)
                sheet = _sheet(found.sheet)
                row = Row(found.file, found.line, text, sheet=sheet, entry=name_of(found.id, found.digest))
                yield Kept(row, "; ".join(fault["reason"] for fault in json.loads(found.faults)))

    def _reveal(self, sealed: bytes, digest: str) -> str:
        try:
            plain = AESGCM(self._row_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], digest.encode())
        except InvalidTag:
            raise BadInput("this row was sealed with another key", remedy="set XINHENG_SEAL_KEY to that key") from None
        return plain.decode()


def name_of(number: int, digest: str) -> str:
    """The name of an entry: its number, and the beginning of its digest."""
    return f"{number}-{digest[:SHOWN_DIGEST]}"


def named(entries: Sequence[str]) -> sa.ColumnElement[bool]:
    """That an entry is one of these. Its number alone is not enough: the database gives the number of an entry that is
    gone to another one, and another deployment has the same numbers."""
    parts = [entry.partition("-") for entry in entries]
    these = sa.tuple_(QUARANTINE.c.id, sa.func.substr(QUARANTINE.c.digest, 1, SHOWN_DIGEST))
    return these.in_([(int(number), start) for number, _, start in parts])


def _storable(text: str) -> str:
    """Text as every database takes it: PostgreSQL keeps no NUL, and none of them half a character."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def _source(row: Row) -> str:
    """The source that the row itself names, as it may be shown."""
    said = (draft.document.get("source") for draft in row.drafts)
    return next((discreet(source) for source in said if isinstance(source, str)), "")


def _sheet(text: str | None) -> Sheet | None:
    if text is None:
        return None
    said = json.loads(text)
    return Sheet(tuple(said["header"]), said["delimiter"], said.get("quoting", True))


def quarantined(
    database: sa.Engine,
    *,
    mapping: str | None = None,
    kind: str | None = None,
    file: str | None = None,
    source: str | None = None,
    discarded: bool = False,
) -> Iterator[Quarantined]:
    """The rows in quarantine, oldest first: of one mapping, of one kind of fault, of files with this name or path, of
    one source; or those that are discarded."""
    query = sa.select(*(column for column in QUARANTINE.c if column.name not in ("row_sealed", "sheet")))
    query = query.where(QUARANTINE.c.judgement.is_not(None) if discarded else QUARANTINE.c.judgement.is_(None))
    for column, value in ((QUARANTINE.c.mapping, mapping), (QUARANTINE.c.kind, kind), (OF_SOURCE, source)):
        query = query if value is None else query.where(column == value)
    with database.connect() as connection:
        for row in connection.execute(query.order_by(QUARANTINE.c.id)):
            if file is None or file in (row.file, PurePath(row.file).name):
                yield _shown(row)


def _shown(row: sa.Row[tuple[object, ...]]) -> Quarantined:
    return Quarantined(
        row.id,
        name_of(row.id, row.digest),
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
    """How many rows are in quarantine by mapping, file and kind of fault, without those that are discarded."""
    columns = (QUARANTINE.c.mapping, QUARANTINE.c.file, QUARANTINE.c.kind)
    query = sa.select(*columns, sa.func.count()).where(QUARANTINE.c.judgement.is_(None))
    with database.connect() as connection:
        found = connection.execute(query.group_by(*columns).order_by(*columns))
        return [(row[0], row[1], row[2], row[3]) for row in found]


def counted_by_source(database: sa.Engine) -> dict[str, int]:
    """How many rows of each source are in quarantine, without those that are discarded."""
    query = sa.select(OF_SOURCE, sa.func.count()).where(QUARANTINE.c.judgement.is_(None)).group_by(OF_SOURCE)
    with database.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}

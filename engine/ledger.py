"""The ledger 台账: an append-only chain of entries, each written before its answer is given.

An entry says who asked when and why, and which decision came of it; it holds a salted hash of the document, and the
hash of the entry before it. The documents stand in a table of their own: one whose retention ends is erased, salt and
all, and the chain still holds. The head, kept beside the chain, shows a tail that was cut off.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import rfc8785
import sqlalchemy as sa

from engine.errors import UnknownDecision
from engine.operational import reading, writing
from graph.errors import BadInput, XinhengError

METADATA = sa.MetaData()
ENTRY = sa.Table(
    "ledger_entry",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "who", "purpose", "decision_id")),
    sa.Column("salt", sa.LargeBinary),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("document_hash", "previous", "hash")),
    sa.Column("department", sa.Text, nullable=False, server_default=""),
)
HEAD = sa.Table(
    "ledger_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
DOCUMENT = sa.Table(
    "document",
    METADATA,
    sa.Column("decision_id", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary),
    sa.Column("erased_at", sa.Text),
)
CATALOGUE = sa.Table(
    "catalogue",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
RESPONSE = sa.Table(
    "response",
    METADATA,
    sa.Column("decision_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("subject", "measure")),
)
SALT_BYTES = 16
SHOWN_FAULTS = 20


class DecisionErased(BadInput):
    """The document was erased when its retention ended; its entry in the ledger stays."""

    code = "decision-erased"
    status = 410
    title_zh = "核查结论已删除"


class LedgerBroken(XinhengError):
    """The chain does not hold: something was changed, removed, reordered or cut off."""

    code = "ledger-broken"
    title_zh = "台账不完整"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain. Noted elsewhere, it proves later that nothing before it was changed."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        seq, _, digest = text.partition(":")
        if not (seq.isdigit() and digest):
            raise BadInput(f"{text} is no head of a ledger", remedy="write it as `ledger verify` prints it: SEQ:HASH")
        return cls(int(seq), digest)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the chain. ``department`` is that of the key that was asked with; without keys there is none."""

    seq: int
    at: str
    who: str
    purpose: str
    decision_id: str
    document_hash: str
    previous: str
    hash: str
    department: str = ""

    def expected_hash(self) -> str:
        said = asdict(self)
        del said["hash"]
        if not self.department:  # entries from before there were departments keep their hashes
            del said["department"]
        return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


class Ledger:
    """The ledger of an operational database (see `engine.operational.open_database`)."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        self._kept_catalogues: set[str] = set()

    def enter(
        self,
        decision_id: str,
        document: bytes,
        *,
        who: str,
        purpose: str,
        department: str = "",
        at: datetime | None = None,
    ) -> Entry:
        """Append an entry and keep the document. Returns when both are durable."""
        with writing(self._database) as connection:
            return self.append(
                connection, decision_id, document, who=who, purpose=purpose, department=department, at=at
            )

    def append(
        self,
        connection: sa.Connection,
        decision_id: str,
        document: bytes,
        *,
        who: str,
        purpose: str,
        department: str,
        at: datetime | None,
    ) -> Entry:
        """The same within a transaction that writes (`engine.operational.writing`)."""
        salt = secrets.token_bytes(SALT_BYTES)
        head = self._head(connection, locked=True)
        said = Entry(
            seq=head.seq + 1,
            at=(at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds"),
            who=who,
            purpose=purpose,
            decision_id=decision_id,
            document_hash=_salted(salt, document),
            previous=head.hash,
            hash="",
            department=department,
        )
        entry = replace(said, hash=said.expected_hash())
        connection.execute(ENTRY.insert().values(**asdict(entry), salt=salt))
        connection.execute(HEAD.update().values(seq=entry.seq, hash=entry.hash))
        self._keep_document(connection, decision_id, document)
        return entry

    def lock(self, connection: sa.Connection) -> None:
        """Take the end of the chain: until this transaction is over, nobody else appends."""
        self._head(connection, locked=True)

    def _head(self, connection: sa.Connection, *, locked: bool = False) -> Head:
        query = sa.select(HEAD.c.seq, HEAD.c.hash)
        found = connection.execute(query.with_for_update() if locked else query).one_or_none()
        if found is None:
            raise LedgerBroken("the ledger has lost its head", remedy="restore the operational database from a backup")
        return Head(found.seq, found.hash)

    def _keep_document(self, connection: sa.Connection, decision_id: str, document: bytes) -> None:
        content = zlib.compress(document, 9)
        kept = DOCUMENT.update().where(DOCUMENT.c.decision_id == decision_id).values(content=content, erased_at=None)
        if not connection.execute(kept).rowcount:
            connection.execute(DOCUMENT.insert().values(decision_id=decision_id, content=content))

    def document(self, decision_id: str) -> bytes:
        """The document as it was given. Raises `UnknownDecision`, `DecisionErased`."""
        with reading(self._database) as connection:
            return self.document_in(connection, decision_id)

    def document_in(self, connection: sa.Connection, decision_id: str) -> bytes:
        """The same within a transaction."""
        query = sa.select(DOCUMENT.c.content, DOCUMENT.c.erased_at).where(DOCUMENT.c.decision_id == decision_id)
        found = connection.execute(query).one_or_none()
        if found is None:
            raise UnknownDecision("there is no decision of this id", remedy="check the id, or ask the question anew")
        if found.content is None:
            raise DecisionErased(f"erased on {found.erased_at[:10]}, when its retention ended")
        return zlib.decompress(found.content)

    def documents_in(self, connection: sa.Connection, ids: Collection[str]) -> dict[str, bytes]:
        """Those of these documents that are not erased."""
        query = sa.select(DOCUMENT.c.decision_id, DOCUMENT.c.content).where(DOCUMENT.c.decision_id.in_(ids))
        return {key: zlib.decompress(content) for key, content in connection.execute(query) if content}

    def erase(self, decision_id: str) -> None:
        """Erase a document, the responses to it, and the salts of their entries; the chain stays whole. Raises
        `UnknownDecision`."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with writing(self._database) as connection:
            self.lock(connection)  # or a response could come in between
            ids = [decision_id, *self.responses_in(connection, decision_id)]
            gone = DOCUMENT.update().where(DOCUMENT.c.decision_id.in_(ids)).values(content=None, erased_at=now)
            if not connection.execute(gone).rowcount:
                raise UnknownDecision("there is no decision of this id")
            connection.execute(ENTRY.update().where(ENTRY.c.decision_id.in_(ids)).values(salt=None))

    def responses_in(self, connection: sa.Connection, decision_id: str) -> list[str]:
        """The ids of the responses to a decision (see `engine.responses`) in order, erased ones too."""
        query = sa.select(RESPONSE.c.number).where(RESPONSE.c.decision_id == decision_id).order_by(RESPONSE.c.number)
        return [response_id(decision_id, number) for number in connection.execute(query).scalars()]

    def keep_catalogue(self, digest: str, content: bytes) -> None:
        """Keep a catalogue under its digest, so that what was decided by it can be replayed."""
        if digest in self._kept_catalogues:
            return
        with writing(self._database) as connection:
            if connection.execute(sa.select(CATALOGUE.c.digest).where(CATALOGUE.c.digest == digest)).first() is None:
                connection.execute(CATALOGUE.insert().values(digest=digest, content=zlib.compress(content, 9)))
        self._kept_catalogues.add(digest)

    def catalogue(self, digest: str) -> bytes:
        """The content of a catalogue by which something was decided here. Raises `UnknownDecision`."""
        with reading(self._database) as connection:
            query = sa.select(CATALOGUE.c.content).where(CATALOGUE.c.digest == digest)
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            raise UnknownDecision(f"no catalogue {digest} is kept here")
        return zlib.decompress(found)

    def entries(self) -> Iterator[Entry]:
        """All entries, in order."""
        columns = [column for column in ENTRY.c if column.name != "salt"]
        with reading(self._database) as connection:
            for row in connection.execution_options(yield_per=1000).execute(sa.select(*columns).order_by(ENTRY.c.seq)):
                yield Entry(**row._mapping)

    def ping(self) -> None:
        """Raises `OperationalDataUnavailable` or `LedgerBroken` if no entry could be made now."""
        with reading(self._database) as connection:
            self._head(connection)

    def verify(self, expected: Head | None = None) -> Head:
        """Walk the whole chain and every document, and return the head. ``expected`` is a head noted earlier.

        Raises `LedgerBroken` that names every fault.
        """
        with reading(self._database) as connection:
            head = self._head(connection)
            faults = list(self._faults(connection, head, expected))
        if faults:
            more = f"; and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
            raise LedgerBroken(
                "; ".join(faults[:SHOWN_FAULTS]) + more, remedy="compare with a backup and with `ledger export`"
            )
        return head

    def _faults(self, connection: sa.Connection, head: Head, expected: Head | None) -> Iterator[str]:
        joined = ENTRY.outerjoin(DOCUMENT, ENTRY.c.decision_id == DOCUMENT.c.decision_id)
        query = sa.select(ENTRY, DOCUMENT.c.content, DOCUMENT.c.erased_at).select_from(joined).order_by(ENTRY.c.seq)
        last = Head(0, "")
        met = expected is None
        for row in connection.execution_options(yield_per=1000).execute(query):
            said = dict(row._mapping)
            salt, content, erased_at = said.pop("salt"), said.pop("content"), said.pop("erased_at")
            entry = Entry(**said)
            yield from _entry_faults(entry, last)
            yield from _document_faults(entry, salt, content, erased_at)
            last = Head(entry.seq, entry.hash)
            met = met or last == expected
        if last != head:
            yield f"the chain ends with entry {last.seq}, its head says {head.seq}: the end was cut off or replaced"
        if not met and expected:
            yield f"entry {expected.seq} is not the one that was noted: the chain was cut off or rewritten"


def response_id(decision_id: str, number: int) -> str:
    """What the ledger knows a response by."""
    return f"{decision_id}/responses/{number}"


def _entry_faults(entry: Entry, last: Head) -> Iterator[str]:
    if entry.seq != last.seq + 1:
        yield f"after entry {last.seq} comes {entry.seq}: entries were removed"
    if entry.previous != last.hash:
        yield f"entry {entry.seq} does not follow the one before it: an entry was changed, removed or moved"
    if entry.hash != entry.expected_hash():
        yield f"entry {entry.seq} was changed"


def _document_faults(entry: Entry, salt: bytes | None, content: bytes | None, erased_at: str | None) -> Iterator[str]:
    if content is None:
        if erased_at is None:
            yield f"the document of entry {entry.seq} is gone, and was not erased"
        return
    if salt is None:
        return  # erased once; a later entry gave the same document again
    try:
        plain = zlib.decompress(content)
    except zlib.error:
        yield f"the document of entry {entry.seq} can't be read"
        return
    if _salted(salt, plain) != entry.document_hash:
        yield f"the document of entry {entry.seq} was changed"


def _salted(salt: bytes, document: bytes) -> str:
    return hashlib.sha256(salt + document).hexdigest()

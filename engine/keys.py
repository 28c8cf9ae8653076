"""API keys: who may ask over HTTP, kept in the operational database.

A key is ``xh_ID_SECRET``. Its secret has 256 bits from the system's random source, so that SHA-256 is the right hash to
keep of it: there is nothing to guess that a slow, salted hash would protect, as there is in a password. The database
holds the hash alone, and it is compared in constant time. Keys are never changed or deleted: they expire, are revoked,
or are replaced by another while both hold for some days.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

import sqlalchemy as sa

from engine.operational import reading, writing
from graph.errors import BadIdentifier, BadInput
from graph.identifiers import holds_citizen_id


class Scope(StrEnum):
    """What a key opens: checks and decisions, or links, paths and control."""

    OFFICER = "officer"
    INVESTIGATOR = "investigator"


KEY = sa.Table(
    "api_key",
    sa.MetaData(),
    sa.Column("id", sa.String(12), primary_key=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("digest", "holder", "department", "scopes", "created_at", "created_by", "expires_at")
    ),
    *(sa.Column(name, sa.Text) for name in ("revoked_at", "revoked_by", "replaces")),
)
SECRET_BYTES = 32
_TOKEN = re.compile(r"xh_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NO_DIGEST = "0" * 64


class BadKey(BadInput):
    """A key that opens nothing: unknown, cut short, or written wrongly. Which of these is not told."""

    code = "bad-key"
    status = 401
    title_zh = "密钥无效"


class KeyExpired(BadKey):
    """The key was right once, and its time is over."""

    code = "key-expired"
    title_zh = "密钥已过期"


class KeyRevoked(BadKey):
    """The key was revoked."""

    code = "key-revoked"
    title_zh = "密钥已吊销"


class NoSuchKey(BadInput):
    """There is no key of this id to rotate or revoke, or it holds no longer."""

    code = "no-such-key"
    status = 404
    title_zh = "没有这一密钥"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. ``holder`` is the user who asks with it, ``department`` an id of the vocabulary."""

    id: str
    holder: str
    department: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    replaces: str | None = None

    def state(self, now: datetime) -> Literal["valid", "expired", "revoked"]:
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class Issued:
    """A key just made, and its token: shown once, kept nowhere."""

    key: ApiKey
    token: str = field(repr=False)


class Keys:
    """The API keys of an operational database (see `engine.operational.open_database`)."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database

    def exist(self) -> bool:
        """Whether there ever was a key: one that no longer holds goes on locking the door."""
        with reading(self._database) as connection:
            return connection.execute(sa.select(KEY.c.id).limit(1)).first() is not None

    def create(self, *, holder: str, department: str, scopes: Iterable[Scope], expires_at: datetime, by: str) -> Issued:
        """A new key. Raises `BadInput` where it would hold for nothing or nobody, `BadIdentifier` for a citizen ID."""
        now = datetime.now(UTC)
        wanted = tuple(scope for scope in Scope if scope in set(scopes))
        if not holder.strip() or not wanted:
            raise BadInput("a key has a holder and at least one scope", remedy=f"scopes: {', '.join(Scope)}")
        if holds_citizen_id(holder):
            raise BadIdentifier("the holder is a citizen ID", remedy="name the user, or the user's account")
        if expires_at <= now:
            raise BadInput("the key would have expired already", remedy="give a day that is still to come")
        issued = _issue(holder.strip(), department, wanted, now, expires_at, by)
        with writing(self._database) as connection:
            connection.execute(KEY.insert().values(_row(issued)))
        return issued

    def rotate(self, key_id: str, *, overlap: timedelta, expires_at: datetime, by: str) -> Issued:
        """A new key of the same holder, department and scopes; the old one holds for ``overlap`` more, and no longer
        than it would have. Raises `NoSuchKey`."""
        now = datetime.now(UTC)
        if overlap < timedelta(0):
            raise BadInput("the overlap is negative", remedy="0 ends the old key at once")
        if expires_at <= now:
            raise BadInput("the key would have expired already", remedy="give a day that is still to come")
        with writing(self._database) as connection:
            old = self._held(connection, key_id, now)
            issued = _issue(old.holder, old.department, old.scopes, now, expires_at, by, replaces=old.id)
            connection.execute(KEY.insert().values(_row(issued)))
            ends = min(old.expires_at, now + overlap)
            connection.execute(KEY.update().where(KEY.c.id == old.id).values(expires_at=_written(ends)))
        return issued

    def revoke(self, key_id: str, *, by: str) -> ApiKey:
        """End a key at once. Raises `NoSuchKey`."""
        now = datetime.now(UTC)
        with writing(self._database) as connection:
            old = self._held(connection, key_id, now)
            ended = KEY.update().where(KEY.c.id == old.id)
            connection.execute(ended.values(revoked_at=_written(now), revoked_by=by))
        return self._one(key_id)

    def all(self) -> list[ApiKey]:
        """Every key there ever was, in the order of their making."""
        with reading(self._database) as connection:
            rows = connection.execute(sa.select(KEY).order_by(KEY.c.created_at, KEY.c.id))
            return [_key(row._mapping) for row in rows]

    def authenticate(self, token: str, *, now: datetime | None = None) -> ApiKey:
        """The key of a token. Raises `BadKey`, `KeyExpired`, `KeyRevoked`; no error holds any of the token."""
        written = _TOKEN.fullmatch(token)
        key_id, secret = written.groups() if written else ("", token)
        with reading(self._database) as connection:
            row = connection.execute(sa.select(KEY).where(KEY.c.id == key_id)).one_or_none()
        # compared for unknown ids too, so that the time it takes tells nothing of which ids there are
        right = hmac.compare_digest(_digest(secret), row.digest if row else _NO_DIGEST)
        if row is None or not right:
            raise BadKey("there is no such key", remedy="give the whole key, as `xinheng keys create` showed it")
        key = _key(row._mapping)
        state = key.state(now or datetime.now(UTC))
        if state == "revoked":
            raise KeyRevoked(f"the key {key.id} was revoked", remedy="ask the operator for a new one")
        if state == "expired":
            raise KeyExpired(f"the key {key.id} has expired", remedy="ask the operator for a new one")
        return key

    def _one(self, key_id: str) -> ApiKey:
        with reading(self._database) as connection:
            return _key(connection.execute(sa.select(KEY).where(KEY.c.id == key_id)).one()._mapping)

    def _held(self, connection: sa.Connection, key_id: str, now: datetime) -> ApiKey:
        row = connection.execute(sa.select(KEY).where(KEY.c.id == key_id).with_for_update()).one_or_none()
        if row is None:
            raise NoSuchKey("there is no key of this id", remedy="`xinheng keys list` shows them")
        key = _key(row._mapping)
        if (state := key.state(now)) != "valid":
            raise NoSuchKey(f"the key {key.id} is {state} already", remedy="create a new one")
        return key


def _issue(
    holder: str,
    department: str,
    scopes: tuple[Scope, ...],
    now: datetime,
    expires_at: datetime,
    by: str,
    replaces: str | None = None,
) -> Issued:
    key = ApiKey(secrets.token_hex(6), holder, department, scopes, now, by, expires_at, replaces=replaces)
    return Issued(key, f"xh_{key.id}_{secrets.token_urlsafe(SECRET_BYTES)}")


def _row(issued: Issued) -> dict[str, Any]:
    key = issued.key
    return {
        "id": key.id,
        "digest": _digest(issued.token.removeprefix(f"xh_{key.id}_")),
        "holder": key.holder,
        "department": key.department,
        "scopes": " ".join(key.scopes),
        "created_at": _written(key.created_at),
        "created_by": key.created_by,
        "expires_at": _written(key.expires_at),
        "replaces": key.replaces,
    }


def _key(row: Mapping[Any, Any]) -> ApiKey:
    said = {name: value for name, value in row.items() if name != "digest"}
    instants = {name: _read(said[name]) for name in ("created_at", "expires_at", "revoked_at")}
    return ApiKey(**{**said, **instants, "scopes": tuple(map(Scope, said["scopes"].split()))})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

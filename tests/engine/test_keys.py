"""API keys in the operational database, SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.demo.codes import citizen_id
from engine.keys import BadKey, Issued, KeyExpired, KeyRevoked, Keys, NoSuchKey, Scope
from engine.operational import open_database
from graph.errors import BadInput

SOON = datetime.now(UTC) + timedelta(days=30)


@pytest.fixture
def database(operational_url: sa.URL) -> Iterator[sa.Engine]:
    opened = open_database(operational_url)
    yield opened
    opened.dispose()


@pytest.fixture
def keys(database: sa.Engine) -> Keys:
    return Keys(database)


def made(keys: Keys, *, until: datetime = SOON) -> Issued:
    return keys.create(holder="审批系统", department="purchaser", scopes=[Scope.OFFICER], expires_at=until, by="管理员")


def test_a_key_opens_for_its_holder(keys: Keys) -> None:
    assert not keys.exist()
    issued = made(keys)
    assert keys.exist()
    assert keys.authenticate(issued.token) == issued.key
    assert (issued.key.holder, issued.key.department, issued.key.scopes) == ("审批系统", "purchaser", ("officer",))


def test_a_key_may_open_several_doors(keys: Keys) -> None:
    issued = keys.create(holder="信用中心", department="", scopes=[*Scope], expires_at=SOON, by="管理员")
    (kept,) = keys.all()
    assert set(kept.scopes) == set(Scope)
    assert keys.authenticate(issued.token) == kept


def test_the_database_holds_no_secret(keys: Keys, database: sa.Engine) -> None:
    issued = made(keys)
    secret = issued.token.removeprefix(f"xh_{issued.key.id}_")
    with database.connect() as connection:
        said = [str(value) for row in connection.execute(sa.text("SELECT * FROM api_key")) for value in row]
    assert said
    assert not [value for value in said if secret in value]
    assert secret not in repr(made(keys))


@pytest.mark.parametrize("cut", [slice(0, -1), slice(1, None), slice(0, 15), slice(0, 0)])
def test_a_key_that_is_cut_opens_nothing_and_is_not_repeated(keys: Keys, cut: slice) -> None:
    token = made(keys).token[cut]
    with pytest.raises(BadKey) as told:
        keys.authenticate(token)
    assert not token or token not in str(told.value)


def test_the_secret_of_another_key_opens_nothing(keys: Keys) -> None:
    one, other = made(keys), made(keys)
    with pytest.raises(BadKey):
        keys.authenticate(one.token[:16] + other.token[16:])


def test_a_key_expires_at_its_instant(keys: Keys) -> None:
    issued = made(keys)
    assert keys.authenticate(issued.token, now=SOON - timedelta(microseconds=1))
    with pytest.raises(KeyExpired):
        keys.authenticate(issued.token, now=SOON)


def test_a_revoked_key_opens_nothing_and_is_remembered(keys: Keys) -> None:
    issued = made(keys)
    ended = keys.revoke(issued.key.id, by="管理员")
    assert ended.revoked_by == "管理员"
    with pytest.raises(KeyRevoked):
        keys.authenticate(issued.token)
    assert [key.state(datetime.now(UTC)) for key in keys.all()] == ["revoked"]
    assert keys.exist(), "a door with a revoked key stays locked"
    with pytest.raises(NoSuchKey, match=rf"the key {issued.key.id} is revoked already \(create a new one\)"):
        keys.revoke(issued.key.id, by="管理员")


def test_a_key_that_never_was_can_neither_be_revoked_nor_rotated(keys: Keys) -> None:
    said = r"there is no key of this id \(`xinheng keys list` shows them\)"
    with pytest.raises(NoSuchKey, match=said):
        keys.revoke("0" * 12, by="管理员")
    with pytest.raises(NoSuchKey, match=said):
        keys.rotate("0" * 12, overlap=timedelta(0), expires_at=SOON, by="管理员")


def test_keys_are_listed_in_the_order_of_their_making(keys: Keys) -> None:
    issued = [made(keys).key.id for _ in range(6)]
    assert [key.id for key in keys.all()] == issued


def test_rotation_lets_both_hold_for_the_overlap(keys: Keys) -> None:
    old = made(keys)
    new = keys.rotate(old.key.id, overlap=timedelta(days=7), expires_at=SOON + timedelta(days=30), by="管理员")
    assert (new.key.holder, new.key.scopes, new.key.replaces) == (old.key.holder, old.key.scopes, old.key.id)
    assert keys.authenticate(old.token).id == old.key.id
    assert keys.authenticate(new.token).id == new.key.id
    later = datetime.now(UTC) + timedelta(days=8)
    assert keys.authenticate(new.token, now=later).id == new.key.id
    with pytest.raises(KeyExpired):
        keys.authenticate(old.token, now=later)


def test_an_overlap_never_makes_a_key_hold_for_longer(keys: Keys) -> None:
    old = made(keys)
    keys.rotate(old.key.id, overlap=timedelta(days=90), expires_at=SOON, by="管理员")
    with pytest.raises(KeyExpired):
        keys.authenticate(old.token, now=SOON)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"holder": " "}, "a key has a holder and at least one scope (scopes: officer, investigator)"),
        ({"scopes": []}, "a key has a holder and at least one scope (scopes: officer, investigator)"),
        ({"holder": citizen_id(1)}, "the holder is a citizen ID (name the user, or the user's account)"),
        (
            {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
            "the key would have expired already (give a day that is still to come)",
        ),
    ],
    ids=["nobody", "nothing", "number", "past"],
)
def test_a_key_for_nobody_or_nothing_is_not_made(keys: Keys, wrong: dict[str, Any], said: str) -> None:
    right: dict[str, Any] = {"holder": "甲", "department": "tax", "scopes": [Scope.OFFICER], "expires_at": SOON}
    with pytest.raises(BadInput) as told:
        keys.create(**(right | wrong), by="乙")
    assert str(told.value) == said
    assert keys.all() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"overlap": timedelta(seconds=-1)}, "the overlap is negative (0 ends the old key at once)"),
        (
            {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
            "the key would have expired already (give a day that is still to come)",
        ),
    ],
    ids=["overlap", "past"],
)
def test_a_rotation_that_gives_nothing_leaves_the_old_key_alone(keys: Keys, wrong: dict[str, Any], said: str) -> None:
    old = made(keys)
    with pytest.raises(BadInput) as told:
        keys.rotate(old.key.id, **({"overlap": timedelta(0), "expires_at": SOON} | wrong), by="乙")
    assert str(told.value) == said
    assert keys.all() == [old.key]

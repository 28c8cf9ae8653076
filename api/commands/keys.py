"""`xinheng keys`: who may ask over HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from api.commands.options import Json, deployment, out, system_user, write_bytes
from api.questions import word_id
from engine.keys import ApiKey, Issued, Scope

LONGEST_DAYS = 1_096
keys_app = typer.Typer(no_args_is_help=True, help="API keys 接口密钥: who may ask over HTTP, for which department.")
Days = Annotated[int, typer.Option("--days", min=1, max=LONGEST_DAYS, help="For how long it holds.")]
KeyId = Annotated[str, typer.Argument(metavar="KEY", help="The id of a key: 12 digits, as `keys list` shows it.")]


@keys_app.command("create")
def create(
    holder: Annotated[str, typer.Option("--holder", help="Who asks with it: a user, or a system.")],
    department: Annotated[str, typer.Option("--department", "-d", help="部门: id, Chinese or English name, or alias.")],
    scopes: Annotated[
        list[Scope], typer.Option("--scope", help="officer: checks; investigator: links, paths, control. Repeatable.")
    ],
    days: Days = 365,
    as_json: Json = False,
) -> int:
    """Make a key. It is shown once and kept nowhere: the database holds its hash."""
    with deployment() as opened:
        found = word_id("department", department, opened.catalogue.departments)
        issued = opened.keys.create(
            holder=holder, department=found, scopes=scopes, expires_at=_in(days), by=system_user()
        )
    return _show_once(issued, as_json)


@keys_app.command("list")
def show(as_json: Json = False) -> int:
    """Every key there ever was, with its state; never the keys themselves."""
    with deployment() as opened:
        keys = opened.keys.all()
    now = datetime.now(UTC)
    if as_json:
        _write([_said(key, now) for key in keys])
        return 0
    table = Table("key", "holder", "department", "scopes", "expires", "state", title=f"keys: {len(keys)}")
    for key in keys:
        table.add_row(
            key.id, key.holder, key.department, " ".join(key.scopes), f"{key.expires_at:%Y-%m-%d}", key.state(now)
        )
    out().print(table)
    return 0


@keys_app.command("rotate")
def rotate(
    key: KeyId,
    days: Days = 365,
    overlap: Annotated[
        int, typer.Option("--overlap-days", min=0, max=90, help="For how long the old one holds beside it.")
    ] = 7,
    as_json: Json = False,
) -> int:
    """Make a key in the place of another; both hold until the overlap is over."""
    with deployment() as opened:
        issued = opened.keys.rotate(key, overlap=timedelta(days=overlap), expires_at=_in(days), by=system_user())
    return _show_once(issued, as_json)


@keys_app.command("revoke")
def revoke(key: KeyId, as_json: Json = False) -> int:
    """End a key at once."""
    with deployment() as opened:
        ended = opened.keys.revoke(key, by=system_user())
    if as_json:
        _write(_said(ended, datetime.now(UTC)))
    else:
        out().print(f"{ended.id} of {ended.holder} is revoked")
    return 0


def _in(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def _show_once(issued: Issued, as_json: bool) -> int:
    key = issued.key
    if as_json:
        _write(_said(key, datetime.now(UTC)) | {"token": issued.token})
        return 0
    out().print(f"{key.holder}, {key.department}: {' '.join(key.scopes)}, to {key.expires_at:%Y-%m-%d}. Shown once:")
    write_bytes(issued.token.encode())
    return 0


def _said(key: ApiKey, now: datetime) -> dict[str, Any]:
    said = asdict(key) | {"state": key.state(now)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def _write(said: dict[str, Any] | Sequence[dict[str, Any]]) -> None:
    write_bytes(json.dumps(said, ensure_ascii=False).encode())

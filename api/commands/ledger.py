"""`xinheng ledger verify|export`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.commands.options import Json, deployment, out, write_bytes
from engine.ledger import Head

ledger_app = typer.Typer(no_args_is_help=True, help="The ledger 台账 of all decisions.")


@ledger_app.command("verify")
def verify(
    expect: Annotated[
        str | None, typer.Option("--expect", metavar="SEQ:HASH", help="A head noted earlier, elsewhere.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Walk the whole chain; note the head it prints in another place, and verify against it later."""
    with deployment() as opened:
        head = opened.ledger.verify(Head.parse(expect) if expect else None)
    if as_json:
        write_bytes(json.dumps({"entries": head.seq, "head": str(head)}).encode())
    else:
        out().print(f"[green]whole[/]  {head.seq} entries, head {head}")
    return 0


@ledger_app.command("export")
def export() -> int:
    """All entries as JSON lines, without the documents."""
    with deployment() as opened:
        for entry in opened.ledger.entries():
            typer.echo(json.dumps(asdict(entry), ensure_ascii=False))
    return 0

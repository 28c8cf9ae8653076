"""`xinheng serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.options import deployment
from api.settings import LOOPBACK
from graph.errors import BadInput

LARGEST_PORT = 65_535


def serve(
    host: Annotated[str, typer.Option("--host", help="Loopback only: there is no authentication yet.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=LARGEST_PORT)] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; they share nothing.")] = 1,
) -> int:
    """Answer checks over HTTP on this machine."""
    if host not in LOOPBACK:
        raise BadInput(
            f"{host} is not this machine alone",
            remedy="serve on 127.0.0.1: there is no authentication yet, so nobody else may reach it",
        )
    with deployment() as opened:  # what is missing is said before the first request, not after
        opened.store.last_instant()
        opened.ledger.ping()
        _ = opened.catalogue.rulebook
    import uvicorn  # what it brings along takes a while to load, and no other command needs it

    uvicorn.run("api.http.app:from_settings", factory=True, host=host, port=port, workers=workers, log_level="info")
    return 0

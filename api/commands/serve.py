"""`xinheng serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.options import deployment
from api.settings import LOOPBACK
from graph.errors import BadInput

LARGEST_PORT = 65_535


def serve(
    host: Annotated[str, typer.Option("--host", help="Other than loopback only with API keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=LARGEST_PORT)] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; they share nothing.")] = 1,
) -> int:
    """Answer over HTTP: on this machine alone, until there are API keys (`xinheng keys create`)."""
    with deployment() as opened:  # what is missing is said before the first request, not after
        if host not in LOOPBACK and not opened.keys.exist():
            raise BadInput(
                f"{host} is not this machine alone, and there are no API keys",
                remedy="make one with `xinheng keys create`, or serve on 127.0.0.1",
            )
        opened.store.verify()
        opened.ready()
    from api.http.server import run  # what it brings along takes a while to load, and no other command needs it

    run("api.http.app:from_settings", host=host, port=port, workers=workers)
    return 0

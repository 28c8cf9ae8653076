"""The server under the application: uvicorn, with one process or several."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.logs import configuration

WORKER_SECONDS = 60
"""A worker that does not answer for so long is replaced. On a busy machine it needs some to start with: five, as
uvicorn has it, and none would ever be up."""


class Config(uvicorn.Config):
    """uvicorn's, whose listening socket sends what it has at once. What uvicorn binds for its workers is not known to
    asyncio as TCP, so every answer on a connection kept alive waits 40 ms for the asker's delayed acknowledgement
    (uvicorn issue 3149); connections inherit the option from the socket that they are accepted on."""

    def bind_socket(self) -> socket.socket:
        bound = super().bind_socket()
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound


def run(application: str, *, host: str, port: int, workers: int) -> None:
    """Serve what ``module:function`` makes, until a signal."""
    config = Config(
        application,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        timeout_worker_healthcheck=WORKER_SECONDS,
        log_config=configuration(),
        access_log=False,  # it would hold URLs; the guard writes a line for each request
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        if workers > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
            return
        server.run()
    if not server.started:
        sys.exit(1)  # uvicorn has logged why

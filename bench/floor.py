"""A FastAPI application that answers every check with one constant: what the framework and the server cost alone.

The constant is what the file named by ``BENCH_CONSTANT`` holds.
"""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Response


def application() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    constant = Path(os.environ["BENCH_CONSTANT"]).read_bytes()

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/checks")
    async def check() -> Response:
        return Response(constant, media_type="application/json")

    return app

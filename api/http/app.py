"""The FastAPI application, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import Lifespan

from api.deployment import Deployment
from api.http import batches, catalogue, guard, investigation, problems, responses, subjects
from api.http.routes import router
from api.settings import load_settings
from graph.errors import XinhengError

ROUTERS = (
    catalogue.router,
    subjects.router,
    investigation.router,
    batches.router,
    responses.router,
    router,
)
"""In the order in which they are asked."""


def create(deployment: Deployment, *, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The application on a deployment, which the caller closes."""
    app = FastAPI(
        title="Xinheng 信衡",
        version=_version(),
        description="Which statutory sanctions and incentives bind an applicant, and why. Citizen IDs belong into the "
        "body of a request and nowhere else.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.deployment = deployment
    app.add_middleware(guard.Guard)
    problems.install(app)
    for one in ROUTERS:
        app.include_router(one)
    return app


def from_settings() -> FastAPI:
    """The application as a server's process starts it, and closes it at its end."""
    deployment = Deployment(load_settings(), reloads=True)

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        with deployment:
            with suppress(XinhengError):  # what is missing may come; until then each request is told, and /ready
                await run_in_threadpool(deployment.ready)
            yield

    return create(deployment, lifespan=opened)


def _version() -> str:
    try:
        return version("xinheng")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"

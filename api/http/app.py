"""The FastAPI application, put together."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from api.deployment import Deployment
from api.http import batches, catalogue, guard, investigation, problems, responses, subjects
from api.http.routes import router
from api.settings import load_settings


def create(deployment: Deployment) -> FastAPI:
    """The application on a deployment, which the caller closes."""
    app = FastAPI(
        title="Xinheng 信衡",
        version=_version(),
        description="Which statutory sanctions and incentives bind an applicant, and why. Citizen IDs belong into the "
        "body of a request and nowhere else.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.deployment = deployment
    app.add_middleware(guard.Guard)
    problems.install(app)
    app.include_router(catalogue.router)
    app.include_router(subjects.router)
    app.include_router(investigation.router)
    app.include_router(batches.router)
    app.include_router(responses.router)
    app.include_router(router)
    return app


def from_settings() -> FastAPI:
    """The application as a server's process starts it."""
    return create(Deployment(load_settings()))


def _version() -> str:
    try:
        return version("xinheng")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"

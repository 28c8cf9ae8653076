"""Who may ask what: `Authorization: Bearer KEY`, and the scopes of routes.

Where there never was a key, everything may be asked by whoever reaches this machine's loopback, and by nobody else.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from api.askers import NOBODY, Asker
from api.deployment import Deployment
from api.settings import LOOPBACK
from engine.keys import BadKey, Scope
from graph.errors import BadInput

PUBLIC = ("/health", "/ready", "/openapi.json", "/errors/")
"""What is answered without a key: nothing about anybody."""
STRANGER = Asker(NOBODY, scopes=frozenset())
"""Who asks for what is public: opens nothing else."""


class KeyMissing(BadKey):
    """A key is needed, and none was given."""

    code = "key-missing"
    title_zh = "缺少密钥"


class WrongScope(BadInput):
    """The key does not open this route."""

    code = "wrong-scope"
    status = 403
    title_zh = "密钥无此权限"


class Misdirected(BadInput):
    """Without keys: the request names a host that is not this machine's own."""

    code = "misdirected"
    status = 421
    title_zh = "主机名不符"


def deployment_of(request: Request) -> Deployment:
    deployment: Deployment = request.app.state.deployment
    return deployment


def admitted(request: Request) -> Asker:
    """Who sends this request. Raises `KeyMissing`, `BadKey` and its kin, `Misdirected`."""
    public = request.scope["path"].startswith(PUBLIC)  # not request.url: that is put together from the header Host
    at_home = request.url.hostname in LOOPBACK
    if public and at_home:
        return STRANGER  # health is told whatever the database does
    keys = deployment_of(request).keys
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if not public and kind.lower() == "bearer":
        return Asker.holding(keys.authenticate(token.strip()))
    locked = keys.exist()
    if locked and not public:
        raise KeyMissing("a key is needed", remedy="send the header `Authorization: Bearer KEY`")
    # a web page whose name was made to point at this machine must not reach it through somebody's browser
    if not locked and not at_home:
        raise Misdirected("this host name is not this machine's own", remedy="ask for 127.0.0.1 or localhost")
    return STRANGER if public else Asker(NOBODY)


def asker_of(request: Request) -> Asker:
    """Who asks, as the guard found out."""
    asker: Asker = request.state.asker
    return asker


_BEARER = HTTPBearer(auto_error=False, description="An API key, as `xinheng keys create` showed it.")


def allowed(*scopes: Scope) -> Callable[..., None]:
    """A dependency of routes and routers: `Depends(allowed(Scope.OFFICER))`. Raises `WrongScope`."""

    def check(request: Request, _: object = Security(_BEARER)) -> None:
        if not asker_of(request).may(*scopes):
            raise WrongScope(
                f"this key is for {' and '.join(sorted(asker_of(request).scopes or ()))}",
                remedy=f"use a key with the scope {' or '.join(scopes)}",
            )

    return check


OFFICERS = Depends(allowed(Scope.OFFICER))
INVESTIGATORS = Depends(allowed(Scope.INVESTIGATOR))
EITHER = Depends(allowed(Scope.OFFICER, Scope.INVESTIGATOR))

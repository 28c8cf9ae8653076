"""Options and small things that several commands share."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console

from api.deployment import Deployment
from api.settings import load_settings
from graph.errors import BadIdentifier, BadInput
from graph.identifiers import looks_like_citizen_id

FROM_INPUT = "-"
R = TypeVar("R", bound=BaseModel)
Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output and nothing else.")]
Matter = Annotated[str, typer.Option("--matter", "-m", help="事项: id, Chinese or English name, or alias.")]
Department = Annotated[str, typer.Option("--department", "-d", help="部门: id, Chinese or English name, or alias.")]
Region = Annotated[str | None, typer.Option("--region", "-r", help="Six digits; XINHENG_REGION by default.")]
Industry = Annotated[str | None, typer.Option("--industry", help="行业 that the question concerns.")]
Object = Annotated[str | None, typer.Option("--object", help="The organisation or licence concerned.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Valid time; today in Shanghai by default.")]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", metavar="INSTANT", help="Transaction time; by default everything known."),
]
Who = Annotated[str | None, typer.Option("--who", help="Who asks, for the ledger; the system's user by default.")]
Purpose = Annotated[str, typer.Option("--purpose", help="Why, for the ledger.")]
Store = Annotated[
    str | None, typer.Option("--store", help="Instead of XINHENG_STORE: a directory, or neo4j://host:port/database.")
]


@contextmanager
def deployment(*, may_create: bool = False, store: str | None = None) -> Iterator[Deployment]:
    """The deployment that the settings name."""
    settings = load_settings(**({"store": store} if store else {}))
    with Deployment(settings, may_create=may_create) as opened:
        yield opened


def out() -> Console:
    """Where answers for people go."""
    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 120)


def write_bytes(document: bytes) -> None:
    """A document as it is, and a line end."""
    sys.stdout.flush()
    sys.stdout.buffer.write(document + b"\n")
    sys.stdout.buffer.flush()


def system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for this user id
        return "unknown"


def subject_of(argument: str) -> str:
    """A subject as it was typed; ``-`` reads it from standard input. Raises `BadIdentifier` for a citizen ID."""
    if argument == FROM_INPUT:
        typed = typer.prompt("subject", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
        if not str(typed).strip():
            raise BadIdentifier("nothing was given on standard input")
        return str(typed).strip()
    if looks_like_citizen_id(argument.rpartition(":")[2]):
        raise BadIdentifier(
            "a citizen ID may not be given as an argument, where other users and the shell's history see it",
            remedy="give - as the subject, and the number on standard input or at the prompt",
        )
    return argument


def request_of(model: type[R], said: dict[str, Any]) -> R:
    """A request, its faults said in one line. Raises `BadInput`."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise BadInput(
            "; ".join(_fault(fault) for fault in error.errors(include_url=False, include_input=False))
        ) from None


def _fault(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def instant(text: str | None) -> datetime | None:
    """``--recorded-at``: an instant with a time zone."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text} is no instant", remedy="write it as 2026-01-31T08:00:00Z") from None
    if found.tzinfo is None:
        raise BadInput(f"{text} has no time zone", remedy="write it as 2026-01-31T08:00:00Z or …+08:00")
    return found


def existing(path: Path) -> Path:
    if not path.exists():
        raise BadInput(f"{path} does not exist")
    return path

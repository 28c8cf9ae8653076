"""`xinheng search`: organisations by name or identifier. What is held of one is told by `xinheng subject`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import api.subjects
from api.commands.options import Json, KnownAt, Store, deployment, out, request_of, write_bytes
from api.paging import PAGE
from api.presentation.subjects import show_subjects
from api.subjects import SubjectsQuery, sought
from engine.canonical import canonical
from graph.errors import BadIdentifier
from graph.identifiers import holds_citizen_id


def search(
    text: Annotated[
        str,
        typer.Argument(help="A credit code, scheme:value, or what a name or an identifier begins with or contains."),
    ],
    limit: Annotated[int, typer.Option("--limit", help="Organisations of a page.")] = PAGE,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Where the page before ended.")] = None,
    known_at: KnownAt = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Organisations by name or identifier; persons are found by `xinheng subject -` only."""
    if holds_citizen_id(text):
        raise BadIdentifier("a citizen ID may not be given as an argument", remedy="give it to `xinheng subject -`")
    said: dict[str, Any] = {**sought(text), "limit": limit, "cursor": cursor}
    if known_at is not None:
        said["known_at"] = known_at
    asked = request_of(SubjectsQuery, said)
    with deployment(store=store) as opened:
        found = api.subjects.subjects(asked, opened)
    if as_json:
        write_bytes(canonical(found))
    else:
        show_subjects(found, out())
    return 0

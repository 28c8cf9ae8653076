"""`xinheng export`: what the store holds, in the formats of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from api.commands.options import Store, deployment
from api.deployment import Deployment
from loaders.formats.ftm_export import entities
from loaders.quarantine import SqlQuarantine, counted

export_app = typer.Typer(no_args_is_help=True, help="What the store holds, in exchange formats 导出.")


@export_app.command("ftm")
def export_ftm(
    source: Annotated[str | None, typer.Option("--source", help="Only facts of this source.")] = None,
    store: Store = None,
) -> int:
    """FollowTheMoney entities as JSON lines. Those that were loaded as such are given back as they came, the ones in
    quarantine too; identity numbers of persons are left out."""
    with deployment(store=store) as opened:
        known_at = opened.store.last_instant()
        if known_at:
            for entity in entities(opened.store, known_at=known_at, source=source):
                typer.echo(json.dumps(entity, ensure_ascii=False))
        for text in _in_quarantine(opened, source):
            typer.echo(text)
    return 0


def _in_quarantine(opened: Deployment, source: str | None) -> Iterator[str]:
    """Entities for which the store has no place, as they came."""
    mappings = {name for name, _, kind, _ in counted(opened.database) if kind == "unsupported"}
    for mapping in sorted(mappings if source is None else mappings & {source}):
        kept = SqlQuarantine(opened.database, opened.settings.key("seal_key"), mapping)
        for one in kept.kept():
            if _is_entity(one.row.text):
                yield one.row.text


def _is_entity(text: str) -> bool:
    try:
        said: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(said, dict) and isinstance(said.get("schema"), str) and isinstance(said.get("properties"), dict)
